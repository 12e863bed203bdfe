"""YAML with places: every node knows its file, line and column, so that what is wrong can be pointed at.

The text is read as the YAML 1.2 core schema, and only the part of it that every reader sees alike: no anchors, merge
keys or tags (E103), no plain scalar that YAML 1.1 reads differently (E104), string keys only (E105), each once (E102).
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import yaml

from runtime.core.diagnostic import Diagnostic, at

DEEPEST = 100  # levels of nesting

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml where the package brings it: ten times faster


class Node(msgspec.Struct, eq=False):
    """One YAML node and its place: `line` and `col` count from 1, `length` is that of the text to mark."""

    value: "bool | int | float | str | list[Node] | dict[str, Node] | None"
    file: str
    line: int
    col: int
    length: int
    keys: "dict[str, Node] | None" = None  # of a mapping: each key's own node

    def plain(self) -> Any:
        """The ordinary Python value, without places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def get(self, key: str) -> "Node | None":
        """The value of a mapping's key; None if this is no mapping or has no such key."""
        return self.value.get(key) if isinstance(self.value, dict) else None

    def at(self, *path: str | int) -> "Node":
        """The deepest node there is along a path of keys and list indexes: this one, if not even the first step is."""
        node = self
        for step in path:
            inside = node.value
            steps = inside if isinstance(inside, dict) else range(len(inside)) if isinstance(inside, list) else ()
            if step not in steps:
                break
            node = inside[step]
        return node


def load(text: str, file: str) -> tuple[Node | None, list[Diagnostic]]:
    """The document's root node, and all that is wrong with it; no root if it is not YAML at all (E101).

    An empty document is a null node. `file` is only the name for the messages.
    """
    text = text.removeprefix("\ufeff")
    reader = _Reader(text, file)
    try:
        root = reader.document(yaml.parse(text, Loader=_Loader))
    except (yaml.YAMLError, UnicodeEncodeError) as problem:
        return None, [_syntax(text, file, problem)]
    except _TooDeep as deep:
        return None, [at(deep.args[0], "E101", f"nested deeper than {DEEPEST} levels")]
    return root, reader.diagnostics


class _TooDeep(Exception):
    """Carries the node that lies too deep."""


class _Reader:
    """Builds the nodes of one text from the parser's events, and collects what it refuses."""

    def __init__(self, text: str, file: str) -> None:
        self.lines = text.splitlines()
        self.file = file
        self.diagnostics: list[Diagnostic] = []

    def document(self, events: Iterator[yaml.Event]) -> Node:
        root = Node(None, self.file, 1, 1, 1)
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents == 2:
                    place = self.place(event, None)
                    self.refuse(place, "E101", "a second document in one file", caret="one file is one document")
            elif isinstance(event, yaml.NodeEvent):
                node = self.node(event, events, 0)
                root = node if documents == 1 else root
        return root

    def node(self, event: yaml.NodeEvent, events: Iterator[yaml.Event], depth: int) -> Node:
        if depth > DEEPEST:
            raise _TooDeep(self.place(event, None))
        if isinstance(event, yaml.AliasEvent):
            node = self.place(event, None)
            self.refuse(node, "E103", f"an alias, `*{event.anchor}`, is not read here", caret="write the value out")
            return node
        if isinstance(event, yaml.ScalarEvent):
            node = self.scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self.place(event, [])
            while not isinstance(end := next(events), yaml.SequenceEndEvent):
                node.value.append(self.node(end, events, depth + 1))
            self.stretch(node, event, end)
        else:
            node = self.place(event, {})
            node.keys = {}
            while not isinstance(end := next(events), yaml.MappingEndEvent):
                self.pair(node, end, events, depth + 1)
            self.stretch(node, event, end)
        if event.anchor is not None:
            self.refuse(node, "E103", f"an anchor, `&{event.anchor}`, is not read here", caret="write each value out")
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self.refuse(node, "E103", f"a tag, `{tag}`, is not read here", caret="write the value without it")
        return node

    def scalar(self, event: yaml.ScalarEvent) -> Node:
        node = self.place(event, event.value)
        if event.implicit[0]:  # plain: what it is depends on how it looks
            node.value, trap = _resolve(event.value)
            if trap:
                seen, advice = trap
                message = f"`{event.value}` is {seen} in YAML 1.1, and this file is read as YAML 1.2"
                self.refuse(node, "E104", message, caret=f"write {advice} so that every reader sees the same thing")
        return node

    def pair(self, mapping: Node, event: yaml.NodeEvent, events: Iterator[yaml.Event], depth: int) -> None:
        """Adds one key and its value to a mapping; a key that cannot be used leaves its value out."""
        if isinstance(event, yaml.ScalarEvent) and event.implicit[0] and event.value == "<<":
            self.refuse(
                self.place(event, "<<"), "E103", "a merge key, `<<`, is not read here", caret="write the keys out"
            )
            self.node(next(events), events, depth)
            return
        key = self.node(event, events, depth)
        value = self.node(next(events), events, depth)
        if isinstance(event, yaml.AliasEvent):
            return
        if not isinstance(key.value, str):
            spelled = f'write "{event.value}"' if isinstance(event, yaml.ScalarEvent) else ""
            self.refuse(key, "E105", f"a key must be text, and this is {kind_of(key.value)}", caret=spelled)
        elif key.value in mapping.keys:
            first = mapping.keys[key.value]
            self.refuse(
                key,
                "E102",
                f"`{key.value}` is given twice",
                caret=f"first given on line {first.line}",
                known=[f"The first is at {first.file}:{first.line}:{first.col}. Keep one of them."],
            )
        else:
            mapping.value[key.value] = value
            mapping.keys[key.value] = key

    def place(self, event: yaml.Event, value: Any) -> Node:
        """A node at the event's place; text over several lines is marked to the end of the first."""
        start, end = event.start_mark, event.end_mark
        line = self.lines[start.line] if start.line < len(self.lines) else ""
        stop = end.column if end.line == start.line else len(line.rstrip())
        return Node(value, self.file, start.line + 1, start.column + 1, max(1, stop - start.column))

    def stretch(self, node: Node, start: yaml.CollectionStartEvent, end: yaml.CollectionEndEvent) -> None:
        """Marks a flow collection on one line whole, a block mapping by its first key, any other by its first sign."""
        if start.flow_style and start.start_mark.line == end.end_mark.line:
            node.length = end.end_mark.column - start.start_mark.column
        elif not start.flow_style and node.keys:
            node.length = next(iter(node.keys.values())).length

    def refuse(self, node: Node, code: str, message: str, **more: Any) -> None:
        self.diagnostics.append(at(node, code, message, **more))


# Plain scalars that YAML 1.1 and 1.2 read alike. What looks like none of them, nor like a trap, is text.
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMBERS = [
    (re.compile(r"[-+]?(?:0|[1-9][0-9]{0,999})"), int),
    (
        re.compile(r"(?:[-+]?[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+][0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"),
        lambda text: float(text.replace(".i", "i").replace(".I", "I").replace(".n", "n").replace(".N", "N")),
    ),
    (re.compile(r"0x[0-9a-fA-F]{1,999}"), lambda text: int(text, 16)),
]

# Those that the two read differently: how they look, what 1.1 sees, and the number that may have been meant.
_TRAPS = [
    (re.compile(r"y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF"), "a boolean", None),
    (re.compile(r"[-+]?0[0-7_]{1,999}"), "an octal number", int),
    (re.compile(r"[-+]?0[0-9]{1,999}"), "text", int),
    (re.compile(r"0o[0-7]{1,999}"), "text", lambda text: int(text, 8)),
    (re.compile(r"[-+]?0b[01_]{1,999}"), "a binary number", lambda text: int(text, 2)),
    (re.compile(r"[-+]?0x[0-9a-fA-F_]{1,999}"), "a hexadecimal number", lambda text: int(text, 16)),
    (re.compile(r"[-+]?[1-9][0-9_]{0,999}"), "a number", int),
    (re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"), "a number in base sixty", None),
    (re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"), "text", float),
    (re.compile(r"(?:[-+]?[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+][0-9]+)?"), "a number", float),
    (
        re.compile(
            r"\d{4}-\d\d-\d\d|\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?"
            r"(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?",
            re.ASCII,
        ),
        "a date",
        None,
    ),
    (re.compile(r"="), "a default-value mark", None),
    (re.compile(r"<<"), "a merge mark", None),
]
_FIRST = frozenset("0123456789+-.=<yYnNoO")  # what a number or a trap can start with


def _resolve(text: str) -> tuple[bool | int | float | str | None, tuple[str, str] | None]:
    """A plain scalar's value; for a trap, its text, what YAML 1.1 sees in it, and what to write."""
    if text in _WORDS:
        return _WORDS[text], None
    if text[0] in _FIRST:
        for look, read in _NUMBERS:
            if look.fullmatch(text):
                return read(text), None
        for look, seen, read in _TRAPS:
            if look.fullmatch(text):
                return text, (seen, _advice(text, read))
    return text, None


def _advice(text: str, read: Callable[[str], int | float] | None) -> str:
    try:
        number = read(text.replace("_", "")) if read else None
    except ValueError:  # a sign or a prefix with no digits
        number = None
    if number is None:
        return f'"{text}"'
    spelled = repr(number)
    if "e" in spelled and "." not in spelled:
        spelled = spelled.replace("e", ".0e")
    return f'{spelled} for the number, "{text}" for the text'


def kind_of(value: Any) -> str:
    """What a value is, in a reader's words."""
    if value is None:
        return "empty"
    if value in ([], {}):
        return f"an empty {'list' if value == [] else 'mapping'}"
    kinds = {bool: "a boolean", int: "a number", float: "a number", str: "text", list: "a list", dict: "a mapping"}
    return kinds[type(value)]


_ADVICE = [
    (r"'\\t'", "Indent with spaces: YAML does not take tabs there."),
    (r"mapping values are not allowed", "Put quotes around a text that holds a colon and a space."),
    (r"could not find expected ':'", "A key needs a colon and a space after it."),
    (r"found character '[`@%]'", "Put quotes around a text that starts with this sign."),
    (r"expected <block end>", "Lines of one mapping or list start in the same column."),
]


def _syntax(text: str, file: str, problem: Exception) -> Diagnostic:
    """E101 in the words of the Python parser, the same on every machine, whatever libyaml said."""
    try:
        for _ in yaml.parse(text, Loader=yaml.SafeLoader):
            pass
    except yaml.YAMLError as same:
        problem = same
    if isinstance(problem, yaml.MarkedYAMLError) and problem.problem_mark:
        mark = problem.problem_mark
        reason, line, col = problem.problem or "syntax error", mark.line + 1, mark.column + 1
        begun = problem.context_mark
        caret = f"{problem.context}, from line {begun.line + 1}" if begun and begun.line != mark.line else ""
    else:  # a character that no YAML may hold; other errors have a mark
        place = getattr(problem, "position", getattr(problem, "start", 0))
        reason, caret = f"a character that YAML does not allow, U+{ord(text[place]):04X}", ""
        line, col = text.count("\n", 0, place) + 1, place - text.rfind("\n", 0, place)
    known = [advice for look, advice in _ADVICE if re.search(look, reason)]
    return Diagnostic("E101", f"not YAML: {reason}", file, line, col, caret=caret, known=known)
