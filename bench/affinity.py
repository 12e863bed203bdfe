"""What affinity does for prompt caches: the gateway's pool before vendors whose caches are simulated.

`python -m bench.affinity` writes the tables of docs/affinity.md; the same seed gives the same numbers.
"""

import sys
from collections.abc import Iterator
from heapq import heappop, heappush
from pathlib import Path
from random import Random

from runtime.core.account import Account
from runtime.core.affinity import Affinity
from runtime.core.outcome import Outcome, Verdict
from runtime.core.pool import Acquired, Ask, Pool

DOCUMENT = Path(__file__).parent.parent / "docs/affinity.md"
STRATEGIES = ("round_robin", "least_busy", "latency", "fill_first")
ACCOUNTS, SLOTS = 8, 12
CONVERSATIONS, EVERY_S = 1500, 2.0  # one begins every so often, on the mean
TURNS, THINKS_S, ANSWERS_S = 8, 30.0, 6.0  # of a conversation, on the mean
PROGRAMS, INSTRUCTIONS = 5, 3000  # each program's conversations begin with the same instructions, of so many tokens
QUESTION, ANSWER = 150, 350  # tokens that a turn adds
CACHED_S, SHORTEST = (
    300.0,
    1024,
)  # a vendor forgets a prefix that nobody used for so long, and keeps none that is shorter
LIMITED_EVERY_S, LIMITED_S = 120.0, 30.0  # in the second table: a vendor says 429, with this Retry-After
READ, WRITTEN = 0.1, 1.25  # what a token costs that is read from the cache, and one that is written to it


class Cache:
    """A vendor's prompt cache of one account: it finds the longest prefix that is still there."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], tuple[int, float]] = {}  # tokens of a prefix, and when it was used

    def read(self, program: int, conversation: int, tokens: int, now: float) -> int:
        """Tokens of a prompt that need not be read again; afterwards all of it is known."""
        found = 0
        for key, most in ((("program", program), INSTRUCTIONS), (("conversation", conversation), tokens)):
            known, used = self._known.get(key, (0, -CACHED_S))
            if now - used < CACHED_S:
                found = max(found, known)
            self._known[key] = (most, now)
        return found if found >= SHORTEST else 0


class Run:
    """One load on one pool."""

    def __init__(self, strategy: str, affinity: bool, limited: bool, seed: int = 1) -> None:
        self.chance = Random(seed)
        accounts = [Account(f"key-{n}", "vendor", (), max_concurrency=SLOTS) for n in range(ACCOUNTS)]
        known = Affinity() if affinity else None
        self.pool = Pool("main", accounts, strategy=strategy, affinity=known, chance=Random(seed).random)
        self.caches = {account.name: Cache() for account in accounts}
        self.limited = limited
        self.sent = self.cached = self.requests = self.first = self.busiest = 0
        self.cost = 0.0
        self._events: list[tuple[float, int, tuple]] = []
        self._count = 0

    def play(self) -> "Run":
        moment = 0.0
        for conversation in range(CONVERSATIONS):
            moment += self.chance.expovariate(1 / EVERY_S)
            turns = 1 + int(self.chance.expovariate(1 / (TURNS - 1)))
            self._at(moment, ("ask", conversation, turns, INSTRUCTIONS + QUESTION))
        if self.limited:
            for number in range(int(moment / LIMITED_EVERY_S)):
                self._at(number * LIMITED_EVERY_S, ("limit", number % ACCOUNTS))
        waiting: dict[int, tuple] = {}
        while self._events:
            now, _, event = heappop(self._events)
            match event:
                case ("ask", *rest):
                    ask = Ask("m", now + 1e9, key=str(rest[0]))
                    answer = self.pool.choose(ask, now)
                    waiting[id(ask)] = (ask, rest)
                    if isinstance(answer, Acquired):
                        self._take(answer, *waiting.pop(id(ask))[1], now)
                case ("answered", lease, verdict, conversation, turns, tokens):
                    self.pool.report(lease, verdict, now)
                    if turns > 1:
                        thinks = self.chance.expovariate(1 / THINKS_S)
                        self._at(now + thinks, ("ask", conversation, turns - 1, tokens + ANSWER + QUESTION))
                case ("limit", account):
                    answer = self.pool.choose(Ask("m", now, pinned=f"key-{account}"), now)
                    if isinstance(answer, Acquired):
                        self.pool.report(answer.lease, Verdict(Outcome.RATE, LIMITED_S), now)
            for ask, answer in self.pool.settle(now):
                self._take(answer, *waiting.pop(id(ask))[1], now)
        return self

    def _take(self, answer: Acquired, conversation: int, turns: int, tokens: int, now: float) -> None:
        cached = self.caches[answer.account.name].read(conversation % PROGRAMS, conversation, tokens, now)
        self.requests += 1
        self.sent, self.cached = self.sent + tokens, self.cached + cached
        self.cost += READ * cached + WRITTEN * (tokens - cached)
        self.busiest = max(self.busiest, self.pool.in_flight[answer.account.name])
        takes = self.chance.expovariate(1 / ANSWERS_S)
        self._at(now + takes, ("answered", answer.lease, Verdict(Outcome.OK), conversation, turns, tokens))

    def _at(self, moment: float, event: tuple) -> None:
        self._count += 1
        heappush(self._events, (moment, self._count, event))


def table(limited: bool) -> Iterator[str]:
    """In Markdown: the share of the prompts that was cached, and what they cost beside prompts without any cache."""
    yield "| strategy | cached | cost | cached, with affinity | cost, with affinity | most at once on one key |"
    yield "|---|---:|---:|---:|---:|---:|"
    for strategy in STRATEGIES:
        without, with_it = (Run(strategy, affinity, limited).play() for affinity in (False, True))
        parts = [
            f"{100 * run.cached / run.sent:.0f} % | {100 * run.cost / run.sent:.0f} %" for run in (without, with_it)
        ]
        yield f"| `{strategy}` | {' | '.join(parts)} | {without.busiest} and {with_it.busiest} |"


def document(before: str) -> str:
    """The page with its tables made anew."""
    parts = before.split("<!-- table -->\n")
    for place, limited in ((1, False), (3, True)):
        parts[place] = "\n".join([*table(limited), ""])
    return "<!-- table -->\n".join(parts)


if __name__ == "__main__":
    text = document(DOCUMENT.read_text(encoding="utf-8"))
    DOCUMENT.write_text(text, encoding="utf-8")
    sys.stdout.write(text)
