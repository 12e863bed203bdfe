"""An account, and what the pool remembers of it: slots, rests, recent failures, latency, what it has used.

Times are seconds since the epoch.
"""

from collections import deque
from math import exp, inf

import msgspec

from runtime.core.limits import Limits, Meter, share
from runtime.core.outcome import Outcome, Verdict

RATE_REST, RATE_REST_MAX = 5.0, 1800.0  # where the vendor names no time; doubles
SHORTEST_RATE_REST = 1.0  # `retry-after: 0` beside a 429 would have us turn in circles
CREDENTIAL_REST = 1800.0
MODEL_REST = 12 * 3600.0
VENDOR_REST, VENDOR_REST_MAX = 5.0, 60.0
VENDOR_FAILURES = 3  # in a row, before the account rests for them
VENDOR_SAMPLE = 5  # answers in a minute, of which over half must have failed
RECENT, RECENT_PARTS = 60.0, 12  # seconds that `over half` looks back, and the parts it forgets them by
MODELS_REMEMBERED = 1000  # per account; the names come from clients
TURN = 1 << 40  # the length of a turn of weight 1
LATENCY_MEMORY = 60.0  # seconds in which a latency loses 63 % of its say
FAILED_LATENCY = 1.0  # an account that fails fast is not a fast one


class Account(msgspec.Struct, frozen=True):
    """One credential at a provider, as the pool sees it; the credential itself is known to the shell alone."""

    name: str
    provider: str
    dialects: tuple[str, ...]
    weight: int = 1
    max_concurrency: int | None = None
    rests: bool = True  # the built-in echo fails only when asked to, and never rests
    priority: int = 0  # the lowest is used first, whatever the strategy
    models: tuple[str, ...] = ()  # globs of the names it serves, as its upstream knows them; all where there are none
    limits: Limits = Limits()
    version: str | None = None  # of its protocol, where the policy's headers name one


class Seat:
    """One account in a pool."""

    __slots__ = (
        *("account", "entry", "failures", "in_flight", "index", "latency", "latency_at", "meter", "models"),
        *(
            "part_ends",
            "place",
            "rate_rests",
            "recent",
            "resting_for",
            "shelf",
            "slots",
            "turn",
            "until",
            "vendor_from",
            "vendor_rests",
        ),
        *("vendor_until",),
    )

    def __init__(self, account: Account, index: int, part: tuple[int, int]) -> None:
        self.in_flight = 0
        self.turn = 0
        self.until = 0.0  # end of a rest that nothing cuts short
        self.resting_for = Outcome.RATE
        self.rate_rests = 0  # in a row
        self.vendor_from = self.vendor_until = 0.0  # a rest that is cut short if no other account can serve
        self.failures = 0  # of vendor or transport, in a row
        self.recent: deque[list[int]] = deque()  # part of time, answers, failures among them
        self.part_ends = 0.0  # of the last entry there
        self.vendor_rests = 0  # in a row
        self.models: dict[str, float] = {}  # end of the rest for one model; cut short like the vendor's
        self.latency = self.latency_at = 0.0
        self.meter = Meter(account.limits, part)
        self.sit(account, index, part)

    def sit(self, account: Account, index: int, part: tuple[int, int]) -> None:
        """Takes its place in a pool, with the account as that pool's policy has it."""
        self.account, self.index = account, index
        self.slots = inf if account.max_concurrency is None else share(account.max_concurrency, *part)
        before, self.meter = self.meter, Meter(account.limits, part)
        self.meter.take_over(before)
        self.shelf = self.place = self.entry = None  # where the pool has filed it

    # -- what an attempt came to

    def judge(self, model: str, verdict: Verdict, began: float, now: float) -> None:
        """Rests as the verdict asks for. `began`: when the attempt did."""
        if not self.account.rests:
            return
        outcome = verdict.outcome
        if outcome is Outcome.OK:
            self._succeeded(model, began, now)
            if verdict.rest:  # the vendor's own headers show a quota at zero
                self._rest(Outcome.RATE, now + verdict.rest)
            return
        match outcome:
            case Outcome.RATE:
                # several requests may meet one limit at once: only a failure after the rest lengthens the next one
                if now >= self.until:
                    self.rate_rests += 1
                guess = min(RATE_REST * 2 ** min(self.rate_rests - 1, 20), RATE_REST_MAX)
                rest = guess if verdict.rest is None else max(verdict.rest, SHORTEST_RATE_REST)
                self._rest(Outcome.RATE, now + rest)
            case Outcome.CREDENTIAL:
                self._rest(Outcome.CREDENTIAL, now + CREDENTIAL_REST)
            case Outcome.MODEL:
                self.models.pop(model, None)
                if len(self.models) >= MODELS_REMEMBERED:
                    del self.models[next(iter(self.models))]
                self.models[model] = now + MODEL_REST
            case Outcome.VENDOR | Outcome.TRANSPORT:
                self._failed(began, now)

    def _succeeded(self, model: str, began: float, now: float) -> None:
        self.failures = 0
        if now < self.part_ends:
            self.recent[-1][1] += 1
        else:
            self._remember(False, now)
        if began >= self.vendor_from:  # else the success began before the rest did, and says nothing about it
            self.vendor_until = 0.0
            self.vendor_rests = 0
        if self.models:
            self.models.pop(model, None)
        if now >= self.until:
            self.rate_rests = 0

    def _failed(self, began: float, now: float) -> None:
        self.failures += 1
        answers, failed = self._remember(True, now)
        mostly = answers >= VENDOR_SAMPLE and failed * 2 > answers
        if (mostly or self.failures >= VENDOR_FAILURES) and now >= self.vendor_until:
            rest = min(VENDOR_REST * 2 ** min(self.vendor_rests, 20), VENDOR_REST_MAX)
            self.vendor_rests += 1
            self.vendor_from, self.vendor_until = now, now + rest

    def _rest(self, why: Outcome, until: float) -> None:
        if until > self.until:
            self.until, self.resting_for = until, why

    def _remember(self, failed: bool, now: float) -> tuple[int, int]:
        """If it failed: answers of the last minute, this one included, and how many of them failed."""
        recent, part = self.recent, int(now * RECENT_PARTS // RECENT)
        while recent and recent[0][0] <= part - RECENT_PARTS:
            recent.popleft()
        if recent and recent[-1][0] == part:
            recent[-1][1] += 1
            recent[-1][2] += failed
        else:
            recent.append([part, 1, int(failed)])
            self.part_ends = (part + 1) * (RECENT / RECENT_PARTS)
        answers = failures = 0
        if failed:
            for _, all_of_them, bad in recent:
                answers += all_of_them
                failures += bad
        return answers, failures

    def preferred_from(self, model: str) -> float:
        return max(self.vendor_until, self.models.get(model, 0.0)) if self.models else self.vendor_until

    # -- latency

    def took(self, seconds: float, outcome: Outcome, now: float) -> None:
        """The time to an answer's head: a peak counts at once, what is better only little by little."""
        if outcome in (Outcome.VENDOR, Outcome.TRANSPORT):
            seconds = max(seconds, 2 * self.latency, FAILED_LATENCY)
        elif outcome is not Outcome.OK:
            return
        before = self.expected_latency(now)
        fresh = 1 - exp(-(now - self.latency_at) / LATENCY_MEMORY) if self.latency_at else 1.0
        self.latency = seconds if seconds > before else before + fresh * (seconds - before)
        self.latency_at = now

    def expected_latency(self, now: float) -> float:
        """Fades, so that a slow account is tried again."""
        return self.latency * exp(-(now - self.latency_at) / LATENCY_MEMORY) if self.latency else 0.0
