"""An agent that dials in to Muster and answers interrupts.

Needs Python 3.10 and `pip install websockets`. MUSTER_TOKEN is an enrolment token, MUSTER_URL the server.
Put your own work into `answer`.
"""

import asyncio
import json
import os
import random
import socket
from collections import OrderedDict

import websockets

URL = os.environ.get("MUSTER_URL", "http://127.0.0.1:7717").rstrip("/").replace("http", "ws", 1) + "/rendezvous"
REPLIES_KEPT = 1000


class Refused(Exception):
    """The server says that dialling in again is of no use."""


async def answer(sender: str, reason: str) -> str:
    return f"{sender} said: {reason}"


async def beat(link, interval: float) -> None:
    while True:
        await link.send(json.dumps({"type": "heartbeat"}))
        await asyncio.sleep(interval)


async def serve(replies: OrderedDict) -> None:
    """One link. `replies` holds what was answered, so that a message sent again is not answered anew."""
    async with websockets.connect(URL) as link:
        register = {"type": "register", "token": os.environ["MUSTER_TOKEN"], "publicKey": "",
                    "machineId": os.environ.get("MUSTER_MACHINE_ID", socket.gethostname()), "version": "example/1"}
        await link.send(json.dumps(register))
        beats = None
        try:
            async for text in link:
                frame = json.loads(text)
                if frame["type"] == "registered":
                    print(f"registered as {frame['name']} ({frame['agentId']})", flush=True)
                    beats = asyncio.create_task(beat(link, frame["heartbeatIntervalMs"] / 1000))
                elif frame["type"] == "interrupt":
                    message = frame["messageId"]
                    if frame.get("replyTo"):  # an answer to what this agent sent
                        await link.send(json.dumps({"type": "ack", "messageId": message}))
                        continue
                    if message not in replies:
                        replies[message] = await answer(frame["from"], frame["reason"])
                        if len(replies) > REPLIES_KEPT:
                            replies.popitem(last=False)
                    reply = {"type": "reply", "messageId": message, "content": replies[message]}
                    await link.send(json.dumps(reply))
                elif frame["type"] == "error" and frame["fatal"]:
                    raise Refused(f"{frame['message']} ({frame['code']})")
        finally:
            if beats:
                beats.cancel()


async def main() -> None:
    replies: OrderedDict = OrderedDict()
    wait = 1.0
    while True:
        began = asyncio.get_running_loop().time()
        try:
            await serve(replies)
        except (OSError, websockets.exceptions.WebSocketException) as problem:
            print(f"the link broke off: {problem}", flush=True)
        if asyncio.get_running_loop().time() - began > 60:
            wait = 1.0
        await asyncio.sleep(wait * random.uniform(0.5, 1))
        wait = min(wait * 2, 30)


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except Refused as problem:
        raise SystemExit(str(problem)) from None
    except KeyboardInterrupt:
        pass
