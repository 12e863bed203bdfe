"""A queue whose pool is shared with other processes through a store; while that is away, an ordinary queue on its part.

The pool here knows what this process does and has learnt; the store has the last word. An ask goes there with the accounts
that may serve it, best first, and comes back with one, or with a ticket in the order of all processes. The first of those
who wait here ask again when something was given back anywhere, or when a rest or a limit ends.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from runtime.core import pool as core
from runtime.core.outcome import Verdict
from runtime.shell.queue import Answer, Clock, Queue
from runtime.shell.redis_store import Away, Reply, candidate, place, windows
from runtime.shell.shared import Shared, Used
from runtime.shell.snapshot import Line

AT_ONCE = 32  # accounts that one question offers
AGAIN_S = 1.0  # for who waits, should a message have been lost


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
        self._shared, self._store, self._place = shared, shared.store, place(pool.name)
        self._asked: OrderedDict[int, Waiting] = OrderedDict()  # by id of the ask, in the order they came
        self._leases: dict[str, tuple[core.Lease, int | None]] = {}  # all that are open; when the store counted them
        self._gone: list[tuple[str, str]] = []  # account and lease, given back while the store was away
        self._alarm: asyncio.TimerHandle | None = None
        self._take_part()
        shared.join(self._place, self)

    # -- as any queue

    def ask(self, ask: core.Ask) -> Answer | asyncio.Future[Answer]:
        if not self._shared.there:
            denied = self._decide_alone(ask)
            return self._with_line(denied) if denied is not None else super().ask(ask)
        waiting = Waiting(ask, self._shared.name(), self._clock(), self._loop.create_future())
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
        if not lease.open:
            return
        _, counted = self._leases.pop(lease.id, (None, None))
        before = self.pool.rest(lease.account)
        super().report(lease, verdict, used, latency)
        if not self._shared.there:
            self._gone.append((lease.account, lease.id))
            return
        rest = self.pool.rest(lease.account)
        fresh = rest is not None and rest != before and rest[0] > self._clock()
        told = [rest[1].value, int((rest[0] - self._clock()) * 1000)] if fresh else None
        delta = core.beyond(lease, verdict, used)
        if counted is None:  # the store was away then, and has been told a sum: only what is more can still be added
            counted, delta = 0, max(delta, 0)
        self._give_back(lease.account, lease.id, delta, counted, told)

    def replace(self, pool: core.Pool, lines: Mapping[str, Line]) -> None:
        super().replace(pool, lines)
        self._take_part()
        self.freed()

    def _with_line(self, answer: core.Acquired | core.Refused) -> Answer:
        if isinstance(answer, core.Acquired) and not answer.lease.id:  # acquired while the store was away
            answer.lease.id = self._shared.name()
            self._leases[answer.lease.id] = (answer.lease, None)
        return super()._with_line(answer)

    # -- with the store or alone

    def alone(self) -> None:
        """The store is away: who waits for it now waits here, in order."""
        self._take_part()
        asked, self._asked = self._asked, OrderedDict()
        for waiting in asked.values():
            self._settle()
            answer = self._decide_alone(waiting.ask) or self.pool.choose(waiting.ask, self._clock())
            if answer is None:
                self._answers[id(waiting.ask)] = waiting.future
            else:
                waiting.future.set_result(self._with_line(answer))
        self._arm()

    def together(self) -> None:
        """The store is back: who waits here now waits there."""
        self._take_part()
        for ask, since in self.pool.drain():
            waiting = self._asked[id(ask)] = Waiting(ask, self._shared.name(), since, self._answers.pop(id(ask)))
            self._question(waiting)

    def held(self) -> dict[str, Any]:
        """What the store shall know of this process, should it have forgotten."""
        now, rests = self._clock(), []
        for account in self.pool.accounts:
            until, why = self.pool.rest(account.name)
            if until > now:
                rests.append([account.name, why.value, int((until - now) * 1000)])
        leases = [(lease.account, id) for id, (lease, _) in self._leases.items()]
        gone, self._gone = self._gone, []
        return {"leases": leases, "gone": gone, "rests": rests}

    def used(self, everything: bool) -> Used:
        return self.pool.tell(everything)

    def _take_part(self) -> None:
        """The part of all limits that is this process's now."""
        self.pool.split(self._shared.part, self._clock())
        self.pool.part(apart=not self._shared.there)

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

    def _send(self, operation: str, arguments: dict[str, Any]) -> None:
        self._shared.tell(self._place, operation, arguments)

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
        ask, tried, whole, known = waiting.ask, set(), Reply(), None
        if id(ask) not in self._asked:  # the client has gone
            return
        waits = waiting.line = ask.deadline > self._clock() and (waiting.line or self._room())
        try:
            while True:
                offered = self.pool.propose(ask, self._clock(), AT_ONCE, tried, known)
                arguments = self._arguments(waiting, offered, waits)
                arguments["partial"] = known is None and len(offered) == AT_ONCE
                if ask.admitted is not None:
                    arguments |= self._shared.clients.question(ask.admitted)
                reply: Reply = await self._store.ask(self._place, "acquire", arguments, Reply)
                if ask.admitted is not None:
                    if denied := self._shared.clients.decided(ask.admitted, reply):
                        return self._answer(waiting, core.Refused(None, denied=denied))
                if reply.granted is not None:
                    return self._granted(waiting, reply)
                if reply.known is not None:
                    known = reply.known
                    continue
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
            "lease_ms": self._shared.lease_ms,
            "waits": waits,
            "wants": "*" if wants is None else "\n".join(["", *wants, ""]),
            "windows": windows("", pool.limits, tokens),
            "candidates": [candidate(account, tokens) for account in offered],
        }
        if ask.key is not None and affinity is not None:
            arguments |= {"key": ask.key, "ttl_ms": int(affinity.ttl * 1000), "entries": affinity.max_entries}
            arguments["elsewhere"] = pool.full(ask)
        return arguments

    def _granted(self, waiting: Waiting, reply: Reply) -> None:
        ask, account = waiting.ask, reply.granted
        waiting.asking = False
        wanted = id(ask) in self._asked
        if not wanted or account not in self.pool.in_flight:  # the client has gone, or by a new policy the account
            lease = core.Lease(account, ask.model, self._clock(), self.pool.cost(ask))
            self._give_back(account, waiting.ticket, -lease.tokens, reply.at, None)
            if wanted:
                waiting.ticket = self._shared.name()
                self._question(waiting)
            return
        del self._asked[id(ask)]
        acquired = self.pool.grant(ask, account, self._clock(), waiting.since)
        acquired.lease.id = waiting.ticket
        self._leases[waiting.ticket] = (acquired.lease, reply.at)
        waiting.future.set_result(self._with_line(acquired))

    def _answer(self, waiting: Waiting, answer: core.Acquired | core.Refused) -> None:
        if self._asked.pop(id(waiting.ask), None) is not None:
            waiting.future.set_result(self._with_line(answer))

    def _decide_alone(self, ask: core.Ask) -> core.Refused | None:
        """What becomes of its client's admission that the store has not decided."""
        denied = None if ask.admitted is None else self._shared.clients.decide_alone(ask.admitted)
        return None if denied is None else core.Refused(None, denied=denied)

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
            self._send("leave", {"ticket": waiting.ticket})
            record = self.pool.explain(ask, now, waiting.since)
            return self._answer(waiting, core.Refused(back, why, record=record))
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
