"""Where answers are kept, so that their clients can find them again: an SQLite file, or the Redis that processes share.

The file is used by a thread of its own, which nothing waits for but who asked. Several processes may share one.
"""

import asyncio
import os
import sqlite3
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

from runtime.core.exchange import Keep, Stored
from runtime.core.kept import Kept, read
from runtime.shell.redis_store import connection

LOCKED_S = 3.0  # to wait for another process that writes
_OF = "client = ? AND id = ?"


class Place(Protocol):
    """What goes wrong is one of `problems`. Moments are seconds since the epoch."""

    name: str
    problems: tuple[type[Exception], ...]

    async def get(self, whose: str, id: str, now: float) -> bytes | None: ...

    async def put(self, whose: str, id: str, value: bytes, until: float, now: float) -> None: ...

    async def delete(self, whose: str, id: str) -> None: ...

    async def close(self) -> None: ...


class File:
    """An SQLite file that only its owner may read. What is over is deleted with whatever is written next."""

    problems = (sqlite3.Error, OSError)

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._file: sqlite3.Connection | None = None
        self._thread = ThreadPoolExecutor(1, "kept")

    async def get(self, whose: str, id: str, now: float) -> bytes | None:
        found = await self._do((f"SELECT value FROM kept WHERE {_OF} AND until > ?", (whose, id, now)))
        return found[0] if found else None

    async def put(self, whose: str, id: str, value: bytes, until: float, now: float) -> None:
        put = ("INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?)", (whose, id, until, value))
        await self._do(("DELETE FROM kept WHERE until <= ?", (now,)), put)

    async def delete(self, whose: str, id: str) -> None:
        await self._do((f"DELETE FROM kept WHERE {_OF}", (whose, id)))

    async def close(self) -> None:
        await self._on_thread(self._close)
        self._thread.shutdown()

    async def _do(self, *statements: tuple[str, tuple[Any, ...]]) -> Any:
        """The first row of what the last of the statements finds; all of them, or none."""
        return await self._on_thread(self._execute, statements)

    def _on_thread(self, work: Callable[..., Any], *arguments: Any) -> asyncio.Future[Any]:
        return asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)

    def _execute(self, statements: tuple[tuple[str, tuple[Any, ...]], ...]) -> Any:
        with self._opened() as file:
            return [file.execute(*statement).fetchone() for statement in statements][-1]

    def _opened(self) -> sqlite3.Connection:
        if self._file is None:
            os.close(os.open(self.name, os.O_CREAT, 0o600))
            file = sqlite3.connect(self.name, timeout=LOCKED_S, check_same_thread=False)
            try:
                file.execute("PRAGMA journal_mode = WAL")
                file.execute("PRAGMA synchronous = NORMAL")  # a machine that stops may lose the last; no reader does
                with file:
                    columns = "client TEXT, id TEXT, until REAL, value BLOB, PRIMARY KEY (client, id)"
                    file.execute(f"CREATE TABLE IF NOT EXISTS kept ({columns})")
                    file.execute("CREATE INDEX IF NOT EXISTS kept_until ON kept (until)")
            except BaseException:
                file.close()
                raise
            self._file = file
        return self._file

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()


class Database:
    """A Redis or a Valkey, which forgets what is over by itself."""

    def __init__(self, url: str, password: str | None = None, ca: str | None = None) -> None:
        self.name = url
        self._redis, self.problems = connection(url, password, ca)

    async def get(self, whose: str, id: str, now: float) -> bytes | None:
        return await self._redis.get(_key(whose, id))

    async def put(self, whose: str, id: str, value: bytes, until: float, now: float) -> None:
        await self._redis.set(_key(whose, id), value, px=max(1, round((until - now) * 1000)))

    async def delete(self, whose: str, id: str) -> None:
        await self._redis.delete(_key(whose, id))

    async def close(self) -> None:
        await self._redis.aclose()


def _key(whose: str, id: str) -> str:
    return f"isogloss:kept:{len(whose)}:{whose}:{id}"


class Away(Exception):
    """What is kept cannot be read now. The text says why."""


class Answers:
    """The answers of all clients, each kept for `seconds`."""

    def __init__(self, place: Place, clock: Callable[[], float], seconds: float) -> None:
        self.place, self.seconds, self._clock = place, seconds, clock
        self.close = place.close
        self._failed = False

    async def find(self, whose: str, id: str) -> Kept | None:
        """Raises Away."""
        try:
            value = await self.place.get(whose, id, self._clock())
        except self.place.problems as problem:
            raise Away(" ".join(str(problem).split())) from None
        return None if value is None else read(value)

    async def keep(self, wanted: Keep) -> Stored:
        try:
            await self.place.put(wanted.whose, wanted.id, wanted.value, wanted.until, self._clock())
        except self.place.problems as problem:
            if not self._failed:
                self._say(f"cannot be kept in {self.place.name}: {' '.join(str(problem).split())}")
            self._failed = True
            return Stored(False)
        if self._failed:
            self._failed = False
            self._say(f"are kept in {self.place.name} again")
        return Stored(True)

    async def forget(self, whose: str, id: str) -> None:
        """Raises Away."""
        try:
            await self.place.delete(whose, id)
        except self.place.problems as problem:
            raise Away(" ".join(str(problem).split())) from None

    @staticmethod
    def _say(text: str) -> None:
        print(f"isogloss: answers {text}", file=sys.stderr, flush=True)
