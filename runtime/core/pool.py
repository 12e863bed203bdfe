"""Which account serves a request, a strict queue for who must wait, and what becomes of the accounts.

Pure bookkeeping. `choose` answers at once, with an account, with a refusal, or with None: then the ask stands in the
queue and `settle` answers it later. Nothing here waits. Times are seconds since the epoch and never go back.

Every account has one place: FREE on a shelf of its strategy; TROUBLED, resting for its vendor's failures, in reserve if
no other can serve; ASLEEP until a rest or a limit ends; FULL. `_file` puts it there again after every change.

Who waits is first come, first served: an account that an earlier ask may use is never given to a later one, be it that
the later one needs fewer tokens. So nobody starves, and an account that the earlier one may not use is not idle.
"""

from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from enum import StrEnum
from heapq import heapify, heappop, heappush, heapreplace
from itertools import chain, islice
from math import inf

import msgspec

from runtime.core.account import TURN, Account, Seat
from runtime.core.affinity import CROWD, Affinity
from runtime.core.clients import Admitted, Denied
from runtime.core.limits import Limits, Meter, Output
from runtime.core.outcome import Outcome, Verdict
from runtime.core.policy import matches
from runtime.core.strategies import strategy as strategy_of

IN_RESERVE = 16  # accounts with a vendor's trouble that are compared
LEFT_REMEMBERED = 10_000  # accounts that a new policy no longer has
GROUPS_REMEMBERED = 4096  # by model; the names come from clients
FREE, TROUBLED, ASLEEP, FULL = "free", "troubled", "asleep", "full"


class Ask(msgspec.Struct, eq=False):
    """A request for an account that can serve a model: the upstream's name for it, empty where it is about none."""

    model: str
    deadline: float  # a rest that ends later is not waited for
    excluded: frozenset[str] = frozenset()  # account names this request must not get again
    avoided: tuple[str, ...] = ()  # account names to take only if there is no other, and then in this order
    key: str | None = None  # of its conversation
    tokens: int = 0  # estimate of what it sends
    pinned: str | None = None  # this account or none
    explain: bool = False  # Acquired.why shall be whole
    admitted: Admitted | None = None  # its client's admission, where a shared store decides on that, too


class Lease(msgspec.Struct, eq=False):
    """A slot of an account, until it is reported."""

    account: str
    model: str
    at: float
    tokens: int  # as they were counted
    key: str | None = None
    id: str = ""  # in a shared store
    open: bool = True


class Why(msgspec.Struct, omit_defaults=True):
    """How a choice came about. All but the first two only if the ask wants an explanation."""

    affinity: str | None = None  # hit, miss (the account could not), new; None without a key
    waited: float = 0.0  # seconds in the queue
    strategy: str = ""
    candidates: list[str] = []
    excluded: dict[str, str] = {}  # the others, with the reason
    score: dict[str, float] = {}  # of the candidates; the least comes first


class Acquired(msgspec.Struct, frozen=True):
    account: Account
    lease: Lease
    why: Why


class Lack(StrEnum):
    """Why no account could be had."""

    BUSY = "busy"  # all have as many requests as they may
    RATE = "rate"  # what is back first rests after its vendor's rate limit
    CREDENTIAL = "credential"  # or because its key was refused
    LIMIT = "limit"  # the limits of the policy are used up
    NOBODY = "nobody"  # none can ever serve this


class Refused(msgspec.Struct, frozen=True):
    """No account within the deadline. `until`: when the first may be back, None if none can ever serve this ask."""

    until: float | None
    why: Lack = Lack.BUSY
    denied: Denied | None = None  # its client may not have it served now, whoever could
    record: Why | None = None  # if the ask wants an explanation


class Group:
    """The accounts that serve the same models: those whose list is one of `lists`."""

    __slots__ = ("lists", "shelves")

    def __init__(self, lists: frozenset[tuple[str, ...]], shelves: Sequence[object]) -> None:
        self.lists, self.shelves = lists, shelves


class Lane:
    """Those in the queue who may use the same accounts, in order."""

    __slots__ = ("alarm", "back", "deadlines", "excluded", "group", "judged", "pinned", "waiting")

    def __init__(self, group: Group, ask: Ask) -> None:
        self.group, self.excluded, self.pinned = group, ask.excluded, ask.pinned
        self.waiting: OrderedDict[int, tuple[int, Ask, float]] = (
            OrderedDict()
        )  # by identity: its number, and since when
        self.deadlines: list[tuple[float, int, Ask]] = []  # a heap; some are gone
        self.judged: Ask = ask  # the first, when it was tried last
        self.back: tuple[float | None, Lack] = (None, Lack.NOBODY)  # its outlook, then
        self.alarm = inf  # when it shall be tried again, should nothing happen meanwhile

    @property
    def first(self) -> tuple[int, Ask, float]:
        return next(iter(self.waiting.values()))

    @property
    def deadline(self) -> float:
        """The first of those who wait."""
        deadlines, waiting = self.deadlines, self.waiting
        while id(deadlines[0][2]) not in waiting:
            heappop(deadlines)
        return deadlines[0][0]

    def may_use(self, seat: Seat) -> bool:
        account = seat.account
        if self.pinned is not None and self.pinned != account.name:
            return False
        return account.models in self.group.lists and account.name not in self.excluded

    def covers(self, group: Group, ask: Ask) -> bool:
        """Whether it may use every account that the ask may use."""
        if self.pinned is not None:
            return self.pinned == ask.pinned and self.pinned not in self.excluded
        return group.lists <= self.group.lists and self.excluded <= ask.excluded


class Pool:
    """Accounts that can serve the same models.

    `chance` gives a number in [0, 1). `share` is (i, n): this is the i-th of n processes that split every limit.
    """

    def __init__(
        self,
        name: str,
        accounts: Sequence[Account],
        *,
        strategy: str = "round_robin",
        queue_size: int = 1000,
        limits: Limits | None = None,
        affinity: Affinity | None = None,
        chance: Callable[[], float] = lambda: 0.0,
        share: tuple[int, int] = (0, 1),
    ) -> None:
        self.name = name
        self.queue_size = queue_size
        self.strategy = strategy
        self.share = share
        self._strategy = strategy_of(strategy, chance)
        self._shelves = {account.models: self._strategy.shelf() for account in accounts}
        self._groups: dict[frozenset[tuple[str, ...]], Group] = {}
        self._group_of: dict[str, Group] = {}
        self._seats = {account.name: Seat(account, index, share) for index, account in enumerate(accounts)}
        self._left: dict[str, Seat] = {}  # of accounts that are no more, should they come back; the first to go first
        self._troubled: list[tuple[float, int, Seat]] = []  # sorted by the end of the rest
        self._asleep: list[tuple[float, int, Seat]] = []
        self._full: dict[int, Seat] = {}
        self._lanes: dict[tuple[Group, frozenset[str], str | None], Lane] = {}
        self._free = 0  # accounts whose place is FREE
        self._came = 0
        self._stirred = True  # something happened that may serve who waits
        self._next = inf  # else the time that `wake` names
        self._turn = 0  # the furthest that was taken
        self.limits = limits or Limits()
        self._meter = Meter(self.limits, share)
        self._output = Output()
        self.affinity = affinity
        self._in_flight = 0
        self.waiting = 0
        for seat in self._seats.values():
            self._file(seat, 0.0)
        meters = [self._meter, *(seat.meter for seat in self._seats.values())]
        self._counts = any(meter.counts for meter in meters)
        self._counts_tokens = any(meter.counts_tokens for meter in meters)

    @property
    def size(self) -> int:
        """Accounts there are."""
        return len(self._seats)

    @property
    def accounts(self) -> list[Account]:
        return [seat.account for seat in self._seats.values()]

    @property
    def in_flight(self) -> dict[str, int]:
        """Requests with each account."""
        return {name: seat.in_flight for name, seat in self._seats.items()}

    def rest_ends(self, account: str) -> float:
        """When an account is back, its vendor's troubles included; past if it does not rest."""
        seat = self._seats[account]
        return max(seat.until, seat.vendor_until)

    @property
    def wants_key(self) -> bool:
        """Whether it matters which conversation a request belongs to."""
        return self.affinity is not None and len(self._seats) > 1

    def take_over(self, before: "Pool") -> None:
        """Goes on where the pool that this one replaces stops: what is remembered by account name, and who waits."""
        for name, seat in (before._left | before._seats).items():
            if name in self._seats:
                new = self._seats[name]
                self._unfile(new)
                seat.sit(new.account, new.index, self.share)
                self._seats[name] = seat
                self._put(seat, ASLEEP, -inf)  # the next question puts it where it belongs
            else:
                self._left[name] = seat
            self._in_flight += seat.in_flight
        idle = [name for name, seat in self._left.items() if not seat.in_flight]
        for name in idle[: max(len(self._left) - LEFT_REMEMBERED, 0)]:
            del self._left[name]
        self._stirred = True
        self._turn = before._turn
        self._meter.take_over(before._meter)
        self._output = before._output
        if self.affinity is not None and before.affinity is not None:
            self.affinity.take_over(before.affinity)
        for ask, since in before.drain():
            self._wait(self._group(ask.model), ask, since)

    # -- asking

    def choose(self, ask: Ask, now: float) -> Acquired | Refused | None:
        """An account for the ask. None: it waits, and `settle` will answer it. Call `settle` first if any are waiting."""
        self._wake_up(now)
        group = self._group(ask.model)
        if self.waiting:
            lane = self._lanes.get((group, ask.excluded, ask.pinned))
            # all its accounts are busy, and nothing has happened since: who comes now stands behind the others
            if lane is not None and lane.back[1] is Lack.BUSY and not self._stirred:
                if now < ask.deadline and self.waiting < self.queue_size:
                    self._wait(group, ask, now)
                    return None
        lanes = [*self._lanes.values()]
        covered = any(lane.covers(group, ask) for lane in lanes)
        seat = None if covered else self._find(group, ask, lanes, now)
        if seat is not None:
            return self._take(seat, ask, now, now)
        back, why, alarm = self._outlook(group, ask, now)
        if back is None or back > ask.deadline or now >= ask.deadline or self.waiting >= self.queue_size:
            return Refused(back, why, record=self.explain(ask, now, now))
        lane = self._wait(group, ask, now)
        if len(lane.waiting) == 1:
            lane.judged, lane.back, lane.alarm = ask, (back, why), alarm
            self._next = min(self._next, alarm)
        return None

    def at_once(self, ask: Ask, now: float) -> Acquired | None:
        """An account, where one is free and nobody waits. Of an ask that gets none nothing is kept."""
        if self._lanes:
            return None
        self._wake_up(now)
        seat = self._find(self._group(ask.model), ask, (), now)
        return None if seat is None else self._take(seat, ask, now, now)

    def settle(self, now: float) -> list[tuple[Ask, Acquired | Refused]]:
        """Those who waited and can be answered now, first come first served.

        To be called after every `report` and `withdraw`, before a `choose`, and at the time that `wake` names.
        """
        if not self.waiting or (now < self._next and not self._stirred):
            return []
        self._wake_up(now)
        answered: list[tuple[Ask, Acquired | Refused]] = []
        while self._go_through(now, answered):
            pass
        self._next, self._stirred = self._moment(), False
        return answered

    def _go_through(self, now: float, answered: list[tuple[Ask, Acquired | Refused]]) -> bool:
        """Answers who can be answered; True if somebody was refused behind whom others may now be served."""
        heads = [(*lane.first, lane) for lane in self._lanes.values()]
        if len(heads) > 1:
            heapify(heads)
        tried: list[Lane] = []  # and in vain
        while heads:
            _, ask, since, lane = heads[0]
            covered = tried and any(other.covers(lane.group, ask) for other in tried)
            seat = None if covered else self._find(lane.group, ask, tried, now)
            if seat is not None:
                answered.append((ask, self._take(seat, ask, now, since)))
                self._leave(lane, ask)
                if lane.waiting:
                    heapreplace(heads, (*lane.first, lane))
                else:
                    heappop(heads)
                continue
            heappop(heads)
            back, why, lane.alarm = self._outlook(lane.group, ask, now)
            lane.judged, lane.back = ask, (back, why)
            tried.append(lane)
        again, some = False, bool(self._free or self._troubled or self._asleep)  # not all are full
        for lane in tried:
            again |= self._too_late(lane, now, answered, some)
        return again or (some and len(self._lanes) < len(tried))

    def withdraw(self, ask: Ask) -> None:
        """Whoever asked has gone; no harm if it was answered meanwhile."""
        lane = self._lanes.get((self._group(ask.model), ask.excluded, ask.pinned))
        if lane is not None and id(ask) in lane.waiting:
            self._leave(lane, ask)

    def wake(self, now: float) -> float | None:
        """When `settle` has something to do even if nothing is reported; None if nobody waits."""
        if not self.waiting:
            return None
        moment = self._moment() if self._stirred else self._next
        return moment if moment > now else now

    def _moment(self) -> float:
        """When somebody who waits may be served, or is refused."""
        moment = self._asleep[0][0] if self._asleep else inf
        for lane in self._lanes.values():
            moment = min(moment, lane.deadline, lane.alarm)
        return moment

    def report(
        self,
        lease: Lease,
        verdict: Verdict,
        now: float,
        used: tuple[int, int] | None = None,
        latency: float | None = None,
    ) -> None:
        """What the attempt on an acquired account came to; gives its slot back, once. `used`: tokens in and out."""
        if not lease.open:
            return
        lease.open = False
        self._stirred = True
        self._in_flight -= 1
        here = self._seats.get(lease.account)
        seat = self._left.get(lease.account) if here is None else here
        if seat is None:
            return
        seat.in_flight -= 1
        if self._counts_tokens or seat.meter.counts_tokens:
            self._correct(seat, lease, verdict, used, now)
        seat.judge(lease.model, verdict, lease.at, now)
        if self._strategy.measures:
            seat.took(now - lease.at if latency is None else latency, verdict.outcome, now)
        if here is not None:
            self._refile(seat, now)

    # -- where a store that several processes share has the last word

    def propose(
        self, ask: Ask, now: float, most: int, without: Collection[str] = (), first: str | None = None
    ) -> list[Account]:
        """The accounts that may serve an ask as far as this process knows, best first, no more than `most`.

        `first` is looked for among all, and put first if it may.
        """
        self._wake_up(now)
        able = (seat for seat in self._able(self._group(ask.model), ask, (), now) if seat.account.name not in without)
        if first is not None:
            able = iter(sorted(able, key=lambda seat: seat.account.name != first))
        return [seat.account for seat in islice(able, most)]

    def grant(self, ask: Ask, account: str, now: float, since: float) -> Acquired:
        """The store gave this account to the ask, which came at `since`."""
        return self._take(self._seats[account], ask, now, since)

    def learn(self, account: str, why: Outcome, until: float, now: float) -> None:
        """Another process met a limit of this account."""
        seat = self._seats[account]
        if until > seat.until:
            self._stirred = True
            self._unfile(seat)
            seat.until, seat.resting_for = until, why
            self._file(seat, now)

    def rest(self, account: str) -> tuple[float, Outcome] | None:
        """When an account's rest ends that nothing cuts short, and what it is for; None for an account that is gone."""
        seat = self._seats.get(account)
        return None if seat is None else (seat.until, seat.resting_for)

    def back(self, ask: Ask, now: float) -> tuple[float | None, Lack]:
        """When the first account may serve the ask; `now` where it is only busy, None if none ever can."""
        return self._outlook(self._group(ask.model), ask, now)[:2]

    def wants(self, ask: Ask) -> list[str] | None:
        """The names of the accounts that the ask may use; None for all of them."""
        group = self._group(ask.model)
        if ask.pinned is None and not ask.excluded and len(group.lists) == len(self._shelves):
            return None
        lane = Lane(group, ask)
        return [name for name, seat in self._seats.items() if lane.may_use(seat)]

    def drain(self) -> list[tuple[Ask, float]]:
        """Takes out who waits, in order, each with the time it came."""
        waiting = sorted(
            (entry for lane in self._lanes.values() for entry in lane.waiting.values()), key=lambda entry: entry[0]
        )
        self._lanes, self.waiting = {}, 0
        return [(ask, since) for _, ask, since in waiting]

    def split(self, share: tuple[int, int], now: float) -> None:
        """This process is another part of all that serve: (index, count)."""
        self.share, self._stirred = share, True
        before, self._meter = self._meter, Meter(self.limits, share)
        self._meter.take_over(before)
        for seat in self._seats.values():
            self._unfile(seat)
            seat.sit(seat.account, seat.index, share)
            self._file(seat, now)

    def part(self, apart: bool) -> None:
        """This process serves without the shared store from now on, or with it again."""
        for meter in (self._meter, *(seat.meter for seat in self._seats.values())):
            meter.part(apart)

    def tell(self, everything: bool) -> list[tuple[str, float, float, int]]:
        """What the shared store has not been told was used: the window's name, its seconds, when it leaves, how much."""
        meters = [("", self._meter), *((name, seat.meter) for name, seat in self._seats.items())]
        return [(f"{one[0]}:{name}", *one[1:]) for name, meter in meters for one in meter.tell(everything)]

    def full(self, ask: Ask) -> list[str]:
        """The accounts that have no slot left, and else could serve."""
        group = self._group(ask.model)
        return [seat.account.name for seat in self._full.values() if seat.account.models in group.lists]

    # -- choosing

    def _group(self, model: str) -> Group:
        group = self._group_of.get(model)
        if group is None:
            lists = frozenset(
                models
                for models in self._shelves
                if not (models and model) or any(matches(glob, model) for glob in models)
            )
            group = self._groups.get(lists)
            if group is None:
                group = self._groups[lists] = Group(lists, [self._shelves[models] for models in lists])
            if len(self._group_of) >= GROUPS_REMEMBERED:
                self._group_of.clear()
            self._group_of[model] = group
        return group

    def cost(self, ask: Ask) -> int:
        """Tokens that the ask is counted with; none where nobody counts them."""
        return ask.tokens + int(self._output.expected) if self._counts_tokens else 0

    def _find(self, group: Group, ask: Ask, ahead: Sequence[Lane], now: float) -> Seat | None:
        """The seat for an ask, or None. `ahead`: those who wait and come first where they may."""
        if not self._free and not self._troubled:
            return None
        # mostly nothing speaks against the first
        if not ahead and ask.pinned is None and not self._meter.counts and self._known(ask, now) is None:
            seat = next(self._strategy.candidates(group.shelves, now), None)
            if seat is not None and not seat.models:
                name, meter = seat.account.name, seat.meter
                if name not in ask.excluded and name not in ask.avoided:
                    if not meter.counts or meter.ready(self.cost(ask), now) <= now:
                        return seat
        return next(self._able(group, ask, ahead, now), None)

    def _able(self, group: Group, ask: Ask, ahead: Sequence[Lane], now: float) -> Iterator[Seat]:
        """The seats that may serve an ask, best first."""
        cost = self.cost(ask)
        if self._meter.counts and self._meter.ready(cost, now) > now:
            return

        def may(seat: Seat) -> bool:
            if seat.account.name in ask.excluded or (ahead and any(lane.may_use(seat) for lane in ahead)):
                return False
            return not seat.meter.counts or seat.meter.ready(cost, now) <= now

        if ask.pinned is not None:
            seat = self._seats.get(ask.pinned)
            if seat is not None and seat.place in (FREE, TROUBLED) and seat.account.models in group.lists and may(seat):
                yield seat
            return
        known = self._known(ask, now)
        if known is not None and self._fits(known, group, ask, now) and may(known):
            yield known
        else:
            known = None
        spare: list[Seat] = []
        reserve: list[Seat] = []  # resting for this model only
        for seat in self._strategy.candidates(group.shelves, now):
            if seat is known or not may(seat):
                continue
            if seat.models and seat.models.get(ask.model, 0.0) > now:
                reserve.append(seat)
            elif ask.avoided and seat.account.name in ask.avoided:
                spare.append(seat)
            else:
                yield seat
        yield from sorted(spare, key=lambda seat: ask.avoided.index(seat.account.name))
        # a vendor's trouble never empties a pool: whoever is back first keeps serving
        for _, _, seat in self._troubled:
            if seat.account.models in group.lists and may(seat):
                reserve.append(seat)
                if len(reserve) >= IN_RESERVE:
                    break  # the next ones are back later
        yield from sorted(reserve, key=lambda seat: (seat.account.name in ask.avoided, seat.preferred_from(ask.model)))

    def _known(self, ask: Ask, now: float) -> Seat | None:
        """The seat that the conversation is with."""
        if ask.key is None or self.affinity is None or (name := self.affinity.get(ask.key, now)) is None:
            return None
        return self._seats.get(name)

    def _fits(self, seat: Seat, group: Group, ask: Ask, now: float) -> bool:
        """Whether the conversation stays: its account is healthy, and not crowded while others are idle."""
        return (
            seat.place is FREE
            and seat.account.models in group.lists
            and seat.account.name not in ask.avoided
            and seat.preferred_from(ask.model) <= now
            and seat.in_flight * len(self._seats) <= 2 * self._in_flight + CROWD * len(self._seats)
        )

    def _take(self, seat: Seat, ask: Ask, now: float, since: float) -> Acquired:
        account, cost = seat.account, self.cost(ask)
        why = self.explain(ask, now, since, seat) or (Why(waited=round(now - since, 3)) if now > since else Why())
        if ask.key is not None and self.affinity is not None:
            known = self._known(ask, now)
            why.affinity = "new" if known is None else "hit" if known is seat else "miss"
            # a conversation that went elsewhere because its account was full or crowded comes back to it
            if known is None or known is seat or known.place in (ASLEEP, TROUBLED):
                self.affinity.put(ask.key, account.name, now)
        seat.in_flight += 1
        self._in_flight += 1
        if seat.turn > self._turn:
            self._turn = seat.turn
        step = TURN // account.weight
        turn = self._turn - step  # who was passed over has one turn saved up, not more
        seat.turn = (seat.turn if seat.turn > turn else turn) + step
        if self._counts:
            seat.meter.take(cost, now)
            self._meter.take(cost, now)
        self._refile(seat, now)
        return Acquired(account, Lease(account.name, ask.model, now, cost, ask.key), why)

    def _outlook(self, group: Group, ask: Ask, now: float) -> tuple[float | None, Lack, float]:
        """When the first account may serve the ask, `now` where that cannot be known; what keeps it; when to try again."""
        back, why, alarm = self._first_back(group, ask, now)
        if back is not None and self._meter.counts:
            ready = self._meter.ready(self.cost(ask), now)
            alarm = max(alarm, ready)
            if ready > back:
                return ready, Lack.LIMIT, ready
        return (back, why, alarm) if back is None or back <= now else (back, why, min(alarm, back))

    def _first_back(self, group: Group, ask: Ask, now: float) -> tuple[float | None, Lack, float]:
        """The same but for the limits of the whole pool; the time is when limits alone keep none of the accounts."""
        first, why, room = inf, Lack.NOBODY, inf

        def eligible(seat: Seat) -> bool:
            if ask.pinned is not None and seat.account.name != ask.pinned:
                return False
            return seat.account.models in group.lists and seat.account.name not in ask.excluded

        for seat in self._full.values():
            if eligible(seat):
                if seat.until <= now:
                    if not self._free and not self._troubled:  # no room to ask for, and nobody is back before now
                        return now, Lack.BUSY, inf
                    first, why = now, Lack.BUSY
                    break
                if seat.until < first:
                    first, why = seat.until, Lack(seat.resting_for)
        cost = self.cost(ask)
        awake: Iterable[Seat] = self._strategy.candidates(group.shelves, now) if self._free else ()
        if self._troubled:
            awake = chain(awake, (seat for _, _, seat in self._troubled))
        for seat in awake:
            if eligible(seat):
                ready = seat.meter.ready(cost, now)
                if ready <= now:  # it is for somebody who came before
                    first, why = now, Lack.BUSY
                    if not seat.meter.counts:
                        break
                    continue
                room = min(room, ready)
                if ready < first:
                    first, why = ready, Lack.LIMIT
        for moment, _, seat in self._asleep:
            if moment >= first:
                break
            if eligible(seat):
                ready = max(moment, seat.meter.ready(cost, now))
                if ready < first:
                    first = ready
                    why = Lack(seat.resting_for) if seat.until >= ready else Lack.LIMIT
        return (None, why, inf) if first == inf else (first, why, room)

    # -- the queue

    def _wait(self, group: Group, ask: Ask, since: float) -> Lane:
        key = (group, ask.excluded, ask.pinned)
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = Lane(group, ask)
        self._came += 1
        lane.waiting[id(ask)] = (self._came, ask, since)
        heappush(lane.deadlines, (ask.deadline, self._came, ask))
        self.waiting += 1
        self._next = min(self._next, ask.deadline)
        return lane

    def _leave(self, lane: Lane, ask: Ask) -> None:
        del lane.waiting[id(ask)]
        self.waiting -= 1
        self._stirred = True
        if not lane.waiting:
            del self._lanes[lane.group, lane.excluded, lane.pinned]

    def _too_late(self, lane: Lane, now: float, answered: list[tuple[Ask, Acquired | Refused]], some: bool) -> bool:
        """Takes out who has waited long enough, and who would wait in vain: for the first in line, and so behind it.

        True if now another is the first, for whom not all that is known holds; with `some` accounts that are not full
        it may even be served, or who stands before it in another line.
        """
        (back, why), first, deadline = lane.back, lane.judged, lane.deadline
        if back is not None and back <= deadline and now < deadline and (why is Lack.BUSY or not self._counts_tokens):
            return False
        while self._counts_tokens and why is not Lack.BUSY and lane.waiting:
            ask = lane.first[1]
            if ask.tokens < first.tokens:
                return True
            if back is None or back > ask.deadline or now >= ask.deadline:
                self._refuse(lane, ask, now, answered)
            elif ask is first:
                break
            else:
                return True
        while lane.waiting:
            deadline = lane.deadline
            if back is not None and back <= deadline and now < deadline:
                break
            self._refuse(lane, lane.deadlines[0][2], now, answered)
        if not self._counts_tokens or not lane.waiting or lane.first[1] is first:
            return False
        return some or lane.first[1].tokens > first.tokens

    def _refuse(self, lane: Lane, ask: Ask, now: float, answered: list[tuple[Ask, Acquired | Refused]]) -> None:
        back, why = lane.back
        _, _, since = lane.waiting[id(ask)]
        self._leave(lane, ask)
        answered.append((ask, Refused(back, why, record=self.explain(ask, now, since))))

    # -- places

    def _file(self, seat: Seat, now: float) -> None:
        if seat.in_flight >= seat.slots:
            seat.place = FULL
            self._full[seat.index] = seat
            return
        moment = max(seat.until, seat.meter.ready(1, now)) if seat.meter.counts else seat.until
        if moment > now:
            self._put(seat, ASLEEP, moment)
        elif seat.vendor_until > now:
            self._put(seat, TROUBLED, seat.vendor_until)
        else:
            if seat.place is not FREE:  # no turns are saved up in a rest
                seat.turn = max(seat.turn, self._turn + TURN // seat.account.weight // 2)
            seat.place, seat.shelf = FREE, self._shelves[seat.account.models]
            self._free += 1
            self._strategy.put(seat, now)

    def _refile(self, seat: Seat, now: float) -> None:
        """The same for a seat that has a place already, and mostly keeps it."""
        if (
            seat.place is FREE
            and seat.in_flight < seat.slots
            and seat.until <= now
            and seat.vendor_until <= now
            and seat.meter.ready(1, now) <= now
        ):
            self._strategy.move(seat, now)
        else:
            self._unfile(seat)
            self._file(seat, now)

    def _put(self, seat: Seat, place: str, moment: float) -> None:
        seat.place, seat.entry = place, (moment, seat.index, seat)
        insort(self._asleep if place is ASLEEP else self._troubled, seat.entry)

    def _unfile(self, seat: Seat) -> None:
        if seat.place is FREE:
            self._free -= 1
            self._strategy.remove(seat)
        elif seat.place is FULL:
            del self._full[seat.index]
        else:
            entries = self._asleep if seat.place is ASLEEP else self._troubled
            del entries[bisect_left(entries, seat.entry)]

    def _wake_up(self, now: float) -> None:
        """Files again whose time has come."""
        for entries in (self._asleep, self._troubled):
            while entries and entries[0][0] <= now:
                self._file(entries.pop(0)[2], now)

    # -- what was used

    def _correct(self, seat: Seat, lease: Lease, verdict: Verdict, used: tuple[int, int] | None, now: float) -> None:
        if used is not None:
            self._output.learn(used[1])
        delta = beyond(lease, verdict, used)
        seat.meter.correct(delta, now, lease.at)
        self._meter.correct(delta, now, lease.at)

    # -- why

    def explain(self, ask: Ask, now: float, since: float, chosen: Seat | None = None) -> Why | None:
        """The whole record of a choice, or of a refusal, where the ask wants it: looks at every account."""
        if not ask.explain:
            return None
        group, cost = self._group(ask.model), self.cost(ask)
        whole = self._meter.ready(cost, now)
        left = f"limits of the pool used up for {whole - now:.1f} s" if whole > now else "taken by others"
        why = Why(waited=round(now - since, 3), strategy=self.strategy)
        for name, seat in self._seats.items():
            reason = self._reason(seat, group, ask, cost, now)
            if seat is chosen or (reason is None and chosen is not None):
                why.candidates.append(name)
                why.score[name] = round(self._strategy.score(seat, now), 6)
            else:
                why.excluded[name] = reason or left
        why.candidates.sort(key=why.score.__getitem__)
        return why

    @staticmethod
    def _reason(seat: Seat, group: Group, ask: Ask, cost: int, now: float) -> str | None:
        """What speaks against an account; None if nothing does."""
        account = seat.account
        if ask.pinned is not None and account.name != ask.pinned:
            return "another is pinned"
        if account.models not in group.lists:
            return "does not serve the model"
        if account.name in ask.excluded or account.name in ask.avoided:
            return "failed this request"
        if seat.until > now:
            return f"rests for {seat.until - now:.1f} s ({seat.resting_for.value})"
        if seat.in_flight >= seat.slots:
            return f"busy with {seat.in_flight} of {seat.slots}"
        if (ready := seat.meter.ready(cost, now)) > now:
            return f"limits used up for {ready - now:.1f} s"
        if (back := seat.preferred_from(ask.model)) > now:
            return f"rests for {back - now:.1f} s ({'model' if seat.vendor_until <= now else 'vendor'})"
        return None


def beyond(lease: Lease, verdict: Verdict, used: tuple[int, int] | None) -> int:
    """Tokens used beyond those that were counted; below zero: fewer."""
    if used is not None:
        return sum(used) - lease.tokens
    idle = verdict.outcome in (Outcome.RATE, Outcome.CREDENTIAL, Outcome.MODEL, Outcome.REQUEST)
    return -lease.tokens if idle else 0  # the vendor did no work
