"""The store that makes several processes one pool: a Redis or a Valkey. What it holds, and its rules, stand in store.lua.

Questions are answered in the order they were asked. Those of one moment travel together, and nothing that is only told,
such as a slot given back, is waited for.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from runtime.core.account import Account
from runtime.core.affinity import CROWD
from runtime.core.limits import DAY, MINUTE, PARTS, Limits
from runtime.core.outcome import Outcome

TIMEOUT_S = 1.0  # for the store to answer, before it counts as away
CLIENTS = "isogloss:{clients}:"
SCRIPT = f"local PARTS, CROWD = {PARTS}, {CROWD}\n" + Path(__file__).with_name("store.lua").read_text(encoding="utf-8")


class Away(Exception):
    """The store cannot be asked now. The text says why."""


class Reply(msgspec.Struct):
    """What the store says to one who asks for an account."""

    granted: str | None = None
    at: int = 0  # when, by its clock
    known: str | None = None  # not asked, as the conversation is with this one, which may be a candidate, too
    back: float | None = None  # milliseconds until the first may serve, as far as that is known
    busy: bool = False  # some have all slots taken
    limited: bool = False  # or have used up their limits
    rests: list[tuple[str, Outcome, float]] = []  # accounts, what for, and how many more milliseconds
    admitted: int | None = None  # the client's request was counted, then
    denied: str | None = None  # or not, by the limit of that name
    wait: float = 0.0  # milliseconds until that has room
    used: int = 0  # if it is a budget

    def beside(self, other: "Reply") -> "Reply":
        """What two denials come to."""
        backs = [back for back in (self.back, other.back) if back is not None]
        return Reply(back=min(backs, default=None), busy=self.busy or other.busy, limited=self.limited or other.limited)


class Alive(msgspec.Struct):
    """Who shares the pool, and since when the store remembers."""

    processes: list[str]
    born: str


def place(pool: str) -> str:
    """Where all keys of a pool begin. The braces keep them together in a cluster."""
    return f"isogloss:{{pool {pool}}}:"


def windows(name: str, limits: Limits, tokens: int) -> list[dict[str, Any]]:
    """The windows of an account, a client or (its name is empty) the pool, with what a request adds to each."""
    wanted = (
        ("rpm", MINUTE, limits.rpm, 1),
        ("rpd", DAY, limits.rpd, 1),
        ("tpm", MINUTE, limits.tpm, tokens),
        ("tpd", DAY, limits.tpd, tokens),
    )
    return [
        {"name": f"{kind}:{name}", "span": int(span * 1000), "limit": limit, "amount": amount}
        for kind, span, limit, amount in wanted
        if limit is not None
    ]


def candidate(account: Account, tokens: int) -> dict[str, Any]:
    most = account.max_concurrency or 0
    return {"name": account.name, "most": most, "windows": windows(account.name, account.limits, tokens)}


_encode = msgspec.json.Encoder().encode
Asked = tuple[str, str, bytes, asyncio.Future[bytes]]  # place, operation, arguments, answer


def connection(url: str, password: str | None, ca: str | None) -> tuple[Any, tuple[type[Exception], ...]]:
    """A client that does not try again, and what it raises. `ca`: as of Store."""
    from redis.asyncio import Redis
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff
    from redis.exceptions import RedisError

    common = {"password": password, "protocol": 2, "retry": Retry(NoBackoff(), 0)}
    common |= {"socket_connect_timeout": TIMEOUT_S, "socket_timeout": TIMEOUT_S}
    if url.startswith("rediss:"):
        common |= {"ssl_ca_certs": ca, "ssl_include_verify_flags": []}
    return Redis.from_url(url, **common), (RedisError, OSError, TimeoutError)


class Store:
    """The connections of one process. `freed` is told the place where something was given back, `lost` why it is away.

    `ca`: a file of certificates to trust beside the system's, for `rediss://`.
    """

    def __init__(self, url: str, password: str | None = None, ca: str | None = None) -> None:
        self._commands, self._broken = connection(url, password, ca)
        self._listening, _ = connection(url, password, ca)
        self._script = ""  # its hash
        self._asked: list[Asked] = []
        self._under_way: list[Asked] = []
        self._sending: asyncio.Task[None] | None = None
        self._hearing: asyncio.Task[None] | None = None
        self.freed: Callable[[str], None] = lambda where: None
        self.lost: Callable[[str], None] = lambda why: None

    async def connect(self) -> None:
        """Raises Away."""
        await self.close()
        try:
            async with asyncio.timeout(2 * TIMEOUT_S):
                self._script = await self._commands.script_load(SCRIPT)
                heard = self._listening.pubsub()
                await heard.psubscribe(f"{place('*')}freed")
        except self._broken as problem:
            raise Away(_text(problem)) from None
        self._hearing = asyncio.create_task(self._hear(heard))

    def tell(self, where: str, operation: str, arguments: dict[str, Any]) -> asyncio.Future[bytes]:
        """One operation of the script, sent at once; its answer, which nobody needs to await, or Away."""
        future = asyncio.get_running_loop().create_future()
        self._asked.append((where, operation, _encode(arguments), future))
        if self._sending is None:
            self._sending = asyncio.create_task(self._send())
        return future

    async def ask(self, where: str, operation: str, arguments: dict[str, Any], answer: type[Any]) -> Any:
        """An operation's answer. Raises Away."""
        return msgspec.json.decode(await self.tell(where, operation, arguments), type=answer)

    def drop(self, why: str = "closed") -> None:
        """What was asked and not answered ends with Away."""
        for task in (self._sending, self._hearing):
            if task is not None and task is not asyncio.current_task():
                task.cancel()
        for *_, future in (*self._under_way, *self._asked):
            _fail(future, Away(why))
        self._asked, self._under_way, self._sending, self._hearing = [], [], None, None

    async def close(self) -> None:
        self.drop()
        for client in (self._commands, self._listening):
            await client.aclose()

    async def _send(self) -> None:
        while self._asked:
            batch, self._asked = self._asked, []
            self._under_way = batch
            line = self._commands.pipeline(transaction=False)
            for where, operation, arguments, _ in batch:
                line.evalsha(self._script, 1, where, operation, arguments)
            try:
                replies = await line.execute(raise_on_error=False)
            except self._broken as problem:
                return self._lose(problem)
            for (*_, future), reply in zip(batch, replies, strict=True):
                if isinstance(reply, Exception):
                    return self._lose(reply)
                if not future.done():
                    future.set_result(reply)
            self._under_way = []
        self._sending = None

    async def _hear(self, heard: Any) -> None:
        try:
            while True:
                message = await heard.get_message(ignore_subscribe_messages=True, timeout=None)
                if message is not None:
                    self.freed(message["channel"].decode().removesuffix("freed"))
        except self._broken as problem:
            self._lose(problem)

    def _lose(self, problem: Exception) -> None:
        self.drop(_text(problem))
        self.lost(_text(problem))


def _fail(future: asyncio.Future[bytes], why: Away) -> None:
    if not future.done():
        future.set_exception(why)
        future.exception()  # whoever asked may have gone, or never waited


def _text(problem: Exception) -> str:
    if type(problem).__name__ == "TimeoutError":  # Python's own, or the library's
        return "it does not answer in time"
    return str(problem) or type(problem).__name__
