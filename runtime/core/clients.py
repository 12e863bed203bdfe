"""What each client of the gateway may use: models, requests and tokens in a minute, requests at once, token budgets.

Tokens are estimated when a request comes and corrected when it ends, so that a budget is passed by no more than what the
requests of that moment were wrongly estimated. Budgets go by days and months of UTC; `load` says what was used before.
Times are seconds since the epoch.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from msgspec import Struct

from generated import canonical as c
from generated.policy import Client
from runtime.core.limits import DAY, MINUTE, Window, share
from runtime.core.policy import matches

BYTES_PER_TOKEN = 4  # of a request's JSON; what is known before a vendor counts
BUSY_S = 1.0  # to come again after, where every slot of a client is taken


class Denied(Struct, frozen=True):
    """Why a client may not have this request served, and in how many seconds it may; None: never."""

    error: c.Error
    wait: float | None = None


class Admitted(Struct, eq=False):
    """A request that counts; give it back to `end` once."""

    client: str
    tokens: int  # estimated
    at: float
    open: bool = True
    id: str = ""  # in a shared store
    counted: int | None = None  # there, when, in milliseconds; None if it was admitted without it


class _Budget:
    """Tokens of the day or month that is now."""

    __slots__ = ("held", "limit", "period", "used")

    def __init__(self) -> None:
        self.limit: int | None = None
        self.period = ""
        self.used = 0
        self.held = 0  # of requests that are not over yet

    def turn(self, period: str) -> None:
        if period != self.period:
            self.period, self.used = period, 0


class _State:
    """One client's counters."""

    __slots__ = ("budgets", "day_ends", "in_flight", "most", "rpm", "rules", "tpm")

    def __init__(self) -> None:
        self.in_flight = 0
        self.day_ends = 0.0  # of the budgets' day
        self.rpm: Window | None = None
        self.tpm: Window | None = None
        self.budgets = {"day": _Budget(), "month": _Budget()}

    def under(self, rules: Client, part: tuple[int, int]) -> "_State":
        """The same counters under other rules."""
        self.rules = rules
        self.most = rules.max_concurrency and share(rules.max_concurrency, *part)
        self.rpm, self.tpm = _window(rules.rpm, self.rpm, part), _window(rules.tpm, self.tpm, part)
        self.budgets["day"].limit, self.budgets["month"].limit = rules.tokens_per_day, rules.tokens_per_month
        return self


def _window(limit: int | None, before: Window | None, part: tuple[int, int]) -> Window | None:
    if limit is None:
        return None
    window = before or Window(limit, MINUTE)
    window.limit = share(limit, *part)
    return window


class Clients:
    """The clients of a policy. Counters survive a new policy by name. `part` is this process's: (index, count)."""

    def __init__(
        self, clients: Iterable[Client], before: "Clients | None" = None, part: tuple[int, int] = (0, 1)
    ) -> None:
        states = before._states if before else {}
        self._states = {one.name: states.get(one.name, _State()).under(one, part) for one in clients}

    def allows(self, name: str, model: str) -> bool:
        """Whether the client may ask for the model, by the name it writes."""
        patterns = self._states[name].rules.models
        return not patterns or any(matches(pattern, model) for pattern in patterns)

    def forbid(self, name: str, model: str) -> Denied | None:
        """Why the client may not ask for the model, if so."""
        if self.allows(name, model):
            return None
        listed = ", ".join(f"`{pattern}`" for pattern in self._states[name].rules.models)
        wanted = f"the model `{model}`" if model else "what names no model"
        text = f"client {name} may not use {wanted}; it may use {listed}"
        return Denied(c.Error(kind="permission", message=text, code="model_not_allowed", param="model", status=403))

    def rules(self, name: str) -> Client:
        return self._states[name].rules

    def split(self, part: tuple[int, int]) -> None:
        """This process is another part of all that serve: (index, count)."""
        for state in self._states.values():
            state.under(state.rules, part)

    def part(self, apart: bool) -> None:
        """This process serves without the shared store from now on, or with it again."""
        for _, _, window in self._windows():
            window.untold = (window.untold or {}) if apart else None

    def tell(self, everything: bool) -> list[tuple[str, float, float, int]]:
        """What the shared store has not been told was used: the window's name, its seconds, when it leaves, how much."""
        return [
            (f"{kind}:{name}", window.seconds, leaves, amount)
            for kind, name, window in self._windows()
            for leaves, amount in window.tell(everything)
        ]

    def _windows(self) -> Iterator[tuple[str, str, Window]]:
        for name, state in self._states.items():
            if state.rpm is not None:
                yield "rpm", name, state.rpm
            if state.tpm is not None:
                yield "tpm", name, state.tpm

    def admit(self, name: str, tokens: int, now: float) -> Admitted | Denied:
        """Counts a request of estimated `tokens`, or says why it is not served now."""
        return self.denies(name, tokens, now) or self.count(name, tokens, now)

    def denies(self, name: str, tokens: int, now: float) -> Denied | None:
        """Why a request of estimated `tokens` is not served now, if so."""
        state = self._states[name]
        if state.most is not None and state.in_flight >= state.most:
            return self.deny(name, "max_concurrency", tokens, now)
        _turn(state, now)
        for period, budget in state.budgets.items():
            if budget.limit is not None and (used := budget.used + budget.held) + tokens > budget.limit:
                return self.deny(name, f"tokens_per_{period}", tokens, now, used=used)
        if (window := state.rpm) is not None and window.used >= window.limit and (wait := window.wait(1, now)) > 0:
            return self.deny(name, "rpm", tokens, now, wait)
        if (window := state.tpm) is not None and (wait := window.wait(tokens, now)) > 0:
            return self.deny(name, "tpm", tokens, now, wait)
        return None

    def deny(self, name: str, limit: str, tokens: int, now: float, wait: float = BUSY_S, used: int = 0) -> Denied:
        """The denial by a limit of the client's rules. `used`: tokens of a budget, those in use included."""
        most = getattr(self._states[name].rules, limit)
        match limit:
            case "max_concurrency":
                what = f"{most} requests at once"
            case "rpm":
                what = f"{most} requests a minute"
            case "tpm":
                what = f"{most} tokens a minute"
            case _:
                period = limit.removeprefix("tokens_per_")
                what = f"its budget of {most} tokens a {period}: {used} are used or in use, this request has about {tokens}"
                wait = _period_end(period, now) - now
        message = f"client {name} has reached {what}"
        return Denied(c.Error(kind="rate_limit", message=message, code=f"client_{limit}", status=429), wait)

    def count(self, name: str, tokens: int, now: float) -> Admitted:
        """Counts a request that is admitted."""
        state = self._states[name]
        if state.rpm is not None:
            state.rpm.take(1, now)
        if state.tpm is not None:
            state.tpm.take(tokens, now)
        state.in_flight += 1
        for budget in state.budgets.values():
            budget.held += tokens
        return Admitted(name, tokens, now)

    def end(self, admitted: Admitted, tokens: int, now: float) -> None:
        """The request is over and took `tokens`; harmless a second time, and where the client is no more."""
        state = self._states.get(admitted.client)
        if state is None or not admitted.open:
            return
        admitted.open = False
        state.in_flight -= 1
        _turn(state, now)
        for budget in state.budgets.values():
            budget.held = max(budget.held - admitted.tokens, 0)
            budget.used += tokens
        if state.tpm is not None:
            state.tpm.correct(tokens - admitted.tokens, now, admitted.at)

    def load(self, used: Mapping[str, tuple[int, int]], day: str) -> None:
        """What each client has used on a day and in its month, as the store has it."""
        for name, (of_day, of_month) in used.items():
            if (state := self._states.get(name)) is not None:
                for budget, period, tokens in zip(
                    state.budgets.values(), (day, day[:7]), (of_day, of_month), strict=True
                ):
                    budget.period, budget.used = period, tokens
                state.day_ends = 0.0


def tokens_of(usage: c.Usage | None) -> int:
    """All tokens of an answer; 0 where nothing is known."""
    if usage is None:
        return 0
    read = (usage.input or 0) + (usage.cache_read or 0) + (usage.cache_write or 0)
    return read + (usage.output or 0) + (usage.reasoning or 0)


def estimate(body: bytes) -> int:
    """Tokens of a request, before anybody has counted them."""
    return len(body) // BYTES_PER_TOKEN + 1


def day_of(now: float) -> str:
    """2026-01-31, of UTC."""
    return _day(int(now // DAY))


@lru_cache(64)
def _day(number: int) -> str:
    return datetime.fromtimestamp(number * DAY, UTC).strftime("%Y-%m-%d")


def _turn(state: _State, now: float) -> None:
    if now < state.day_ends:
        return
    state.day_ends = (now // DAY + 1) * DAY
    day = day_of(now)
    if state.budgets["day"].period != day:
        state.budgets["day"].turn(day)
        state.budgets["month"].turn(day[:7])


def _period_end(period: str, now: float) -> float:
    moment = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if period == "month":
        moment = (moment.replace(day=1) + timedelta(days=32)).replace(day=1)
    else:
        moment += timedelta(days=1)
    return moment.timestamp()
