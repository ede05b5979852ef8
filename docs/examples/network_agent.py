"""An agent that dials in to Muster and answers interrupts.

Needs Python 3.10 and `pip install websockets`. MUSTER_TOKEN is an enrolment token, MUSTER_URL the server.
Put your own work into `answer`.
"""

import asyncio
import json
import os
import random
import socket
import urllib.request
from collections import OrderedDict

import websockets

SERVER = os.environ.get("MUSTER_URL", "http://127.0.0.1:7717").rstrip("/")
URL = SERVER.replace("http", "ws", 1) + "/rendezvous"
REPLIES_KEPT = 1000
LARGEST_FRAME = 256 * 1024  # bytes; the server ends the link at a larger one


class Refused(Exception):
    """The server says that dialling in again is of no use."""


async def answer(sender: str, reason: str) -> str:
    return f"{sender} said: {reason}"


def whole(message: str) -> str:
    """The text of a message that was too long for a frame."""
    headers = {"x-agent-token": os.environ["MUSTER_TOKEN"]}
    request = urllib.request.Request(f"{SERVER}/api/agents/messages/{message}", headers=headers)
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)["reason"]


def reply_frame(message: str, content: str) -> str:
    """The frame of a reply, which says as much of the content as the server takes at once."""

    def frame(text: str) -> str:  # as many bytes as characters, for json.dumps writes ASCII
        return json.dumps({"type": "reply", "messageId": message, "content": text})

    if len(content) <= LARGEST_FRAME and len(frame(content)) <= LARGEST_FRAME:
        return frame(content)
    note = "\n[the rest was cut off]"
    fits, too_long = 0, LARGEST_FRAME
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        if len(frame(content[:middle] + note)) <= LARGEST_FRAME:
            fits = middle
        else:
            too_long = middle
    return frame(content[:fits] + note)


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
                        reason = frame["reason"]
                        if frame.get("truncated"):
                            reason = await asyncio.to_thread(whole, message)
                        replies[message] = reply_frame(message, await answer(frame["from"], reason))
                        if len(replies) > REPLIES_KEPT:
                            replies.popitem(last=False)
                    await link.send(replies[message])
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
