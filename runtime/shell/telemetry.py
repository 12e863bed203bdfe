"""What happened, told in two ways: one JSON line per request on stderr, and counters in memory."""

import asyncio
import sys
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

if TYPE_CHECKING:
    from runtime.shell.app import Seen

FLUSH_S = 0.2


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
        line = {
            "time": _stamp(now),
            "id": seen.id,
            "client": seen.client,
            "who": seen.who,
            "model": seen.model,
            "stream": seen.stream,
            "status": seen.status,
            "seconds": round(now - seen.began, 4),
            "error": seen.error,
            "trace": seen.trace,
        }
        if seen.run is not None and seen.run.first_byte is not None:
            line["first_byte"] = round(seen.run.first_byte - seen.began, 4)
        if (exchange := seen.exchange) is not None:
            for attempt in exchange.attempts:
                self.attempts[attempt.account, attempt.outcome] += 1
            if exchange.account is not None:
                line |= {"pool": exchange.pool, "account": exchange.account.name, "upstream": exchange.dialect}
            if exchange.error is not None:
                line["error"] = exchange.error.message
            self.losses.update(loss.rule for loss in exchange.losses)
            if any(why.affinity or why.waited or why.candidates for why in exchange.whys):
                line["why"] = exchange.whys
            line |= {"attempts": exchange.attempts, "losses": exchange.losses, "usage": exchange.usage}
        self.line({name: value for name, value in line.items() if value not in (None, [])})

    def line(self, line: dict[str, Any]) -> None:
        self._lines.append(self._encode(line))
        if self._flush is None:
            self._flush = asyncio.get_running_loop().call_later(FLUSH_S, self.flush)

    def flush(self) -> None:
        """Writes what is held back."""
        lines, self._lines, self._flush = self._lines, [], None
        if lines:
            self._out.write(b"\n".join(lines) + b"\n")
            self._out.flush()


def _stamp(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
