"""Tokens by day, client, account and model, in an SQLite file or a PostgreSQL database. Written behind the requests, by a
thread of its own.

What a request used waits in memory for FLUSH_S at most: a crash loses no more, a clean stop nothing. Several processes
may share one place; each adds to it, and reads there what the budgets of all of them have come to.
"""

import asyncio
import sqlite3
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

from generated import canonical as c
from runtime.core.clients import day_of, tokens_of
from runtime.shell.sqlite_file import opened

FLUSH_S = 0.5
LOCKED_S = 5.0  # to wait for another process that writes, or for a database to answer
AGAIN_S = 5.0  # after it could not be written

Key = tuple[str, str, str, str, str]  # day, client, pool, account, model
Count = list[int]  # of COUNTS
Used = dict[str, tuple[int, int]]  # client: tokens of the day, and of its month
KEYS = ("day", "client", "pool", "account", "model")
COUNTS = ("requests", "input", "cache_read", "cache_write", "output", "reasoning")
_TOKENS = "+".join(COUNTS[1:])


class Place(Protocol):
    """Where usage is kept. All but the name is used by one thread; what goes wrong is one of `problems`."""

    name: str
    problems: tuple[type[Exception], ...]

    def add(self, rows: Iterable[tuple[Any, ...]], day: str) -> Used:
        """Adds rows of KEYS and COUNTS, all or none, and says what was used by that day."""

    def close(self) -> None: ...


def _statements(table: str, mark: str, number: str) -> tuple[str, str, str]:
    """To create the table, to add a row, and to read what clients have used of a day and of its month, up to the day."""
    columns = ", ".join([*(f"{name} TEXT" for name in KEYS), *(f"{name} {number}" for name in COUNTS)])
    summed = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in COUNTS)
    return (
        f"CREATE TABLE IF NOT EXISTS {table} ({columns}, PRIMARY KEY ({', '.join(KEYS)}))",
        f"INSERT INTO {table} VALUES ({', '.join([mark] * len(KEYS + COUNTS))})"
        f" ON CONFLICT ({', '.join(KEYS)}) DO UPDATE SET {summed}",
        f"SELECT client, CAST(SUM(CASE day WHEN {mark} THEN {_TOKENS} ELSE 0 END) AS {number}),"
        f" CAST(SUM({_TOKENS}) AS {number}) FROM {table} WHERE day BETWEEN {mark} AND {mark} GROUP BY client",
    )


def _span(day: str) -> tuple[str, str, str]:
    """What the third of the statements is asked with."""
    return day, f"{day[:8]}01", day


class File:
    """An SQLite file."""

    problems = (sqlite3.Error, OSError)

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._file: sqlite3.Connection | None = None
        self._create, self._add, self._used = _statements("usage", "?", "INTEGER")

    def add(self, rows: Iterable[tuple[Any, ...]], day: str) -> Used:
        with self._opened() as file:
            file.executemany(self._add, rows)
            return {client: (of_day, of_month) for client, of_day, of_month in file.execute(self._used, _span(day))}

    def _opened(self) -> sqlite3.Connection:
        if self._file is None:
            self._file = opened(self.name, [self._create], waits=LOCKED_S, durable=True)
        return self._file

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


class Database:
    """A PostgreSQL database at `postgresql://HOST:PORT/NAME`. What is not told here libpq takes from the environment."""

    LOCK = 0x1506105  # whose number is this table's: two that create it at once would be in each other's way

    def __init__(self, url: str, user: str | None = None, password: str | None = None) -> None:
        import psycopg

        self.name = url
        self.problems = (psycopg.Error, OSError)
        told = {"user": user, "password": password, "client_encoding": "utf8", "application_name": "isogloss"}
        self._connect = lambda: psycopg.connect(url, connect_timeout=int(LOCKED_S), **told)
        self._connection: Any = None
        self._create, self._add, self._used = _statements("isogloss_usage", "%s", "BIGINT")

    def add(self, rows: Iterable[tuple[Any, ...]], day: str) -> Used:
        try:
            with self._opened().transaction(), self._connection.cursor() as cursor:
                # always in the same order, so that two who add to the same rows wait for each other, not forever
                cursor.executemany(self._add, sorted(rows))
                cursor.execute(self._used, _span(day))
                return {client: (of_day, of_month) for client, of_day, of_month in cursor}
        except self.problems:
            self.close()  # a broken connection stays broken
            raise

    def _opened(self) -> Any:
        if self._connection is None:
            connection = self._connect()
            connection.autocommit = True
            try:
                with connection.transaction():
                    connection.execute(f"SET statement_timeout = '{LOCKED_S:g}s'")
                    connection.execute("SELECT pg_advisory_xact_lock(%s)", (self.LOCK,))
                    connection.execute(self._create)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Usage:
    """The store; `on_used` hears what every client has used by now, whenever that was read."""

    def __init__(self, place: Place, clock: Callable[[], float], on_used: Callable[[Used, str], None]) -> None:
        self.place, self._clock, self._on_used = place, clock, on_used
        self._pending: dict[Key, Count] = {}
        self._thread = ThreadPoolExecutor(1, "usage")
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.Task[None] | None = None
        self._failed = False

    async def open(self) -> None:
        """Reads what was used before. A place that cannot be used is told of, and tried again with the next request."""
        await self._write({})

    def add(self, client: str, pool: str, account: str, model: str, usage: c.Usage, now: float | None = None) -> None:
        """One request that is over."""
        key = (day_of(self._clock() if now is None else now), client, pool, account, model)
        counts = self._pending.get(key)
        if counts is None:
            counts = self._pending[key] = [0] * len(COUNTS)
        counts[0] += 1
        counts[1] += usage.input or 0
        counts[2] += usage.cache_read or 0
        counts[3] += usage.cache_write or 0
        counts[4] += usage.output or 0
        counts[5] += usage.reasoning or 0
        if self._timer is None:
            self._arm(FLUSH_S)

    async def close(self) -> None:
        """Nothing that was added is lost."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._writing is not None:
            await self._writing
        if self._pending:
            await self._flush(last=True)
        if self._pending:
            lost = sum(counts[0] for counts in self._pending.values())
            _say(f"the usage of {lost} requests is lost: {self.place.name} could not be written to the end")
        await asyncio.get_running_loop().run_in_executor(self._thread, self.place.close)
        self._thread.shutdown()

    def _merge(self, more: dict[Key, Count]) -> None:
        for key, counts in more.items():
            before = self._pending.get(key)
            self._pending[key] = counts if before is None else [*map(int.__add__, before, counts)]

    def _arm(self, seconds: float) -> None:
        if self._timer is None and self._writing is None:
            self._timer = asyncio.get_running_loop().call_later(seconds, self._start)

    def _start(self) -> None:
        self._timer = None
        self._writing = asyncio.create_task(self._flush())

    async def _flush(self, last: bool = False) -> None:
        pending, self._pending = self._pending, {}
        well = await self._write(pending)
        if not well:
            self._merge(pending)
        self._writing = None
        if self._pending and not last:
            self._arm(FLUSH_S if well else AGAIN_S)

    async def _write(self, pending: dict[Key, Count]) -> bool:
        day = day_of(self._clock())
        try:
            rows = [(*key, *counts) for key, counts in pending.items()]
            used = await asyncio.get_running_loop().run_in_executor(self._thread, self.place.add, rows, day)
        except self.place.problems as problem:
            if not self._failed:
                what = " ".join(str(problem).split())
                _say(f"usage cannot be kept in {self.place.name}: {what}; it stays in memory, and is tried again")
            self._failed = True
            return False
        if self._failed:
            self._failed = False
            _say(f"usage is kept in {self.place.name} again")
        for (of, client, *_), counts in self._pending.items():  # what came in meanwhile
            day_used, month_used = used.get(client, (0, 0))
            tokens = sum(counts[1:])
            used[client] = (day_used + (tokens if of == day else 0), month_used + (tokens if of[:7] == day[:7] else 0))
        self._on_used(used, day)
        return True


def charged(usage: c.Usage | None, estimated: int) -> c.Usage:
    """What a request is charged with: what its vendor counted, else the estimate of its input."""
    return usage if tokens_of(usage) else c.Usage(input=estimated)


def _say(text: str) -> None:
    print(f"isogloss: {text}", file=sys.stderr, flush=True)
