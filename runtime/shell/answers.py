"""Where answers are kept, so that their clients can find them again: an SQLite file, or the Redis that processes share.

The file is used by a thread of its own, which nothing waits for but who asked. Several processes may share one.
"""

import asyncio
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from runtime.core.exchange import Keep, Stored
from runtime.core.kept import Found, Kept, missing, read, without
from runtime.shell.redis_store import connection
from runtime.shell.sqlite_file import opened

LOCKED_S = 3.0  # to wait for another process that writes
CREATE = (
    "CREATE TABLE IF NOT EXISTS kept (client TEXT, id TEXT, until REAL, value BLOB, PRIMARY KEY (client, id))",
    "CREATE TABLE IF NOT EXISTS later (client TEXT, id TEXT, next TEXT, until REAL, PRIMARY KEY (client, id, next))",
    *(f"CREATE INDEX IF NOT EXISTS {table}_until ON {table} (until)" for table in ("kept", "later")),
)


class Place(Protocol):
    """What goes wrong is one of `problems`. Moments are seconds since the epoch."""

    name: str
    problems: tuple[type[Exception], ...]

    async def get(self, whose: str, ids: Sequence[str], now: float) -> dict[str, bytes]:
        """Those that are there, by id."""

    async def put(
        self, whose: str, values: Mapping[str, bytes], until: float, now: float, after: Sequence[str] = ()
    ) -> None:
        """All of them, or none. The first goes on from the last of `after`, and all of that is not over before it is."""

    async def later(self, whose: str, id: str) -> list[str]:
        """What went on from this, there or not."""

    async def replace(self, whose: str, id: str, value: bytes) -> None:
        """What is there becomes this, until the same moment."""

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

    async def put(
        self, whose: str, values: Mapping[str, bytes], until: float, now: float, after: Sequence[str] = ()
    ) -> None:
        def put(file: sqlite3.Connection) -> None:
            for table in ("kept", "later"):
                file.execute(f"DELETE FROM {table} WHERE until <= ?", (now,))
            rows = [(whose, id, until, value) for id, value in values.items()]
            file.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?)", rows)
            if after:
                for table in ("kept", "later"):
                    longer = f"UPDATE {table} SET until = ? WHERE client = ? AND id = ? AND until < ?"
                    file.executemany(longer, [(until, whose, id, until) for id in after])
                row = (whose, after[-1], next(iter(values)), until)
                file.execute("INSERT OR REPLACE INTO later VALUES (?, ?, ?, ?)", row)

        await self._do(put)

    async def later(self, whose: str, id: str) -> list[str]:
        ask = "SELECT next FROM later WHERE client = ? AND id = ?"
        return [next for (next,) in await self._do(lambda file: file.execute(ask, (whose, id)).fetchall())]

    async def replace(self, whose: str, id: str, value: bytes) -> None:
        ask = "UPDATE kept SET value = ? WHERE client = ? AND id = ?"
        await self._do(lambda file: file.execute(ask, (value, whose, id)))

    async def delete(self, whose: str, ids: Sequence[str]) -> None:
        def delete(file: sqlite3.Connection) -> None:
            for table in ("kept", "later"):
                file.execute(f"DELETE FROM {table} WHERE client = ? AND id IN ({_marks(ids)})", (whose, *ids))

        await self._do(delete)

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
            self._file = opened(self.name, CREATE, waits=LOCKED_S, durable=False)
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

    async def put(
        self, whose: str, values: Mapping[str, bytes], until: float, now: float, after: Sequence[str] = ()
    ) -> None:
        line, left = self._redis.pipeline(transaction=True), max(1, round((until - now) * 1000))
        for id, value in values.items():
            line.set(_key(whose, id), value, px=left)
        if after:
            line.sadd(_later(whose, after[-1]), next(iter(values)))
            line.pexpire(_later(whose, after[-1]), left, nx=True)
        for id in after:
            line.pexpire(_key(whose, id), left, gt=True)
            line.pexpire(_later(whose, id), left, gt=True)
        await line.execute()

    async def later(self, whose: str, id: str) -> list[str]:
        return sorted(next.decode() for next in await self._redis.smembers(_later(whose, id)))

    async def replace(self, whose: str, id: str, value: bytes) -> None:
        await self._redis.set(_key(whose, id), value, xx=True, keepttl=True)

    async def delete(self, whose: str, ids: Sequence[str]) -> None:
        await self._redis.delete(*(key(whose, id) for id in ids for key in (_key, _later)))

    async def close(self) -> None:
        await self._redis.aclose()


def _key(whose: str, id: str) -> str:
    """The braces keep together in a cluster what is one client's."""
    return f"isogloss:{{kept {whose}}}:{id}"


def _later(whose: str, id: str) -> str:
    """Of the set of what went on from an answer."""
    return f"isogloss:{{kept {whose}}}>{id}"


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

    async def find(self, whose: str, ids: Sequence[str], whole: bool = True) -> Found:
        """These and, for the whole, all that they go on from. Raises Away."""
        found: dict[str, Kept | None] = {}
        with self._there():
            while ids:
                values = await self.place.get(whose, ids, self._clock())
                found |= {id: read(values[id]) if id in values else None for id in ids}
                ids = missing(found) if whole else ()
        return found

    async def keep(self, wanted: Keep) -> Stored:
        try:
            await self.place.put(wanted.whose, wanted.records, wanted.until, self._clock(), wanted.after)
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
        """An answer, and its items. It stays unfound while another goes on from it, and goes with the last of those.

        Raises Away.
        """
        (id, *items), place = ids, self.place
        with self._there():
            while True:
                later = await place.later(whose, id)
                values = await place.get(whose, [id, *later], self._clock())
                if id not in values:
                    return
                kept = read(values[id])
                if any(next in values for next in later):
                    await place.replace(whose, id, without(kept))
                    if items:
                        await place.delete(whose, items)
                    return
                await place.delete(whose, [id, *items])
                if not kept.before:
                    return
                id, items = kept.before[-1], []
                before = (await self.find(whose, [id], whole=False))[id]
                if before is None or not before.gone:
                    return

    @contextmanager
    def _there(self) -> Iterator[None]:
        try:
            yield
        except self.place.problems as problem:
            raise Away(" ".join(str(problem).split())) from None

    @staticmethod
    def _say(text: str) -> None:
        print(f"isogloss: answers {text}", file=sys.stderr, flush=True)
