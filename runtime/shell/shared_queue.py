"""A queue whose pool is shared with other processes through a store; while that is away, an ordinary queue on its part.

The pool here knows what this process does and has learnt; the store has the last word. An ask goes there with the accounts
that may serve it, best first, and comes back with one, or with a ticket in the order of all processes. The first of those
who wait here ask again when something was given back anywhere, or when a rest or a limit ends.
"""

import asyncio
import secrets
import sys
from collections import OrderedDict
from collections.abc import Coroutine, Mapping
from typing import Any

from runtime.core import pool as core
from runtime.core.outcome import Verdict
from runtime.shell.redis_store import Away, Reply, Store, candidate, windows
from runtime.shell.snapshot import Line
from runtime.shell.upstream import Answer, Clock, Queue

LEASE_S = 30.0  # after which the slots of a process that was killed come back
AT_ONCE = 32  # accounts that one question offers
AGAIN_S = 1.0  # for who waits, should a message have been lost
RETRY_S = 0.5  # between attempts to reach a store that is away
WHOLE = (0, 1)


class Shared:
    """This process among those that share a store. `share` is its part of every limit until it knows how many there are."""

    def __init__(self, store: Store, clock: Clock, share: tuple[int, int] = WHOLE, lease: float = LEASE_S) -> None:
        self.store, self.clock, self.share, self.lease = store, clock, share, lease
        self.process = secrets.token_hex(8)
        self.queues: dict[str, SharedQueue] = {}
        self.there = False
        self._told = False
        self._tasks: set[asyncio.Task[None]] = set()
        store.freed, store.lost = self._freed, self.lost

    @property
    def part(self) -> tuple[int, int]:
        """This process's of every limit, now."""
        return WHOLE if self.there else self.share

    async def start(self) -> None:
        """Tries to reach the store; without it the process serves all the same."""
        await self._reach()
        self.spawn(self._run())

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self.there:
            said = [self.store.run("farewell", name, {"process": self.process}) for name in self.queues]
            await asyncio.wait([asyncio.ensure_future(one) for one in said], timeout=1.0) if said else None
        self.there = False
        self.store.close()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def lost(self, why: str) -> None:
        """The store does not answer: from now on each process by itself."""
        if not self.there:
            return
        self.there = False
        self.store.close(why)
        self._warn(why)
        for queue in self.queues.values():
            queue.alone()

    def _warn(self, why: str) -> None:
        index, count = self.share
        part = f"part {index + 1} of {count} of" if count > 1 else "all of"
        print(f"isogloss: the store is away ({why}); this process goes on with {part} every limit", file=sys.stderr)
        self._told = True

    async def _reach(self) -> None:
        try:
            await self.store.connect()
            await self._renew()
            if self._told:  # the others, too, shall have said first what they hold
                await asyncio.sleep(2 * RETRY_S)
                await self._renew()
        except Away as away:
            self.store.close(str(away))
            if not self._told:
                self._warn(str(away))
            return
        self.there = True
        for queue in self.queues.values():
            queue.together()
        if self._told:
            print("isogloss: the store is back", file=sys.stderr)
            self._told = False

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self.lease / 3 if self.there else RETRY_S)
            if not self.there:
                await self._reach()
                continue
            try:
                await self._renew()
            except Away as away:
                self.lost(str(away))

    async def _renew(self) -> None:
        """Says that this process lives, and what it holds."""
        for name, queue in list(self.queues.items()):
            try:
                alive = await asyncio.wait_for(self.store.run("renew", name, queue.held()), 1.0)
            except TimeoutError:
                raise Away("it does not answer in time") from None
            alive = sorted(one.decode() for one in alive)
            self.share = (alive.index(self.process), len(alive))

    def _freed(self, pool: str) -> None:
        if (queue := self.queues.get(pool)) is not None:
            queue.freed()


class Waiting:
    """An ask that the store has not granted yet."""

    __slots__ = ("again", "ask", "asking", "future", "line", "since", "ticket", "timed")

    def __init__(self, ask: core.Ask, ticket: str, since: float, future: asyncio.Future[Answer]) -> None:
        self.ask, self.ticket, self.since, self.future = ask, ticket, since, future
        self.asking = False  # a question is under way
        self.again = False  # something was given back meanwhile
        self.line = False  # it may wait
        self.timed = False  # its last question is arranged


class SharedQueue(Queue):
    """One pool of a process that shares its store with others."""

    def __init__(self, pool: core.Pool, lines: Mapping[str, Line], clock: Clock, shared: Shared) -> None:
        super().__init__(pool, lines, clock)
        self._shared, self._store = shared, shared.store
        self._asked: OrderedDict[int, Waiting] = OrderedDict()  # by id of the ask, in the order they came
        self._leases: dict[str, tuple[core.Lease, int | None]] = {}  # all that are open; when the store counted them
        self._last = 0
        self._alarm: asyncio.TimerHandle | None = None
        pool.split(shared.part, clock())
        shared.queues[pool.name] = self

    # -- as any queue

    def ask(self, ask: core.Ask) -> Answer | asyncio.Future[Answer]:
        if not self._shared.there:
            return super().ask(ask)
        waiting = Waiting(ask, self._name(), self._clock(), self._loop.create_future())
        self._asked[id(ask)] = waiting
        self._question(waiting)
        return waiting.future

    def withdraw(self, ask: core.Ask) -> None:
        waiting = self._asked.pop(id(ask), None)
        if waiting is None:
            super().withdraw(ask)
        elif not waiting.asking:  # else the answer finds nobody and is given back
            self._send("leave", {"ticket": waiting.ticket})

    def report(
        self, lease: core.Lease, verdict: Verdict, used: tuple[int, int] | None = None, latency: float | None = None
    ) -> None:
        _, counted = self._leases.pop(lease.id, (None, None))
        known = lease.id if lease.open else ""
        before = self.pool.rest(lease.account)
        super().report(lease, verdict, used, latency)
        if known and self._shared.there:
            rest = self.pool.rest(lease.account)
            fresh = rest is not None and rest != before and rest[0] > self._clock()
            told = [rest[1].value, int((rest[0] - self._clock()) * 1000)] if fresh else None
            delta = 0 if counted is None else core.beyond(lease, verdict, used)
            self._give_back(lease.account, lease.id, delta, counted or 0, told)

    def replace(self, pool: core.Pool, lines: Mapping[str, Line]) -> None:
        super().replace(pool, lines)
        pool.split(self._shared.part, self._clock())
        self.freed()

    def _with_line(self, answer: core.Acquired | core.Refused) -> Answer:
        if isinstance(answer, core.Acquired) and not answer.lease.id:  # acquired while the store was away
            answer.lease.id = self._name()
            self._leases[answer.lease.id] = (answer.lease, None)
        return super()._with_line(answer)

    # -- with the store or alone

    def alone(self) -> None:
        """The store is away: who waits for it now waits here, in order."""
        self.pool.split(self._shared.part, self._clock())
        asked, self._asked = self._asked, OrderedDict()
        for waiting in asked.values():
            self._settle()
            answer = self.pool.choose(waiting.ask, self._clock())
            if answer is None:
                self._answers[id(waiting.ask)] = waiting.future
            else:
                waiting.future.set_result(self._with_line(answer))
        self._arm()

    def together(self) -> None:
        """The store is back: who waits here now waits there."""
        self.pool.split(self._shared.part, self._clock())
        for ask, since in self.pool.drain():
            waiting = self._asked[id(ask)] = Waiting(ask, self._name(), since, self._answers.pop(id(ask)))
            self._question(waiting)

    def held(self) -> dict[str, Any]:
        """What the store shall know of this process, should it have forgotten."""
        now, rests = self._clock(), []
        for account in self.pool.accounts:
            until, why = self.pool.rest(account.name)
            if until > now:
                rests.append([account.name, why.value, int((until - now) * 1000)])
        leases = [[lease.account, id] for id, (lease, _) in self._leases.items()]
        return {"process": self._shared.process, "lease_ms": self._lease_ms, "leases": leases, "rests": rests}

    def freed(self) -> None:
        """Something was given back somewhere: the first of those who may use the same accounts ask again."""
        seen = set()
        for waiting in list(self._asked.values()):
            ask = waiting.ask
            kind = (ask.model, ask.excluded, ask.pinned)
            if kind in seen:
                continue
            seen.add(kind)
            if waiting.asking:
                waiting.again = True
            else:
                self._question(waiting)

    # -- asking the store

    @property
    def _lease_ms(self) -> int:
        return int(self._shared.lease * 1000)

    def _name(self) -> str:
        self._last += 1
        return f"{self._shared.process}/{self._last}"

    def _send(self, script: str, arguments: dict[str, Any]) -> None:
        """What needs no answer."""
        if self._shared.there:
            self._store.run(script, self.pool.name, arguments)

    def _give_back(self, account: str, lease: str, delta: int, counted: int, rest: list[Any] | None) -> None:
        mine = next((one for one in self.pool.accounts if one.name == account), None)
        counting = [*windows("", self.pool.limits, 0), *(windows(account, mine.limits, 0) if mine else ())]
        tokens = [window for window in counting if window["name"].startswith("t")]
        self._send(
            "release",
            {
                "account": account,
                "lease": lease,
                "delta": delta,
                "at": counted,
                "rest": rest or False,
                "windows": tokens,
            },
        )

    def _question(self, waiting: Waiting) -> None:
        waiting.asking, waiting.again = True, False
        self._shared.spawn(self._ask_store(waiting))

    async def _ask_store(self, waiting: Waiting) -> None:
        ask, tried, whole = waiting.ask, set(), Reply()
        waits = waiting.line = ask.deadline > self._clock() and (waiting.line or self._room())
        try:
            while True:
                offered = self.pool.propose(ask, self._clock(), AT_ONCE, tried)
                reply = await self._store.acquire(self.pool.name, self._arguments(waiting, offered, waits))
                if reply.granted is not None:
                    return self._granted(waiting, reply)
                whole = whole.beside(reply)
                for name, why, ms in reply.rests:
                    if name in self.pool.in_flight:
                        self.pool.learn(name, why, self._clock() + ms / 1000, self._clock())
                tried.update(account.name for account in offered)
                if len(offered) < AT_ONCE:
                    return self._denied(waiting, whole, waits)
        except Away as away:
            self._shared.lost(str(away))

    def _arguments(self, waiting: Waiting, offered: list[core.Account], waits: bool) -> dict[str, Any]:
        ask, pool = waiting.ask, self.pool
        tokens, wants, affinity = pool.cost(ask), pool.wants(ask), pool.affinity
        arguments = {
            "ticket": waiting.ticket,
            "lease": waiting.ticket,
            "lease_ms": self._lease_ms,
            "waits": waits,
            "wants": "*" if wants is None else "\n".join(["", *wants, ""]),
            "windows": windows("", pool.limits, tokens),
            "candidates": [candidate(account, tokens) for account in offered],
        }
        if ask.key is not None and affinity is not None:
            arguments |= {"key": ask.key, "ttl_ms": int(affinity.ttl * 1000), "entries": affinity.max_entries}
        return arguments

    def _granted(self, waiting: Waiting, reply: Reply) -> None:
        ask, account = waiting.ask, reply.granted
        waiting.asking = False
        wanted = id(ask) in self._asked
        if not wanted or account not in self.pool.in_flight:  # the client has gone, or by a new policy the account
            lease = core.Lease(account, ask.model, self._clock(), self.pool.cost(ask))
            self._give_back(account, waiting.ticket, -lease.tokens, reply.at, None)
            if wanted:
                waiting.ticket = self._name()
                self._question(waiting)
            return
        del self._asked[id(ask)]
        acquired = self.pool.grant(ask, account, self._clock(), waiting.since)
        acquired.lease.id = waiting.ticket
        self._leases[waiting.ticket] = (acquired.lease, reply.at)
        waiting.future.set_result(self._with_line(acquired))

    def _denied(self, waiting: Waiting, reply: Reply, waits: bool) -> None:
        waiting.asking = False
        ask, now = waiting.ask, self._clock()
        if id(ask) not in self._asked:
            return self._send("leave", {"ticket": waiting.ticket})
        back, why = self.pool.back(ask, now)
        if reply.busy:
            back, why = now, core.Lack.BUSY
        elif reply.limited:
            back, why = now + reply.back / 1000, core.Lack.LIMIT
        if not waits and ask.deadline > now and self._room():  # others who asked meanwhile need no place
            return self._question(waiting)
        if not waits or back is None or back > ask.deadline:
            del self._asked[id(ask)]
            self._send("leave", {"ticket": waiting.ticket})
            return waiting.future.set_result(self._with_line(core.Refused(back, why)))
        if not waiting.timed:
            waiting.timed = True
            self._loop.call_at(self._clock.loop_time(ask.deadline), self._last_question, waiting)
        if waiting.again:
            return self._question(waiting)
        self._set_alarm(back if back > now else now + AGAIN_S)

    def _room(self) -> bool:
        """Whether one more may wait."""
        size = self.pool.queue_size
        return len(self._asked) <= size or sum(waiting.line for waiting in self._asked.values()) < size

    def _last_question(self, waiting: Waiting) -> None:
        """Its deadline is here: an account now, or the refusal."""
        if self._asked.get(id(waiting.ask)) is waiting:
            deadline = self._clock.loop_time(waiting.ask.deadline)
            if self._loop.time() < deadline:  # a timer may be a little early
                self._loop.call_at(deadline + 0.001, self._last_question, waiting)
            elif waiting.asking:
                waiting.again = True
            else:
                self._question(waiting)

    def _set_alarm(self, moment: float) -> None:
        moment = self._clock.loop_time(min(moment, self._clock() + AGAIN_S))
        if self._alarm is None or self._alarm.cancelled() or self._alarm.when() <= self._loop.time():
            self._alarm = self._loop.call_at(moment, self.freed)
        elif moment < self._alarm.when():
            self._alarm.cancel()
            self._alarm = self._loop.call_at(moment, self.freed)
