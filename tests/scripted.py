"""A scripted upstream on loopback: it plays replies in order and remembers what it was asked."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

CHUNKED = {"content-type": "text/event-stream", "transfer-encoding": "chunked"}


@dataclass
class Reply:
    """One answer. `body` is one piece; a list is streamed, a write each, `pause` seconds apart.

    `end`: clean; close, a FIN before the body's end; at once, the same in one breath with the first piece; reset,
    likewise an RST; stall, silence until the other side leaves.
    """

    status: int = 200
    body: bytes | Sequence[bytes] = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    end: str = "clean"
    wait: float = 0.0  # before the head
    pause: float = 0.0


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    left: bool = False  # the gateway hung up before the reply was out
    sent: int = 0  # bytes of the reply's body

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Upstream:
    """`async with Upstream(replies) as upstream`; the last reply is played again and again."""

    def __init__(self, replies: Iterable[Reply]) -> None:
        self.replies = list(replies)
        self.asked: list[Asked] = []
        self.connections = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Upstream:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 24)
        self.port = self._server.sockets[0].getsockname()[1]
        self._tasks: set[asyncio.Task] = set()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.add(asyncio.current_task())
        self.connections += 1
        try:
            while (asked := await _request(reader)) is not None:
                self.asked.append(asked)
                reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
                if not await self._played(reply, asked, reader, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(asyncio.current_task())
            writer.close()

    async def _played(
        self, reply: Reply, asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Whether the connection can be used again."""
        playing = asyncio.create_task(_play(reply, asked, writer))
        leaving = asyncio.create_task(reader.read(1))  # no gateway of ours pipelines: a read ends when it left
        try:
            await asyncio.wait({playing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            playing.cancel()
            leaving.cancel()
        again, _ = await asyncio.gather(playing, leaving, return_exceptions=True)
        asked.left = isinstance(again, ConnectionError | asyncio.CancelledError)
        return again is True


async def _request(reader: asyncio.StreamReader) -> Asked | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.removesuffix("\r\n\r\n").split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Asked(method, path, headers, await reader.readexactly(int(headers.get("content-length", 0))))


async def _play(reply: Reply, asked: Asked, writer: asyncio.StreamWriter) -> bool:
    """Whether the connection can be used again."""
    await asyncio.sleep(reply.wait)
    whole = isinstance(reply.body, bytes)
    kind = {"content-type": "application/json", "content-length": str(len(reply.body))} if whole else CHUNKED
    lines = [f"HTTP/1.1 {reply.status} Scripted", *(f"{k}: {v}" for k, v in (kind | reply.headers).items()), "", ""]
    writer.write("\r\n".join(lines).encode())
    for piece in [reply.body] if whole else reply.body:
        writer.write(piece if whole else b"%x\r\n%b\r\n" % (len(piece), piece))
        if reply.end == "at once":
            writer.close()
            return False
        await writer.drain()
        asked.sent += len(piece)
        await asyncio.sleep(reply.pause)
    if reply.end == "stall":
        await asyncio.sleep(60)
    if reply.end == "reset":
        await asyncio.sleep(0.05)  # what was written shall arrive first
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()
    elif reply.end == "clean" and not whole:
        writer.write(b"0\r\n\r\n")
        await writer.drain()
    return reply.end == "clean"
