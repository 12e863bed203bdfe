"""A pool, those who ask it, and a second, simple account of what must hold; every step checks the one against the other.

Deliberately naive: exact logs instead of windows with parts, lists instead of heaps. Nothing is taken from the pool's own
books but how many tokens it expects of an answer.
"""

from __future__ import annotations

from collections import deque
from math import inf
from random import Random

from runtime.core.account import Account
from runtime.core.affinity import Affinity
from runtime.core.limits import DAY, MINUTE, PARTS, Limits
from runtime.core.outcome import Outcome, Verdict
from runtime.core.policy import matches
from runtime.core.pool import Acquired, Ask, Lack, Lease, Pool, Refused

STRATEGIES = ("round_robin", "least_busy", "latency", "fill_first")
MODELS = ("m1", "m2", "x")
LISTS = ((), (), (), ("m*",), ("x", "m1"))
TOKENS = (10, 10, 200, 900, 4000)
PATIENCE = (0.0, 1.0, 5.0, 30.0, 30.0, 120.0)
TIMES = (0.0, 0.01, 0.5, 1.0, 5.0, 20.0, 61.0, 3600.0)
OUTCOMES = (
    *(Verdict(Outcome.OK),) * 12,
    Verdict(Outcome.OK, 7.0),
    Verdict(Outcome.RATE),
    Verdict(Outcome.RATE, 0.0),
    Verdict(Outcome.RATE, 2.5),
    Verdict(Outcome.RATE, 61.0),
    Verdict(Outcome.CREDENTIAL),
    Verdict(Outcome.MODEL),
    *(Verdict(Outcome.VENDOR),) * 3,
    Verdict(Outcome.TRANSPORT),
    Verdict(Outcome.REQUEST),
    Verdict(Outcome.CLIENT),
)
NOTHING_DONE = (Outcome.RATE, Outcome.CREDENTIAL, Outcome.MODEL, Outcome.REQUEST)


class Log:
    """What counts against one limit: when and how much, exactly."""

    def __init__(self, seconds: float, late: bool) -> None:
        self.seconds = seconds
        self.began = (
            inf if late else -inf
        )  # who came up to then, before this limit or with its first, gets nothing back
        self.entries: deque[list[float]] = deque()

    def sum(self, now: float, late: float = 0.0) -> float:
        """In the window that ends now; `late` widens it."""
        horizon = now - self.seconds - late
        return sum(amount for at, amount in self.entries if at > horizon)

    def add(self, amount: float, now: float) -> None:
        self.entries.append([now, amount])
        self.began = min(self.began, now)

    def forget(self, now: float) -> None:
        while self.entries and self.entries[0][0] <= now - self.seconds * (1 + 2 / PARTS):
            self.entries.popleft()


class Book:
    """What the second account knows of an account, or of the whole pool."""

    def __init__(self) -> None:
        self.live = 0
        self.until = 0.0
        self.rests = 0  # in a row, whose time was guessed
        self.known = False
        self.logs: dict[str, Log] = {}  # by the limit's name

    def sit(self, limits: Limits) -> None:
        self.limits = {name: limit for name in ("rpm", "tpm", "rpd", "tpd") if (limit := getattr(limits, name))}
        self.logs = {
            name: self.logs.get(name) or Log(MINUTE if name[2] == "m" else DAY, self.known) for name in self.limits
        }
        self.known = True

    def counted(self, cost: int, now: float) -> None:
        for name, log in self.logs.items():
            log.forget(now)
            amount = 1 if name[0] == "r" else cost
            before, limit = log.sum(now), self.limits[name]
            assert before + amount <= limit or before <= 0, f"{name}: {before} + {amount} of {limit}"
            log.add(amount, now)

    def corrected(self, delta: int, at: float, now: float) -> None:
        for name, log in self.logs.items():
            if name[0] == "r":
                continue
            if delta > 0:
                log.add(delta, now)
            left = -delta
            for entry in log.entries if left > 0 else ():
                if entry[0] == at > log.began:
                    back = min(left, entry[1])
                    entry[1] -= back
                    left -= back

    def surely_fits(self, cost: int, now: float) -> bool:
        """Whether a window that forgets one part late must have room, too."""
        for name, log in self.logs.items():
            amount, limit = (1 if name[0] == "r" else cost), self.limits[name]
            if log.sum(now, late=log.seconds / PARTS) + min(amount, limit) > limit:
                return False
        return True


class World:
    def __init__(self, seed: int) -> None:
        self.now = 1_000_000.0
        self.books: dict[str, Book] = {}
        self.whole = Book()
        self.leases: list[Lease] = []
        self.waiting: list[Ask] = []  # in the order they came
        self.leaving: set[int] = set()  # asks whose client has gone and whose withdrawal is under way
        self.served = self.refused = 0
        self.alarm: float | None = None  # the last one set by an arrival
        self.accounts: dict[str, Account] = {}
        self.pool = self._pool(seed)

    def _pool(self, seed: int) -> Pool:
        chance = Random(seed)
        pick = chance.choice
        accounts = [
            Account(
                name,
                "p",
                (),
                weight=pick((1, 1, 2, 3)),
                max_concurrency=pick((None, 1, 1, 2, 3)),
                priority=pick((0, 0, 1)),
                models=pick(LISTS),
                limits=Limits(pick((None, None, 3, 10)), pick((None, None, 1500, 6000)), pick((None, None, 40))),
            )
            for name in chance.sample("abcde", chance.randint(1, 5))
        ]
        limits = Limits(rpm=pick((None, None, None, 15)), tpd=pick((None, None, 100_000)))
        self.accounts = {account.name: account for account in accounts}
        for name, account in self.accounts.items():
            self.books.setdefault(name, Book()).sit(account.limits)
        self.whole.sit(limits)
        self.queue_size = pick((0, 3, 8, 8))
        return Pool(
            "main",
            accounts,
            strategy=pick(STRATEGIES),
            queue_size=self.queue_size,
            limits=limits,
            affinity=pick((None, Affinity(100.0, 3))),
            chance=chance.random,
        )

    # -- what may happen; the numbers choose, any will do

    def arrive(self, a: int, b: int) -> None:
        names = "abcde"
        ask = Ask(
            MODELS[a % 3],
            self.now + PATIENCE[b % 6],
            excluded=frozenset(names[a // 3 % 5] if a // 16 % 4 == 0 else ""),
            avoided=tuple(names[b // 6 % 5] if b // 32 % 3 == 0 else ""),
            key=(None, "k1", "k2", "k3", "k4")[a // 64 % 5],
            tokens=TOKENS[b // 128 % 5],
            pinned=names[b // 1024 % 5] if a // 512 % 16 == 0 else None,
        )
        answer = self.pool.choose(ask, self.now)
        match answer:
            case None:
                assert len(self.waiting) < self.queue_size, "the queue is longer than it may be"
                assert ask.deadline > self.now
                self.waiting.append(ask)
                self.alarm = self.pool.wake(self.now)
            case Acquired():
                self._give(ask, answer, self.waiting)
            case Refused():
                self._refuse(ask, answer, at_once=True)
                self._hopeless(ask, self.waiting)

    def answer(self, a: int, b: int) -> None:
        """An attempt comes to something; now and then it is said twice."""
        if not self.leases:
            return
        at = a % len(self.leases)
        self.leases[at], self.leases[-1] = self.leases[-1], self.leases[at]
        lease, verdict = self.leases.pop(), OUTCOMES[b % len(OUTCOMES)]
        used = None
        if verdict.outcome is Outcome.OK and a // 64 % 4:
            used = (max(lease.tokens - 256, 1) * (a // 256 % 3), b // 32 % 512)
        self._report(lease, verdict, used)
        if a // 1024 % 4 == 0:
            self.pool.report(lease, verdict, self.now, used)

    def leave(self, a: int) -> None:
        """A client goes while it waits."""
        if self.waiting:
            self.pool.withdraw(self.waiting.pop(a % len(self.waiting)))

    def leave_at_hand_off(self, a: int) -> None:
        """A client goes while it waits, and the pool learns of it only when it has answered."""
        if self.waiting:
            self.leaving.add(id(self.waiting[a % len(self.waiting)]))

    def reload(self, seed: int) -> None:
        before = self.pool
        self.pool = self._pool(seed)
        self.pool.take_over(before)

    def pass_time(self, a: int) -> None:
        end = self.now + TIMES[a % len(TIMES)]
        while (wake := self.pool.wake(self.now)) is not None and wake <= end:
            assert wake > self.now, "awake again, and nothing to do"
            self.now = wake
            self.check()
        before, self.now = self.served, end
        self.check()
        assert self.served == before, "it has slept too long"

    def step(self, kind: int, a: int, b: int) -> None:
        """One of them, by a number below 100; then the checks."""
        if kind < 40:
            self.arrive(a, b)
        elif kind < 76:
            self.answer(a, b)
        elif kind < 94:
            self.pass_time(a)
        elif kind < 97:
            self.leave(a)
        elif kind < 99 or a % 8:
            self.leave_at_hand_off(a)
        else:
            self.reload(b)
        self.check()

    # -- what must hold

    def check(self) -> None:
        answers = self.pool.settle(self.now)
        got = {id(ask) for ask, answer in answers if isinstance(answer, Acquired)}
        before = [ask for ask in self.waiting if id(ask) not in got]
        order, early = {id(ask): place for place, ask in enumerate(self.waiting)}, []
        for ask, answer in answers:
            assert any(ask is other for other in self.waiting), "an answer to nobody"
            if isinstance(answer, Acquired):
                earlier = before[: sum(1 for other in before if self._came_before(other, ask))]
                self._give(ask, answer, earlier)
            else:
                self._refuse(ask, answer)
                before = [other for other in before if other is not ask]
                early += [ask] if ask.deadline > self.now else []
            self.waiting = [other for other in self.waiting if other is not ask]
        for ask in early:
            self._hopeless(ask, [other for other in self.waiting if order[id(other)] < order[id(ask)]])
        if answers:
            self.alarm = None
            return self.check()  # who left at the hand-off gave something back
        assert self.pool.waiting == len(self.waiting)
        live = self.pool.in_flight
        for name in self.accounts:
            assert live[name] == self.books[name].live, "a slot lost or doubled"
        if not self.waiting:
            return
        assert all(ask.deadline > self.now for ask in self.waiting)
        assert (wake := self.pool.wake(self.now)) is not None and wake > self.now
        assert self.alarm is None or self.alarm <= wake, "it would have slept too long"
        self.alarm = None
        first = self.waiting[0]
        idle = [name for name in self.accounts if self._may_use(first, name) and self._could_serve(name, first)]
        assert not idle, f"{idle} idle while somebody waits for them"

    def _hopeless(self, ask: Ask, earlier: list[Ask]) -> None:
        """Refused before its deadline: then nobody can serve it now who is not for one of those before it."""
        for name in self.accounts:
            if self._may_use(ask, name) and not any(self._may_use(other, name) for other in earlier):
                assert not self._could_serve(name, ask), "refused, while it could have been served"

    def _came_before(self, other: Ask, ask: Ask) -> bool:
        for each in self.waiting:
            if each is other:
                return True
            if each is ask:
                return False
        raise AssertionError

    def _give(self, ask: Ask, answer: Acquired, earlier: list[Ask]) -> None:
        name, lease = answer.account.name, answer.lease
        book, account = self.books[name], self.accounts[name]
        assert self._may_use(ask, name), "an account that this request must not get"
        assert not any(self._may_use(other, name) for other in earlier), "somebody was passed over"
        assert self.now >= book.until, "an account at rest"
        book.live += 1
        assert account.max_concurrency is None or book.live <= account.max_concurrency, "too many at once"
        book.counted(lease.tokens, self.now)
        self.whole.counted(lease.tokens, self.now)
        self.served += 1
        if id(ask) in self.leaving:
            self.leaving.discard(id(ask))
            self._report(lease, Verdict(Outcome.CLIENT), None)
        else:
            self.leases.append(lease)

    def _refuse(self, ask: Ask, answer: Refused, at_once: bool = False) -> None:
        self.leaving.discard(id(ask))
        self.refused += 1
        usable = [self.books[name] for name in self.accounts if self._may_use(ask, name)]
        if answer.until is None:
            assert not usable and answer.why is Lack.NOBODY, "given up, while somebody could serve it"
            return
        full = at_once and len(self.waiting) >= self.queue_size
        assert full or answer.until > ask.deadline or self.now >= ask.deadline, "refused too early"
        assert answer.until >= min(book.until for book in usable), "back before its rest is over"
        if answer.why in (Lack.RATE, Lack.CREDENTIAL):  # to the moment
            assert answer.until == min(book.until for book in usable if book.until >= answer.until)

    def _report(self, lease: Lease, verdict: Verdict, used: tuple[int, int] | None) -> None:
        self.pool.report(lease, verdict, self.now, used)
        book = self.books[lease.account]
        book.live -= 1
        delta = -lease.tokens if verdict.outcome in NOTHING_DONE else 0
        delta = sum(used) - lease.tokens if used else delta
        book.corrected(delta, lease.at, self.now)
        self.whole.corrected(delta, lease.at, self.now)
        self._rest(book, verdict)

    def _rest(self, book: Book, verdict: Verdict) -> None:
        match verdict.outcome:
            case Outcome.RATE:
                book.rests += self.now >= book.until
                told = verdict.rest
                rest = max(told, 1.0) if told is not None else min(5.0 * 2 ** (book.rests - 1), 1800.0)
                book.until = max(book.until, self.now + rest)
            case Outcome.CREDENTIAL:
                book.until = max(book.until, self.now + 1800.0)
            case Outcome.OK:
                if self.now >= book.until:
                    book.rests = 0
                book.until = max(book.until, self.now + (verdict.rest or 0.0)) if verdict.rest else book.until

    def _may_use(self, ask: Ask, name: str) -> bool:
        models = self.accounts[name].models
        if ask.pinned is not None and ask.pinned != name:
            return False
        return name not in ask.excluded and (not models or any(matches(glob, ask.model) for glob in models))

    def _could_serve(self, name: str, ask: Ask) -> bool:
        book, account = self.books[name], self.accounts[name]
        cost = self.pool.cost(ask)
        return (
            self.now >= book.until
            and (account.max_concurrency is None or book.live < account.max_concurrency)
            and book.surely_fits(cost, self.now)
            and self.whole.surely_fits(cost, self.now)
        )
