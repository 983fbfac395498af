"""A client of Tidewire on the standard library and `websockets` 10 or later. Copy it, and change what you like."""

import asyncio
import json
import random

import websockets

FINAL = {1008, 1009, 4001, 4003}  # closing codes after which coming back is no use


class TidewireClient:
    """Reads many channels over one socket. Comes back by itself, at the position of each channel, and misses nothing."""

    def __init__(self, url="ws://127.0.0.1:8000/api/ws"):
        self.url, self.handler, self.socket, self.task = url, print, None, None
        self.channels = {}  # canonical name -> what was asked for, with "since" once a position is known

    def on_message(self, handler):
        """The function that is given each message: publications, gaps, histories, errors, and what is missed."""
        self.handler = handler
        return handler

    async def connect(self):
        self.task = asyncio.create_task(self._run())

    async def subscribe(self, channel, **asked):
        """Takes `history`, `filter`, `max_rate` and `since` as the protocol has them; names as answers carry them: flow-alerts."""
        self.channels[channel] = asked
        if self.socket:
            await self._send(type="subscribe", channel=channel, **asked)

    async def unsubscribe(self, channel):
        if self.channels.pop(channel, None) is not None and self.socket:
            await self._send(type="unsubscribe", channel=channel)

    async def disconnect(self):
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    async def _send(self, **message):
        try:
            await self.socket.send(json.dumps(message))
        except websockets.ConnectionClosed:
            pass  # the next connection asks for it

    async def _run(self):
        attempt, code = 0, None
        while code not in FINAL:
            try:  # a socket that answers no ping for 20 s is closed by the library
                async with websockets.connect(self.url, max_size=16 << 20) as self.socket:
                    for channel, asked in list(self.channels.items()):
                        await self._send(type="subscribe", channel=channel, **asked)
                    async for frame in self.socket:
                        attempt = 0
                        for line in frame.split("\n"):
                            self._received(json.loads(line))
            except (OSError, asyncio.TimeoutError, websockets.WebSocketException):
                pass  # not there, or lost: both are tried again
            code, self.socket = self.socket and self.socket.close_code, None
            await asyncio.sleep(random.uniform(0, min(30, 1.5**attempt) if attempt else 0.4))
            attempt += 1
        self.handler({"type": "closed", "code": code})

    def _received(self, message):
        channel, kind, offset = message.get("channel"), message["type"], message.get("offset")
        asked = self.channels.get(channel)
        if channel and asked is None:
            return  # was on its way when the channel was left
        if kind == "subscription" and not message["recovered"]:
            asked.pop("history", None)  # of the first connection only
            asked["since"] = {"epoch": message["epoch"], "offset": offset}
        elif kind != "subscription" and offset is not None:
            last = asked["since"]["offset"]
            if offset <= last and kind != "position":
                return  # twice
            asked["since"]["offset"] = max(last, offset)
            due = last + (kind != "position") + message.get("merged", 0) + message.get("filtered", 0)
            if offset > due:
                self.handler({"type": "missed", "channel": channel, "from": last + 1, "to": last + offset - due})
        if kind != "position":
            self.handler(message)
