"""Limits per minute and per day: sliding windows over requests, and over tokens that are estimated first and known later.

Declared tolerance: no span of a window's length ever holds more requests than the limit. For tokens that is true of the
estimates; what a request really used beyond its estimate is charged when it is known. A request greater than the whole
limit is not refused: it runs once the window is empty.
"""

from collections import deque
from math import inf

import msgspec

PARTS = 60  # of a window; an entry leaves with its part, at most one part late and never early
MINUTE, DAY = 60.0, 86400.0
EXPECTED_OUTPUT = 256.0  # tokens of an answer, until some have been seen
LEARNING = 0.05  # the weight of a new answer


class Limits(msgspec.Struct, frozen=True):
    """What an account, or a pool, may use; None: as much as it likes."""

    rpm: int | None = None
    tpm: int | None = None
    rpd: int | None = None
    tpd: int | None = None


def share(limit: int, index: int, count: int) -> int:
    """One process's part of a limit that `count` processes split. None is left without: each has 1 at least."""
    return max(limit // count + (index < limit % count), 1)


class Window:
    """At most `limit` in any `seconds`."""

    __slots__ = ("_began", "_edge", "_entries", "_part", "limit", "seconds", "untold", "used")

    def __init__(self, limit: int, seconds: float) -> None:
        self.limit, self.seconds, self._part = limit, seconds, seconds / PARTS
        self.used = 0
        self._edge = -inf  # the end of the last entry's part
        self._began = -inf  # what was taken up to then may not have been counted here
        self._entries: deque[list[float]] = deque()  # when it leaves, how much
        self.untold: dict[float, int] | None = None  # likewise, what a shared store shall hear of once it is back

    def ready(self, amount: int, now: float) -> float:
        """The moment from which `amount` fits; `now` if it does."""
        if self.used + amount <= self.limit:
            return now
        entries = self._entries
        while entries and entries[0][0] <= now:
            self.used -= entries.popleft()[1]
        excess = self.used + min(amount, self.limit) - self.limit
        if excess <= 0:
            return now
        for leaves, taken in entries:
            excess -= taken
            if excess <= 0:
                return leaves
        return now  # cannot be: without entries everything fits

    def wait(self, amount: int, now: float) -> float:
        """Seconds until `amount` fits."""
        return self.ready(amount, now) - now

    def take(self, amount: int, now: float) -> None:
        self.used += amount
        if now < self._edge and self.untold is None:
            self._entries[-1][1] += amount
            return
        if self._began == inf:
            self._began = now
        entries, edge = self._entries, (now // self._part + 1) * self._part
        leaves = edge + self.seconds
        if entries and entries[-1][0] >= leaves:
            entries[-1][1] += amount
        else:
            while entries and entries[0][0] <= now:
                self.used -= entries.popleft()[1]
            entries.append([leaves, amount])
            self._edge = edge
        if self.untold is not None:
            self.untold[leaves] = self.untold.get(leaves, 0) + amount

    def correct(self, delta: int, now: float, at: float | None = None) -> None:
        """More was used than was taken: it counts from now. Less: it is given back to the moment `at` it was taken."""
        if delta > 0:
            self.take(delta, now)
        elif delta < 0 and (at is None or at > self._began):
            leaves = self._leaves(now if at is None else at)
            for entry in reversed(self._entries):
                if entry[0] <= leaves:
                    if entry[0] == leaves:
                        back = min(-delta, entry[1])
                        entry[1] -= back
                        self.used -= back
                        if self.untold:
                            self.untold[leaves] = max(self.untold.get(leaves, 0) - back, 0)
                    return

    def tell(self, everything: bool) -> list[tuple[float, int]]:
        """What was used since the last time, or all that counts: when it leaves, how much."""
        told = [(entry[0], entry[1]) for entry in self._entries] if everything else list((self.untold or {}).items())
        if self.untold is not None:
            self.untold = {}
        return [(leaves, amount) for leaves, amount in told if amount]

    def go_on(self, before: "Window") -> None:
        """What was used before stays used."""
        self._edge = -inf
        self.used, self._entries, self._began, self.untold = (
            before.used,
            before._entries,
            before._began,
            before.untold,
        )

    def _leaves(self, at: float) -> float:
        return (at // self._part + 1) * self._part + self.seconds


class Meter:
    """All windows of one account or pool. `part` is this process's: (index, count)."""

    __slots__ = ("_requests", "_tokens", "counts", "counts_tokens")

    def __init__(self, limits: Limits, part: tuple[int, int] = (0, 1)) -> None:
        self._requests = _windows((limits.rpm, MINUTE), (limits.rpd, DAY), part=part)
        self._tokens = _windows((limits.tpm, MINUTE), (limits.tpd, DAY), part=part)
        self.counts_tokens = bool(self._tokens)
        self.counts = bool(self._requests or self._tokens)

    def ready(self, tokens: int, now: float) -> float:
        """The moment from which one more request of so many tokens fits; `now` if it does."""
        moment = now
        for window in self._requests:
            if window.used >= window.limit and (ready := window.ready(1, now)) > moment:
                moment = ready
        for window in self._tokens:
            if (ready := window.ready(tokens, now)) > moment:
                moment = ready
        return moment

    def take(self, tokens: int, now: float) -> None:
        for window in self._requests:
            window.take(1, now)
        for window in self._tokens:
            window.take(tokens, now)

    def correct(self, delta: int, now: float, at: float) -> None:
        for window in self._tokens:
            window.correct(delta, now, at)

    def take_over(self, before: "Meter") -> None:
        """What was used stays used, under limits that may be others. A window that is new begins empty."""
        for mine, theirs in ((self._requests, before._requests), (self._tokens, before._tokens)):
            known = {window.seconds: window for window in theirs}
            for window in mine:
                if (old := known.get(window.seconds)) is None:
                    window._began = inf  # until its first entry
                else:
                    window.go_on(old)

    def part(self, apart: bool) -> None:
        """From now on what is used is remembered, to be told to a shared store; or is not any more."""
        for window in (*self._requests, *self._tokens):
            window.untold = (window.untold or {}) if apart else None

    def tell(self, everything: bool) -> list[tuple[str, float, float, int]]:
        """As Window.tell, with each window's name and seconds."""
        named = [("r", window) for window in self._requests] + [("t", window) for window in self._tokens]
        return [
            (f"{kind}p{'m' if window.seconds == MINUTE else 'd'}", window.seconds, leaves, amount)
            for kind, window in named
            for leaves, amount in window.tell(everything)
        ]


def _windows(*wanted: tuple[int | None, float], part: tuple[int, int]) -> list[Window]:
    return [Window(share(limit, *part), seconds) for limit, seconds in wanted if limit is not None]


class Output:
    """How many tokens an answer has, by those that were seen: `expected`, on the mean."""

    __slots__ = ("expected",)

    def __init__(self) -> None:
        self.expected = EXPECTED_OUTPUT

    def learn(self, tokens: int) -> None:
        self.expected += LEARNING * (tokens - self.expected)
