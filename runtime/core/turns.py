"""How a wire wants a conversation laid out: its turn grammar, read from a mapping's `turns` section.

Only lowering does this. What stood elsewhere, or cannot stand at all, is said in the report.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from hashlib import sha256
from typing import Any, NamedTuple

from generated import canonical as c
from generated.canonical import CustomCall, HostedTool, Text, ToolCall, ToolResult
from runtime.core.context import Context
from runtime.core.media import MEDIA, typed, usable
from runtime.core.primitives import plain_text

ASSISTANT = "assistant"
INSTRUCTIONS = ("system", "developer")
BEFORE_RESULTS = (None, ASSISTANT, "tool")
CALLS = (c.ToolCall, c.CustomCall)
HOSTED = {
    c.HostedCall: "a built-in tool of another vendor",
    c.HostedResult: "a built-in tool of another vendor",
    c.Unknown: "a part this gateway does not know",
}


class Turns(NamedTuple):
    """Instructions that stand outside the messages, the messages (wire role and blocks), and what stands beside them."""

    instructions: list[Any]
    messages: list[tuple[str, list[Any]]]
    beside: list[Any]

    @property
    def only(self) -> list[Any]:
        """The blocks of the one message, on a wire that has no more."""
        return self.messages[0][1] if self.messages else []

    @property
    def continued(self) -> bool:
        """Whether the assistant has the last word."""
        return bool(self.messages) and self.messages[-1][0] == ASSISTANT and type(self.messages[-1][1][-1]) is c.Text


def lay_out(request: c.Request, grammar: Mapping[str, Any], ctx: Context) -> Turns:
    """The request's blocks as this wire's messages. Respells ids and names in place."""
    if (plan := _plan(ctx.target)) is not None and (turns := _as_they_stand(request, plan, ctx)) is not None:
        return _ended(turns, grammar, ctx)
    ctx.change()
    _respell(request, grammar, ctx)
    full, blocks = grammar.get("texts") == "full", []
    for block in request.blocks or ():
        if type(block) is Text:
            if not full or (block.text and not block.text[0].isspace()) or says(block, ctx):
                blocks.append(block)
        elif _plain(block):
            blocks.append(block)
        elif _stays(block, grammar, ctx):
            blocks.append(_as_text(block, grammar, ctx))
    if (rule := grammar.get("titles")) is not None:
        _entitle(blocks, rule, ctx)
    instructions, blocks = _hoist(blocks, grammar, ctx)
    if any(role in grammar["roles"] for role in grammar.get("hoist", ())):  # in front, as messages
        instructions, blocks = [], instructions + blocks
    beside, blocks = _aside(blocks, grammar, ctx)
    if instructions and not blocks:  # nothing but instructions: somebody must ask
        instructions, blocks = [], instructions
        for block in blocks:
            ctx.moved(block, "an instruction alone is written as the user's message")
            block.role = "user"
    for block in blocks if grammar["roles"].get("system") == "user" else ():
        if block.role in INSTRUCTIONS:
            ctx.moved(block, "an instruction is written with what the user says")
    if (why := grammar.get("one")) is not None:
        for block in blocks:
            if block.role not in grammar["roles"]:
                ctx.unusable(block, why)
            elif block.turn != blocks[0].turn:
                ctx.reworded(block, "it goes on where the message before it ends")
    laid: list[Any] = []
    spilt = _spilt(tuple(grammar.get("spill", ())))
    for answers, stretch in _stretches(blocks):
        laid += stretch if answers else _results_first(stretch, spilt, ctx)
    return _ended(Turns(instructions, _group(laid, grammar, ctx), beside), grammar, ctx)


def _ended(turns: Turns, grammar: Mapping[str, Any], ctx: Context) -> Turns:
    """The turns with what stands between two of them, and with an end that this model takes."""
    if "bridge" in grammar:
        turns = turns._replace(messages=_bridged(turns.messages, grammar, ctx))
    _last(turns.messages, grammar, ctx)
    return turns


class Plan(NamedTuple):
    """What a grammar says of texts, calls and results that are written as and where they stand."""

    texts: dict[str, str]  # the wire's role of a text, by who says it; of those that stand in messages
    needs: dict[str, str]
    front: dict[str, str]  # the same of those that come before all others
    outside: frozenset[str]  # whose texts are no messages
    full: bool
    call: tuple[str, bool]  # its role, and whether it is a message of its own
    custom: tuple[str, bool]
    result: tuple[str, bool]
    apart: bool
    names: Callable[[list[str]], bool] | None  # whether they fit
    ids: Callable[[list[str]], bool] | None


@cache
def _plan(rules: Any) -> Plan | None:
    """None for a wire that changes even these."""
    grammar = rules.TURNS
    roles, alone, hoisted = grammar["roles"], grammar.get("alone", ()), frozenset(grammar.get("hoist", ()))
    if "one" in grammar or roles.get("system") == "user" or "text" in alone:
        return None
    lone = {"tool_call": roles.get(ASSISTANT, "user"), "custom_call": roles.get(ASSISTANT, "user")}
    lone["tool_result"] = roles.get("tool", "user")
    outside = hoisted if hoisted.isdisjoint(roles) else frozenset()
    said = dict.fromkeys(("user", ASSISTANT, *INSTRUCTIONS), "user") | roles
    return Plan(
        {role: word for role, word in said.items() if role != "tool" and role not in hoisted},
        {role: need for role, need in grammar.get("needs", {}).items() if need},
        {role: said[role] for role in hoisted - outside},
        outside,
        grammar.get("texts") == "full",
        *((tag, True) if tag in alone else (role, False) for tag, role in lone.items()),
        bool(grammar.get("apart")),
        *(None if (rule := grammar.get(kind)) is None else _fitting(rule) for kind in ("names", "ids")),
    )


def _fitting(rule: Mapping[str, Any]) -> Callable[[list[str]], bool]:
    """Whether all words are in an alphabet and of its length."""
    longest, least, wrong = rule["max"], rule.get("min", 1), _wrong(rule["pattern"])
    anywhere = re.fullmatch(r"\[\^[^\]]*\]", rule["pattern"]) is not None  # a character, wherever it stands

    def fit(words: list[str]) -> bool:
        sizes = set(map(len, words)) or {least}
        if max(sizes) > longest or min(sizes) < least:
            return False
        return wrong("".join(words)) is None if anywhere else not any(map(wrong, words))

    return fit


class Standing:
    """A conversation laid out as it stands, up to one of its messages: what comes next goes on from there."""

    __slots__ = ("before", "began", "blocks", "calls", "instructions", "last", "messages", "results", "turn", "written")

    def __init__(self, began: str | None = None) -> None:
        self.began = began  # who has spoken before, outside of its messages
        self.blocks: list[Any] = []  # all of it
        self.instructions: list[Any] = []
        self.messages: list[tuple[str, list[Any]]] = []
        self.calls: list[Any] = []
        self.results: list[Any] = []
        self.before, self.last, self.turn = began, None, None  # who said the last block, as what, and when
        self.written: list[Any] = []  # of the messages, those to which nothing is added any more

    def continued(self) -> Standing:
        """The same, to go on with."""
        one = Standing(self.began)
        one.instructions, one.messages = [*self.instructions], [*self.messages]
        if one.messages:
            role, run = one.messages[-1]
            one.messages[-1] = role, [*run]
        one.calls, one.results, one.written = [*self.calls], [*self.results], [*self.written]
        one.before, one.last, one.turn = self.before, self.last, self.turn
        return one

    def goes_on(self, blocks: list[Any], plan: Plan, ctx: Context) -> bool:
        """Lays out more blocks; False where one of them is not written as and where it stands. Changes none of them."""
        roles, front, outside, full, apart = plan.texts, plan.front, plan.outside, plan.full, plan.apart
        for role, need in plan.needs.items():
            if not ctx.can(need):
                roles = roles | {role: "system"}
        items = apart and ctx.source.TURNS.get("apart") == "items"  # whose turns are in several messages
        messages, before, last, turn = self.messages, self.before, self.last, self.turn
        run = messages[-1][1] if messages else []
        for block in blocks:
            kind = type(block)
            said = block.role
            if kind is Text:
                text = block.text
                if full and (not text or text[0].isspace() and not text.strip()):
                    return False
                if (role := roles.get(said)) is None:
                    if said in outside and before is None:
                        self.instructions.append(block)
                        continue
                    if said not in front or before is not None and before not in front:
                        return False
                    role = front[said]
            elif kind is ToolResult:
                content = block.content
                if said != "tool" or before not in BEFORE_RESULTS or not content or len(content) != 1:
                    return False
                text = content[0]
                if type(text) is not Text or text.citations or text.logprobs or text.cache or not text.text.strip():
                    return False
                self.results.append(block)
                role, lone = plan.result
                if lone:
                    last = None
            elif said == ASSISTANT and (kind is ToolCall or kind is CustomCall):
                self.calls.append(block)
                role, lone = plan.call if kind is ToolCall else plan.custom
                if lone:
                    last = None
            else:
                return False
            if role != last or apart and (before == "tool" or turn != block.turn and not (items and said == ASSISTANT)):
                run = [block]
                messages.append((role, run))
            else:
                run.append(block)
            before, last, turn = said, role, block.turn
        self.before, self.last, self.turn = before, last, turn
        return True


def _as_they_stand(request: c.Request, plan: Plan, ctx: Context) -> Turns | None:
    """Blocks that are all written as and where they stand, in messages, by one pass; None where one of them is not.

    This changes nothing: for anything else `lay_out` begins anew, step by step.
    """
    recall, head, blocks = ctx.recall, Standing(), request.blocks or []
    first = None if recall is None else recall.first
    if not head.goes_on(blocks[:first], plan, ctx):
        return None
    instructions, messages, calls, results = head.instructions, head.messages, head.calls, head.results
    if first is not None:  # what stands before the messages is no part of what goes on
        stands, known = recall.continued(head.before)
        if not stands.goes_on(blocks[first + known :], plan, ctx):
            return None
        if messages and stands.messages and stands.messages[0][0] == head.last:  # they may go together
            recall.laid = None
            head.goes_on(blocks[first:], plan, ctx)
        else:
            instructions, messages = instructions + stands.instructions, messages + stands.messages
            calls, results = calls + stands.calls, results + stands.results
    if instructions and not messages:
        return None
    tools = [one for one in request.tools or () if type(one) is not HostedTool]
    if [one for one in (*tools, *calls) if one.group is not None] and not grouping(ctx.target):
        return None
    called = [one.name for one in calls]
    if plan.names is not None and not plan.names([*[one.name for one in tools], *called]):
        return None
    if plan.ids is not None:
        called = [one.id for one in calls]
        if not plan.ids([*called, *[one.call_id for one in results]]):
            return None
        if len(set(called)) < len(called) and ctx.source is not ctx.target:
            return None
    return Turns(instructions, messages, [])


def says(text: c.Text, ctx: Context) -> bool:
    """Whether a text is one on a wire that takes no empty ones. Blanks alone are none either, and are reported."""
    if ctx.source is ctx.target or text.text.strip():
        return bool(text.text)
    if text.text or text.citations:
        ctx.pin(text, text)
    if not text.text:
        if text.citations:
            ctx.lose(text, "citations", "nothing is said for which they stand")
        return False
    ctx.lose(text, "", "a text of blanks alone is not taken here")
    return False


def _stays(block: Any, grammar: Mapping[str, Any], ctx: Context) -> bool:
    """Whether a block that is no text can stand on this wire at all."""
    kind = type(block)
    if kind in (c.Thinking, c.SealedThinking) and grammar.get("signed") and ctx.source is not ctx.target:
        if block.origin != ctx.target.DIALECT:
            ctx.lose(block, "", "reasoning goes back only to the vendor that signed it")
            return False
    if kind in HOSTED and ctx.source is not ctx.target and block.origin != ctx.target.DIALECT:
        ctx.lose(block, "", HOSTED[kind])
        return False
    if kind is c.ToolResult and block.content and grammar.get("texts") == "full":
        block.content = [part for part in block.content if type(part) is not c.Text or says(part, ctx)]
    if not usable(block, grammar, ctx):
        return False
    typed(block, grammar, ctx)
    if kind is c.ToolResult and block.content:
        block.content = [part for part in block.content if _told(part, ctx) and usable(part, grammar, ctx)]
        for part in block.content:
            typed(part, grammar, ctx)
    if block.role in INSTRUCTIONS:
        ctx.moved(block, "an instruction is text here; this is written in a user message")
        block.role = "user"
    return True


def answers_hold(block: Any, grammar: Mapping[str, Any]) -> bool:
    """Whether an answer on a wire may hold a block of this kind."""
    return type(block).__struct_config__.tag not in grammar.get("unanswered", ())


def _told(part: Any, ctx: Context) -> bool:
    """Whether a part of a tool result tells the model something: reasoning is the model's own."""
    if type(part) not in (c.Thinking, c.SealedThinking) or ctx.source is ctx.target:
        return True
    ctx.pin(part, part)
    ctx.lose(part, "", "no reasoning in a tool result")
    return False


def _one_text(parts: list[Any], ctx: Context) -> list[Any]:
    """What a tool result says as one text; media stay beside it, to be written behind."""
    said: list[Any] = []
    for part in parts:
        ctx.pin(part, part)
        if type(part) in (c.Refusal, c.SearchResult):
            ctx.reworded(part, "a tool result is one text here")
            said.append(plain_text(part))
        elif type(part) is c.Text:
            said.append(part)
        elif type(part) not in MEDIA:
            ctx.lose(part, "", "a tool result is one text here")
        for field in ("citations", "logprobs", "cache"):
            if getattr(part, field, None):
                ctx.lose(part, field, "a tool result is one text here")
    media = [part for part in parts if type(part) in MEDIA]
    if len(said) < 2:
        return [*said, *media]
    text = c.Text(text="\n".join(part.text for part in said))
    ctx.pin(text, said[0])
    return [text, *media]


def _as_text(block: Any, grammar: Mapping[str, Any], ctx: Context) -> Any:
    """A document that is text, as a text block where the wire takes no documents of text; so too inside a result."""
    if type(block) is c.ToolResult and block.content:
        block.content = [_as_text(part, grammar, ctx) for part in block.content]
        if grammar.get("results") == "text":
            block.content = _one_text(block.content, ctx)
    if type(block) is not c.Document or type(block.source) is not c.TextSource:
        return block
    if "text" in grammar.get("sources", {}).get("document", ("text",)):
        return block
    ctx.reworded(block, "a text document is written as text")
    for field in ("context", "cite"):
        if getattr(block, field):
            ctx.lose(block, field, "plain text has no such field")
    said = f"{block.title}\n\n{block.source.text}" if block.title else block.source.text
    text = c.Text(text=said, role=block.role, turn=block.turn, part=block.part, cache=block.cache)
    ctx.pin(text, block)
    return text


def _plain(block: Any) -> bool:
    """Whether a block is of a kind that stands on every wire: a call, or a result that is one text."""
    kind = type(block)
    if kind is ToolResult:
        content = block.content
        if not content or len(content) != 1:
            return False
        text = content[0]
        return (
            type(text) is Text
            and bool(text.text.strip())
            and not (text.citations or text.logprobs or text.cache)
            and block.role not in INSTRUCTIONS
        )
    return kind in CALLS and block.role == ASSISTANT


def _hoist(blocks: list[Any], grammar: Mapping[str, Any], ctx: Context) -> tuple[list[Any], list[Any]]:
    """Instructions out of the conversation, where the wire keeps them apart."""
    roles = grammar.get("hoist", ())
    if not roles:
        return [], blocks
    instructions, rest = [], []
    for block in blocks:
        if block.role in roles and type(block) is c.Text:
            if rest:
                ctx.moved(block, "an instruction in mid-conversation is written before it")
            instructions.append(block)
        else:
            rest.append(block)
    return instructions, rest


def _aside(blocks: list[Any], grammar: Mapping[str, Any], ctx: Context) -> tuple[list[Any], list[Any]]:
    """Blocks of the kinds that a wire has a field of their own for, beside the conversation; then there must be one."""
    kinds = grammar.get("aside", ())
    beside = [block for block in blocks if type(block).__struct_config__.tag in kinds]
    if not beside or len(beside) == len(blocks):
        return [], blocks
    for block in beside:
        if block.turn != -1:
            ctx.moved(block, "it is written beside the conversation")
    return beside, [block for block in blocks if type(block).__struct_config__.tag not in kinds]


def _stretches(blocks: list[Any]) -> list[tuple[bool, list[Any]]]:
    """The assistant's blocks and the others, in turn."""
    found: list[tuple[bool, list[Any]]] = []
    before: bool | None = None
    for block in blocks:
        answers = block.role == ASSISTANT
        if answers is not before:
            before, stretch = answers, []
            found.append((answers, stretch))
        stretch.append(block)
    return found


@cache
def _spilt(words: tuple[str, ...]) -> frozenset[type]:
    """The media that a result cannot hold."""
    return frozenset(kind for kind, word in MEDIA.items() if word in words)


def _results_first(stretch: list[Any], spilt: frozenset[type], ctx: Context) -> list[Any]:
    """Tool results follow the calls at once; media that a result cannot hold come behind the results."""
    if len(stretch) == 1 and type(stretch[0]) is Text:
        return stretch
    results = [block for block in stretch if type(block) is ToolResult]
    if not results:
        return stretch
    others = [] if len(results) == len(stretch) else [block for block in stretch if type(block) is not c.ToolResult]
    if others:
        missing = len(results)
        for block in stretch:
            if type(block) is c.ToolResult:
                missing -= 1
            elif missing:
                ctx.moved(block, "the results of tool calls come first")
    media = [part for block in results if _holds(block, spilt) for part in _spill(block, spilt, ctx)]
    return [*results, *media, *others] if media or others else results


def _holds(result: c.ToolResult, kinds: frozenset[type]) -> bool:
    return bool(result.content) and not kinds.isdisjoint(map(type, result.content))


def _spill(result: c.ToolResult, kinds: frozenset[type], ctx: Context) -> list[Any]:
    media = [part for part in result.content or () if type(part) in kinds]
    for part in media:
        ctx.moved(part, "media of a tool result is written as a user message behind it")
        ctx.pin(part, part)
        part.role, part.turn = "user", result.turn
    result.content = [part for part in result.content if type(part) not in kinds]
    if not result.content:
        result.content = [c.Text(text="(see the next message)")]
    return [c.Text(text=f"Result of tool call {result.call_id}:", role="user", turn=result.turn, part=0), *media]


def _group(blocks: list[Any], grammar: Mapping[str, Any], ctx: Context) -> list[tuple[str, list[Any]]]:
    """Blocks to messages: a new one where the wire role changes, where the wire keeps turns apart, and for lone blocks."""
    messages: list[tuple[str, list[Any]]] = []
    roles, alone, apart = grammar["roles"], grammar.get("alone", ()), bool(grammar.get("apart"))
    unable = {role for role, need in grammar.get("needs", {}).items() if need and not ctx.can(need)}
    items = ctx.source.TURNS.get("apart") == "items"  # whose turns are in several messages
    last, last_role, run = None, None, []
    for block in blocks:
        kind = type(block)
        role = "system" if block.role in unable else roles.get(block.role, "user")
        lone = kind.__struct_config__.tag in alone if alone else False
        if lone:
            role = kind.__struct_config__.tag
        elif role == "tool" and kind is not ToolResult:
            role = "user"
        if role != last_role or lone:
            fresh = True
        elif apart:
            fresh = type(last) is ToolResult or not (last.turn == block.turn or items and role == ASSISTANT)
        else:
            fresh = False
        if fresh:
            run = []
            messages.append((role, run))
        run.append(block)
        last, last_role = block, role
    return messages


def _bridged(messages: list[tuple[str, list[Any]]], grammar: Mapping[str, Any], ctx: Context) -> list[Any]:
    """With a word of the assistant between a tool's result and what a user says, where the wire wants one."""
    said = grammar.get("bridge")
    if said is None or ctx.source is ctx.target:
        return messages
    found: list[tuple[str, list[Any]]] = []
    for role, run in messages:
        if found and role == "user" and type(found[-1][1][-1]) is c.ToolResult:
            text = c.Text(text=said, role=ASSISTANT, turn=run[0].turn, part=0)
            ctx.pin(text, run[0])
            ctx.supplied(text, "", f"the assistant says `{said}`: a user may not speak right after a tool here")
            found.append((ASSISTANT, [text]))
        found.append((role, run))
    return messages if len(found) == len(messages) else found


def _last(messages: list[tuple[str, list[Any]]], grammar: Mapping[str, Any], ctx: Context) -> None:
    """A conversation that ends with the assistant asks to be continued: that must be honoured."""
    if not messages or messages[-1][0] != ASSISTANT or ctx.source is ctx.target:
        return
    text = messages[-1][1][-1]
    if type(text) is not c.Text:
        return
    ctx.change()
    if not (grammar.get("prefill") and ctx.capabilities.get("prefill", True)) and not ctx.capabilities.get("prefill"):
        ctx.unusable(text, "this model does not continue an assistant message; end with a user message")
    text.text = text.text.rstrip()


def _respell(request: c.Request, grammar: Mapping[str, Any], ctx: Context) -> None:
    """Tool names and call ids in the wire's alphabet and length, one-to-one, remembered for the answer."""
    calls = [block for block in request.blocks or () if type(block) in CALLS]
    if not grouping(ctx.target):
        _ungroup(request, calls, ctx)
    if (rule := grammar.get("names")) is not None:
        named = [*[tool for tool in request.tools or () if type(tool) is not c.HostedTool], *calls]
        if changed := respelled([owner.name for owner in named], rule):
            for owner in named:
                owner.name = changed.get(owner.name, owner.name)
            for result in request.blocks or ():
                if type(result) is c.ToolResult and result.name:
                    result.name = changed.get(result.name, result.name)
            if request.tool_choice and request.tool_choice.name:
                request.tool_choice.name = changed.get(request.tool_choice.name, request.tool_choice.name)
            for tool in request.tool_choice.allowed or () if request.tool_choice else ():
                tool.name = changed.get(tool.name, tool.name)
        ctx.names = {new: old for old, new in changed.items()}
    if (rule := grammar.get("ids")) is not None:
        results = [block for block in request.blocks or () if type(block) is c.ToolResult]
        changed = respelled([*[call.id for call in calls], *[result.call_id for result in results]], rule)
        if changed:
            for call in calls:
                call.id = changed.get(call.id, call.id)
            for result in results:
                result.call_id = changed.get(result.call_id, result.call_id)
        ctx.ids = {new: old for old, new in changed.items()}
        if len({call.id for call in calls}) < len(calls) and ctx.source is not ctx.target:
            _tell_apart(request.blocks or [], rule)


def grouping(rules: Any) -> bool:
    """Whether tools stand in groups on a wire."""
    return not rules.ORIGIN or "ToolCall.group" in rules.ORIGIN


def in_group(group: str, name: str) -> str:
    """The name of a tool of a group, where a wire has no groups."""
    return f"{group}__{name}"


def _ungroup(request: c.Request, calls: list[Any], ctx: Context) -> None:
    """Tools of groups by names that say so, no two alike, remembered for the answer; the first says what its group is."""
    tools = [tool for tool in request.tools or () if type(tool) is not HostedTool]
    named = [(tool.group and tool.group.name, tool) for tool in tools] + [(call.group, call) for call in calls]
    taken, words = {owner.name for group, owner in named if not group}, dict[tuple[str, str], str]()
    for group, owner in named:
        if not group:
            continue
        own = group, owner.name
        if own not in words:
            word, number = in_group(*own), 2
            while word in taken:
                word, number = f"{in_group(*own)}_{number}", number + 1
            taken.add(word)
            words[own], ctx.groups[word] = word, own
        owner.name = words[own]
    if not words:
        return
    said: set[str] = set()
    for tool in tools:
        if (group := tool.group) is not None and group.description and group.name not in said:
            ctx.pin(group, group)
            ctx.rewritten(group, "description", f"said of its first tool, `{tool.name}`")
            tool.description = "\n\n".join(filter(None, (group.description, tool.description)))
            said.add(group.name)
        tool.group = None
    for call in calls:
        call.group = None
    of_calls = {call.id: call.name for call in calls}
    for block in request.blocks or ():
        if type(block) is ToolResult and block.name:
            block.name = of_calls.get(block.call_id, block.name)
    choice = request.tool_choice
    for one in (choice, *(choice.allowed or ())) if choice else ():
        meant = [word for (_, name), word in words.items() if name == one.name]
        if one.name not in taken and len(meant) == 1:
            one.name = meant[0]


def _entitle(blocks: list[Any], rule: Mapping[str, Any], ctx: Context) -> None:
    """Titles of documents in the wire's alphabet and length, no two alike; one without a title gets one."""
    parts = [part for block in blocks for part in (block.content or () if type(block) is c.ToolResult else (block,))]
    taken: set[str] = set()
    for document in [part for part in parts if type(part) is c.Document]:
        plain = re.sub(r"\s+", " ", re.sub(rule["pattern"], "-", document.title or "")).strip()[: rule["max"]]
        title, number = plain or "document", 1
        while title in taken:
            number += 1
            title = f"{(plain or 'document')[: rule['max'] - len(str(number)) - 1]} {number}"
        taken.add(title)
        if document.title not in (None, title):
            ctx.rewritten(document, "title", f"written as `{title}`")
        document.title = title


def _tell_apart(blocks: list[Any], rule: Mapping[str, Any]) -> None:
    """A number for calls whose id an earlier one has, and for their results: these answer in the order of the calls."""
    taken = {block.id for block in blocks if type(block) in CALLS}
    seen: set[str] = set()
    turns: dict[str, int] = {}  # the turn of the last calls of an id
    waiting: dict[str, list[str]] = {}  # the ids that those have now
    for block in blocks:
        if type(block) in CALLS:
            old = block.id
            if old in seen:
                block.id = another(old, taken, rule)
                taken.add(block.id)
            seen.add(old)
            if turns.get(old) != block.turn:
                turns[old], waiting[old] = block.turn, []
            waiting[old].append(block.id)
        elif type(block) is c.ToolResult and (ids := waiting.get(block.call_id)):
            block.call_id = ids.pop(0) if len(ids) > 1 else ids[0]


def respelled(words: list[str], rule: Mapping[str, Any]) -> dict[str, str]:
    """New words for those that are not in the alphabet or of another length, no two alike: numbered where they must be."""
    longest, least, wrong = rule["max"], rule.get("min", 1), _wrong(rule["pattern"])
    known = set(words)
    unfit = {word for word in known if not least <= len(word) <= longest or wrong(word)}
    if not unfit:
        return {}
    taken, changed = known - unfit, {}
    for word in words:
        if word in unfit and word not in changed:
            plain = hashed(word, longest) if least > 1 else re.sub(rule["pattern"], "_", word)[:longest] or "_"
            changed[word] = another(plain, taken, rule) if plain in taken else plain
            taken.add(changed[word])
    return changed


@cache
def _wrong(pattern: str) -> Callable[[str], Any]:
    return re.compile(pattern).search


def another(word: str, taken: set[str], rule: Mapping[str, Any]) -> str:
    """The word with the least number that makes it a new one; a hash of that where words have one length."""
    number, longest = 2, rule["max"]
    while True:
        end = f"_{number}"
        new = hashed(word + end, longest) if rule.get("min", 1) > 1 else word[: longest - len(end)] + end
        if new not in taken:
            return new
        number += 1


def hashed(word: str, length: int) -> str:
    """So many small letters and digits that stand for a word, always the same."""
    return sha256(word.encode("utf-8", "surrogatepass")).hexdigest()[:length]
