"""What generated code knows of the request it works for, and where it says what cannot be kept.

One Context serves a request, its answer and its stream. `source` is the side that is being read, `target` the side that
is being written: they change places when the answer comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NoReturn

import msgspec

from generated import canonical as c
from runtime.core.diagnostic import did_you_mean
from runtime.core.paths import Places, attributes, nested, shape
from runtime.core.primitives import TranslationError, known, numbered, plain_text

HELD = (c.Text, c.Image, c.Document, c.Video, c.SearchResult)  # what results hold
NULL = msgspec.Raw(b"null")
CUTS = ("max_tokens", "context_window", "content_filter")  # stop reasons of an answer whose last message is not whole


class Loss(msgspec.Struct, frozen=True):
    """One thing that did not pass: its path in the sender's protocol, the rule that says so, and why.

    `kind` is lost, moved (said elsewhere), rewritten (said in other words) or supplied (the target demands it).
    """

    path: str
    rule: str
    why: str
    kind: str = "lost"


class Refusal(Exception):
    """A request that cannot be honoured: what, and why."""

    def __init__(self, losses: list[Loss]) -> None:
        super().__init__("; ".join(f"{loss.path}: {loss.why}" for loss in losses))
        self.losses = losses


class Failed(TranslationError):
    """An answer that says it failed."""

    def __init__(self, error: c.Error) -> None:
        super().__init__(error.message)
        self.error = error


def _never(url: str) -> bool:
    return False


def _straight(ctx: Context, decoder: Callable[[bytes], Any], data: bytes) -> Any:
    return decoder(data)


class Context:
    """The state of one translation. `now` is seconds since 1970; `new_id` gives a fresh id of letters and digits."""

    __slots__ = (
        *("_left", "_marks", "_places", "_said", "answering", "asked", "called", "capabilities", "cut", "fetched"),
        *("free", "groups", "ids", "keeps", "losses", "may_fetch", "minted", "model", "mute", "names", "new_id", "now"),
        *("outside", "parted", "reading", "recall", "refusals", "root", "source", "status", "stream_usage", "target"),
        *("turns", "value", "waived", "wanted"),
    )

    def __init__(
        self,
        source: Any,
        target: Any,
        *,
        now: int,
        new_id: Callable[[], str],
        capabilities: Mapping[str, Any] | None = None,
        waived: frozenset[str] = frozenset(),
    ) -> None:
        self.source, self.target = source, target  # the rules modules of the two dialects
        self.now, self.new_id = now, new_id
        self.capabilities = capabilities or {}
        self.waived = waived
        self.outside = frozenset(self.capabilities.get("counts_outside", ()))  # usage counts that a total does not hold
        self.model: str | None = None  # the answer's, where it does not say
        self.answering = False  # the answer is being read, no longer the request
        self.cut = False  # the message of an answer that is being written was cut off
        self.keeps = False  # the answer is kept here, under an id of our own: not every engine has each id but once
        self.status = 0  # of the answer that is being read
        self.stream_usage = False
        self.may_fetch: Callable[[str], bool] = _never  # a link to a medium, for a wire that takes bytes
        self.fetched: Mapping[str, Any] = {}  # by link, what was behind it: BytesSource
        self.wanted: list[str] = []  # links that are to be fetched first
        self.turns: Any = None
        self.names: dict[str, str] = {}  # respelled tool name -> the client's
        self.groups: dict[str, tuple[str, str]] = {}  # the name of a tool that is in a group -> that and its own
        self.free: dict[tuple[str | None, str], str] = {}  # a free-text tool's function, with its group -> its own name
        self.ids: dict[str, str] = {}  # respelled call id -> the client's
        self.asked: Any = None  # the client's request, as it was read
        self.called: set[tuple[int, str]] = set()  # candidates and ids of the answer's calls
        self.root: Any = None  # what is being read: owners are found in it
        self.value: Any = None  # what was read
        self.parted: dict[int, tuple[Any, Any]] = {}  # id of a value -> it, and the wire object that it is a part of
        self.losses: list[Loss] = []
        self.refusals: list[Loss] = []
        self._marks: list[_Mark] = []
        self._places: Places | None = None
        self._said: set[str] = set()
        self.minted = 0  # ids
        self.recall: Any = None  # of a request, what is known of its messages: `recall.Recall`
        self.mute = False  # what is left out is of no interest
        self._left: set[str] = set()  # in a stream, where the same is left in every frame
        self.reading: Callable[[Context, Callable[[bytes], Any], bytes], Any] = _straight

    def begin_anew(self) -> None:
        """Forgets what was said of the request."""
        self.turns = self.asked = self.root = self.value = self._places = self.recall = None
        self.names, self.groups, self.free, self.ids, self.parted = {}, {}, {}, {}, {}
        self.losses, self.refusals, self._marks = [], [], []
        self._said, self.wanted = set(), []

    def change(self) -> None:
        """What was read is changed in place from here on: nothing of it may be known from before, or be known again."""
        if self.recall is not None:
            self.recall.forget()

    def unseen(self, blocks: list[Any]) -> list[Any]:
        """The blocks of a request, without those that have come this way before, of which all holds that held then."""
        return blocks if self.recall is None else self.recall.unseen(blocks)

    @property
    def told(self) -> tuple[int, int, int]:
        """How much was said so far for the report, how many ids were made, how many values are known by their places."""
        return len(self._marks), self.minted, len(self.parted)

    def says_of(self, values: list[Any]) -> bool:
        """Whether something was marked in one of these."""
        owners = {id(mark[1]) for mark in self._marks} - {id(self.root), id(self.value)}
        return bool(owners) and any(id(one) in owners for value in values for one in _parts(value))

    def decode(self, decoder: Callable[[bytes], Any], data: bytes) -> Any:
        """A wire struct from its bytes."""
        return self.reading(self, decoder, data)

    def turn_round(self) -> None:
        """From the request to its answer."""
        self.source, self.target = self.target, self.source
        self.root = self.value = self._places = None
        self.answering = True

    # reading

    def keep(self, wire: Any, names: Iterable[str]) -> dict[str, Any] | None:
        """The fields that only this dialect knows: kept for a lowering to the same dialect, else reported or refused."""
        kept, named = None, attributes(type(wire))
        for name in names:
            if (value := getattr(wire, named[name])) is None or value == NULL:
                continue
            rule = f"{type(wire).__name__}.{name}"
            if self.source is not self.target:
                if not (self.source.WHY[rule][0] == "refuse" and (value is False or value == 1 and value is not True)):
                    self.left(wire, name, rule)  # what would be refused is asked for: not false, and not one
            elif kept is None:
                kept = {rule: value}
            else:
                kept[rule] = value
        return kept

    def left(self, wire: Any, field: str, rule: str) -> None:
        """A wire field that is not read."""
        if self.mute:
            return
        refused = self.source.WHY[rule][0] == "refuse" and self.source is not self.target and field not in self.waived
        refused = refused and not (field and _hollow(wire, field))
        self._mark("refused" if refused else "lost", wire, field, rule, self.source)

    def left_in(self, wire: Any, inner: Any, path: str, fields: Iterable[str]) -> None:
        """Those fields of an object in a wire struct, by their names on the wire, that are not read."""
        names = {} if inner is None else attributes(type(inner))
        for field in fields if names else ():
            if getattr(inner, names[field]) is not None:
                self.left(wire, f"{path}.{field}", f"{type(wire).__name__}.{path}.{field}")

    def each(self, lift: Callable[[Any, Context], Any], items: list[Any]) -> list[Any]:
        """Every item lifted; None in the place of one that is not read. In an answer that is one that cannot be, too:
        the rest of it is still an answer."""
        if not self.answering:
            return [lift(item, self) for item in items]
        found: list[Any] = []
        for item in items:
            try:
                found.append(lift(item, self))
            except TranslationError as problem:
                self._mark("lost", item, "", str(problem), self.source)
                found.append(None)
        return found

    def read(self, primitive: Any, value: Any, wire: Any, field: str) -> Any:
        """A field as its primitive reads it; what it refuses is said of that field."""
        try:
            return primitive.lift(value)
        except TranslationError as problem:
            place = problem.path or Places(self.root, None, self.source).of(wire, field)
            raise TranslationError(str(problem), place) from None

    def blocks(self, lift: Callable[[Any, int, Context], list[Any]], messages: list[Any]) -> list[Any]:
        """What all messages hold."""
        if self.recall is not None:
            return self.recall.read(lift, self)
        blocks: list[Any] = []
        for turn, message in enumerate(messages):
            blocks += lift(message, turn, self)
        return blocks

    def split(self, lift: Callable[[Any, Context], Any], items: list[Any] | None, field: str) -> list[Any] | None:
        """Every item lifted; one that holds several things, or several in the list `field`, is read as one for each."""
        found = []
        for item in items or ():
            for name in item.__struct_fields__:
                held = getattr(item, name)
                if held is None or held == NULL:
                    continue
                for inner in held if name == field else (held,):
                    one = type(item)(**{name: [inner] if name == field else inner})
                    self.parted[id(one)] = one, item
                    if (value := lift(one, self)) is not None:
                        self.parted[id(value)] = value, inner if name == field else item
                        found.append(value)
        return found or None

    def unnested(
        self,
        lift: Callable[[Any, Context], Any],
        items: list[Any] | None,
        holder: type,
        read: Callable[[Any, Context], Any],
        held: str,
        field: str,
    ) -> list[Any] | None:
        """Every item lifted; one of type `holder` is read as those that its list `held` has, and what else it says, as
        the `field` of each."""
        if all(type(item) is not holder for item in items or ()):
            return [lift(item, self) for item in items or ()] or None
        found = []
        for item in items:
            inside = getattr(item, held) if type(item) is holder else None
            group = read(item, self) if inside else None
            if inside:
                self.parted[id(group)] = group, item
            elif inside is not None:
                self._mark("lost", item, "", "nothing stands in it", self.source)
            for one in [item] if inside is None else inside:
                found.append(value := lift(one, self))
                self.parted[id(value)] = value, one
                if group is not None:
                    setattr(value, field, group)
        return found or None

    def gathered(self, lift: Callable[[Any, Context], Any], items: list[Any], path: str, field: str) -> Any:
        """Objects that each hold one of what the list `field` holds, as one value. Raises TranslationError where they
        differ in anything else; they stand at `path`."""
        found = [lift(item, self) for item in items]
        if not found:
            raise TranslationError("at least one is needed here", path)
        first, *others = found
        for item, one in zip(items[1:], others, strict=True):
            for name in one.__struct_fields__:
                if name != field and getattr(one, name) != getattr(first, name):
                    place = Places(self.root, None, self.source).of(item)
                    raise TranslationError(f"{name} is another here than in the first: ask for these apart", place)
        setattr(first, field, [held for one in found for held in getattr(one, field)])
        return first

    def nested(
        self,
        lower: Callable[[Any, Context], Any],
        values: list[Any] | None,
        write: Callable[[Any, Context], Any],
        held: str,
        field: str,
    ) -> list[Any]:
        """Every value lowered; neighbours of which the `field` says the same stand in the list `held` of one object."""
        found: list[Any] = []
        last = around = None
        for value in values or ():
            if (one := lower(value, self)) is None:
                continue
            if (group := getattr(value, field, None)) is None:
                found.append(one)
            elif around is not None and group == last:
                getattr(around, held).append(one)
            else:
                around = write(group, self)
                setattr(around, held, [one])
                found.append(around)
            last = group
        return found

    def spread(self, lower: Callable[[Any, Context], Any], value: Any, field: str) -> list[Any]:
        """A value written once for each of what its list `field` holds."""
        found = []
        for held in getattr(value, field) or ():
            one = msgspec.structs.replace(value, **{field: [held]})
            self.parted[id(one)] = one, value
            found.append(lower(one, self))
        return found

    def marked(
        self,
        lift: Callable[[Any, Context], Any],
        items: list[Any] | None,
        field: str,
        read: Callable[[Any, Context], Any],
    ) -> list[Any]:
        """Every item lifted; one with that field is only the cache mark of the one before it, and None in its place."""
        found: list[Any] = []
        for item in items or ():
            if (mark := getattr(item, field)) is None:
                found.append(one := lift(item, self))
                if None in found and one is not None:  # it stands at another place than its number says
                    self.parted[id(one)] = one, item
                continue
            before = next((one for one in reversed(found) if one is not None), None)
            if before is None:
                self._mark("lost", item, "", "nothing stands before this mark", self.source)
            else:
                before.cache = read(mark, self)
            found.append(None)
        return found

    def apart(self, lift: Callable[[Any, Context], Any], items: list[Any] | None) -> list[Any]:
        """Every item lifted, of a list that is not where its kind usually stands."""
        found = known(numbered([lift(item, self) for item in items or ()]))
        self.parted |= {id(one): (one, items[one.part]) for one in found}
        return found

    def needed(self, value: Any, wire: Any, field: str) -> Any:
        """A value that the wire may leave out in some cases, and this is none of them."""
        if value is None:
            places, either = Places(self.root, None, self.source), " or " in field
            why = f"{field} is needed here" if either else "this is needed here"
            raise TranslationError(why, places.of(wire, "" if either else field))
        return value

    def unlifted(self, wire: Any, union: str) -> Any:
        """A wire variant that has no lens: it is left out, or refused."""
        rule = f"{union}.{type(wire).__name__}"
        policy, why = self.source.WHY[rule]
        if policy != "refuse":
            self.left(wire, "", rule)
            return None
        raise TranslationError(f"{why} ({self.source.DIALECT}:{rule})", Places(self.root, None, self.source).of(wire))

    def unread(self, wire: Any, union: str) -> list[Any]:
        """A message of a kind that has no lens: it is left out, and reported or refused."""
        self.left(wire, "", f"{union}.{type(wire).__name__}")
        return []

    def failed(self, error: c.Error, path: str) -> Failed:
        error.param = error.param or path
        return Failed(error)

    def word(self, table: Mapping[str, str], word: str, field: str) -> str:
        if word not in table:
            hint = did_you_mean(word, table) or "write one of " + ", ".join(table)
            raise TranslationError(f"{field}: `{word}` is no word of this protocol; {hint}")
        return table[word]

    def kind_of_status(self, table: Mapping[int, str]) -> str:
        return table.get(self.status) or ("invalid_request" if 400 <= self.status < 500 else "internal")

    def less(self, field: str, count: int | None, **parts: int | None) -> int | None:
        """A count without its parts. Where that is below zero this provider counts them outside, and the count stands."""
        if count is None:
            return None
        rest = count
        for name, part in parts.items():
            if part and name not in self.outside:
                rest -= part
        if rest < 0:
            if self.source is not self.target:
                why = "counted outside by this provider"
                usage = self.source.ORIGIN.get("Response.usage", "").split("|")[0]
                path = f"{usage}.{field}".removeprefix(".")
                self._say(Loss(path, f"{self.source.DIALECT}:usage", why, "rewritten"))
            return count
        return rest

    def broken(self, what: str) -> NoReturn:
        raise TranslationError(what)

    # writing

    def lose(self, owner: Any, field: str, rule: str) -> None:
        """A canonical value that this wire has no place for."""
        self._mark("lost", owner, field, rule, self.target)

    def joined(self, blocks: list[Any], join: str) -> str | None:
        """Texts as one, where a wire has one field for them."""
        for block in blocks:
            for field in ("citations", "logprobs", "cache"):
                if getattr(block, field):
                    self.lose(block, field, "one text stands here")
        return join.join(block.text for block in blocks) or None

    def refuse(self, owner: Any, field: str, rule: str) -> None:
        """A canonical value that must be honoured, and cannot be."""
        value = getattr(owner, field.split(".")[0])
        asked = not (field == "n" and value == 1 or field == "modalities" and value == ["text"])
        if asked and not (field == "output_format" and value.kind == "text"):
            self._mark("lost" if field in self.waived else "refused", owner, field, rule, self.target)

    def restore(self, wire: Any, owner: Any) -> None:
        """Gives kept fields back to the wire type they come from."""
        for key, value in owner.carried.items():
            kind, _, field = key.partition(".")
            if kind == type(wire).__name__ and value is not None:
                setattr(wire, attributes(type(wire))[field], value)

    def say(
        self,
        lower: Mapping[str, str],
        lift: Mapping[str, str],
        word: str | None,
        otherwise: str | None,
        owner: Any,
        field: str,
    ) -> str | None:
        """A word of the request in this wire's own; one that does not mean the same is reported."""
        if word is None:
            return None
        said = lower.get(word, word if otherwise == "same" else otherwise)
        if said is not None and lift.get(said, said) != word:
            self.rewritten(owner, field, f"written as `{said}`")
        return said

    def fits(self, wire: Any, owner: Any, field: str) -> Any:
        """A value in the form that this wire needs; the canonical value may have others, which are refused."""
        if wire is None:
            self._mark("refused", owner, field, "it cannot be given in this form here", self.target)
        return wire

    def none_of(self, kinds: tuple[type, ...], owner: Any, field: str) -> None:
        """Refuses a value that is of none of the kinds that this wire can be given."""
        if type(getattr(owner, field)) not in kinds:
            self.fits(None, owner, field)

    def marking(
        self,
        lower: Callable[[Any, Context], Any],
        values: Iterable[Any] | None,
        field: str,
        write: Callable[[Any, Context], Any],
        needs: str,
    ) -> list[Any]:
        """Every value lowered, and behind one with a cache mark an item that is only this mark."""
        found: list[Any] = []
        for value in values or ():
            for part in (value.content or ()) if type(value) is c.ToolResult else ():
                if part.cache is not None and value.cache is None and type(part) in HELD:
                    self.moved(part, "a mark inside of a result stands behind it")
                    value.cache, part.cache = part.cache, None
            if (one := lower(value, self)) is None:
                continue
            found.append(one)
            if self.needs(needs, value, "cache", value.cache, f"{type(one).__name__}.cache") is not None:
                found.append(type(one)(**{field: write(value.cache, self)}))
        return found

    def whose(self, name: str, owner: Any, field: str, value: Any, rule: str) -> Any:
        """A value that only the vendor of one dialect can read, where it is that vendor's."""
        if value is None or owner.origin == name:
            return value
        self._mark("lost", owner, field, rule, self.target)
        return None

    def needs(self, capability: str, owner: Any, field: str, value: Any, rule: str) -> Any:
        """The value, where the model or its provider can take it."""
        if value is None or self.can(capability):
            return value
        self._mark("lost", owner, field, rule, self.target)
        return None

    def can(self, capability: str) -> bool:
        return self.answering or self.source is self.target or bool(self.capabilities.get(capability))

    def lacks(self, path: str) -> bool:
        """Whether the target's requests have no place for a canonical field."""
        return any(rule.endswith(f".{path}") and policy == "drop" for rule, (policy, _) in self.target.WHY.items())

    def able(self, capability: str, blocks: list[Any], rule: str) -> list[Any]:
        """The blocks, where the model or its provider can take them."""
        if self.can(capability):
            return blocks
        for block in blocks:
            self._mark("lost", block, "", rule, self.target)
        return []

    def saying(self, lower: Mapping[str, Callable[[list[Any], Context], Any]]) -> list[Any]:
        """The messages, without those whose blocks were all lost: most wires take no empty ones. A result may be empty.

        A last one of the assistant bears the flag that it is to be continued, where the wire has one.
        """
        if self.recall is None:
            messages = [lower[role](run, self) for role, run in self.turns.messages]
        else:
            messages = self.recall.written(lower, self)
        flag = self.target.TURNS["prefill"]
        if type(flag) is str and messages and self.turns.continued:
            setattr(messages[-1], flag, True)
        if self.source is self.target or not self._marks:
            return messages
        return [
            one
            for one, (_, run) in zip(messages, self.turns.messages, strict=True)
            if one is not None and (not empty(one) or any(type(block) is c.ToolResult for block in run))
        ]

    def clamp(self, value: Any, low: float, high: float, owner: Any, field: str, rule: str) -> Any:
        if value is None or low <= value <= high:
            return value
        self._mark("rewritten", owner, field, rule, self.target)
        return min(max(value, low), high)

    def unsaid(self, run: list[Any], kinds: set[type], lens: str) -> None:
        """The blocks of a message that its wire has no place for."""
        for block in run:
            if type(block) in kinds:
                self._unlowered(block, f"{lens}.{kind_of(block)}")

    def unlowered(self, value: Any, union: str) -> None:
        """A canonical variant that has no lens on this wire, or that belongs to another vendor."""
        self._unlowered(value, f"{union}.{kind_of(value)}")

    def _unlowered(self, value: Any, rule: str) -> None:
        policy, _ = self.target.WHY.get(rule, ("drop", ""))
        if policy == "usual":
            return
        rule = rule if rule in self.target.WHY else "only its own vendor can read it"
        self._mark("refused" if policy == "refuse" else "lost", value, "", rule, self.target)

    def as_text(self, block: Any, union: str) -> c.Text:
        """A block said as plain text."""
        self._mark("rewritten", block, "", f"{union}.{kind_of(block)}", self.target)
        text = plain_text(block)
        self.pin(text, block)
        return text

    def unusable(self, owner: Any, why: str) -> None:
        """A canonical value in a form that this wire cannot be given: refused."""
        self.pin(owner, owner)
        self._mark("refused", owner, "", why, self.target)

    def moved(self, block: Any, why: str) -> None:
        self._mark("moved", block, "", why, self.target)

    def reworded(self, block: Any, why: str) -> None:
        """A block that is said in another form."""
        self._mark("rewritten", block, "", why, self.target)

    def rewritten(self, owner: Any, field: str, why: str) -> None:
        """A value that is said in other words."""
        self._mark("rewritten", owner, field, why, self.target)

    def supplied(self, owner: Any, field: str, why: str) -> None:
        """A value that this wire demands and the sender did not give."""
        self._mark("supplied", owner, field, why, self.target)

    def mint(self, form: str) -> str:
        self.minted += 1
        return form.replace("{id}", self.new_id())

    def fresh(self, form: str) -> str | None:
        """A new id for something in an answer; in a request only its own vendor names things."""
        return self.mint(form) if self.answering else None

    def echo(self, path: str, otherwise: Any = None) -> Any:
        """What the client's request said, as its answer says it again."""
        value = self.asked
        for name in path.split("."):
            value = getattr(value, name, None)
        return otherwise if value is None else value

    def runs(self, candidate: c.Candidate | None) -> Iterator[tuple[str, list[Any]]]:
        """An answer's blocks as messages: neighbours in one, and kinds alone that have one of their own."""
        alone, found, open_ = self.target.TURNS["alone"], [], None
        for block in (candidate and candidate.blocks) or ():
            kind = type(block).__struct_config__.tag
            if kind in alone:
                found.append((kind, [block]))
                open_ = None
            elif open_ is None:
                open_ = [block]
                found.append(("assistant", open_))
            else:
                open_.append(block)
        for run in found:
            self.cut = run is found[-1] and candidate.stop_reason in CUTS
            yield run
        self.cut = False

    # streams: what is lost there is said once

    def left_in_stream(self, field: str, rule: str) -> None:
        if field + rule not in self._left:
            self._left.add(field + rule)
            self._say(Loss(field, f"{self.source.DIALECT}:{rule}", self.source.WHY.get(rule, ("", "not read"))[1]))

    def spare(self, candidate: int) -> None:
        """A candidate beside the first, on a wire that has one."""
        where = f"{self.source.ORIGIN.get('Response.candidates', 'candidates')}[{candidate}]"
        self._say(Loss(where, f"{self.target.DIALECT}:turns", "one candidate in an answer"))

    def lose_in_stream(self, value: Any, rule: str) -> None:
        self._say(
            Loss(
                kind_of(value), f"{self.target.DIALECT}:{rule}", self.target.WHY.get(rule, ("", "not on this wire"))[1]
            )
        )

    def settle_in_stream(self) -> None:
        """What was marked while blocks of a stream were written."""
        if not self._marks:
            return
        marks, self._marks = self._marks, []
        for mark in marks:
            self._say(_lost(mark, ".".join(filter(None, (kind_of(mark[1]), mark[2])))))

    # the report

    def pin(self, made: Any, of: Any) -> None:
        """What is made out of another value, or moved elsewhere, goes by the path that it had."""
        self._found().pin(made, of)

    def place(self, owner: Any, field: str) -> str:
        """Where a field of a canonical value stands in what was read."""
        return self._found().of(owner, field)

    def placed(self, problem: TranslationError) -> TranslationError:
        """The problem with its place. A primitive does not know where it works, but the frame that called it does:
        it holds the wire or canonical struct that was being converted, and the primitive one of its fields."""
        trace, owner, given = problem.__traceback__, None, None
        while trace is not None and problem.path is None:
            names = trace.tb_frame.f_locals
            here = next((one for one in map(names.get, ("wire", "value")) if isinstance(one, msgspec.Struct)), None)
            if here is not None:
                owner, given = here, None
            elif given is None:
                given = next(iter(names.values()), None)
            trace = trace.tb_next
        if owner is None:
            return problem
        fields = zip(owner.__struct_fields__, owner.__struct_encode_fields__, strict=True)
        held = [name for field, name in fields if given is not None and getattr(owner, field) is given]
        return TranslationError(str(problem), self._found().of(owner, held[0] if len(held) == 1 else ""))

    def _found(self) -> Places:
        if self._places is None:
            self._places = Places(self.root, self.value, self.source, self.parted)
        return self._places

    def _say(self, loss: Loss) -> None:
        if (key := loss.path + loss.rule) not in self._said:
            self._said.add(key)
            self.losses.append(loss)

    def _mark(self, kind: str, owner: Any, field: str, rule: str, rules: Any) -> None:
        self._marks.append((kind, owner, field, rule, rules))

    def settle(self) -> None:
        """Finds the path of everything that was marked; raises Refusal if something of it must be honoured."""
        if marks := self._marks:
            self._marks = []
            if self.waived:
                marks = [
                    ("lost", *mark[1:]) if mark[0] == "refused" and self._waives(mark[1]) else mark for mark in marks
                ]
            for mark, (path, key, loss) in zip(marks, self._told(marks), strict=True):
                if loss is None:
                    loss = _lost(mark, path)
                if mark[0] == "refused":
                    self.refusals.append(loss)
                elif key not in self._said:
                    self._said.add(key)
                    self.losses.append(loss)
        if self.refusals:
            raise Refusal(self.refusals)

    def _waives(self, owner: Any) -> bool:
        """Whether a value is one of a field that may be lost, or belongs to one."""
        fields = [getattr(self.value, name, None) for name in self.waived]
        return any(one is owner for field in fields for one in _parts(field))

    def _told(self, marks: list[_Mark]) -> list[tuple[str, str, Loss | None]]:
        """The path of each mark, a key for what is the same, and what a spec says of it.

        What is lost of one message is mostly lost of the next: that is kept by the shapes of the two. Of the values in
        it nothing is.
        """
        known = self._standing(marks)
        told = None if known is None else _TOLD.get(known)
        if told is SHAPED:
            told = _TOLD.get((*known, shape(self.root)))
        if told is not None:
            return told
        places, told = self._found(), []
        for mark in marks:
            path = places.of(mark[1], mark[2])
            loss = _lost(mark, path)
            told.append((path, path + loss.rule, loss if _specified(mark) else None))
        if known is not None and not places.counted:
            if len(_TOLD) >= MOST_TOLD:
                _TOLD.clear()
            if places.followed:
                _TOLD[known] = SHAPED
                known = (*known, shape(self.root))
            _TOLD[known] = told
        return told

    def _standing(self, marks: list[_Mark]) -> tuple[Any, ...] | None:
        """What was marked, and where; None where something was that stands deeper than a field of the message."""
        root, value = self.root, self.value
        if self._places is not None or self.parted or root is None or value is None:
            return None
        owners = {id(root): "", id(value): "."}
        said: list[Any] = [self.source, type(root), type(value)]
        for mark in marks:
            kind, owner, field, rule, rules = mark
            if (place := owners.get(id(owner))) is None:
                held = (
                    before + name
                    for one, before in ((root, ""), (value, "."))
                    for name in nested(type(one))
                    if getattr(one, name) is owner
                )
                if (place := next(held, None)) is None:
                    return None
                owners[id(owner)] = place
            said += (kind, place, field, rule if _specified(mark) else None, rules)
        return tuple(said)


_Mark = tuple[str, Any, str, str, Any]  # kind, owner, field, rule or why, and the rules that it may be one of
MOST_TOLD = 1 << 12
SHAPED: list[Any] = []  # stands for a report that depends on what else stands in the message
_TOLD: dict[tuple[Any, ...], list[tuple[str, str, Loss | None]]] = {}


def _specified(mark: _Mark) -> bool:
    """Whether a spec says why."""
    return mark[3] in mark[4].WHY


def _lost(mark: _Mark, path: str) -> Loss:
    kind, _, field, rule, rules = mark
    specified = _specified(mark)
    name = f"{rules.DIALECT}:{rule if specified else field or 'turns'}"
    return Loss(path, name, rules.WHY[rule][1] if specified else rule, "lost" if kind == "refused" else kind)


def _parts(value: Any) -> Iterator[Any]:
    """A canonical value and all that it holds."""
    yield value
    if isinstance(value, msgspec.Struct):
        value = [getattr(value, name) for name in value.__struct_fields__]
    if isinstance(value, list):
        for one in value:
            yield from _parts(one)


def _hollow(wire: Any, path: str) -> bool:
    """Whether nothing stands in a field: an empty text, list or object."""
    for name in path.split("."):
        wire = getattr(wire, attributes(type(wire)).get(name, name), None)
    return (bytes(wire).strip() if type(wire) is msgspec.Raw else wire) in ("", [], {}, b'""', b"[]", b"{}")


def empty(wire: Any) -> bool:
    """Whether a message holds nothing but its role."""
    if type(wire) is msgspec.Raw:  # one that was not
        return False
    for name in wire.__struct_fields__:
        value = getattr(wire, name)
        if value is not None and value != [] and name != "role":
            return False
    return True


def kind_of(value: Any) -> str:
    """The word of a canonical variant: its tag, or the word that stands for it."""
    tag = type(value).__struct_config__.tag
    if tag and tag != "block_delta":
        return tag
    return getattr(value, "kind", None) or getattr(value, "mode", None) or type(value).__name__
