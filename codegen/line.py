"""One line of a spec: the code that is there because of it, both ways, and an example.

The code is found by leaving the line out: what the compiler then no longer writes, it wrote because of the line.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

from codegen import pipeline
from codegen.emit import Emitter
from codegen.format import formatted
from codegen.load import nodes, sources
from codegen.plan import Planner
from codegen.resolve import Dialect
from codegen.spec import Lens, Line, mapping
from codegen.types import Def, Type
from runtime.core.located import Node

ROOT = Path(__file__).parents[1]
HEAD = re.compile(r"^(?:def|class) (\w+)|^(\w+)(?:: .*)? = ")
# Dialect, function, wire type, whether it is a message's, and JSON, to what it is read as and written as again.
BothWays = Callable[[str, str, str, bool, bytes], tuple[Any, Any] | None]


class NoSuchLine(Exception):
    """There is nothing to explain there; the text says what there is."""


@dataclass(frozen=True)
class Code:
    """Generated lines that stand in one function, class or table: where they begin, and its name."""

    place: str
    owner: str
    text: str

    @property
    def way(self) -> str:
        low = self.owner.lower()
        if low.startswith(("lift", "streamlifter")):
            return "reads"
        return "writes" if low.startswith(("lower", "streamlowerer", "edit")) else "says"


@dataclass
class Explained:
    """A line's place, its text and lens, its generated code, and what an example becomes."""

    place: str
    text: str
    lens: str = ""
    code: list[Code] = field(default_factory=list)
    examples: list[dict[str, Any]] = field(default_factory=list)  # wire, canonical, and wire again

    def shown(self) -> str:
        """The same for a reader."""
        parts = [f"{self.place}  {self.lens}".rstrip() + f"\n\n    {self.text.strip()}\n"]
        for way in ("reads", "writes", "says"):
            blocks = [f"    {c.place}  {c.owner}\n{indent(c.text, ' ' * 8)}\n" for c in self.code if c.way == way]
            if blocks:
                parts.append(f"{way}\n" + "".join(blocks))
        for example in self.examples:
            steps = [f"    {name:9}  {json.dumps(value, ensure_ascii=False)}\n" for name, value in example.items()]
            parts.append(("" if example is not self.examples[0] else "for example\n") + "".join(steps))
        if not self.code:
            parts.append(
                "Nothing is written for this line alone: it is a section, or the compiler needs it to write anything.\n"
            )
        return "\n".join(parts)


def explain_line(where: str, both_ways: BothWays) -> Explained:
    """What a line of a mapping or a provider, given as FILE:LINE, does. Raises NoSuchLine."""
    texts, roots, dialects = _specs()
    file, number = _place(where, texts)
    text = texts[file].splitlines()[number - 1].strip()
    removed = Removed(number)
    edited = removed.out_of(roots[file])
    if not removed.keys:
        raise NoSuchLine(f"{file}:{number} says nothing by itself: {text or 'it is empty'}")
    found = Explained(f"{file}:{number}", text)
    if (dialect := dialects.get(file)) is not None:
        lens = _lens(dialect, number)
        found.lens = lens.title if lens else ""
        found.code = _code(dialect, edited, lens if lens and lens.key.line == number else None)
        found.examples = [*_rows(dialect, number), *(_examples(dialect, lens, number, both_ways) if lens else ())]
    elif file.startswith("specs/providers/"):
        providers = {name: root for name, root in roots.items() if name.startswith("specs/providers/")}
        whole = _blocks(pipeline.providers(providers))
        found.code = _difference(whole, lambda: pipeline.providers(providers | {file: edited}), "generated/")
    else:
        raise NoSuchLine(f"{file} is neither a mapping nor a provider; those can be explained line by line")
    return found


@cache
def _specs() -> tuple[dict[str, str], dict[str, Node], dict[str, Dialect]]:
    """The specs' texts and nodes, and the dialects, each by its file."""
    texts = sources(ROOT)
    return texts, nodes(texts)[0], {one.mapping.root.file: one for one in pipeline.dialects(texts)[0]}


def _place(where: str, texts: dict[str, str]) -> tuple[str, int]:
    file, _, number = where.rpartition(":")
    if not file or not number.isdigit():
        raise NoSuchLine(f"{where} is no FILE:LINE, as in specs/dialects/openai_chat/mapping.yaml:80")
    path = Path(file).resolve()
    name = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) and path.exists() else file
    if name not in texts:
        raise NoSuchLine(f"{file} is no spec")
    if not 0 < int(number) <= len(texts[name].splitlines()):
        raise NoSuchLine(f"{name} has {len(texts[name].splitlines())} lines")
    return name, int(number)


class Removed:
    """What stands on one line, as it is taken out of a tree of nodes."""

    def __init__(self, line: int) -> None:
        self.line = line
        self.keys: list[Node] = []

    def out_of(self, node: Node) -> Node:
        """A copy without the entries that begin on the line."""
        if isinstance(node.value, dict):
            kept = {name: self.out_of(sub) for name, sub in node.value.items() if not self._here(node.keys[name])}
            return Node(kept, node.file, node.line, node.col, node.length, {name: node.keys[name] for name in kept})
        if isinstance(node.value, list):
            kept = [self.out_of(sub) for sub in node.value if not self._here(sub)]
            return Node(kept, node.file, node.line, node.col, node.length)
        return node

    def _here(self, node: Node) -> bool:
        if node.line == self.line:
            self.keys.append(node)
        return node.line == self.line


def _lens(dialect: Dialect, number: int) -> Lens | None:
    """The lens that a line of the file belongs to."""
    before = [lens for lens in dialect.mapping.lenses.values() if lens.key.line <= number]
    lens = max(before, key=lambda one: one.key.line, default=None)
    return lens if lens is not None and number <= _end(lens.node) else None


def _end(node: Node) -> int:
    inside = (
        [*node.value.values(), *node.keys.values()]
        if isinstance(node.value, dict)
        else node.value
        if isinstance(node.value, list)
        else []
    )
    return max([node.line, *map(_end, inside)])


# the code


def _code(dialect: Dialect, edited: Node, lens: Lens | None) -> list[Code]:
    """The generated code that is there because of a line; for the header of a lens, its functions."""
    folder = f"generated/{dialect.mapping.package}/"
    blocks = _whole(dialect.mapping.root.file)
    if lens is None:
        less = lambda: replace(dialect, mapping=mapping(edited), diagnostics=[])  # noqa: E731
        every = list(_specs()[2].values())
        without = lambda: pipeline.table([less() if one is dialect else one for one in every])  # noqa: E731
        return [
            *_difference(blocks, lambda: Emitter(less()).modules(), folder),
            *_difference(_blocks(pipeline.table(every)), without, "generated/"),
        ]
    name = Planner(dialect).function(lens)
    tables = [f"{kind}_{name.upper()}" for kind in ("LIFT", "LOWER", "UNSAID", "KEPT", "HELD")]
    wanted = [owner for owner in blocks if owner in (f"lift_{name}", f"lower_{name}", *tables)]
    return [blocks[owner].code(folder, range(len(blocks[owner].lines))) for owner in wanted]


@cache
def _whole(file: str) -> dict[str, Block]:
    """What is written for a mapping."""
    return _blocks(Emitter(_specs()[2][file]).modules())


def _difference(whole: dict[str, Block], write: Callable[[], dict[str, str]], folder: str) -> list[Code]:
    """What is written for the whole and not for less of it; nothing where that cannot be written at all."""
    try:
        less = _blocks(write())
    except Exception:  # the spec is incomplete now, and nobody has checked it: anything may be missing
        return []
    found = []
    for key, block in whole.items():
        numbers = list(_missing(block.lines, less[key].lines if key in less else []))
        if block.owner and any(block.lines[number].strip() for number in numbers):
            found.append(block.code(folder, numbers))
    return found


@dataclass
class Block:
    """One definition of a generated module. `start` is its first line, counted from 0."""

    file: str
    owner: str
    start: int
    lines: list[str] = field(default_factory=list)

    def code(self, folder: str, numbers: Iterable[int]) -> Code:
        """Some of its lines, blank ones left out."""
        said = [number for number in numbers if self.lines[number].strip()]
        text = dedent("\n".join(self.lines[number] for number in said))
        return Code(f"{folder}{self.file}:{self.start + said[0] + 1}", self.owner, text)


def _blocks(files: dict[str, str]) -> dict[str, Block]:
    """Every function, class and table by its name, whichever module it stands in; in overlays by module and name."""
    found: dict[str, Block] = {}
    for file, text in _formatted(files).items():
        owner = ""
        for number, line in enumerate(text.splitlines()):
            if (head := HEAD.match(line)) is not None:
                owner = head[1] or head[2]
            key = f"{file}:{owner}" if file.startswith("overlays/") and owner else owner
            found.setdefault(key, Block(file, owner, number)).lines.append(line)
    return found


def _formatted(files: dict[str, str]) -> dict[str, str]:
    with tempfile.TemporaryDirectory() as scratch:
        return formatted(files, Path(scratch))


def _missing(lines: list[str], less: list[str]) -> Iterator[int]:
    """The numbers of the lines that the other text does not have, from 0."""
    for tag, start, end, _, _ in SequenceMatcher(None, lines, less, autojunk=False).get_opcodes():
        if tag in ("delete", "replace"):
            yield from range(start, end)


# examples


def _rows(dialect: Dialect, number: int) -> Iterator[dict[str, Any]]:
    """The words of a table that stand on a line."""
    for table in dialect.mapping.tables.values():
        lifted, lowered = table.lifted(), table.lowered()
        for kind in ("both", "lift", "lower"):
            section = table.node.get(kind)
            for word, node in section.value.items() if section else ():
                if section.keys[word].line == number:
                    if kind == "lower":
                        yield {"canonical": word, "wire": node.value}
                    else:
                        yield {"wire": word, "canonical": lifted[word], "again": lowered.get(lifted[word])}


def _examples(dialect: Dialect, lens: Lens, number: int, both_ways: BothWays) -> Iterator[dict[str, Any]]:
    """A value of each field that a line of the lens maps: read, and written again."""
    if lens.any or lens.whole or lens.wire_where:
        return
    maker, function = Maker(dialect), Planner(dialect).function(lens)

    def both(value: Any) -> tuple[Any, Any] | None:
        return both_ways(dialect.mapping.dialect, function, lens.wire, lens.message, json.dumps(value).encode())

    for ln in lens.lines:
        if ln.key.line != number or ln.to is None:
            continue
        plain, given = maker.made(dialect.wire.defs[lens.wire]), maker.with_line(lens, ln)
        if (done := both(given)) is None:
            continue
        less = both(plain) if plain != given else None
        if less is not None:
            given, done = _more(given, plain), (_more(done[0], less[0]), _more(done[1], less[1]))
        yield {"wire": given, "canonical": done[0], "again": done[1]}


def _more(value: Any, plain: Any) -> Any:
    """What a value has beyond a plainer one."""
    if isinstance(value, dict) and isinstance(plain, dict):
        return {name: _more(sub, plain.get(name)) for name, sub in value.items() if plain.get(name) != sub}
    if isinstance(value, list) and isinstance(plain, list):
        return [sub for sub in value if sub not in plain]
    return value


class Maker:
    """Makes small values of wire types."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect

    def made(self, definition: Def) -> dict[str, Any]:
        """The smallest object of a type: its tag, and what it requires."""
        found = {definition.tag: definition.word} if definition.tag else {}
        return found | {
            f.name: self.value(f.type, f.words) for f in definition.fields.values() if f.required and not f.nullable
        }

    def with_line(self, lens: Lens, ln: Line) -> dict[str, Any]:
        """The same with a value where a line reads one."""
        definition = self.dialect.wire.defs[lens.wire]
        top = made = self.made(definition)
        if ln.wire[-1] in definition.parts:
            return top
        for step in ln.wire[:-1]:
            definition = self.dialect.wire.defs[definition.fields[step].type.option("ref").name]
            made = made.setdefault(step, self.made(definition))
        last = definition.fields[ln.wire[-1]]
        made[ln.wire[-1]] = self.for_line(ln, last.type, last.words)
        return top

    def for_line(self, ln: Line, kind: Type, words: tuple[str, ...]) -> Any:
        if ln.has("values"):
            return next(iter(self.dialect.mapping.tables[ln.plain("values")].lifted()))
        if ln.has("via"):
            examples = self.dialect.primitives[ln.plain("via")]["examples"]
            found = next((one["wire"] for one in examples if "wire" in one and "fails" not in one), None)
            return json.loads(found) if kind.kind == "raw" and isinstance(found, str) else found
        return self.value(kind, words)

    def value(self, kind: Type, words: tuple[str, ...] = ()) -> Any:
        """A value of a type; a word where there are some."""
        match kind.kind:
            case "choice":
                return self.value(kind.items[0], words)
            case "string":
                return words[0] if words else "text"
            case "integer" | "number" | "boolean":
                return {"integer": 1, "number": 0.5, "boolean": True}[kind.kind]
            case "list":
                return [self.value(kind.items[0], words)]
            case "ref":
                return self.made(self.dialect.wire.defs[self.dialect.wire.members(kind.name)[0]])
            case _:
                return {}


def run(where: str, form: str, both_ways: BothWays) -> int:
    """Prints what a line does: 0, or 2 if there is no such line."""
    try:
        found = explain_line(where, both_ways)
    except NoSuchLine as problem:
        print(f"isogloss explain: {problem}", file=sys.stderr)
        return 2
    print(
        json.dumps(asdict(found), indent=2, ensure_ascii=False) if form == "json" else found.shown(),
        end="\n" if form == "json" else "",
    )
    return 0
