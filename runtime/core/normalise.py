"""What lowering settles before a wire is written: turns, reasoning, limits. All of it is reported.

A request that stays in its own dialect is not normalised: what the client wrote is what its vendor reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from generated import canonical as c
from generated.canonical import CustomCall, Text, ToolCall, ToolResult
from runtime.core.cited import NO_LINK, linked
from runtime.core.context import Context
from runtime.core.free_text import as_functions
from runtime.core.primitives import given, holding
from runtime.core.turns import hashed, lay_out

encode = msgspec.json.Encoder().encode
decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
decode_text = msgspec.json.Decoder(str).decode
BUDGETS = {"minimal": 1024, "low": 2048, "medium": 8192, "high": 16384, "xhigh": 32768, "max": 65536}
EFFORTS = ("none", *BUDGETS)  # from the weakest
SMALL_EFFORTS = ("minimal", "low", "medium")  # above these there is no budget, where none is needed
LEAST_BUDGET = 1024
SHORTEST_BUDGET, LONGEST_BUDGET = 128, 24576  # that every model takes which takes budgets beside efforts
LEAST_TOP_P = 0.95  # beside thinking
SAMPLING = ("temperature", "top_p", "top_k", "presence_penalty", "frequency_penalty")
USUAL_LIMIT = 4096
UNSIGNED = "the turn that goes on began without signed reasoning"
MOST = 1 << 30  # tokens, where no limit is given


def normalise(request: Any, ctx: Context) -> None:
    """Makes the request fit the target's grammar, in place. Only conversations have one."""
    if type(request) is not c.Request:
        return
    grammar = ctx.target.TURNS
    ctx.stream_usage = bool(request.stream_usage)
    if ctx.source is not ctx.target:
        as_functions(request, ctx)
    ctx.turns = lay_out(request, grammar, ctx)
    if ctx.source is ctx.target:
        return
    _unable(request, ctx)
    if request.stream:
        request.stream_usage = True  # counted here, whoever asks
    if request.max_tokens is not None and request.max_tokens < 0:
        ctx.rewritten(request, "max_tokens", "a negative limit is none, and none is written")
        request.max_tokens = None
    if grammar.get("limit") and request.max_tokens is None:
        request.max_tokens = ctx.capabilities.get("max_output") or USUAL_LIMIT
        ctx.supplied(request, "max_tokens", f"required here and not given: {request.max_tokens}")
    if ctx.capabilities.get("sampling") == "one" and request.temperature is not None and request.top_p is not None:
        ctx.rewritten(request, "top_p", "this model takes the temperature or top_p, not both")
        request.top_p = None
    if grammar.get("reasoning") == "effort":
        _as_effort(request, ctx)
    elif grammar.get("reasoning") == "thinking":
        _as_thinking(request, ctx)
    elif grammar.get("reasoning") == "switch":
        _as_switch(request, ctx)
    elif grammar.get("reasoning") == "either":
        _as_either(request, ctx)
    _sampled(request, ctx)
    if grammar.get("texts") == "full" and request.stop:
        if any(not word.strip() for word in request.stop):
            ctx.rewritten(request, "stop", "without the words of blanks alone, which are not taken here")
            request.stop = [word for word in request.stop if word.strip()]
    _bounded(request, grammar.get("most", {}), ctx)
    if (labels := grammar.get("labels")) is not None and given(request.metadata) is not None:
        _labelled(request, labels, ctx)
    _declared(request, grammar, ctx)
    if (cites := grammar.get("cites")) is not None:
        _cited(request, cites, ctx)
    if (word := ctx.capabilities.get("unsigned_calls")) is not None:
        _signed(request, word, ctx)
    choice = request.tool_choice
    if choice is not None and not request.tools and choice.mode in (None, "auto", "none"):
        for field in ("mode", "parallel"):
            if getattr(choice, field) is not None:
                ctx.rewritten(request, f"tool_choice.{field}", "there are no tools to choose from")
        request.tool_choice = None
    elif choice is not None and choice.mode is None:
        if choice.parallel is False:
            choice.mode = "auto"
        else:  # calls side by side are what a wire means that does not speak of them
            request.tool_choice = None
    elif choice is not None and choice.mode == "none":
        choice.parallel = None
    choice = request.tool_choice
    if (
        choice is not None
        and choice.mode == "allowed"
        and ctx.target.WHY.get("ToolChoice.allowed", ("",))[0] == "refuse"
    ):
        _narrowed(request, choice, ctx)
    if grammar.get("choice") is False:
        _unforced(request, ctx)
    elif grammar.get("choice") == "asked":
        _unforbidden(request, ctx)
    elif grammar.get("choice") == "any":
        _unnamed(request, ctx)


def _cited(request: c.Request, cites: Mapping[str, Any], ctx: Context) -> None:
    """Leaves out the citations of earlier answers that a request cannot hold. What another vendor has found is none
    where only that is cited which was given."""
    for text in [text for block in ctx.unseen(request.blocks or []) for text in _texts(block) if text.citations]:
        if not cites["back"]:
            ctx.change()
            ctx.lose(text, "citations", "no citations in a request")
            text.citations = None
            continue
        for citation in list(text.citations):
            why = None
            if cites["places"] == "whole" and citation.kind == "url":
                why = "a link alone is no citation here"
            elif cites["links"] and not linked(citation) or citation.kind == "web" and not citation.url:
                why = NO_LINK
            if why is not None:
                ctx.change()
                ctx.pin(citation, citation)
                ctx.lose(citation, "", why)
                text.citations.remove(citation)


def _texts(block: Any) -> Sequence[c.Text]:
    """A text, or those that a result or a finding holds."""
    kind = type(block)
    if kind is Text:
        return (block,)
    if kind is ToolCall or (content := getattr(block, "content", None)) is None:
        return ()
    return [text for part in content for text in _texts(part)]


def _unforced(request: c.Request, ctx: Context) -> None:
    """For a wire where the model chooses by itself: no choice is what it does, and no tools is what it cannot call."""
    choice = request.tool_choice
    if choice is not None and choice.mode in ("auto", "none"):
        if choice.parallel is False:
            ctx.lose(request, "tool_choice.parallel", "the model decides how many tools it calls at once")
        if choice.mode == "none" and request.tools:
            ctx.rewritten(request, "tool_choice", "the tools are left out, so that none is called")
            request.tools = None
        request.tool_choice = None


def _unforbidden(request: c.Request, ctx: Context) -> None:
    """For a wire that cannot forbid a call: tools that none may be called of are not offered."""
    choice = request.tool_choice
    if choice is not None and not request.tools:
        ctx.refuse(request, "tool_choice", "there are no tools to choose from")
    if choice is not None and choice.mode == "none" and not any(type(one) is c.ToolCall for one in request.blocks):
        ctx.rewritten(request, "tool_choice", "the tools are left out, so that none is called")
        request.tools = request.tool_choice = None


def _unnamed(request: c.Request, ctx: Context) -> None:
    """For a wire that can demand a call, and not name tools: then these are the only ones that are offered."""
    choice = request.tool_choice
    if choice is None:
        return
    if choice.mode in ("tool", "allowed"):
        _narrowed(request, choice, ctx)
    if choice.mode == "auto":
        if choice.parallel is False:
            ctx.lose(request, "tool_choice.parallel", "the model decides how many tools it calls at once")
        request.tool_choice = None  # which is what a wire means that does not speak of it


def _narrowed(request: c.Request, choice: c.ToolChoice, ctx: Context) -> None:
    """The tools that a choice names as the only ones that are offered."""
    names = {choice.name, *(one.name for one in choice.allowed or ())}
    if named := [tool for tool in request.tools or () if getattr(tool, "name", None) in names]:
        if len(named) < len(request.tools):
            ctx.rewritten(request, "tool_choice", "only the tools that it names are offered")
        demanded = choice.mode == "tool" or choice.demand == "required"
        choice.mode, choice.name, choice.allowed, choice.demand = "any" if demanded else "auto", None, None, None
        request.tools = named


def _unable(request: c.Request, ctx: Context) -> None:
    """Refuses what the model is known to be unable to take; of any other the upstream judges."""
    if ctx.capabilities.get("vision") is False:
        for block in request.blocks:
            inside = (block.content or ()) if type(block) is c.ToolResult else (block,)
            for one in inside:
                if type(one) is c.Image:
                    ctx.unusable(one, "this model sees no images")
    if ctx.capabilities.get("tools") is False and request.tools:
        ctx.refuse(request, "tools", "this model calls no tools")


def _bounded(request: c.Request, most: Mapping[str, int], ctx: Context) -> None:
    """Names that are too long by their hash, which is as good a name; of lists what is taken."""
    for field, longest in most.items():
        value = getattr(request, field)
        if value is None or len(value) <= longest:
            continue
        if type(value) is str:
            setattr(request, field, hashed(value, longest))
            ctx.rewritten(request, field, f"written as its hash, since it is longer than {longest}")
        else:
            setattr(request, field, value[:longest])
            ctx.rewritten(request, field, f"the first {longest}; more are not taken here")


def _labelled(request: c.Request, labels: Mapping[str, int], ctx: Context) -> None:
    """Metadata as texts: other values as JSON, and without what there is too much of or what is too long."""
    kept: dict[str, str] = {}
    try:
        said = decode_fields(request.metadata)
    except msgspec.DecodeError:
        ctx.lose(request, "metadata", "names with texts are taken here")
        said = {}
    written, left = [], []
    for name, raw in said.items():
        if given(raw) is None:
            continue
        told = bytes(raw)[:1] == b'"'
        text = decode_text(raw) if told else bytes(raw).decode()
        if len(kept) == labels["most"] or len(name) > labels["name"] or len(text) > labels["text"]:
            left.append(name[:64])
        else:
            kept[name] = text
            written += [] if told else [name]
    if left:
        most = f"{labels['most']} texts of {labels['text']} characters are taken here, with names of {labels['name']}"
        ctx.rewritten(request, "metadata", f"without {', '.join(left)}: {most}")
    elif written:
        ctx.rewritten(request, "metadata", f"written as texts: {', '.join(written)}")
    request.metadata = msgspec.Raw(encode(kept)) if kept else None


def _declared(request: c.Request, grammar: Mapping[str, Any], ctx: Context) -> None:
    """Tools with all that the wire demands of them: their schemas, and that no call is of a tool nobody offers."""
    least = grammar.get("parameters", {})
    known = ctx.recall is not None and ctx.recall.declared(request.tools)
    for tool in () if known else request.tools or ():
        if type(tool) is c.FunctionTool and tool.input_schema is not None:
            schema = given(tool.input_schema)
            tool.input_schema = schema and holding(schema, least)
    if grammar.get("calls") == "declared" and not request.tools and not _forced(request):
        names = dict.fromkeys(block.name for block in request.blocks or () if type(block) is c.ToolCall)
        if names:
            request.tools = [c.FunctionTool(name=name) for name in names]
            request.tool_choice = None if grammar.get("choice") == "asked" else c.ToolChoice(mode="none")
            ctx.supplied(request, "tools", "demanded beside calls: those that were called, to be called no more")


def _signed(request: c.Request, word: str, ctx: Context) -> None:
    """For a model that demands a signature of the first call of each turn: a word that it takes where there is none."""
    ctx.change()
    turn = None
    for block in request.blocks or ():
        if type(block) is not c.ToolCall or block.turn == turn:
            continue
        turn = block.turn
        if not block.signature or block.origin != ctx.target.DIALECT:
            block.signature, block.origin = word, ctx.target.DIALECT
            ctx.supplied(block, "signature", "a call is signed here, and this one is not")


def _sampled(request: c.Request, ctx: Context) -> None:
    """Without what says how words are chosen, for a model that is not told so, or not while it thinks."""
    takes, reasoning = ctx.capabilities.get("sampling"), request.reasoning
    thinks = reasoning is not None and reasoning.effort not in (None, "none")
    if takes == "none" or takes == "unthinking" and thinks:
        why = "not taken by this model" if takes == "none" else "not taken beside thinking"
        for name in SAMPLING:
            if getattr(request, name) is not None:
                ctx.rewritten(request, name, why)
                setattr(request, name, None)


def _as_effort(request: c.Request, ctx: Context) -> None:
    """Thinking modes and budgets as one word, for a model that is known to take one."""
    reasoning, form = request.reasoning, ctx.capabilities.get("reasoning")
    if reasoning is None:
        return
    if form == "none":
        _unthinking(request, ctx)
        return
    if reasoning.effort is None and form == "effort":
        if reasoning.budget is not None:
            reasoning.effort = next(
                (w for w, most in BUDGETS.items() if w != "minimal" and reasoning.budget <= most), "high"
            )
            reasoning.effort = "high" if reasoning.effort in ("xhigh", "max") else reasoning.effort
            reasoning.effort = _near(reasoning.effort, ctx)
            ctx.rewritten(request, "reasoning.budget", f"written as the effort `{reasoning.effort}`")
            reasoning.budget = reasoning.mode = None
        elif reasoning.mode == "off" and (ctx.capabilities.get("effort_none") or ctx.capabilities.get("efforts")):
            _as_none(request, ctx)
    if reasoning.mode not in (None, "off") and form == "effort" and ctx.lacks("reasoning.mode"):
        ctx.rewritten(request, "reasoning.mode", "this model thinks as it sees fit")
        reasoning.mode = None
    _as_taken(request, ctx)


def _as_none(request: c.Request, ctx: Context) -> None:
    """Thinking that is off as an effort; not every model can do without."""
    if (near := _near("none", ctx)) != "none":
        ctx.rewritten(request, "reasoning.mode", f"this model always thinks: with the effort `{near}`")
    request.reasoning.effort, request.reasoning.mode = near, None


def _as_taken(request: c.Request, ctx: Context) -> None:
    """The effort as the wire has a word for it, and the model."""
    near = _near(request.reasoning.effort, ctx)
    if near != request.reasoning.effort:
        request.reasoning.effort = near
        ctx.rewritten(request, "reasoning.effort", f"written as the effort `{near}`")


def _near(effort: str | None, ctx: Context) -> str | None:
    """The nearest effort that the wire and the model take; of two that are equally near, the stronger."""
    effort = ctx.target.TURNS.get("efforts", {}).get(effort, effort)
    taken = ctx.capabilities.get("efforts", ())
    if not taken or effort in taken or effort not in EFFORTS:
        return effort
    rank = {word: EFFORTS.index(word if word in EFFORTS else "medium") for word in taken}  # a word of its own: usual
    some = [word for word in taken if word != "none"]  # that turns off what was asked for
    return min(some, key=lambda word: (abs(rank[word] - EFFORTS.index(effort)), -rank[word]))


def _unthinking(request: c.Request, ctx: Context) -> None:
    """For a model that is known not to reason."""
    for field in ("effort", "budget", "mode", "visibility"):
        if getattr(request.reasoning, field) not in (None, "off", "omitted"):
            ctx.lose(request, f"reasoning.{field}", "this model does not reason")
    request.reasoning = None


def _as_switch(request: c.Request, ctx: Context) -> None:
    """An effort as thinking that is on or off; a small one has a budget as well."""
    reasoning = request.reasoning
    if reasoning is None:
        return
    if ctx.capabilities.get("reasoning") == "none":
        _unthinking(request, ctx)
        return
    if (effort := reasoning.effort) is not None:
        reasoning.effort = None
        if effort == "none":
            reasoning.mode = "off"
        elif reasoning.mode != "off":
            reasoning.mode = "on"
            if reasoning.budget is None and effort in SMALL_EFFORTS:
                reasoning.budget = BUDGETS[effort]
            said = f"with a budget of {reasoning.budget} tokens" if reasoning.budget else "without a budget"
            ctx.rewritten(request, "reasoning.effort", f"written as thinking {said}")
    if reasoning.mode == "off" and reasoning.budget is not None:
        ctx.lose(request, "reasoning.budget", "thinking is off")
        reasoning.budget = None
    if reasoning.mode is None and reasoning.budget is None:
        if reasoning.visibility is not None:
            ctx.lose(request, "reasoning.visibility", "no such switch")
        request.reasoning = None


def _as_thinking(request: c.Request, ctx: Context) -> None:
    """An effort as thinking: adaptive where the model decides itself, else a budget below the output limit."""
    reasoning, form = request.reasoning, ctx.capabilities.get("reasoning", "budget")
    if reasoning is None:
        return
    effort = reasoning.effort
    if effort is None and reasoning.mode is None and reasoning.budget is None and reasoning.visibility is not None:
        ctx.lose(request, "reasoning.visibility", "nobody has asked for reasoning")
        request.reasoning = None
        return
    if reasoning.mode is None and effort is not None:
        if effort == "none":
            reasoning.mode, reasoning.effort = "off", None
        elif form == "adaptive":
            reasoning.mode = "adaptive"
            reasoning.effort = "low" if effort == "minimal" else effort
            _as_taken(request, ctx)
        elif (why := _thoughtless(request, form, ctx)) is not None:
            ctx.rewritten(request, "reasoning.effort", f"no thinking: {why}")
            request.reasoning = None
            return
        else:
            reasoning.mode, reasoning.effort = "on", None
            reasoning.budget = max(
                LEAST_BUDGET, min(BUDGETS.get(effort, BUDGETS["medium"]), (request.max_tokens or MOST) // 2)
            )
            ctx.rewritten(request, "reasoning.effort", f"written as a thinking budget of {reasoning.budget} tokens")
    if reasoning.mode == "on" and _unsigned(request, ctx):
        ctx.rewritten(request, "reasoning", f"no thinking: {UNSIGNED}")
        request.reasoning = None
        return
    if reasoning.mode in ("on", "adaptive"):
        if request.top_p is not None and request.top_p < LEAST_TOP_P:
            ctx.rewritten(request, "top_p", "not taken beside thinking")
            request.top_p = None
        for name in ("temperature", "top_k"):
            value = getattr(request, name)
            if value is not None and not (name == "temperature" and value == 1):
                ctx.rewritten(request, name, "not taken beside thinking")
                setattr(request, name, None)


def _as_either(request: c.Request, ctx: Context) -> None:
    """As an effort or as a budget, whichever the model takes; the wire does not take both."""
    reasoning, form = request.reasoning, ctx.capabilities.get("reasoning", "effort")
    if reasoning is None:
        return
    if form == "none":
        _as_effort(request, ctx)
        return
    wanted = reasoning.effort != "none" and reasoning.mode != "off"
    if form == "effort":
        if not wanted and reasoning.mode == "off":
            _as_none(request, ctx)
            reasoning.budget = None
        _as_effort(request, ctx)
        reasoning.mode = None
    elif not wanted:
        reasoning.effort, reasoning.mode, reasoning.budget = None, "off", None
        if not ctx.capabilities.get("thinking_off"):
            reasoning.mode, reasoning.budget = None, SHORTEST_BUDGET
            ctx.rewritten(request, "reasoning", f"this model always thinks: at most {SHORTEST_BUDGET} tokens")
    elif reasoning.effort is not None:
        if reasoning.budget is None:
            most = (request.max_tokens or 2 * LONGEST_BUDGET) // 2
            budget = max(SHORTEST_BUDGET, min(BUDGETS.get(reasoning.effort, BUDGETS["medium"]), most, LONGEST_BUDGET))
            ctx.rewritten(request, "reasoning.effort", f"written as a thinking budget of {budget} tokens")
            reasoning.budget, reasoning.mode = budget, None
        reasoning.effort = None
    elif reasoning.budget is not None:
        reasoning.budget = min(reasoning.budget, LONGEST_BUDGET)
    if wanted and reasoning.visibility is None:  # other wires show reasoning where there is any
        reasoning.visibility = "summarized"


def _unsigned(request: c.Request, ctx: Context) -> bool:
    """Whether the assistant's turn that goes on now, by tool results or by itself, began without reasoning that may go back."""
    blocks = request.blocks or []
    last = next((n for n in range(len(blocks) - 1, -1, -1) if blocks[n].role == "assistant"), None)
    if last is None or not (last == len(blocks) - 1 or any(type(block) is c.ToolResult for block in blocks[last:])):
        return False
    while last and blocks[last - 1].role in ("assistant", "tool"):
        last -= 1
    first = next(block for block in blocks[last:] if block.role == "assistant")
    return getattr(first, "origin", None) != ctx.target.DIALECT


def _thoughtless(request: c.Request, form: str, ctx: Context) -> str | None:
    """Why a model cannot think when it is asked to, and what lets it; None if it can."""
    if form == "none":
        return "this model has none"
    if (request.max_tokens or MOST) <= LEAST_BUDGET:
        return f"it takes an output limit above {LEAST_BUDGET} tokens"
    if _forced(request):
        return "it takes a tool choice that leaves the model free to call none"
    return UNSIGNED if _unsigned(request, ctx) else None


def _forced(request: c.Request) -> bool:
    return request.tool_choice is not None and request.tool_choice.mode in ("any", "tool")


def pair_calls(request: c.Request, unseen: list[Any] | None = None) -> None:
    """Every call with an id and every result with the id, name and kind of its call, whatever the wire gave.

    Those blocks that are not `unseen` have been paired.
    """
    names: dict[str, str] = {}
    free: set[str] = set()  # ids of free-text calls
    blocks = unseen if unseen is not None else request.blocks or []
    for block in blocks:
        kind = type(block)
        if kind is Text:
            continue
        if kind is ToolCall or kind is CustomCall:
            if not block.id:
                return _pair_in_order(request)
            names[block.id] = block.name
            if kind is CustomCall:
                free.add(block.id)
        elif kind is ToolResult:
            if not block.call_id:
                return _pair_in_order(request)
            if block.call_id not in names and blocks is not request.blocks:  # of an earlier call
                return pair_calls(request)
            if not block.name:
                block.name = names.get(block.call_id)
            if block.call_id in free:
                block.called = "custom_call"
    return None


def _pair_in_order(request: c.Request) -> None:
    """Where a wire has no ids, results answer calls of their name in order; where it has no names, in order."""
    waiting: list[c.ToolCall | c.CustomCall] = []
    names: dict[str, str] = {}
    for block in request.blocks or ():
        kind = type(block)
        if kind is ToolCall or kind is CustomCall:
            block.id = block.id or f"call_{block.turn}_{block.part}"
            names[block.id] = block.name
            waiting.append(block)
        elif kind is ToolResult:
            if not block.call_id:
                call = next((one for one in waiting if block.name in (None, one.name)), None)
                block.call_id = call.id if call else f"call_{block.turn}_{block.part}"
            waiting = [one for one in waiting if one.id != block.call_id]
            block.name = block.name or names.get(block.call_id)
