"""What happened, told in two ways: one JSON line per request on stderr, and counters in memory."""

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

if TYPE_CHECKING:
    from runtime.shell.express import Leg
    from runtime.shell.gateway import Seen

FLUSH_S = 0.2


class Line(msgspec.Struct, omit_defaults=True):
    """One request; seconds are since it began. What is not known is not written."""

    time: str
    id: str
    client: str  # dialect
    model: str | None
    stream: bool
    status: int
    seconds: float
    who: str | None = None
    error: str | None = None
    trace: str | None = None
    first_byte: float | None = None
    pool: str | None = None
    account: str | None = None
    upstream: str | None = None  # dialect
    why: list[Any] = []
    attempts: list[Any] = []
    losses: list[Any] = []
    usage: Any = None


class Telemetry:
    """Lines are written in batches, so that a request never waits for the terminal."""

    def __init__(self, out: BinaryIO | None = None) -> None:
        self.requests: Counter[tuple[str, int]] = Counter()  # client dialect, status
        self.attempts: Counter[tuple[str, str]] = Counter()  # account, outcome
        self.losses: Counter[str] = Counter()  # rule
        self._out = out or sys.stderr.buffer
        self._lines: list[bytes] = []
        self._flush: asyncio.TimerHandle | None = None
        self._encode = msgspec.json.Encoder().encode

    def request(self, now: float, seen: "Seen") -> None:
        """One request that is over."""
        self.requests[seen.client, seen.status] += 1
        line = Line(_stamp(now), seen.id, seen.client, seen.model, seen.stream, seen.status, round(now - seen.began, 4))
        line.who, line.error, line.trace = seen.who, seen.error, seen.trace
        if seen.run is not None and seen.run.first_byte is not None:
            line.first_byte = round(seen.run.first_byte - seen.began, 4)
        if (exchange := seen.exchange) is not None:
            for attempt in exchange.attempts:
                self.attempts[attempt.account, attempt.outcome] += 1
            if exchange.account is not None:
                line.pool, line.account, line.upstream = exchange.pool, exchange.account.name, exchange.dialect
            if exchange.error is not None:
                line.error = exchange.error.message
            for loss in exchange.losses:
                self.losses[loss.rule] += 1
            for why in exchange.whys:
                if why.affinity or why.waited or why.strategy:
                    line.why = exchange.whys
            line.attempts, line.losses, line.usage = exchange.attempts, exchange.losses, exchange.usage
        self._keep(self._encode(line))

    def swift(self, now: float, began: float, id: str, leg: "Leg", why: Any, losses: Sequence[Any], usage: Any) -> None:
        """A request that its first account has answered whole: the same line, most of which is written already."""
        client, account = leg.counted
        self.requests[client] += 1
        self.attempts[account] += 1
        seconds, (first, second, third, last) = b"%.4f" % (now - began), leg.logged
        more = b',"why":%b' % self._encode([why]) if why.affinity or why.waited or why.strategy else b""
        if losses:
            for loss in losses:
                self.losses[loss.rule] += 1
            last += b',"losses":%b' % self._encode(losses)
        line = (b'{"time":"', _stamp(now).encode(), b'","id":"', id.encode(), b'",', first, seconds, second, seconds)
        if usage is not None:
            last += b',"usage":%b' % self._encode(usage)
        self._keep(b"".join((*line, third, more, last, b"}")))

    def _keep(self, line: bytes) -> None:
        self._lines.append(line)
        if self._flush is None:
            self._flush = asyncio.get_running_loop().call_later(FLUSH_S, self.flush)

    def flush(self) -> None:
        """Writes what is held back."""
        lines, self._lines, self._flush = self._lines, [], None
        if lines:
            self._out.write(b"\n".join(lines) + b"\n")
            self._out.flush()


def _stamp(now: float) -> str:
    second = int(now)
    return f"{_second(second)}.{int((now - second) * 1000):03d}Z"


@lru_cache(4)
def _second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
