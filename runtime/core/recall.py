"""Conversations that go on: a request mostly begins with the messages of the one before.

What such a message was read as, and written as, is kept, so that it is decoded, lifted, lowered and encoded once. Whatever
depends on the whole conversation is found anew each time: who answers whom, how turns are laid out, what is reported.
A message is known by its bytes and by all that stand before it, to one client that asks one model of one provider in one
dialect; nobody else's requests come near it. What is seen once is only noted: most that is never seen again is never kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from itertools import takewhile
from types import ModuleType
from typing import Any, NamedTuple, get_args, get_origin

import msgspec
from msgspec import Raw
from msgspec.json import Decoder

from runtime.core.context import Context, empty
from runtime.core.primitives import given
from runtime.core.turns import Standing

LEAST = 4 << 10  # bytes of a request; a shorter one is read as fast as it is found
KEPT_S = 300  # what is not asked for in so long is forgotten
BURDEN = 4  # what is kept of a message, in bytes of it
EACH = 1 << 10  # and beside these
_encode = msgspec.json.Encoder().encode


class Forgotten(Exception):
    """This conversation is not laid out as it stands: it is to be read as if nothing were known of it."""


class Message:
    """A message behind those that came before it, and what came behind it."""

    __slots__ = ("behind", "blocks", "plain", "standing", "wire", "written")

    def __init__(self) -> None:
        self.behind: dict[bytes, Message] = {}
        self.wire: Any = None  # None where it is only noted
        self.blocks: list[Any] | None = None  # None, too, where reading it says something for the report
        self.written: dict[int, tuple[str, list[Any], Raw]] = {}  # by their first block's id: role, blocks, message
        self.plain = True  # False: what ends here is not laid out as it stands
        self.standing: Standing | None = (
            None  # how the conversation up to here is laid out, of which nothing is reported
        )

    def taken_over(self) -> Message:
        """The same, with nothing behind it."""
        one = Message()
        one.wire, one.blocks, one.written, one.plain = self.wire, self.blocks, self.written, self.plain
        one.standing = self.standing
        return one


class Tools:
    """The tools that requests offer."""

    __slots__ = ("declared", "lifted", "wire", "written")

    def __init__(self) -> None:
        self.wire: list[Any] | None = None  # None where they are only noted
        self.lifted: list[Any] | None = None  # None, too, where reading or writing them says something for the report
        self.written: list[Raw] | None = None
        self.declared = False  # whether their schemas hold all that the wire demands


class Memory:
    """What is known of all conversations, in at most `limit` bytes, more or less.

    There are two halves: what is asked for in the old one goes over into the young one, and when that is full, or old
    itself, the old one is dropped.
    """

    def __init__(self, limit: int) -> None:
        self.limit, self.size, self.since = limit, 0, 0  # bytes of the young half; when it began
        self._young: dict[Any, Message] = {}
        self._old: dict[Any, Message] = {}

    def find(self, key: Any, messages: list[Raw], now: int) -> tuple[list[Message], int]:
        """The messages of a conversation of that kind, and how many of them are new: these are noted."""
        if self.size > self.limit // 2 or now - self.since > KEPT_S:
            self._old, self._young, self.size, self.since = self._young, {}, 0, now
        found: list[Message] = []
        new = 0
        one, old = self._young.get(key), self._old.get(key)
        if one is None:
            one = self._young[key] = Message()
        for raw in messages:
            said = bytes(raw)
            if old is not None:
                old = old.behind.get(said)
            before, one = one, one.behind.get(said)
            if one is None:
                one = before.behind[said] = Message() if old is None else old.taken_over()
                self.size += len(said) * BURDEN + EACH
                new += old is None
            found.append(one)
        return found, new

    def tools(self, key: Any, raw: Raw) -> Tools:
        """Tools that are offered in requests of that kind; new ones are noted."""
        place = key, bytes(raw)
        if (found := self._young.get(place)) is None:
            found = self._young[place] = self._old.get(place) or Tools()
            self.size += len(place[1]) * BURDEN + EACH
        return found


class Recall:
    """What is known of one request's messages and tools, on its way through the lenses."""

    def __init__(self, messages: list[Message], tools: Tools | None) -> None:
        self.messages, self.tools = messages, tools
        known = (number for number in range(len(messages), 0, -1) if messages[number - 1].standing is not None)
        self.since = next(known, 0)  # so many of the messages have been laid out before
        self.standing = messages[self.since - 1].standing if self.since else None
        self.laid: Standing | None = None  # all of them
        self.blocks: list[Any] | None = None  # of all messages
        self.first: int | None = None  # where these begin in the request; None where they do not stand together

    def lifted(self, lift: Callable[[Any, Context], Any], wire: Any, ctx: Context) -> Any:
        """The canonical request."""
        tools = self.tools
        if tools is None or tools.lifted is None:
            parted = len(ctx.parted)
            value = lift(wire, ctx)
            if tools is not None and len(ctx.parted) == parted and not ctx.says_of(tools.wire):
                tools.lifted = value.tools
        else:
            wire.tools = None
            value = lift(wire, ctx)
            wire.tools, value.tools = tools.wire, tools.lifted
        if self.blocks is not None and value.blocks[len(value.blocks) - len(self.blocks) :] == self.blocks:
            self.first = len(value.blocks) - len(self.blocks)
        return value

    def unseen(self, blocks: list[Any]) -> list[Any]:
        """The blocks of a request, without those that have been laid out before."""
        if self.first is None or self.standing is None:
            return blocks
        return blocks[: self.first] + blocks[self.first + len(self.standing.blocks) :]

    def continued(self, before: str | None) -> tuple[Standing, int]:
        """What the messages are laid out upon, and how many of their blocks are there already. `before` them that one
        has spoken."""
        if self.standing is None or self.standing.began != before:
            self.laid, known = Standing(before), 0
        else:
            self.laid, known = self.standing.continued(), len(self.standing.blocks)
        return self.laid, known

    def declared(self, tools: list[Any] | None) -> bool:
        """Whether these were, before: from now on they are."""
        if self.tools is None or tools is None or tools is not self.tools.lifted:
            return False
        before, self.tools.declared = self.tools.declared, True
        return before

    def lowered(self, lower: Callable[[Any, Context], Any], value: Any, ctx: Context) -> Any:
        """The target's request."""
        tools = self.tools
        if tools is None or tools.lifted is None or value.tools is not tools.lifted:
            wire = lower(value, ctx)
        elif tools.written is None:
            wire = lower(value, ctx)
            if getattr(wire, "tools", None) and not ctx.says_of(tools.lifted):
                tools.written = [Raw(_encode(one)) for one in wire.tools]
        else:
            value.tools = None
            wire = lower(value, ctx)
            value.tools, wire.tools = tools.lifted, tools.written
        self._keep()
        return wire

    def _keep(self) -> None:
        """What goes on from here finds it laid out, unless reading some of it says something for the report."""
        if self.laid is None or not all([message.blocks is not None for message in self.messages[self.since :]]):
            return
        self.laid.blocks = self.blocks
        if self.since:
            self.messages[self.since - 1].standing = None
        self.messages[-1].standing = self.laid

    def read(self, lift: Callable[[Any, int, Context], list[Any]], ctx: Context) -> list[Any]:
        """The blocks of all messages."""
        blocks = [] if self.standing is None else [*self.standing.blocks]
        for turn, message in enumerate(self.messages[self.since :], self.since):
            if (held := message.blocks) is None:
                told = ctx.told
                held = lift(message.wire, turn, ctx)
                if ctx.told == told:
                    message.blocks = held
            blocks += held
        self.blocks = [*blocks]
        return blocks

    def written(self, lower: Mapping[str, Callable[[list[Any], Context], Any]], ctx: Context) -> list[Any]:
        """The messages of the target. The last is always written anew: it may be one that is to be continued."""
        laid, before, known = ctx.turns.messages, 0, list[Any]()
        if self.laid is not None:
            before, known = len(laid) - len(self.laid.messages), self.laid.written
            if not self.laid.messages or laid[before:] != self.laid.messages:  # something was put in between
                self.laid, before, known = None, 0, []
        found = [self._message(role, run, lower, ctx) for role, run in laid[:before]]
        found += known
        found += [self._message(role, run, lower, ctx) for role, run in laid[len(found) : -1]]
        known += takewhile(lambda wire: type(wire) is Raw, found[before + len(known) :])
        return [*found, *(lower[role](run, ctx) for role, run in laid[-1:])]

    def _message(self, role: str, run: list[Any], lower: Mapping[str, Callable], ctx: Context) -> Any:
        """One of the target, as bytes where that is known, and from now on where nothing is said of it."""
        turn = run[0].turn
        if turn is None or turn < 0:
            return lower[role](run, ctx)
        written = self.messages[turn].written
        kept = written.get(id(run[0]))
        if kept is not None and kept[1] == run and kept[0] == role:  # the same blocks, which is seen at once
            return kept[2]
        told = ctx.told
        wire = lower[role](run, ctx)
        if ctx.told == told and not empty(wire) and all(self._holds(block) for block in run):
            wire = Raw(_encode(wire))
            written[id(run[0])] = role, run, wire
        return wire

    def _holds(self, block: Any) -> bool:
        """Whether a block is one of a message that is kept."""
        return any(one is block for one in self.messages[block.turn].blocks or ())

    def forget(self) -> None:
        """Raises Forgotten; what goes on from here is not asked for again."""
        self.messages[-1].plain = False
        raise Forgotten


def recalled(memory: Memory, key: Any, request: ModuleType, body: bytes, ctx: Context) -> Any:
    """A request's wire struct, with a Recall of its messages for the lenses; None where too little is known of it.

    Raises msgspec.DecodeError.
    """
    if (outline := _outline(request)) is None:
        return None
    field, decode, decode_message, decode_tools = outline
    wire = ctx.decode(decode, body)
    if not (raws := getattr(wire, field)):
        return None
    messages, new = memory.find(key, raws, ctx.now)
    if new * 2 > len(messages) or not all([one.plain for one in messages]):
        return None
    for raw, message in zip(raws, messages, strict=True):
        if message.wire is None:
            message.wire = decode_message(raw)
    setattr(wire, field, [message.wire for message in messages])
    tools = None
    if decode_tools is not None and (raw := given(wire.tools)) is not None:
        tools = memory.tools(key, raw)
        if tools.wire is None:
            tools.wire = decode_tools(raw)
        wire.tools = tools.wire
        tools = tools if tools.wire else None
    ctx.recall = Recall(messages, tools)
    return wire


class Outline(NamedTuple):
    """How a request is read but for its messages and tools, and how these are."""

    messages: str  # their field
    decode: Callable[[bytes], Any]
    decode_message: Callable[[bytes], Any]
    decode_tools: Callable[[bytes], Any] | None  # None where they have no field of their own


@cache
def _outline(request: ModuleType) -> Outline | None:
    """None for a dialect without messages."""
    struct, name = request.decode_request.__self__.type, getattr(request, "MESSAGES", None)
    if name is None:
        return None
    said = {field.name: field for field in msgspec.structs.fields(struct)}
    [item] = (get_args(one)[0] for one in (said[name].type, *get_args(said[name].type)) if get_origin(one) is list)
    held: list[Any] = [(name, list[Raw], msgspec.field(name=said[name].encode_name, default=None))]
    decode_tools = None
    if "tools" in said:
        held.append(("tools", Raw, None))
        decode_tools = Decoder(said["tools"].type).decode
    outline = msgspec.defstruct(struct.__name__, held, bases=(struct,), kw_only=True)
    return Outline(name, Decoder(outline).decode, Decoder(item).decode, decode_tools)
