"""Tokens by day, client, account and model, in an SQLite file. Written behind the requests, by a thread of its own.

What a request used waits in memory for FLUSH_S at most: a crash loses no more, a clean stop nothing. Several processes
may share the file; each adds to it, and reads there what the budgets of all of them have come to.
"""

import asyncio
import sqlite3
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from operator import attrgetter
from pathlib import Path

from generated import canonical as c
from runtime.core.clients import day_of, tokens_of

FLUSH_S = 0.5
LOCKED_S = 5.0  # to wait for another process that writes
AGAIN_S = 5.0  # after the file could not be written

Key = tuple[str, str, str, str, str]  # day, client, pool, account, model
Count = tuple[int, ...]  # of COUNTS
Used = dict[str, tuple[int, int]]  # client: tokens of the day, and of its month
COUNTS = ("requests", "input", "cache_read", "cache_write", "output", "reasoning")
_COUNTED = attrgetter(*COUNTS[1:])
_TOKENS = "+".join(COUNTS[1:])
_CREATE = f"""CREATE TABLE IF NOT EXISTS usage (
    day TEXT, client TEXT, pool TEXT, account TEXT, model TEXT, {", ".join(f"{name} INTEGER" for name in COUNTS)},
    PRIMARY KEY (day, client, pool, account, model)) WITHOUT ROWID"""
_ADD = f"""INSERT INTO usage VALUES (?, ?, ?, ?, ?, {", ".join("?" * len(COUNTS))}) ON CONFLICT DO UPDATE SET
    {", ".join(f"{name} = {name} + excluded.{name}" for name in COUNTS)}"""
_USED = f"""SELECT client, SUM(CASE day WHEN ?1 THEN {_TOKENS} ELSE 0 END), SUM({_TOKENS})
    FROM usage WHERE day BETWEEN substr(?1, 1, 8) || '01' AND ?1 GROUP BY client"""


class Usage:
    """The store; `on_used` hears what every client has used by now, whenever that was read."""

    def __init__(self, path: Path, clock: Callable[[], float], on_used: Callable[[Used, str], None]) -> None:
        self.path, self._clock, self._on_used = path, clock, on_used
        self._pending: dict[Key, Count] = {}
        self._thread = ThreadPoolExecutor(1, "usage")
        self._file: sqlite3.Connection | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.Task[None] | None = None
        self._failed = False

    async def open(self) -> None:
        """Reads what was used before. A file that cannot be used is told of, and tried again with the next request."""
        await self._write({})

    def add(self, client: str, pool: str, account: str, model: str, usage: c.Usage) -> None:
        """One request that is over."""
        counts = (1, *[count or 0 for count in _COUNTED(usage)])
        key = (day_of(self._clock()), client, pool, account, model)
        self._merge({key: counts})
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
        if self._file is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._file.close)
        self._thread.shutdown()

    def _merge(self, more: dict[Key, Count]) -> None:
        for key, counts in more.items():
            before = self._pending.get(key)
            self._pending[key] = counts if before is None else tuple(map(int.__add__, before, counts))

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
            used = await asyncio.get_running_loop().run_in_executor(self._thread, self._transact, pending, day)
        except (sqlite3.Error, OSError) as problem:
            if not self._failed:
                _say(f"usage cannot be kept in {self.path}: {problem}; it stays in memory, and is tried again")
            self._failed = True
            return False
        if self._failed:
            self._failed = False
            _say(f"usage is kept in {self.path} again")
        for (of, client, *_), counts in self._pending.items():  # what came in meanwhile
            day_used, month_used = used.get(client, (0, 0))
            tokens = sum(counts[1:])
            used[client] = (day_used + (tokens if of == day else 0), month_used + (tokens if of[:7] == day[:7] else 0))
        self._on_used(used, day)
        return True

    def _transact(self, pending: dict[Key, Count], day: str) -> Used:
        if self._file is None:
            file = sqlite3.connect(self.path, timeout=LOCKED_S, check_same_thread=False)
            try:
                file.execute("PRAGMA journal_mode = WAL")
                file.execute("PRAGMA synchronous = FULL")
                with file:
                    file.execute(_CREATE)
            except BaseException:
                file.close()
                raise
            self._file = file
        with self._file as file:
            file.executemany(_ADD, [(*key, *counts) for key, counts in pending.items()])
            return {client: (of_day, of_month) for client, of_day, of_month in file.execute(_USED, (day,))}


def charged(usage: c.Usage | None, estimated: int) -> c.Usage:
    """What a request is charged with: what its vendor counted, else the estimate of its input."""
    return usage if tokens_of(usage) else c.Usage(input=estimated)


def _say(text: str) -> None:
    print(f"isogloss: {text}", file=sys.stderr, flush=True)
