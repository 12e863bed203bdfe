"""What holds for every canonical stream, whatever wire it came from and whatever wire it goes to."""

from __future__ import annotations

from typing import Any

from msgspec import Raw

from generated import canonical as c
from runtime.core.cited import NO_LINK, SPOKEN, Citing
from runtime.core.context import Context
from runtime.core.free_text import Text, as_free_text, input_of
from runtime.core.media import MEDIA, SOURCES
from runtime.core.primitives import EMPTY_OBJECT, given, is_object, joined_logprobs
from runtime.core.turns import answers_hold, grouping, in_group

CALLS = (c.ToolCall, c.CustomCall)
TEXT_LOGPROBS = "Text.logprobs"
ORIGINS = {TEXT_LOGPROBS, "Candidate.logprobs", "Response.candidates.0.logprobs"}  # where a wire has log probabilities
CONTENT = (c.BlockStart, c.BlockDelta, c.CandidateStop)
SLIPS = ("malformed_tool_call", "other")  # reasons to stop with which nothing is no answer


class Flow:
    """Makes lifted events a proper stream: one start, no empty deltas, whole tool input, resolved stop reasons, one end.

    `sequential` says that the target writes blocks one after another: what comes in between waits for its turn. Such
    a wire has one candidate, too. `citing` counts the places of citations for the target. Of events that are `gathered`
    into a whole answer, that answer's lens tells what is lost.
    """

    __slots__ = (
        *("_begun", "_calls", "_free", "_open", "_refused", "_slips", "_tier", "_unfed", "_waiting"),
        *("citing", "content", "ctx", "ended", "failure", "gathered", "sequential", "started", "usage"),
    )

    def __init__(self, ctx: Context, sequential: bool, citing: Citing | None = None, gathered: bool = False) -> None:
        self.ctx, self.sequential, self.citing, self.gathered = ctx, sequential, citing, gathered
        self.started = self.content = self.ended = False
        self.failure: c.Error | None = None
        self.usage: c.Usage | None = None
        self._tier: str | None = None  # as the start said it
        self._begun: set[int] = set()  # blocks that have started
        self._unfed: dict[int, Raw] = {}  # calls that have had no delta yet, with the input they opened with
        self._free: dict[int, tuple[c.CustomCall, Text]] = {}  # calls of functions that are free-text tools
        self._calls: set[int] = set()  # candidates that have called a tool
        self._slips: list[tuple[c.CandidateStop, str]] = []  # of candidates that failed, while nothing has been said
        self._refused: set[int] = set()  # candidates that have refused
        self._open: int | None = None
        self._waiting: dict[int, list[Any]] = {}

    def feed(self, events: list[Any]) -> list[Any]:
        out: list[Any] = []
        for event in events:
            if self.ended:
                break
            if self.sequential and (number := getattr(event, "candidate", None)):
                self.ctx.spare(number)
            else:
                self._one(event, out)
        return out

    def _said_at_once(self, event: c.BlockStart, out: list[Any]) -> None:
        """A block that opens with text in it: the text is its first delta."""
        block = event.block
        kind = type(block).__struct_config__.tag
        text, signature = block.text, getattr(block, "signature", None)
        logprobs = getattr(block, "logprobs", None)
        block.text = ""
        if logprobs is not None:
            block.logprobs = None
        if signature is not None:
            block.signature = None
        self._begin(out)
        self._emit(event, out)
        if self.citing is not None:
            self.citing.begin(event.index, event.candidate or 0, block)
            if type(block) is c.Text:
                self.citing.grow(event.index, text)
        if text:
            self._emit(c.BlockDelta(event.index, kind, event.candidate, text, None, logprobs), out)
        if signature:
            self._emit(c.BlockDelta(event.index, "signature", event.candidate, signature), out)

    def _begin(self, out: list[Any]) -> None:
        self.content = True
        if not self.started:
            self.started = True
            out.append(c.MessageStart(model=self.ctx.model))

    def _one(self, event: Any, out: list[Any]) -> None:
        kind = type(event)
        if kind in (c.BlockDelta, c.BlockStop) and event.index not in self._begun:
            return  # of a block that nobody knows
        if kind is c.BlockDelta:
            if not event.text and event.citation is None and event.logprobs is None:
                return
            if event.kind in ("json", "custom"):
                self._unfed.pop(event.index, None)
                if event.index in self._free:
                    self._unwrap(event, event.text, out)
                    event.text = None  # the client is given another, which is not to be had by the shape of the frame
                    return
            elif self.citing is not None and event.kind == "text":
                self.citing.grow(event.index, event.text)
            elif self.citing is not None and event.kind == "citation":
                if not self.citing.cite(event.index, event.citation):
                    self.ctx.lose(event, "", NO_LINK)
                return
        elif kind is c.BlockStart and type(event.block) is c.ToolResult:
            self.ctx.lose_in_stream(event.block, "stream.tool_result")
            return
        elif kind is c.BlockStart and not takes(event.block, self.ctx):
            return
        elif kind is c.BlockStart:
            self._begun.add(event.index)
            if type(event.block) in SPOKEN:
                if type(event.block) is c.Refusal:
                    self._refused.add(event.candidate or 0)
                self._said_at_once(event, out)
                return
            if type(event.block) in CALLS:
                call, event.block = event.block, restore(event.block, event.candidate or 0, self.ctx)
                if type(event.block) in held(self.ctx.target):
                    self._calls.add(event.candidate or 0)
                if type(call) is c.ToolCall:
                    self._unfed[event.index] = call.input
                    call.input = EMPTY_OBJECT  # what is known of it already comes as a delta
                if event.block is not call:
                    self._free[event.index] = event.block, Text()
        elif kind is c.BlockStop:
            for citation in self.citing.end(event.index) if self.citing is not None else ():
                self._emit(c.BlockDelta(event.index, "citation", event.candidate, None, citation), out)
            if (unfed := self._unfed.pop(event.index, None)) is not None:
                text = bytes(unfed).decode("utf-8", "surrogatepass") or "{}"
                if event.index in self._free:
                    self._unwrap(event, text, out)
                else:
                    self._emit(c.BlockDelta(event.index, "json", event.candidate, text), out)
            if (free := self._free.pop(event.index, None)) is not None:
                call, text = free
                if rest := text.end():
                    self._emit(c.BlockDelta(event.index, "custom", event.candidate, rest), out)
                if text.odd is not None:
                    self.ctx.reworded(call, text.odd)
        elif kind is c.MessageStart:
            if self.started:
                return
            self.started = True
            self.usage, self._tier = event.usage, event.service_tier
            event.model = event.model or self.ctx.model
            if self.ctx.keeps:
                event.id = None
        elif kind is c.UsageSeen:
            self.usage = event.usage
            return
        elif kind is c.CandidateStop:
            number = event.candidate or 0
            reason = event.stop_reason
            event.stop_reason = resolve(event.stop_reason, number in self._calls, number in self._refused)
            if not self.gathered:
                hush(event, reason, self.ctx)
            if (slip := slipped(reason, event.stop_reason)) is not None and not self.content:
                self._slips.append((event, slip))
                return
        elif kind is c.MessageEnd and self._slips and not self.content:
            self.ended, self.failure = True, nothing_but_a_slip(*self._slips[0])
            return
        elif kind is c.MessageEnd:
            self.ended = True
            event.usage = event.usage or self.usage
            self.usage = event.usage
            if event.service_tier is None:
                event.service_tier = self._tier
            elif event.service_tier != self._tier and not (self.gathered or tells_tier(self.ctx.target)):
                self.ctx.lose(event, "service_tier", "no tier in an answer on this wire")
        elif kind is c.StreamError:
            self.ended = True
            self.failure = event.error
            return
        if kind in CONTENT or kind is c.MessageEnd:
            self._begin(out)
            if self._slips:
                out += [stop for stop, _ in self._slips]
                self._slips = []
        self._emit(event, out)

    def _unwrap(self, event: c.BlockDelta | c.BlockStop, text: str, out: list[Any]) -> None:
        """A piece of a function's input as one of the free text in it."""
        if said := self._free[event.index][1].feed(text):
            self._emit(c.BlockDelta(event.index, "custom", event.candidate, said), out)

    def _emit(self, event: Any, out: list[Any]) -> None:
        """In order of blocks, where the target wants that."""
        kind = type(event)
        if not self.sequential or kind not in (c.BlockStart, c.BlockDelta, c.BlockStop):
            out.append(event)
        elif self._open is None and kind is c.BlockStart:
            self._open = event.index
            out.append(event)
        elif event.index == self._open:
            out.append(event)
            if kind is c.BlockStop:
                self._open = None
                self._next(out)
        else:
            self._waiting.setdefault(event.index, []).append(event)

    def _next(self, out: list[Any]) -> None:
        """The blocks that waited, oldest first, up to the first that is still growing."""
        while self._waiting and self._open is None:
            index = next(iter(self._waiting))
            events = self._waiting.pop(index)
            out += events
            if type(events[-1]) is not c.BlockStop:
                self._open = index


def slipped(said: str | None, resolved: str | None) -> str | None:
    """The reason to stop with which nothing is no answer: the upstream's own, or a call of which there is none."""
    return said if said in SLIPS else resolved if resolved == SLIPS[0] else None


def nothing_but_a_slip(stop: c.Candidate | c.CandidateStop, reason: str) -> c.Error:
    """What an answer is in which a model failed, as the reason to stop says, and said nothing else: none."""
    if reason == "other":
        return c.Error(
            "internal", f"the answer ended without a word, for a reason of the vendor's ({stop.native_reason})"
        )
    told = f"the model called a tool in a form that cannot be read ({stop.native_reason}) and said nothing else"
    return c.Error("internal", told)


def speaks(candidate: c.Candidate) -> bool:
    """Whether anything stands in it."""
    return any(type(block) not in SPOKEN or block.text for block in candidate.blocks or ())


def resolve(reason: str | None, called: bool, refused: bool = False) -> str:
    """Why an answer stopped. A call or a refusal is a reason; a limit that cut it off is a better one.

    A refusal is one that is said; of another an answer must not read as if it were whole.
    """
    if reason == "tool_use" and not called:
        return "malformed_tool_call"
    if reason == "refusal" and not refused:
        return "content_filter"
    if called and reason in (None, "end_turn", "stop_sequence", "other"):
        return "tool_use"
    if refused and reason in (None, "end_turn", "other"):
        return "refusal"
    return reason or "other"


def tells_tier(rules: Any) -> bool:
    """Whether a wire's answers say how they were served. The canonical one, which names no fields, says all."""
    return not rules.ORIGIN or "Response.service_tier" in rules.ORIGIN


def hush(stop: c.Candidate | c.CandidateStop, said: str | None, ctx: Context) -> None:
    """Reports a reason to stop that the client's wire has no word for: there the answer reads as if it were whole.

    `said` is the upstream's own: of a call that has no place here the call itself is reported.
    """
    if stop.stop_reason in ctx.target.HUSHED and said != "tool_use" and ctx.source is not ctx.target:
        ctx.rewritten(stop, "stop_reason", "reads as the end of a whole answer here")


def held(rules: Any) -> tuple[type, ...]:
    """The kinds of calls that an answer on a wire can hold."""
    if rules.DIALECT not in _HELD:
        places, lost = (
            rules.PLACES,
            {rule.rpartition(".")[2] for rule, (what, _) in rules.WHY.items() if what == "refuse"},
        )
        words = {kind: kind.__struct_config__.tag for kind in CALLS}
        general = not places or ("answer", "") in places
        _HELD[rules.DIALECT] = tuple(
            kind for kind, word in words.items() if ("answer", word) in places or general and word not in lost
        )
    return _HELD[rules.DIALECT]


_HELD: dict[str, tuple[type, ...]] = {}


def restore(block: Any, candidate: int, ctx: Context) -> Any:
    """A call under the name and id that the client knows; with a new id, where it has none or that of another one.

    One of a function that is a free-text tool is of that kind, and has no input yet.
    """
    block.name = ctx.names.get(block.name, block.name)
    if block.name in ctx.groups:
        block.group, block.name = ctx.groups[block.name]
    elif block.group is not None and not grouping(ctx.target):
        block.group, block.name = None, in_group(block.group, block.name)
    block.id = ctx.ids.get(block.id, block.id)
    if not block.id or (candidate, block.id) in ctx.called:
        block.id = ctx.mint("call_{id}")
    ctx.called.add((candidate, block.id))
    return as_free_text(block, ctx) if ctx.free and type(block) is c.ToolCall else block


def settle(response: Any, ctx: Context) -> None:
    """The same for a whole answer."""
    response.model = response.model or ctx.model
    if type(response) is not c.Response:
        return
    if ctx.target.STREAM["sequential"]:  # such a wire has one candidate
        for candidate in (response.candidates or ())[1:]:
            ctx.lose(candidate, "", "one candidate in an answer")
    for candidate in response.candidates or ():
        for block in [block for block in candidate.blocks or () if type(block) is c.ToolResult]:
            ctx.pin(block, block)
            candidate.blocks.remove(block)
            ctx.lose(block, "", "a tool result is no answer")
        if candidate.blocks:
            candidate.blocks = [block for block in candidate.blocks if takes(block, ctx)]
        if ctx.source is not ctx.target and (citing := Citing.between(ctx.source, ctx.target)) is not None:
            place_citations(candidate, citing, ctx)
        if ctx.source is not ctx.target and not ORIGINS.isdisjoint(ctx.target.ORIGIN):
            place_logprobs(candidate, TEXT_LOGPROBS in ctx.target.ORIGIN)
        calls = []
        for at, block in enumerate(candidate.blocks or ()):
            if type(block) in CALLS:
                call = restore(block, candidate.index or 0, ctx)
                if call is not block:
                    call.input, candidate.blocks[at] = input_of(block, ctx), call
                if whole(call, ctx):
                    calls.append(call)
                else:
                    candidate.blocks[at] = None
        if None in (candidate.blocks or ()):
            candidate.blocks = [block for block in candidate.blocks if block is not None]
        refused = any(type(block) is c.Refusal for block in candidate.blocks or ())
        called = any(type(block) in held(ctx.target) for block in calls)
        reason, candidate.stop_reason = candidate.stop_reason, resolve(candidate.stop_reason, called, refused)
        hush(candidate, reason, ctx)


def place_citations(candidate: c.Candidate, citing: Citing, ctx: Context) -> None:
    """Citations with their places counted as the target counts them; without those that cannot be said there."""
    texts = {index: one for index, one in enumerate(candidate.blocks or ()) if type(one) is c.Text}
    if all([text.citations is None for text in texts.values()]):
        return
    for index, block in enumerate(candidate.blocks or ()):
        citing.begin(index, 0, block)
        if index in texts:
            citing.grow(index, block.text)
    for index, text in texts.items():
        for citation in text.citations or ():
            if not citing.cite(citing.home(index, citation), citation):
                ctx.pin(citation, citation)
                ctx.lose(citation, "", NO_LINK)
    for index, text in texts.items():
        text.citations = list(citing.end(index)) or None


def place_logprobs(candidate: c.Candidate, at_text: bool) -> None:
    """Log probabilities stand beside what is said, or at its text; of several texts nothing says whose they are."""
    texts = [block for block in candidate.blocks or () if type(block) is c.Text]
    if at_text:
        if len(texts) == 1 and given(candidate.logprobs) is not None:
            texts[0].logprobs, candidate.logprobs = candidate.logprobs, None
    elif told := [text.logprobs for text in texts if given(text.logprobs) is not None]:
        candidate.logprobs = told[0] if len(told) == 1 else joined_logprobs(told)
        for text in texts:
            text.logprobs = None


def said_whole(block: Any, index: int, candidate: int | None) -> list[Any]:
    """A whole block as the events that say the same."""
    events: list[Any] = [c.BlockStart(index, block, candidate)]
    if type(block) is c.CustomCall:
        text, block.input = block.input, ""
        events.append(c.BlockDelta(index, "custom", candidate, text))
    for citation in getattr(block, "citations", None) or ():
        events.append(c.BlockDelta(index, "citation", candidate, None, citation))
    if getattr(block, "citations", None):
        block.citations = None
    return [*events, c.BlockStop(index, candidate)]


def takes(block: Any, ctx: Context) -> bool:
    """Whether the client's wire can be given a block: no kind that its answers never hold, and a medium in its form.

    What is kept at a vendor is for that vendor's own clients. Other kinds are the lens's to say.
    """
    if ctx.source is ctx.target:
        return True
    kind = MEDIA.get(type(block))
    if not answers_hold(block, ctx.target.TURNS):
        ctx.pin(block, block)
        ctx.lose(block, "", "no such part in an answer on this wire")
        return False
    if kind is not None and type(block.source) is c.BoundRef:
        ctx.pin(block, block)
        ctx.lose(block, "", f"this {kind} is kept at its vendor")
        return False
    forms = ctx.target.TURNS.get("sources", {}).get(kind)
    if forms is None or SOURCES[type(block.source)] in forms:
        return True
    ctx.pin(block, block)
    ctx.lose(block, "", f"this {kind} can be given here as {' or '.join(forms)}")
    return False


def whole(block: Any, ctx: Context) -> bool:
    """Whether the input of a call, where the client's wire holds an object, is one: an answer may have been cut in it."""
    if type(block) is not c.ToolCall or not ctx.target.WHOLE_INPUTS or is_object(block.input):
        return True
    ctx.pin(block, block)
    ctx.lose(block, "", "its input is no JSON object")
    return False


def unfold(response: c.Response) -> list[Any]:
    """A whole answer as the stream that says the same."""
    events: list[Any] = [
        c.MessageStart(response.id, response.created, response.model, response.usage, response.service_tier)
    ]
    index = 0
    for candidate in response.candidates or ():
        place_logprobs(candidate, at_text=True)
        for block in candidate.blocks or ():
            events += said_whole(block, index, candidate.index)
            index += 1
        events.append(
            c.CandidateStop(candidate.index, candidate.stop_reason, candidate.native_reason, candidate.stop_sequence)
        )
    return [*events, c.MessageEnd(response.usage, response.service_tier)]


class Fold:
    """A stream's events as the whole answer that says the same. `origin` is the dialect it comes from."""

    def __init__(self, origin: str | None = None) -> None:
        self.origin = origin
        self.response = c.Response(candidates=[])
        self._blocks: dict[int, Any] = {}
        self._texts: dict[int, list[str]] = {}
        self._logprobs: dict[int, list[Raw]] = {}

    def feed(self, events: list[Any]) -> None:
        for event in events:
            match event:
                case c.MessageStart():
                    for name in ("id", "created", "model", "service_tier", "usage"):
                        setattr(self.response, name, getattr(event, name))
                case c.BlockStart():
                    self._blocks[event.index] = event.block
                    self._texts[event.index] = []
                    blocks = self._candidate(event.candidate).blocks
                    event.block.role, event.block.turn, event.block.part = "assistant", 0, len(blocks)
                    blocks.append(event.block)
                case c.BlockDelta():
                    self._grow(event)
                case c.BlockStop():
                    self._close(event.index)
                case c.CandidateStop():
                    candidate = self._candidate(event.candidate)
                    candidate.stop_reason, candidate.native_reason = event.stop_reason, event.native_reason
                    candidate.stop_sequence = event.stop_sequence
                case c.MessageEnd():
                    self.response.usage = event.usage or self.response.usage
                    self.response.service_tier = event.service_tier or self.response.service_tier

    def _candidate(self, index: int | None) -> c.Candidate:
        found = next((one for one in self.response.candidates if one.index == (index or 0)), None)
        if found is None:
            found = c.Candidate(index=index or 0, blocks=[])
            self.response.candidates.append(found)
            self.response.candidates.sort(key=lambda one: one.index)
        return found

    def _grow(self, event: c.BlockDelta) -> None:
        block = self._blocks[event.index]
        if event.kind == "signature":
            block.signature, block.origin = (block.signature or "") + event.text, self.origin
        elif event.kind == "citation":
            block.citations = [*(block.citations or ()), event.citation]
        elif event.text:
            self._texts[event.index].append(event.text)
        if event.logprobs is not None:
            self._logprobs.setdefault(event.index, []).append(event.logprobs)

    def _close(self, index: int) -> None:
        block, text = self._blocks[index], "".join(self._texts[index])
        if type(block) is c.ToolCall:
            block.input = Raw(text.encode("utf-8", "surrogatepass") or b"{}") if text else block.input
        elif type(block) is c.CustomCall:
            block.input += text
        elif hasattr(block, "text"):
            block.text += text
            if type(block) is c.Text and (told := self._logprobs.pop(index, None)):
                block.logprobs = joined_logprobs(told)
