"""Runs docs/examples/python/tidewire_client.py against a server that the caller restarts; says what it wants done as lines."""

import asyncio
import json
import os
import sys
import urllib.request

base, example = sys.argv[1:]
sys.path.insert(0, example)
from tidewire_client import TidewireClient  # noqa: E402  (its folder is an argument)

EVENTS, STATE = "flow-alerts", "gex:SPY"


class Seen:
    """What the handler was given, and a way to wait for it."""

    def __init__(self):
        self.entries, self.resumed, self.refused, self.state = [], 0, [], 0
        self.changed = asyncio.Event()

    def __call__(self, message):
        if message.get("channel") == EVENTS and message["type"] in ("message", "gap"):
            self.entries.append(message)
        elif message.get("channel") == EVENTS and message["type"] == "subscription":
            self.resumed += message["recovered"]
            self.refused += [message["reason"]] if "reason" in message else []
        elif message["type"] == "message":
            self.state += 1
        elif message["type"] in ("missed", "error", "closed"):
            self.refused.append(message)
        self.changed.set()

    async def until(self, check, what):
        async def wait():
            while not check():
                self.changed.clear()
                await self.changed.wait()

        try:
            await asyncio.wait_for(wait(), 40)
        except asyncio.TimeoutError:
            sys.exit(f"{what}: not within 40 s; {len(self.entries)} entries, {self.refused}")


async def main():
    seen = Seen()
    client = TidewireClient(base.replace("http", "ws") + "/api/ws")
    client.on_message(seen)
    await client.subscribe(EVENTS)
    await client.connect()
    await client.subscribe(STATE)
    await seen.until(lambda: len(seen.entries) >= 40 and seen.state > 0, "the first messages")
    for ask in ("restart", "kill"):
        resumed, count = seen.resumed, len(seen.entries)
        print(ask, flush=True)
        await seen.until(lambda: seen.resumed > resumed and len(seen.entries) >= count + 40, f"messages after {ask}")
    await client.unsubscribe(STATE)
    state, count = seen.state, len(seen.entries)
    await seen.until(lambda: len(seen.entries) >= count + 20, "messages after unsubscribe")
    await client.disconnect()
    if seen.state != state:
        sys.exit("a channel that was left was still shown")
    if seen.refused:
        sys.exit(f"there should have been none of {seen.refused}")
    compare(seen.entries, client.channels[EVENTS]["since"]["epoch"])
    gaps = [one["reason"] for one in seen.entries if one["type"] == "gap"]
    print(f"entries: {len(seen.entries)}, resumed: {seen.resumed}, gaps told: {', '.join(gaps)}", flush=True)
    os._exit(0)


def compare(entries, epoch):
    """The rule of offsets, and the same messages as the server has."""
    at = entries[0]["offset"] - 1
    wanted = {}
    for entry in entries:
        if entry["offset"] != at + 1 + entry.get("merged", 0) + entry.get("filtered", 0):
            sys.exit(f"{entry['offset']} came after {at}")
        at = entry["offset"]
    since = f"{epoch}:{entries[0]['offset'] - 1}"
    while not wanted or max(wanted) < at:
        with urllib.request.urlopen(f"{base}/api/stream/poll/{EVENTS}?limit=1000&wait=0&since={since}") as response:
            answer = json.load(response)
        if not answer["messages"]:
            sys.exit(f"the server has nothing after {since}")
        wanted.update((message["offset"], message) for message in answer["messages"])
        since = answer["position_text"]
    for entry in entries:
        if entry["type"] == "message" and entry["data"] != wanted[entry["offset"]]["data"]:
            sys.exit(f"{entry['offset']} is not what the server has")


asyncio.run(main())
