"""Where each value of a translation comes from, by which rule, and from which line of the specs.

The sources are found by trying: a value of the input is changed, and what changes in the output came from it. So the
table says what the running code does; only the names and places beside it are read from the specs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path as File
from typing import Any, Protocol

from codegen import pipeline
from codegen.guide import Guide, Leaf, Path, spelled
from codegen.inherit import whole
from codegen.load import nodes, sources
from runtime.core.located import Node

ROOT = File(__file__).parents[1]
MARK = re.compile("\u2063(\\d+)\u2063")  # an invisible separator, so that no input holds one by chance
TRIED_AT_ONCE = 4  # values of one name in several frames: more than that are first changed together


class Asked(Protocol):
    kind: str
    source: str
    target: str
    provider: str


class Translated(Protocol):
    output: bytes
    losses: list[Any]  # each with path, rule and why
    refused: str | None


@dataclass(frozen=True)
class Row:
    """One value of the output.

    `form` is said or passed for what has sources, else constant, minted (from the clock, or a new id), counted (a number
    that each side gives for itself) or supplied.
    """

    target: str
    form: str
    rule: str
    place: str
    sources: list[dict[str, str]]  # path, rule and place of each


@dataclass
class Explanation:
    """What is known of one translation beyond its result."""

    fields: list[Row] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)  # rule of a loss or refusal -> file:line

    def text(self) -> str:
        """The table, one line for each value and source."""
        lines = []
        for row in self.fields:
            written = {"path": f"({row.form})", "rule": "", "place": ""}
            for number, source in enumerate(row.sources or [written]):
                rules = dict.fromkeys(rule for rule in (source["rule"], row.rule) if rule)
                places = dict.fromkeys(place for place in (source["place"], row.place) if place)
                target = row.target if number == 0 else ""
                lines.append((target, "<- " + source["path"], " -> ".join(rules), " -> ".join(places)))
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)][:-1]
        rows = (
            "  ".join([*(cell.ljust(w) for cell, w in zip(line, widths, strict=False)), line[-1]]) for line in lines
        )
        return "".join(row.rstrip() + "\n" for row in rows)


def explain(asked: Asked, data: bytes, translate: Callable[[bytes], Translated]) -> Explanation:
    """Where every value of the output comes from. `translate` must give the same for the same data every time."""
    guides, providers = _specs()
    done = translate(data)
    found = Explanation()
    for rule, path in [*((loss.rule, loss.path) for loss in done.losses), *_named(done.refused or "")]:
        found.places[rule] = _place(_rule(rule, path, guides, providers))
    if done.refused is None:
        trial = Trial(guides[asked.source], guides[asked.target], asked.kind, translate, data)
        overlay = providers[asked.provider].at("differs").get(asked.target) if asked.kind == "request" else None
        edits = Edits(overlay)
        found.fields = _passed(trial, edits) if asked.source == asked.target else _found(trial, edits)
    return found


@cache
def _specs() -> tuple[dict[str, Guide], dict[str, Node]]:
    """The dialects' guides and the providers' overlays, by name."""
    texts = sources(ROOT)
    dialects, _ = pipeline.dialects(texts)
    roots, _ = nodes({file: text for file, text in texts.items() if file.startswith("specs/providers/")})
    return {one.mapping.dialect: Guide(one) for one in dialects}, {
        root.get("provider").value: root for root in whole(roots)[0].values()
    }


def _named(refusal: str) -> Iterator[tuple[str, str]]:
    """The rules that a refusal names in brackets."""
    for match in re.finditer(r"\(([\w-]+:[\w.]+)\)", refusal):
        yield match[1], ""


def _rule(rule: str, path: str, guides: dict[str, Guide], providers: dict[str, Node]) -> Node | None:
    owner, _, name = rule.partition(":")
    if owner in guides:
        return guides[owner].rule(name, path)
    if owner not in providers:
        return None
    differs = providers[owner].get("differs")
    sections = [section for one in differs.value.values() for section in one.value.values()] if differs else []
    keys = (key for section in sections for key in (section.keys or {}).values())
    return next((key for key in keys if key.value.partition("=")[0] == name), None)


class Trial:
    """One document and what becomes of it, and of variants of it."""

    def __init__(
        self, source: Guide, target: Guide, kind: str, translate: Callable[[bytes], Translated], data: bytes
    ) -> None:
        self.source, self.target, self.kind, self.translate = source, target, kind, translate
        self.names, self.document = _read(kind, data)
        self.given = source.leaves(kind, self.document)
        self.base = self.run(self.document)

    def run(self, document: Any) -> dict[Path, Leaf] | None:
        """The output's leaves by their paths; None if it is refused."""
        try:
            done = self.translate(_written(self.kind, self.names, document))
        except UnicodeEncodeError:
            return None
        if done.refused is not None:
            return None
        return {leaf.path: leaf for leaf in self.target.leaves(self.kind, _read(self.kind, done.output)[1])}

    def variant(self, changes: dict[Path, Any]) -> dict[Path, Leaf] | None:
        """The output with some values changed; None where lists grew or shrank, so that paths mean something else."""
        out = self.run(_changed(self.document, changes, ()))
        return out if out is not None and _lengths(out) == _lengths(self.base) else None

    def effects(self, out: dict[Path, Leaf]) -> Iterator[tuple[Path, bool]]:
        """What differs, and whether it has another value there and is not merely absent."""
        for path, leaf in self.base.items():
            if path not in out:
                yield path, False
            elif out[path].value != leaf.value:
                yield path, True

    def sources(self) -> dict[Path, list[Leaf]]:
        """For each path of the output the leaves of the input that change it, in the input's order."""
        found: dict[Path, dict[Path, bool]] = {path: {} for path in self.base}
        leaves = [leaf for leaf in self.given if leaf.form in ("said", "minted") and leaf.value is not None]
        plain, others = [], []
        for leaf in leaves:
            text = isinstance(leaf.value, str) and not leaf.words and not leaf.computed
            (plain if text else others).append(leaf)
        others += self._mark(plain, found)
        untold = [leaf for leaf in self._worth(others) if not self._try(leaf, found)]
        for path, leaf in self.base.items():  # what cannot be changed alone is known by its value
            if not found[path] and leaf.form != "constant" and leaf.value:
                found[path] = {one.path: True for one in untold if one.value == leaf.value}
        order = {leaf.path: (number, leaf) for number, leaf in enumerate(leaves)}
        sure = {path: [p for p, s in some.items() if s or not any(some.values())] for path, some in found.items()}
        return {
            path: [leaf for _, leaf in sorted((order[p] for p in some), key=lambda one: one[0])]
            for path, some in sure.items()
        }

    def _mark(self, leaves: list[Leaf], found: dict[Path, dict[Path, bool]]) -> list[Leaf]:
        """Changes many texts at once, each in its own way; those that cannot be changed so."""
        if not leaves:
            return []
        out = self.variant({leaf.path: f"{leaf.value}\u2063{number}\u2063" for number, leaf in enumerate(leaves)})
        effects = list(self.effects(out)) if out is not None else []
        marks = {path: MARK.findall(str(out[path].value)) if path in out else [] for path, _ in effects}
        if len(leaves) > 1 and (out is None or not all(marks.values())):
            half = len(leaves) // 2
            return self._mark(leaves[:half], found) + self._mark(leaves[half:], found)
        for path, sure in effects:
            for number in marks[path] or ["0"]:
                found[path][leaves[int(number)].path] = sure
        return leaves if out is None else []

    def _worth(self, leaves: list[Leaf]) -> list[Leaf]:
        """The leaves without those that, changed in every frame at once, change nothing."""
        groups: dict[tuple[str, ...], list[Leaf]] = {}
        for leaf in leaves:
            groups.setdefault(tuple(step for step in leaf.path if isinstance(step, str)), []).append(leaf)
        worth = []
        for group in groups.values():
            if len(group) > TRIED_AT_ONCE:
                out = self.variant({leaf.path: next(iter(_others(leaf))) for leaf in group})
                if out is not None and not any(self.effects(out)):
                    continue
            worth += group
        return worth

    def _try(self, leaf: Leaf, found: dict[Path, dict[Path, bool]]) -> bool:
        """Changes one value in every way there is; whether any could be followed."""
        told = False
        for other in _others(leaf):
            if (out := self.variant({leaf.path: other})) is None:
                continue
            told = True
            for path, sure in self.effects(out):
                found[path][leaf.path] = found[path].get(leaf.path, False) or sure
        return told


def _others(leaf: Leaf) -> Iterator[Any]:
    """Other values for a leaf."""
    value = leaf.value
    match value:
        case bool():
            yield not value
        case int() | float():
            yield from (value + 1, value // 2 if isinstance(value, int) else value / 2)
        case str():
            yield from (word for word in leaf.words if word != value)
            yield value + "x"
            if leaf.computed:
                for part in list(re.finditer(r"[A-Za-z0-9]+", value[:64]))[:6]:
                    yield value[: part.end()] + "x" + value[part.end() :]
        case dict():
            yield {**value, "x": 1}
        case list():
            yield [*value, *value[-1:]]


def _lengths(leaves: Iterable[Path]) -> dict[Path, int]:
    """Each list's path and length."""
    found: dict[Path, int] = {}
    for path in leaves:
        for place, step in enumerate(path):
            if isinstance(step, int):
                found[path[:place]] = max(found.get(path[:place], 0), step + 1)
    return found


def _changed(value: Any, changes: dict[Path, Any], path: Path) -> Any:
    """A copy with other values at some paths."""
    if path in changes:
        return changes[path]
    if isinstance(value, dict):
        return {name: _changed(sub, changes, (*path, name)) for name, sub in value.items()}
    if isinstance(value, list):
        return [_changed(sub, changes, (*path, number)) for number, sub in enumerate(value)]
    return value


def _read(kind: str, data: bytes) -> tuple[list[str], Any]:
    """A document; of a stream the events' names and payloads, text where a payload is no JSON."""
    if kind != "stream":
        return [], _payload(data.decode("utf-8", "replace"))
    names, payloads = [], []
    for part in re.split(r"\n\n+", data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")):
        lines = [line.partition(":") for line in part.split("\n")]
        texts = [value.removeprefix(" ") for name, _, value in lines if name == "data"]
        if texts:
            names.append(next((value.strip() for name, _, value in lines if name == "event"), ""))
            payloads.append(_payload("\n".join(texts)))
    return names, payloads


def _payload(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _written(kind: str, names: list[str], document: Any) -> bytes:
    if kind != "stream":
        return json.dumps(document, ensure_ascii=False).encode()
    texts = [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in document]
    heads = [f"event: {name}\n" if name else "" for name in names]
    return "".join(f"{head}data: {text}\n\n" for head, text in zip(heads, texts, strict=True)).encode()


class Edits:
    """What a provider's overlay does to the fields of a request."""

    def __init__(self, overlay: Node | None) -> None:
        self.places: dict[str, Node] = {}
        self.rules: dict[str, str] = {}
        self.renamed: dict[str, str] = {}  # new name -> the dialect's
        for kind in ("words", "clamp", "rename", "plain", "set", "via"):
            section = overlay.get(kind) if overlay else None
            for name, node in section.value.items() if section else ():
                for made in _fields_of(kind, name, node):
                    self.places[made], self.rules[made] = section.keys[name], f"{kind} {name}"
                if kind == "rename":
                    self.renamed[node.value] = name


def _fields_of(kind: str, name: str, node: Node) -> set[str]:
    """The fields that an edit of a field writes."""
    if kind == "words":
        return {name, *(field for said in node.value.values() if isinstance(said.value, dict) for field in said.value)}
    return {node.value if kind == "rename" else name}


def _found(trial: Trial, edits: Edits) -> list[Row]:
    """A row for each leaf of a converted document."""
    sources = trial.sources()
    rows = []
    for path, leaf in trial.base.items():
        given = [{"path": spelled(one.path), "rule": one.rule, "place": _place(one.node)} for one in sources[path]]
        form = "said" if given else leaf.form if leaf.form in ("constant", "minted", "counted") else "supplied"
        rule, node = edits.rules.get(path[0], leaf.rule), edits.places.get(path[0], leaf.node)
        rows.append(Row(spelled(path), form, rule, _place(node), given))
    return rows


def _passed(trial: Trial, edits: Edits) -> list[Row]:
    """The same for one that stays in its dialect: all is as it came but for the model's name and the provider's edits."""
    given = {leaf.path: leaf.value for leaf in trial.given}
    rows = []
    for path, leaf in trial.base.items():
        before = path if path in given else (edits.renamed.get(path[0], path[0]), *path[1:])
        same = before in given and given[before] == leaf.value
        source = [{"path": spelled(before), "rule": "", "place": ""}] if same else []
        if same and before == path:
            rows.append(Row(spelled(path), "passed", "as it came", "", source))
        else:
            rule, node = edits.rules.get(path[0], leaf.rule), edits.places.get(path[0], leaf.node)
            rows.append(Row(spelled(path), "supplied", rule, _place(node), source))
    return rows


def _place(node: Node | None) -> str:
    return f"{node.file}:{node.line}" if node is not None else ""
