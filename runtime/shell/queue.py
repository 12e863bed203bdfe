"""Those who wait for an account of a pool, and the clock that they wait by."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from time import monotonic

from runtime.core import pool as core
from runtime.core.account import Account
from runtime.core.outcome import Verdict
from runtime.shell.snapshot import Line


class Clock:
    """Seconds since the epoch that never go back, and the loop's own time."""

    def __init__(self, loop: asyncio.AbstractEventLoop, epoch: float) -> None:
        self._offset = epoch - loop.time()  # every loop counts as `monotonic` does

    def __call__(self) -> float:
        return monotonic() + self._offset

    def loop_time(self, moment: float) -> float:
        return moment - self._offset


Answer = tuple[core.Acquired | core.Refused, Line | None]  # of a pool; the line of the account that was acquired


class Queue:
    """Hands the answers of a pool to those who wait, and wakes it when a rest or somebody's patience ends."""

    def __init__(self, pool: core.Pool, lines: Mapping[str, Line], clock: Clock) -> None:
        self.pool, self._lines, self._clock = pool, lines, clock
        self._loop = asyncio.get_running_loop()
        self._answers: dict[int, asyncio.Future[Answer]] = {}  # by id of the ask
        self._timer: asyncio.TimerHandle | None = None

    def replace(self, pool: core.Pool, lines: Mapping[str, Line]) -> None:
        """Another pool of the same name, from a new policy; who waits now waits for its accounts."""
        pool.take_over(self.pool)
        self.pool, self._lines = pool, lines
        if pool.waiting:
            self._settle()

    def line(self, account: Account) -> Line:
        return self._lines[account.name]

    def ask(self, ask: core.Ask) -> Answer | asyncio.Future[Answer]:
        if self.pool.waiting:
            self._settle()
        answer = self.pool.choose(ask, self._clock())
        if answer is not None:
            return self._with_line(answer)
        future = self._answers[id(ask)] = self._loop.create_future()
        self._arm()
        return future

    def withdraw(self, ask: core.Ask) -> None:
        if self._answers.pop(id(ask), None) is not None:
            self.pool.withdraw(ask)
            if self.pool.waiting:
                self._settle()

    def report(
        self,
        lease: core.Lease,
        verdict: Verdict,
        used: tuple[int, int] | None = None,
        latency: float | None = None,
        now: float | None = None,
    ) -> None:
        self.pool.report(lease, verdict, self._clock() if now is None else now, used, latency)
        if self.pool.waiting:
            self._settle()

    def _settle(self) -> None:
        for ask, answer in self.pool.settle(self._clock()):
            self._answers.pop(id(ask)).set_result(self._with_line(answer))
        self._arm()

    def _with_line(self, answer: core.Acquired | core.Refused) -> Answer:
        return answer, self._lines[answer.account.name] if isinstance(answer, core.Acquired) else None

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        wake = self.pool.wake(self._clock())
        self._timer = None if wake is None else self._loop.call_at(self._clock.loop_time(wake), self._settle)
