"""Where answers are kept, so that their clients can find them again: an SQLite file, or the Redis that processes share.

The file is used by a thread of its own, which nothing waits for but who asked. Several processes may share one.
"""

import asyncio
import os
import sqlite3
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

from runtime.core.exchange import Keep, Stored
from runtime.core.kept import Found, read
from runtime.shell.redis_store import connection

LOCKED_S = 3.0  # to wait for another process that writes


class Place(Protocol):
    """What goes wrong is one of `problems`. Moments are seconds since the epoch."""

    name: str
    problems: tuple[type[Exception], ...]

    async def get(self, whose: str, ids: Sequence[str], now: float) -> dict[str, bytes]:
        """Those that are there, by id."""

    async def put(self, whose: str, values: Mapping[str, bytes], until: float, now: float) -> None:
        """All of them, or none."""

    async def delete(self, whose: str, ids: Sequence[str]) -> None: ...

    async def close(self) -> None: ...


class File:
    """An SQLite file that only its owner may read. What is over is deleted with whatever is written next."""

    problems = (sqlite3.Error, OSError)

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._file: sqlite3.Connection | None = None
        self._thread = ThreadPoolExecutor(1, "kept")

    async def get(self, whose: str, ids: Sequence[str], now: float) -> dict[str, bytes]:
        ask = f"SELECT id, value FROM kept WHERE client = ? AND id IN ({_marks(ids)}) AND until > ?"
        return dict(await self._do(lambda file: file.execute(ask, (whose, *ids, now)).fetchall()))

    async def put(self, whose: str, values: Mapping[str, bytes], until: float, now: float) -> None:
        def put(file: sqlite3.Connection) -> None:
            file.execute("DELETE FROM kept WHERE until <= ?", (now,))
            rows = [(whose, id, until, value) for id, value in values.items()]
            file.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?)", rows)

        await self._do(put)

    async def delete(self, whose: str, ids: Sequence[str]) -> None:
        ask = f"DELETE FROM kept WHERE client = ? AND id IN ({_marks(ids)})"
        await self._do(lambda file: file.execute(ask, (whose, *ids)))

    async def close(self) -> None:
        await self._on_thread(self._close)
        self._thread.shutdown()

    async def _do(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        """What comes of it; all that it changes, or nothing."""

        def whole() -> Any:
            with self._opened() as file:
                return work(file)

        return await self._on_thread(whole)

    def _on_thread(self, work: Callable[[], Any]) -> asyncio.Future[Any]:
        return asyncio.get_running_loop().run_in_executor(self._thread, work)

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

    async def get(self, whose: str, ids: Sequence[str], now: float) -> dict[str, bytes]:
        values = await self._redis.mget([_key(whose, id) for id in ids])
        return {id: value for id, value in zip(ids, values, strict=True) if value is not None}

    async def put(self, whose: str, values: Mapping[str, bytes], until: float, now: float) -> None:
        line = self._redis.pipeline(transaction=True)
        for id, value in values.items():
            line.set(_key(whose, id), value, px=max(1, round((until - now) * 1000)))
        await line.execute()

    async def delete(self, whose: str, ids: Sequence[str]) -> None:
        await self._redis.delete(*(_key(whose, id) for id in ids))

    async def close(self) -> None:
        await self._redis.aclose()


def _key(whose: str, id: str) -> str:
    """The braces keep together in a cluster what is one client's."""
    return f"isogloss:{{kept {whose}}}:{id}"


def _marks(ids: Sequence[str]) -> str:
    return ", ".join("?" * len(ids))


class Away(Exception):
    """What is kept cannot be read now. The text says why."""


class Answers:
    """The answers of all clients, each kept for `seconds`."""

    def __init__(self, place: Place, clock: Callable[[], float], seconds: float) -> None:
        self.place, self.seconds, self._clock = place, seconds, clock
        self.close = place.close
        self._failed = False

    async def find(self, whose: str, ids: Sequence[str]) -> Found:
        """Raises Away."""
        try:
            values = await self.place.get(whose, ids, self._clock())
        except self.place.problems as problem:
            raise Away(" ".join(str(problem).split())) from None
        return {id: read(values[id]) if id in values else None for id in ids}

    async def keep(self, wanted: Keep) -> Stored:
        try:
            await self.place.put(wanted.whose, wanted.records, wanted.until, self._clock())
        except self.place.problems as problem:
            if not self._failed:
                self._say(f"cannot be kept in {self.place.name}: {' '.join(str(problem).split())}")
            self._failed = True
            return Stored(False)
        if self._failed:
            self._failed = False
            self._say(f"are kept in {self.place.name} again")
        return Stored(True)

    async def forget(self, whose: str, ids: Sequence[str]) -> None:
        """Raises Away."""
        try:
            await self.place.delete(whose, ids)
        except self.place.problems as problem:
            raise Away(" ".join(str(problem).split())) from None

    @staticmethod
    def _say(text: str) -> None:
        print(f"isogloss: answers {text}", file=sys.stderr, flush=True)
