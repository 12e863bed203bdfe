"""What all processes of a pool share, in Redis or Valkey: leases, rests, limits, affinity, and the queue.

Every question is one script, so it is answered whole or not at all, by the store's own clock. Under `isogloss:{POOL}:`

    leases:ACCOUNT      sorted set  lease -> when it ends, unless its process renews it
    rests               hash        account -> when it ends and what for
    used:NAME           hash        when a part of a window leaves it -> how much was used in it
    affinity, affine    hash, sorted set  conversation -> account, and when that is forgotten
    queue, wants        sorted set, hash  ticket -> its number, and the accounts it waits for (* for all)
    processes           sorted set  process -> until when it is believed to live
    freed               channel     something was given back: who waits shall ask again

Times are milliseconds.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec

from runtime.core.account import Account
from runtime.core.limits import DAY, MINUTE, PARTS, Limits
from runtime.core.outcome import Outcome

TIMEOUT_S = 1.0  # for the store to answer, before it counts as away
DEFAULT_PORT = 6379

COMMON = """
local P, a = KEYS[1], cjson.decode(ARGV[1])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function leaves(window, at)
  local part = window.span / PARTS
  return (math.floor(at / part) + 1) * part + window.span
end

-- milliseconds until the amount fits
local function wait(window)
  local key, sum, parts = P .. 'used:' .. window.name, 0, {}
  local entries = redis.call('HGETALL', key)
  for i = 1, #entries, 2 do
    local at, amount = tonumber(entries[i]), tonumber(entries[i + 1])
    if at <= now then
      redis.call('HDEL', key, entries[i])
    else
      sum = sum + amount
      parts[#parts + 1] = {at, amount}
    end
  end
  local excess = sum + math.min(window.amount, window.limit) - window.limit
  if excess <= 0 then return 0 end
  table.sort(parts, function(one, other) return one[1] < other[1] end)
  for _, part in ipairs(parts) do
    excess = excess - part[2]
    if excess <= 0 then return part[1] - now end
  end
  return 0
end

local function take(window, amount, at)
  local key = P .. 'used:' .. window.name
  redis.call('HINCRBY', key, string.format('%d', leaves(window, at)), amount)
  redis.call('PEXPIRE', key, window.span * 2)
end
""".replace("PARTS", str(PARTS))

ACQUIRE = """
local function lives(ticket)
  local until_ = redis.call('ZSCORE', P .. 'processes', string.match(ticket, '^[^/]+'))
  return until_ and tonumber(until_) > now
end

-- accounts that somebody waits for who came before
local reserved, free = {}, #a.candidates
local number = redis.call('ZSCORE', P .. 'queue', a.ticket)
for _, ticket in ipairs(redis.call('ZRANGEBYSCORE', P .. 'queue', '-inf', number and '(' .. number or '+inf')) do
  if free <= 0 then break end
  if lives(ticket) then
    local wants = redis.call('HGET', P .. 'wants', ticket)
    for _, one in ipairs(a.candidates) do
      if not reserved[one.name] and (wants == '*' or string.find(wants, '\\n' .. one.name .. '\\n', 1, true)) then
        reserved[one.name] = true
        free = free - 1
      end
    end
  else
    redis.call('ZREM', P .. 'queue', ticket)
    redis.call('HDEL', P .. 'wants', ticket)
  end
end

local order = {}
if a.key then
  local ends = redis.call('ZSCORE', P .. 'affine', a.key)
  local known = ends and tonumber(ends) > now and redis.call('HGET', P .. 'affinity', a.key)
  for at, one in ipairs(a.candidates) do
    if one.name == known then order[1] = at end
  end
end
for at = 1, #a.candidates do
  if at ~= order[1] then order[#order + 1] = at end
end

local back, busy, limited, rests = nil, false, false, {}
local function not_before(ms)
  if not back or ms < back then back = ms end
end

local whole = 0
for _, window in ipairs(a.windows) do whole = math.max(whole, wait(window)) end
for _, at in ipairs(whole == 0 and order or {}) do
  local one = a.candidates[at]
  local rest = redis.call('HGET', P .. 'rests', one.name)
  local left = rest and tonumber(string.match(rest, '^%d+')) - now or 0
  local leases = P .. 'leases:' .. one.name
  redis.call('ZREMRANGEBYSCORE', leases, '-inf', now)
  local ready = 0
  for _, window in ipairs(one.windows) do ready = math.max(ready, wait(window)) end
  if reserved[one.name] then
    busy = true
  elseif left > 0 then
    rests[#rests + 1] = {one.name, string.match(rest, '%a+'), left}
    not_before(left)
  elseif one.most > 0 and redis.call('ZCARD', leases) >= one.most then
    busy = true
  elseif ready > 0 then
    limited = true
    not_before(ready)
  else
    redis.call('ZADD', leases, now + a.lease_ms, a.lease)
    for _, window in ipairs(one.windows) do take(window, window.amount, now) end
    for _, window in ipairs(a.windows) do take(window, window.amount, now) end
    if a.key then
      redis.call('HSET', P .. 'affinity', a.key, one.name)
      redis.call('ZADD', P .. 'affine', now + a.ttl_ms, a.key)
      if redis.call('ZCARD', P .. 'affine') > a.entries then
        redis.call('HDEL', P .. 'affinity', redis.call('ZPOPMIN', P .. 'affine')[1])
      end
    end
    if number then
      redis.call('ZREM', P .. 'queue', a.ticket)
      redis.call('HDEL', P .. 'wants', a.ticket)
      redis.call('PUBLISH', P .. 'freed', '')
    end
    return cjson.encode({granted = one.name, at = now})
  end
end
if a.waits and not number then
  redis.call('ZADD', P .. 'queue', redis.call('INCR', P .. 'came'), a.ticket)
  redis.call('HSET', P .. 'wants', a.ticket, a.wants)
end
if whole > 0 then back, busy, limited = whole, false, true end
return cjson.encode({back = back, busy = busy, limited = limited, rests = #rests > 0 and rests or nil})
"""

FREED = """
if redis.call('ZCARD', P .. 'queue') > 0 then redis.call('PUBLISH', P .. 'freed', '') end
return ''
"""

REST = """
local function rest(account, why, ms)
  local known = redis.call('HGET', P .. 'rests', account)
  if not known or tonumber(string.match(known, '^%d+')) < now + ms then
    redis.call('HSET', P .. 'rests', account, string.format('%d %s', now + ms, why))
  end
end
"""

RELEASE = (
    REST
    + """
if redis.call('ZREM', P .. 'leases:' .. a.account, a.lease) == 1 then
  for _, window in ipairs(a.windows) do
    if a.delta > 0 then
      take(window, a.delta, now)
    elseif a.delta < 0 then
      local key, part = P .. 'used:' .. window.name, string.format('%d', leaves(window, a.at))
      local used = tonumber(redis.call('HGET', key, part) or '0')
      if used > 0 then redis.call('HINCRBY', key, part, -math.min(used, -a.delta)) end
    end
  end
end
if a.rest then rest(a.account, a.rest[1], a.rest[2]) end
"""
    + FREED
)

LEAVE = (
    """
redis.call('ZREM', P .. 'queue', a.ticket)
redis.call('HDEL', P .. 'wants', a.ticket)
"""
    + FREED
)

RENEW = (
    REST
    + """
redis.call('ZADD', P .. 'processes', now + a.lease_ms, a.process)
redis.call('ZREMRANGEBYSCORE', P .. 'processes', '-inf', now)
for _, lease in ipairs(a.leases) do redis.call('ZADD', P .. 'leases:' .. lease[1], now + a.lease_ms, lease[2]) end
for _, one in ipairs(a.rests) do rest(one[1], one[2], one[3]) end
return redis.call('ZRANGE', P .. 'processes', 0, -1)
"""
)

FAREWELL = "redis.call('ZREM', P .. 'processes', a.process)" + FREED

SCRIPTS = {"acquire": ACQUIRE, "release": RELEASE, "leave": LEAVE, "renew": RENEW, "farewell": FAREWELL}


class Away(Exception):
    """The store cannot be asked now. The text says why."""


class Reply(msgspec.Struct):
    """What the store says to one who asks for an account."""

    granted: str | None = None
    at: int = 0  # when, by its clock
    back: float | None = None  # milliseconds until the first may serve, as far as that is known
    busy: bool = False  # some have all slots taken
    limited: bool = False  # or have used up their limits
    rests: list[tuple[str, Outcome, float]] = []  # accounts, what for, and how many more milliseconds

    def beside(self, other: Reply) -> Reply:
        """What two denials come to."""
        backs = [back for back in (self.back, other.back) if back is not None]
        return Reply(back=min(backs, default=None), busy=self.busy or other.busy, limited=self.limited or other.limited)


_reply = msgspec.json.Decoder(Reply).decode
_encode = msgspec.json.Encoder().encode


def windows(name: str, limits: Limits, tokens: int) -> list[dict[str, Any]]:
    """The windows of an account (or of the pool, whose name is empty), with what a request adds to each."""
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


class Connection:
    """Commands to a server and their replies, in order. Any number may be under way."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._asked: deque[asyncio.Future[Any]] = deque()
        self.pushed: Callable[[list[Any]], None] | None = None  # takes what comes of subscriptions
        self.ended: Callable[[str], None] | None = None  # is told why
        self.over: Exception | None = None
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, url: str, password: str | None) -> Connection:
        """`redis://HOST:PORT/DATABASE`, or `rediss://` for TLS. Raises Away."""
        parts = urlsplit(url)
        tls = ssl.create_default_context() if parts.scheme == "rediss" else None
        try:
            async with asyncio.timeout(TIMEOUT_S):
                opened = await asyncio.open_connection(parts.hostname, parts.port or DEFAULT_PORT, ssl=tls)
                connection = cls(*opened)
                if password:
                    await connection.ask("AUTH", password)
                if database := unquote(parts.path.strip("/")):
                    await connection.ask("SELECT", database)
        except (OSError, TimeoutError) as problem:
            raise Away(getattr(problem, "strerror", None) or type(problem).__name__) from None
        return connection

    def ask(self, *words: str | bytes | int) -> asyncio.Future[Any]:
        """The reply to a command; Away when there will be none."""
        future = asyncio.get_running_loop().create_future()
        if self.over is not None:
            _fail(future, self.over)
            return future
        parts = [b"*%d\r\n" % len(words)]
        for word in words:
            data = word if isinstance(word, bytes) else str(word).encode()
            parts.append(b"$%d\r\n%b\r\n" % (len(data), data))
        self._writer.write(b"".join(parts))
        self._asked.append(future)
        return future

    def close(self, why: str = "closed") -> None:
        if self.over is None:
            self.over = Away(why)
            self._writer.close()
            self._reading.cancel()
            for future in self._asked:
                _fail(future, self.over)
            if self.ended is not None:
                self.ended(why)

    async def _read(self) -> None:
        why = "it closed the connection"
        try:
            while True:
                reply = await self._value()
                if self.pushed is not None and isinstance(reply, list):
                    self.pushed(reply)
                elif self._asked:
                    future = self._asked.popleft()
                    if isinstance(reply, Away):
                        _fail(future, reply)
                    elif not future.done():
                        future.set_result(reply)
        except (OSError, asyncio.IncompleteReadError, ValueError) as problem:
            why = getattr(problem, "strerror", None) or why
        self.close(why)

    async def _value(self) -> Any:
        line = await self._reader.readuntil(b"\r\n")
        kind, rest = line[:1], line[1:-2]
        match kind:
            case b"+":
                return rest
            case b"-":
                return Away(rest.decode("utf-8", "replace"))
            case b":":
                return int(rest)
            case b"$":
                size = int(rest)
                return None if size < 0 else (await self._reader.readexactly(size + 2))[:-2]
            case b"*":
                return [await self._value() for _ in range(max(int(rest), 0))]
        raise ValueError(f"no reply of Redis: {line[:40]!r}")


def _fail(future: asyncio.Future[Any], why: Exception) -> None:
    if not future.done():
        future.set_exception(why)
        future.exception()  # whoever asked may have gone, or never waited


class Store:
    """The connections of one process. `freed` is told the name of a pool in which something was given back, `lost` why it is away."""

    def __init__(self, url: str, password: str | None) -> None:
        self._url, self._password = url, password
        self._commands: Connection | None = None
        self._listening: Connection | None = None
        self._hashes: dict[str, bytes] = {}
        self.freed: Callable[[str], None] = lambda pool: None
        self.lost: Callable[[str], None] = lambda why: None

    async def connect(self) -> None:
        """Raises Away."""
        self.close()
        try:
            async with asyncio.timeout(TIMEOUT_S):
                commands = await Connection.open(self._url, self._password)
                for name, script in SCRIPTS.items():
                    self._hashes[name] = await commands.ask("SCRIPT", "LOAD", COMMON + script)
                listening = await Connection.open(self._url, self._password)
                listening.pushed = self._pushed
                await asyncio.wait_for(self._subscribed(listening), TIMEOUT_S)
        except TimeoutError:
            raise Away("it does not answer in time") from None
        self._commands, self._listening = commands, listening
        commands.ended = listening.ended = lambda why: self.lost(why)

    def run(self, script: str, pool: str, arguments: dict[str, Any]) -> asyncio.Future[Any]:
        """One of SCRIPTS on a pool, sent at once; its answer is Away when there will be none. Only after `connect`."""
        return self._commands.ask("EVALSHA", self._hashes[script], 1, f"isogloss:{{{pool}}}:", _encode(arguments))

    async def acquire(self, pool: str, arguments: dict[str, Any]) -> Reply:
        """Raises Away."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return _reply(await self.run("acquire", pool, arguments))
        except TimeoutError:
            self.close("it does not answer in time")
            raise Away("it does not answer in time") from None

    def close(self, why: str = "closed") -> None:
        for connection in (self._commands, self._listening):
            if connection is not None:
                connection.close(why)

    async def _subscribed(self, listening: Connection) -> None:
        self._ready = asyncio.Event()
        listening._writer.write(b"*2\r\n$10\r\nPSUBSCRIBE\r\n$16\r\nisogloss:*:freed\r\n")
        await self._ready.wait()

    def _pushed(self, message: list[Any]) -> None:
        if message[0] == b"psubscribe":
            self._ready.set()
        elif message[0] == b"pmessage":
            self.freed(message[2].decode().removeprefix("isogloss:{").removesuffix("}:freed"))
