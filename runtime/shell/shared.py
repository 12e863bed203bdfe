"""This process among those that share a store: who lives, what each holds, and what happens while the store is away.

Without the store every process goes on with its part of each limit. Once it is back each tells it what it holds, and what
was used meanwhile; then the store has the last word again.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Protocol

from runtime.shell.queue import Clock
from runtime.shell.redis_store import TIMEOUT_S, Alive, Away, Store

if TYPE_CHECKING:
    from runtime.shell.shared_clients import SharedClients

LEASE_S = 15.0  # after which the slots of a process that was killed come back
RETRY_S = 0.5  # between attempts to reach a store that is away
WHOLE = (0, 1)

Used = list[tuple[str, float, float, int]]  # a window's name, its seconds, when a part of it leaves, how much


class Member(Protocol):
    """What keeps something in the store, all of it under one place."""

    def held(self) -> dict[str, Any]:
        """`leases`, `gone` (leases given back while the store was away) and `rests`, as `renew` takes them."""

    def used(self, everything: bool) -> Used:
        """What the store has not been told of the windows, or all there is in them."""

    def alone(self) -> None:
        """The store is away."""

    def together(self) -> None:
        """It is back."""

    def freed(self) -> None:
        """Something was given back somewhere."""


class Shared:
    """`share` is this process's part of every limit until it knows how many share the store."""

    def __init__(self, store: Store, clock: Clock, share: tuple[int, int] = WHOLE, lease: float = LEASE_S) -> None:
        self.store, self.clock, self.share, self.lease = store, clock, share, lease
        self.process = secrets.token_hex(8)
        self.there = False
        self.clients: SharedClients  # is set by these themselves
        self._members: dict[str, Member] = {}
        self._born: dict[str, str] = {}
        self._told = False
        self._named = 0
        self._tasks: set[asyncio.Task[None]] = set()
        store.freed, store.lost = self._freed, self.lost

    @property
    def part(self) -> tuple[int, int]:
        """This process's of every limit, now."""
        return WHOLE if self.there else self.share

    @property
    def lease_ms(self) -> int:
        return int(self.lease * 1000)

    def name(self) -> str:
        """A new one, for a ticket or a lease."""
        self._named += 1
        return f"{self.process}/{self._named}"

    def join(self, where: str, member: Member) -> None:
        """Its place in the store. Whoever joins while the store is there is known to it with the next renewal."""
        self._members[where] = member

    async def start(self) -> None:
        """Tries to reach the store; without it the process serves all the same."""
        await self._reach()
        self.spawn(self._run())

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self.there:
            said = [self.store.tell(where, "farewell", {"process": self.process}) for where in self._members]
            await asyncio.wait(said, timeout=TIMEOUT_S)
        self.there = False
        await self.store.close()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def tell(self, where: str, operation: str, arguments: dict[str, Any]) -> None:
        """What needs no answer; nothing while the store is away."""
        if self.there:
            self.store.tell(where, operation, arguments)

    def lost(self, why: str) -> None:
        """The store does not answer: from now on each process by itself."""
        if not self.there:
            return
        self.there = False
        self._warn(why)
        for member in self._members.values():
            member.alone()

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
            self.store.drop(str(away))
            if not self._told:
                self._warn(str(away))
            return
        self.there = True
        for member in self._members.values():
            member.together()
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
        """Says that this process lives, what it holds, and what it has used that the store does not know. Raises Away."""
        for where, member in list(self._members.items()):
            held = {"process": self.process, "lease_ms": self.lease_ms, **member.held()}
            alive: Alive = await self.store.ask(where, "renew", held, Alive)
            self.share = (sorted(alive.processes).index(self.process), len(alive.processes))
            used = self._unknown(member, forgotten=self._born.get(where) != alive.born)
            self._born[where] = alive.born
            if used:
                await self.store.tell(where, "recall", {"used": used})

    def _unknown(self, member: Member, forgotten: bool) -> list[Any]:
        now = self.clock()
        return [
            ({"name": name, "span": int(seconds * 1000)}, int((leaves - now) * 1000), amount)
            for name, seconds, leaves, amount in member.used(forgotten)
            if leaves > now
        ]

    def _freed(self, where: str) -> None:
        if (member := self._members.get(where)) is not None:
            member.freed()
