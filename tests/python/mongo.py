"""A MongoDB server for tests: `mockupdb` speaks the wire protocol, `mongomock` knows what filters and stages mean.

Prints its port as one line of JSON and ends when its standard input does. Users sign in by SCRAM-SHA-256, as real servers
have it (RFC 7677). It refuses what writes, and keeps the names of all commands for the test to see (`muster.commands`).
"""

import base64
import datetime
import hashlib
import hmac
import json
import os
import sys
import threading
import warnings

warnings.filterwarnings("ignore")

import mongomock  # noqa: E402
from bson import Binary, Int64, ObjectId  # noqa: E402
from mockupdb import MockupDB  # noqa: E402

USER, PASSWORD = "reader", "test-password-of-the-reader"
SALT, ROUNDS = b"0123456789abcdef", 4096
DATABASE = "shop"


def scram_keys():
    salted = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), SALT, ROUNDS)
    client = hmac.new(salted, b"Client Key", "sha256").digest()
    server = hmac.new(salted, b"Server Key", "sha256").digest()
    return hashlib.sha256(client).digest(), server


class Failure(Exception):
    def __init__(self, code, name, message):
        super().__init__(message)
        self.code, self.name = code, name


class Server:
    def __init__(self):
        self.database = mongomock.MongoClient()[DATABASE]
        self.commands, self.cursors, self.signing, self.signed = [], {}, {}, set()
        self.lock = threading.Lock()
        self.fill()

    def fill(self):
        start = datetime.datetime(2026, 1, 1)
        states = ["open", "sent", "closed"]
        self.database.orders.insert_many(
            {
                "_id": ObjectId(f"{number:024x}"),
                "number": number,
                "state": states[number % 3],
                "total": number * 1.5,
                "placed": start + datetime.timedelta(days=number),
                "lines": [{"sku": f"s{number}", "count": number}],
                "big": Int64(2**40 + number),
                "blob": Binary(b"\x00\x01"),
            }
            for number in range(1, 251)
        )
        self.database.customers.insert_one({"_id": 1, "name": "A customer", "order": 7})

    # Every command that the driver sends.

    def answer(self, request):
        command = dict(request.doc)
        name = next(iter(command)).lower()
        with self.lock:
            self.commands.append(name)
            try:
                handler = getattr(self, f"on_{name}", None)
                if handler is None:
                    raise Failure(59, "CommandNotFound", f"no such command: '{name}'")
                open_to_all = {"hello", "ismaster", "saslstart", "saslcontinue", "buildinfo", "ping", "endsessions"}
                if name not in open_to_all and request.client_port not in self.signed:
                    raise Failure(13, "Unauthorized", f"command {name} requires authentication")
                reply = {"ok": 1, **handler(command, request)}
            except Failure as failure:
                reply = {"ok": 0, "code": failure.code, "codeName": failure.name, "errmsg": str(failure)}
            except NotImplementedError as error:
                reply = {"ok": 0, "code": 238, "codeName": "NotImplemented", "errmsg": str(error)}
            except Exception as error:  # what mongomock raises for a bad filter
                reply = {"ok": 0, "code": 2, "codeName": "BadValue", "errmsg": str(error)}
        request.replies(reply)
        return True

    def on_hello(self, command, request):
        hello = {
            "helloOk": True, "ismaster": True, "isWritablePrimary": True, "maxBsonObjectSize": 16 << 20,
            "maxMessageSizeBytes": 48 << 20, "maxWriteBatchSize": 100_000, "logicalSessionTimeoutMinutes": 30,
            "minWireVersion": 0, "maxWireVersion": 21, "readOnly": False,
        }
        if "saslSupportedMechs" in command:
            hello["saslSupportedMechs"] = ["SCRAM-SHA-256"]
        if "speculativeAuthenticate" in command:
            hello["speculativeAuthenticate"] = self.start(command["speculativeAuthenticate"], request)
        return hello

    on_ismaster = on_hello

    def on_ping(self, command, request):
        return {}

    on_endsessions = on_killcursors = on_ping

    def on_buildinfo(self, command, request):
        return {"version": "7.0.5", "versionArray": [7, 0, 5, 0]}

    def on_listcollections(self, command, request):
        names = [*self.database.list_collection_names(), "system.views"]
        if command.get("$db") != DATABASE:
            names = []
        wanted = dict(command.get("filter") or {}).get("name")
        batch = [
            {"name": name, "type": "collection", "options": {}, "info": {"readOnly": False}}
            for name in names if wanted in (None, name)
        ]
        return self.batch("$cmd.listCollections", batch, 1000)

    def on_find(self, command, request):
        self.timed(command)
        found = self.database[command["find"]].find(
            command.get("filter") or {}, command.get("projection") or None,
            sort=list((command.get("sort") or {}).items()) or None,
            skip=command.get("skip", 0), limit=command.get("limit", 0),
        )
        return self.batch(command["find"], list(found), command.get("batchSize", 101))

    def on_aggregate(self, command, request):
        self.timed(command)
        if any(stage in ("$out", "$merge") for each in command["pipeline"] for stage in each):
            raise AssertionError("a write reached the server")
        found = self.database[command["aggregate"]].aggregate([dict(stage) for stage in command["pipeline"]])
        return self.batch(command["aggregate"], list(found), command["cursor"].get("batchSize", 101))

    def on_getmore(self, command, request):
        name, rest = self.cursors.pop(int(command["getMore"]))
        return self.batch(name, rest, command.get("batchSize", 101), "nextBatch")

    def timed(self, command):
        """The driver has to pass its limit on; a comment in the filter makes the server run into it."""
        if not command.get("maxTimeMS"):
            raise AssertionError("a query without maxTimeMS reached the server")
        if "slow" in dict(command.get("filter") or {}):
            raise Failure(50, "MaxTimeMSExpired", "operation exceeded time limit")

    def batch(self, name, documents, size, key="firstBatch"):
        cursor = 0
        if len(documents) > size:
            cursor = len(self.commands) + 1000
            self.cursors[cursor] = (name, documents[size:])
        return {"cursor": {"id": Int64(cursor), "ns": f"{DATABASE}.{name}", key: documents[:size]}}

    # Signing in.

    def on_saslstart(self, command, request):
        return self.start(command, request)

    def start(self, command, request):
        if command["mechanism"] != "SCRAM-SHA-256" or command.get("db", command.get("$db")) != "admin":
            raise Failure(18, "AuthenticationFailed", "Authentication failed.")
        first = bytes(command["payload"]).decode()
        bare = first.split(",", 2)[2]
        fields = dict(part.split("=", 1) for part in bare.split(","))
        nonce = fields["r"] + base64.b64encode(os.urandom(18)).decode()
        reply = f"r={nonce},s={base64.b64encode(SALT).decode()},i={ROUNDS}"
        self.signing[request.client_port] = (fields["n"], bare, reply, nonce)
        return {"conversationId": 1, "done": False, "payload": Binary(reply.encode())}

    def on_saslcontinue(self, command, request):
        user, bare, reply, nonce = self.signing[request.client_port]
        last = bytes(command["payload"]).decode()
        if not last:
            return {"conversationId": 1, "done": True, "payload": Binary(b"")}
        without, proof = last.rsplit(",p=", 1)
        stored, server = scram_keys()
        message = f"{bare},{reply},{without}".encode()
        signature = hmac.new(stored, message, "sha256").digest()
        key = bytes(a ^ b for a, b in zip(base64.b64decode(proof), signature))
        if user != USER or f"r={nonce}" not in without or hashlib.sha256(key).digest() != stored:
            raise Failure(18, "AuthenticationFailed", "Authentication failed.")
        self.signed.add(request.client_port)
        proof = base64.b64encode(hmac.new(server, message, "sha256").digest()).decode()
        return {"conversationId": 1, "done": True, "payload": Binary(f"v={proof}".encode())}


def main():
    server = Server()
    mock = MockupDB()
    mock.autoresponds(server.answer)
    mock.run()
    print(json.dumps({"port": mock.port, "user": USER, "password": PASSWORD, "database": DATABASE}), flush=True)
    for line in sys.stdin:
        if line.strip() == "muster.commands":
            print(json.dumps(server.commands), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
