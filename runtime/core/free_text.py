"""Tools whose input is free text, where tools are functions: each is offered as a function of one text.

Its calls come back as those of a free-text tool, whole or as they grow.
"""

from __future__ import annotations

import re

import msgspec
from msgspec import Raw

from generated import canonical as c
from runtime.core.context import Context

INPUT = "input"
SCHEMA = Raw(
    b'{"type":"object","properties":{"input":{"type":"string","description":"All of the input, as it is."}},'
    b'"required":["input"],"additionalProperties":false}'
)
OPENING = '{"input":"'
BARE = f"the model wrote no `{INPUT}`: what it wrote is given as it is"
MORE = f"the model wrote more than `{INPUT}`, which is left out"
CUT = f"the model wrote no whole `{INPUT}`"
ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"} | {one: one for one in '"\\/'}
Tool = tuple[str | None, str]  # its group and name
_opens = re.compile(r'\s*\{\s*"input"\s*:\s*"').match
_blank = re.compile(r"\s+")
_HEX = "[0-9a-fA-F]"
_HIGH = f"[dD][89abAB]{_HEX}{_HEX}"
_UNIT = rf"\\u{_HEX}{_HEX}{_HEX}{_HEX}"
_PART = rf"\\(?:u(?:{_HEX}{_HEX}?{_HEX}?)?)?"  # of an escape
# The inside of a JSON string up to its end, or to an escape that is not whole; half a character is not, either.
_whole = re.compile(rf'(?:[^"\\]++|\\[^u]|(?!\\u{_HIGH}){_UNIT}|\\u{_HIGH}(?=[^\\]|\\[^u]|{_UNIT}))*+', re.S).match
_pending = re.compile(rf"{_PART}|\\u{_HIGH}(?:{_PART})?").fullmatch
_escape = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.S)
_halves = re.compile("[\ud800-\udfff]").search
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.decode


def as_functions(request: c.Request, ctx: Context) -> None:
    """The free-text tools of a request, their calls and the choice of them as functions, where a wire has no others.

    No function has the name of another; what their calls are is remembered for the answer.
    """
    kinds = {*map(type, request.tools or ()), *map(type, ctx.unseen(request.blocks or []))}
    if kinds.isdisjoint((c.CustomTool, c.CustomCall)) or not _functions_alone(ctx):
        return
    tools = [tool for tool in request.tools or () if type(tool) is c.CustomTool]
    calls = [block for block in request.blocks or () if type(block) is c.CustomCall]
    if calls:
        ctx.change()
    words = _words(request, [*map(_tool, tools), *map(_call, calls)])
    ctx.free = {(group, word): name for (group, name), word in words.items()}
    if tools:
        request.tools = [
            _function(one, words, ctx) if type(one) is c.CustomTool else one for one in request.tools or ()
        ]
    if calls:
        offered = set(map(_tool, tools))
        request.blocks = [
            _function_call(one, words, offered, ctx) if type(one) is c.CustomCall else one for one in request.blocks
        ]
        names = {call.id: words[_call(call)] for call in calls}
        for block in request.blocks:
            if type(block) is c.ToolResult and block.call_id in names:
                block.called, block.name = None, names[block.call_id]
    if (choice := request.tool_choice) is not None:
        named = {name: word for (_, name), word in words.items()}
        named |= {name: word for (group, name), word in words.items() if group is None}
        if choice.mode == "custom":
            choice.mode, choice.name = "tool", named.get(choice.name, choice.name)
        for one in choice.allowed or ():
            if one.kind == "custom":
                one.kind, one.name = "function", named.get(one.name, one.name)


def _functions_alone(ctx: Context) -> bool:
    """Whether tools are functions, on the target's wire or for its model, and nothing else."""
    origin = ctx.target.ORIGIN
    return "FunctionTool.name" in origin and not ("CustomTool.name" in origin and ctx.can("custom_tools"))


def _tool(tool: c.FunctionTool | c.CustomTool) -> Tool:
    return tool.group and tool.group.name, tool.name


def _call(call: c.ToolCall | c.CustomCall) -> Tool:
    return call.group, call.name


def _words(request: c.Request, named: list[Tool]) -> dict[Tool, str]:
    """A name for each, that no function of its group has."""
    taken = {_tool(one) for one in request.tools or () if type(one) is c.FunctionTool}
    taken |= {_call(one) for one in request.blocks or () if type(one) is c.ToolCall}
    words: dict[Tool, str] = {}
    for group, name in dict.fromkeys(named):
        word, number = name, 2
        while (group, word) in taken:
            word, number = f"{name}_{number}", number + 1
        taken.add((group, word))
        words[group, name] = word
    return words


def _function(tool: c.CustomTool, words: dict[Tool, str], ctx: Context) -> c.FunctionTool:
    """A free-text tool as a function, which says in words what the tool is."""
    form, told = tool.format, f"Its input is free text: write all of it, as it is, as `{INPUT}`."
    if form is not None and form.kind != "text":
        told = f"{told} It has this form ({' '.join(filter(None, (form.syntax, form.kind)))}):\n{form.definition}"
    made = c.FunctionTool(
        name=words[_tool(tool)],
        description="\n\n".join(filter(None, (tool.description, told))),
        input_schema=SCHEMA,
        group=tool.group,
        cache=tool.cache,
    )
    ctx.pin(made, tool)
    ctx.reworded(made, f"a free-text tool is written as a function of one text, `{INPUT}`")
    return made


def _function_call(call: c.CustomCall, words: dict[Tool, str], offered: set[Tool], ctx: Context) -> c.ToolCall:
    made = c.ToolCall(
        id=call.id,
        name=words[_call(call)],
        input=Raw(_encode({INPUT: call.input})),
        group=call.group,
        role=call.role,
        turn=call.turn,
        part=call.part,
        cache=call.cache,
    )
    ctx.pin(made, call)
    if _call(call) not in offered:
        ctx.reworded(made, f"a free-text call is written as a function's, with one text, `{INPUT}`")
    return made


def as_free_text(call: c.ToolCall, ctx: Context) -> c.ToolCall | c.CustomCall:
    """A call of a function that is a free-text tool as one of that, still without its input; any other as it is."""
    name = ctx.free.get(_call(call))
    if name is None:
        return call
    if call.signature is not None:
        ctx.pin(call, call)
        ctx.lose(call, "signature", "a free-text call has no signature")
    return c.CustomCall(
        id=call.id, name=name, input="", group=call.group, role=call.role, turn=call.turn, part=call.part
    )


def input_of(call: c.ToolCall, ctx: Context) -> str:
    """The text that a function's call has, which is whole."""
    text = Text()
    said = text.feed(bytes(call.input).decode("utf-8", "surrogatepass")) + text.end()
    if text.odd is not None:
        ctx.pin(call, call)
        ctx.reworded(call, text.odd)
    return said


class Text:
    """The text in the input of a function's call, as that arrives: JSON in pieces, cut anywhere.

    `odd` says at the end what else a model wrote than the object that it was asked for.
    """

    __slots__ = ("_grow", "_held", "_rest", "odd")

    def __init__(self) -> None:
        self._grow = self._before  # what becomes of the next piece
        self._held = ""  # what can only be understood with what follows
        self.odd: str | None = None
        self._rest: list[str] = []  # what stands behind the text, or all of an input that does not begin with it

    def feed(self, piece: str) -> str:
        """What can be told of the text from here on."""
        return self._grow(piece)

    def end(self) -> str:
        """What is left of it."""
        if self._grow == self._inside:  # it was cut off, as the answer says
            return ""
        if self._grow == self._before:
            self.odd = CUT if self._held.strip() else None
            return ""
        rest = "".join(self._rest)
        if self._grow == self._behind:
            self.odd = None if rest.strip() == "}" else MORE
            return ""
        text, self.odd = _meant(rest)
        return text

    def _before(self, piece: str) -> str:
        held = self._held + piece
        if (opened := _opens(held)) is not None:
            self._grow, self._held = self._inside, ""
            return self._inside(held[opened.end() :])
        plain = _blank.sub("", held)
        if len(plain) == len(OPENING) or not OPENING.startswith(plain):
            self._grow = self._other
            return self._other(held)
        self._held = held
        return ""

    def _inside(self, piece: str) -> str:
        held, at = self._held + piece, 0
        said: list[str] = []
        while True:
            end = _whole(held, at).end()
            said.append(_unescaped(held[at:end]))
            if end == len(held) or _pending(held, end):
                self._held = held[end:]
                break
            if held[end] == '"':
                self._grow = self._behind
                self._rest.append(held[end + 1 :])
                break
            said.append("\\")  # of no escape that there is
            at = end + 1
        return "".join(said)

    def _behind(self, piece: str) -> str:
        self._rest.append(piece)
        return ""

    def _other(self, piece: str) -> str:
        self._rest.append(piece)
        return ""


def _meant(said: str) -> tuple[str, str | None]:
    """The text in an input that does not begin with it, and what is odd in that."""
    try:
        value = _decode(said)
    except msgspec.DecodeError:
        return said, BARE
    if type(value) is str:
        return value, BARE
    if value == {}:
        return "", None
    if type(value) is dict and type(text := value.get(INPUT)) is str:
        return text, MORE if len(value) > 1 else None
    return said, BARE


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    text = _escape.sub(lambda one: chr(int(one[1], 16)) if one[1] else ESCAPED.get(one[2], one[0]), text)
    if _halves(text):  # two halves are one character
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
