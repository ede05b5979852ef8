"""Two agents by the published client `anycast-agent`, which find each other, talk, and come back after a restart.

    anycast_peers.py WS_URL TOKEN

Prints one line of JSON for each stage that is reached. After `talked` it waits for the server to go away and come back.
It fails when anything does not come within 40 seconds.
"""

import asyncio
import json
import sys

from anycast_agent import AnycastAgent, AnycastAuthError, AnycastConnectionError

WITHIN = 40


def tell(stage, **facts):
    print(json.dumps({"stage": stage, **facts}), flush=True)


class Peer:
    """A client that keeps what it hears in the order in which it comes."""

    EVENTS = ["connect", "disconnect", "peer", "connect_incoming", "connect_accepted", "connect_rejected", "signal",
              "relay_assigned", "error"]

    def __init__(self, url, token, machine):
        self.key = f"public key of {machine}"
        self.client = AnycastAgent(url, token, machine_id=machine, public_key=self.key, version="1.2.3",
                                   reconnect_interval=0.2, heartbeat_interval=1)
        self.heard = asyncio.Queue()
        for event in self.EVENTS:
            self.client.on(event, self.keep(event))

    def keep(self, event):
        return lambda *facts: self.heard.put_nowait((event, *facts))

    async def hears(self, *wanted):
        """Waits for an event that begins like this; passes over others."""
        async def look():
            while True:
                heard = await self.heard.get()
                if heard[:len(wanted)] == wanted:
                    return heard
        try:
            return await asyncio.wait_for(look(), WITHIN)
        except asyncio.TimeoutError:
            raise SystemExit(f"{self.key}: nothing like {wanted} within {WITHIN} seconds") from None

    async def connect(self):
        info = await self.client.connect()
        self.id, self.tenant, self.name = info.agent_id, info.tenant_id, info.name
        await self.hears("connect", info)
        return self


async def session(ann, bob):
    """One asks for a session, which the other's client leaves to be accepted; both say what they have to."""
    number = ann.client.request_connection(bob.id)
    await bob.hears("connect_incoming", number, ann.id, ann.name)
    await ann.hears("connect_accepted", number, bob.id, bob.key)
    await ann.client.send_signal(number, bob.id, {"type": "offer", "data": "an offer, ünïcödé"})
    await bob.hears("signal", number, ann.id, {"type": "offer", "data": "an offer, ünïcödé"})
    await bob.client.send_signal(number, ann.id, {"type": "answer", "data": "an answer"})
    await ann.hears("signal", number, bob.id, {"type": "answer", "data": "an answer"})
    for count in range(20):
        await ann.client.send_signal(number, bob.id, {"type": "ice", "data": str(count)})
    for count in range(20):
        # In order: what is passed over would not be waited for again.
        await bob.hears("signal", number, ann.id, {"type": "ice", "data": str(count)})
    await ann.client.disconnect_session(number)


async def main(url, token):
    ann = await Peer(url, token, "machine-ann").connect()
    bob = await Peer(url, token, "machine-bob").connect()
    assert ann.id != bob.id and ann.tenant == bob.tenant
    tell("registered", ids=[ann.id, bob.id], tenant=ann.tenant)
    await ann.hears("peer", bob.id, "online")
    await bob.hears("peer", ann.id, "online")
    cem = await Peer(url, token, "machine-cem").connect()
    await ann.hears("peer", cem.id, "online")
    await bob.hears("peer", cem.id, "online")
    await cem.client.disconnect()
    await ann.hears("peer", cem.id, "offline")
    await bob.hears("peer", cem.id, "offline")
    tell("peers")
    await session(ann, bob)
    running = [asyncio.create_task(peer.client.run_forever()) for peer in (ann, bob)]
    tell("talked")
    for peer in (ann, bob):
        _, info = await peer.hears("connect")
        assert info.agent_id == peer.id, f"{peer.key} came back as another agent"
    await session(ann, bob)
    tell("talked again")
    for wrong in ("agt_" + "0" * 43, ""):
        try:
            await Peer(url, wrong, "machine-dan").connect()
        except AnycastAuthError as refusal:
            tell("refused", message=str(refusal), code=refusal.code)
        except AnycastConnectionError as other:
            raise SystemExit(f"a wrong token is told {other!r}") from None
        else:
            raise SystemExit("a wrong token is let in")
    for peer in (ann, bob):
        await peer.client.disconnect()
    await asyncio.wait_for(asyncio.gather(*running), WITHIN)
    tell("done")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
