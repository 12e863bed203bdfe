"""Which account serves a request: round robin over those that may, rests for those that failed, a queue for the rest.

Pure bookkeeping. `choose` answers at once, with an account, with a refusal, or with None: then the ask stands in a
strict FIFO and `settle` answers it later. Nothing here waits. Times are seconds since the epoch and never go back.
"""

from collections import deque
from collections.abc import Sequence

import msgspec

from runtime.core.outcome import Outcome, Verdict

RATE_REST, RATE_REST_MAX = 5.0, 1800.0  # where the vendor names no time; doubles
SHORTEST_RATE_REST = 1.0  # `retry-after: 0` beside a 429 would have us turn in circles
CREDENTIAL_REST = 1800.0
MODEL_REST = 12 * 3600.0
VENDOR_REST, VENDOR_REST_MAX = 5.0, 60.0
VENDOR_FAILURES = 3  # in a row, before the account rests for them
MODELS_REMEMBERED = 1000  # per account; the names come from clients


class Account(msgspec.Struct, frozen=True):
    """One credential at a provider, as the pool sees it; the credential itself is known to the shell alone."""

    name: str
    provider: str
    dialects: tuple[str, ...]
    weight: int = 1
    max_concurrency: int | None = None
    rests: bool = True  # the built-in echo fails only when asked to, and never rests


class Ask(msgspec.Struct, eq=False):
    """A request for an account that can serve a model (the upstream's name for it)."""

    model: str
    deadline: float  # a rest that ends later is not waited for
    excluded: frozenset[str] = frozenset()  # account names this request must not get again
    avoided: tuple[str, ...] = ()  # account names to take only if there is no other, and then in this order


class Acquired(msgspec.Struct, frozen=True):
    account: Account


class Refused(msgspec.Struct, frozen=True):
    """No account within the deadline. `until`: when the first is back, None if none of them can ever serve this ask."""

    until: float | None
    why: Outcome | None = None  # what the account that is back first rests for; None: all are busy


class _State:
    """What is remembered of one account."""

    __slots__ = (
        "account",
        "credit",
        "failures",
        "in_flight",
        "models",
        "rate_rests",
        "resting_for",
        "until",
        "vendor_rests",
        "vendor_until",
    )

    def __init__(self, account: Account) -> None:
        self.account = account
        self.credit = 0  # of the smooth weighted round robin
        self.in_flight = 0
        self.until = 0.0  # end of a rest that nothing cuts short
        self.resting_for = Outcome.RATE
        self.rate_rests = 0  # in a row
        self.vendor_until = 0.0  # end of a rest that is cut short if no other account can serve
        self.failures = 0  # of vendor or transport, in a row
        self.vendor_rests = 0  # in a row
        self.models: dict[str, float] = {}  # end of the rest for one model; cut short like the vendor's

    def has_slot(self) -> bool:
        limit = self.account.max_concurrency
        return limit is None or self.in_flight < limit

    def preferred_from(self, model: str) -> float:
        return max(self.vendor_until, self.models.get(model, 0.0)) if self.models else self.vendor_until


class Pool:
    """Accounts that can serve the same models."""

    def __init__(self, name: str, accounts: Sequence[Account], *, queue_size: int = 1000) -> None:
        self.name = name
        self.queue_size = queue_size
        self._states = {account.name: _State(account) for account in accounts}
        self._leaving: dict[str, _State] = {}  # of accounts that are no more, while a request is with them
        self._waiting: deque[Ask] = deque()

    @property
    def accounts(self) -> list[Account]:
        return [state.account for state in self._states.values()]

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def take_over(self, before: "Pool") -> None:
        """Goes on where the pool that this one replaces stops: what is remembered by account name, and who waits."""
        for name, state in (before._states | before._leaving).items():
            if name in self._states:
                state.account = self._states[name].account
                self._states[name] = state
            elif state.in_flight:
                self._leaving[name] = state
        self._waiting, before._waiting = before._waiting, deque()

    # -- asking

    def choose(self, ask: Ask, now: float) -> Acquired | Refused | None:
        """An account for the ask. None: it waits, and `settle` will answer it. Call `settle` first if any are waiting."""
        answer = self._answer(ask, now)
        if answer is None:
            if now >= ask.deadline or len(self._waiting) >= self.queue_size:
                return Refused(*self._first_back(ask, now))
            self._waiting.append(ask)
        return answer

    def settle(self, now: float) -> list[tuple[Ask, Acquired | Refused]]:
        """Those who waited and can be answered now, first come first served.

        To be called after every `report` and `withdraw`, before a `choose`, and at the time that `wake` names.
        """
        if not self._waiting:
            return []
        answered, still = [], deque()
        for ask in self._waiting:
            answer = self._answer(ask, now)
            if answer is None and now >= ask.deadline:
                answer = Refused(*self._first_back(ask, now))
            if answer is None:
                still.append(ask)
            else:
                answered.append((ask, answer))
        self._waiting = still
        return answered

    def withdraw(self, ask: Ask) -> None:
        """Whoever asked has gone; no harm if it was answered meanwhile."""
        if ask in self._waiting:
            self._waiting.remove(ask)

    def wake(self, now: float) -> float | None:
        """When `settle` has something to do even if nothing is reported; None if nobody waits."""
        if not self._waiting:
            return None
        ends = [state.until for state in self._states.values() if state.until > now]
        return min([*ends, *(ask.deadline for ask in self._waiting)])

    def _answer(self, ask: Ask, now: float) -> Acquired | Refused | None:
        able = [
            s for s in self._states.values() if s.has_slot() and s.until <= now and s.account.name not in ask.excluded
        ]
        fresh = [s for s in able if s.preferred_from(ask.model) <= now]
        if fresh:
            return self._take(self._next([s for s in fresh if s.account.name not in ask.avoided] or fresh, ask.avoided))
        if able:  # a vendor's trouble never empties a pool: whoever is back first keeps serving
            return self._take(min(able, key=lambda s: (s.account.name in ask.avoided, s.preferred_from(ask.model))))
        back, why = self._first_back(ask, now)
        return Refused(back, why) if back is None or back > ask.deadline else None

    def _first_back(self, ask: Ask, now: float) -> tuple[float | None, Outcome | None]:
        """When the first account may serve the ask, and what it rests for; now and None where it is only busy."""
        candidates = [s for s in self._states.values() if s.account.name not in ask.excluded]
        if not candidates:
            return None, None
        first = min(candidates, key=lambda s: s.until)
        return (first.until, first.resting_for) if first.until > now else (now, None)

    @staticmethod
    def _next(states: list[_State], avoided: tuple[str, ...]) -> _State:
        """Smooth weighted round robin: each gains its weight, the richest serves and pays for all."""
        if len(states) == 1:
            return states[0]
        if avoided and states[0].account.name in avoided:  # then all of them are
            return min(states, key=lambda s: avoided.index(s.account.name))
        total = 0
        for state in states:
            state.credit += state.account.weight
            total += state.account.weight
        chosen = max(states, key=lambda s: s.credit)
        chosen.credit -= total
        return chosen

    @staticmethod
    def _take(state: _State) -> Acquired:
        state.in_flight += 1
        return Acquired(state.account)

    # -- reporting

    def report(self, account: str, model: str, verdict: Verdict, now: float) -> None:
        """What the attempt on an acquired account came to; gives its slot back."""
        state = self._states.get(account)
        if state is None:
            return self._left(account)
        state.in_flight -= 1
        if not state.account.rests:
            return
        match verdict.outcome:
            case Outcome.OK:
                state.failures = state.vendor_rests = 0
                state.vendor_until = 0.0
                state.models.pop(model, None)
                if now >= state.until:  # else the success began before the rest did, and says nothing about it
                    state.rate_rests = 0
                if verdict.rest:  # the vendor's own headers show a quota at zero
                    self._rest(state, Outcome.RATE, now + verdict.rest)
            case Outcome.RATE:
                # several requests may meet one limit at once: only a failure after the rest lengthens the next one
                if now >= state.until:
                    state.rate_rests += 1
                guess = min(RATE_REST * 2 ** min(state.rate_rests - 1, 20), RATE_REST_MAX)
                rest = guess if verdict.rest is None else max(verdict.rest, SHORTEST_RATE_REST)
                self._rest(state, Outcome.RATE, now + rest)
            case Outcome.CREDENTIAL:
                self._rest(state, Outcome.CREDENTIAL, now + CREDENTIAL_REST)
            case Outcome.MODEL:
                state.models.pop(model, None)
                if len(state.models) >= MODELS_REMEMBERED:
                    del state.models[next(iter(state.models))]
                state.models[model] = now + MODEL_REST
            case Outcome.VENDOR | Outcome.TRANSPORT:
                state.failures += 1
                if state.failures >= VENDOR_FAILURES and now >= state.vendor_until:
                    rest = min(VENDOR_REST * 2 ** min(state.vendor_rests, 20), VENDOR_REST_MAX)
                    state.vendor_rests += 1
                    state.vendor_until = now + rest

    def _left(self, account: str) -> None:
        state = self._leaving[account]
        state.in_flight -= 1
        if not state.in_flight:
            del self._leaving[account]

    @staticmethod
    def _rest(state: _State, why: Outcome, until: float) -> None:
        if until > state.until:
            state.until, state.resting_for = until, why
