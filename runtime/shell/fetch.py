"""Fetches media by their links, for wires that take bytes only: from hosts that the policy lists, and no others."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Sequence

import aiohttp

from generated import canonical as c
from runtime.core.exchange import Fetched

MOST_BYTES = 20 << 20  # of one medium
MOST_LINKS = 20  # of one request


async def fetch(session: aiohttp.ClientSession, urls: Sequence[str]) -> Fetched:
    """What stands behind the links, or why one of them could not be had."""
    if len(urls) > MOST_LINKS:
        return Fetched({}, f"there are more than {MOST_LINKS} links to fetch")
    problem: str | None = None
    try:
        async with asyncio.TaskGroup() as group:
            tasks = {url: group.create_task(_one(session, url)) for url in urls}
    except* _Failed as failed:
        problem = str(failed.exceptions[0])
    return Fetched({}, problem) if problem else Fetched({url: task.result() for url, task in tasks.items()})


class _Failed(Exception):
    pass


async def _one(session: aiohttp.ClientSession, url: str) -> c.BytesSource:
    headers = {"user-agent": "isogloss", "accept-encoding": "identity"}
    try:
        async with session.get(url, headers=headers, allow_redirects=False) as answer:
            if answer.status != 200:  # a redirect leads where the policy may not allow it
                raise _Failed(f"{url} was answered with {answer.status}")
            data = bytearray()
            async for part in answer.content.iter_any():
                data += part
                if len(data) > MOST_BYTES:
                    raise _Failed(f"{url} has more than {MOST_BYTES >> 20} MiB")
            kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    except (aiohttp.ClientError, OSError, ValueError) as problem:
        raise _Failed(f"{url} could not be fetched: {type(problem).__name__}") from None
    return c.BytesSource(media_type=kind or None, data=b64encode(data).decode())
