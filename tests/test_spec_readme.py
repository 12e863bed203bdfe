"""specs/README.md is true: each form on it is emitted as it is shown, and no form is missing. `make update` renews the code.

A block of YAML names the dialect and the place that its lines belong to; the block of Python behind it is what the
compiler writes for those lines there and nothing else.
"""

from __future__ import annotations

import json
import re
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from textwrap import dedent

import pytest
import yaml

from codegen import pipeline
from codegen.emit import Emitter
from codegen.format import formatted
from codegen.line import explain_line
from codegen.load import nodes, sources
from codegen.plan import Planner
from codegen.resolve import Dialect
from codegen.spec import mapping
from codegen.validate import Schema
from runtime.core.located import Node, load
from runtime.shell.translate_command import both_ways

ROOT = Path(__file__).parents[1]
README = ROOT / "specs" / "README.md"
BLOCK = re.compile(r"```yaml ([\w-]+) (.+)\n((?:.*\n)*?)```\n\n```python\n((?:.*\n)*?)```\n")
FRAME = re.compile(r"^    (?:return|wire =) [cw]\.\w+\(\n((?: {8}.*\n)*)    \)\n", re.M)


@dataclass(frozen=True)
class Form:
    """One example: whose it is, the lens or section its lines stand in, the lines, and the code shown."""

    dialect: str
    place: str
    text: str
    code: str


def forms() -> list[Form]:
    return [Form(*match) for match in BLOCK.findall(README.read_text())]


@cache
def dialects() -> dict[str, Dialect]:
    return {one.mapping.dialect: one for one in pipeline.dialects(sources(ROOT))[0]}


def emitted(form: Form) -> dict[str, str]:
    """What is written for a form, unformatted, by the way it works."""
    if form.dialect == "provider":
        roots, problems = nodes({"specs/providers/acme.yaml": f"provider: acme\n{form.text}"})
        assert not problems
        return {"edits": pipeline.providers(roots)["overlays/acme.py"]}
    if form.place == "tables":
        emitter = Emitter(in_mapping(form), [])
        return {"tables": "\n".join(emitter._table(name) for name in read(form.text).value)}
    alone = in_mapping(form)
    title = form.place if "<->" in form.place else next(iter(read(form.text).value))
    found = alone.mapping.lenses[title.split(" <-> ")[0]]
    function = Planner(alone).one(found)
    emitter = Emitter(alone, [function])
    texts = emitter.parts()[function.name]["texts"]
    ways = {"lift": "", "lower": "", "tables": ""}
    for text in texts:
        way = next((way for way in ("lift", "lower") if text.startswith(f"def {way}_")), "tables")
        ways[way] += text + "\n\n"
    if found.words:
        ways["tables"] = emitter._words(function.name, function) + "\n" + ways["tables"]
    return ways


def in_mapping(form: Form, alone: bool = False) -> Dialect:
    """The dialect with the form in its place; alone there, if so asked."""
    dialect, node = dialects()[form.dialect], read(form.text)
    if form.place == "tables":
        return with_entries(dialect, "tables", node, alone)
    if "<->" in form.place:
        node = Node({form.place: node}, "form", 1, 1, 1, {form.place: Node(form.place, "form", 1, 1, 1)})
    return with_entries(dialect, "lenses", node, alone)


def read(text: str) -> Node:
    node, problems = load(text, "form")
    assert not problems, problems
    return node


def with_entries(dialect: Dialect, section: str, entries: Node, alone: bool) -> Dialect:
    """The dialect with other entries in a section, and nothing that holds in every lens."""
    root = dialect.mapping.root
    old = root.get(section)
    if not alone:
        entries = Node(old.value | entries.value, old.file, old.line, old.col, old.length, old.keys | entries.keys)
    value = {name: node for name, node in root.value.items() if name != "canonical_only"} | {section: entries}
    whole = Node(value, root.file, root.line, root.col, root.length, root.keys)
    return Dialect(mapping(whole), dialect.wire, dialect.canonical, dialect.primitives)


def shown(texts: dict[str, str], whole: bool) -> str:
    """The code as the page shows it: what stands in the functions, or all of them."""
    names = {"lift": "# reads\n", "lower": "# writes\n", "tables": "", "edits": ""}
    parts = []
    for way, text in texts.items():
        if way == "edits" or not whole and way in ("lift", "lower"):
            text = body(text)
        if text.strip():
            parts.append(names[way] + re.sub(r"\n{2,}", "\n", text).strip("\n") + "\n")
    return "".join(parts)


def body(text: str) -> str:
    """What a module's functions do, without their heads and without the struct around the fields."""
    found = ""
    for function in re.findall(r"^def .*:\n((?: {4}.*\n|\n)+)", text, re.M):
        before, fields, behind = function, "", ""
        if (frame := FRAME.search(function)) is not None:
            before, fields, behind = function[: frame.start()], frame[1], function[frame.end() :]
        found += "".join(dedent(part) for part in (before, fields, behind))
    return re.sub(r"^blocks: .*\n|^return (?:blocks|[cw]\.\w+\(\))\n", "", found, flags=re.M)


@cache
def written() -> dict[Form, str]:
    """The code of every form; formatted in one go."""
    found = {form: emitted(form) for form in forms() if form.place != "stream"}
    files = {f"{n}/{way}.py": text for n, texts in enumerate(found.values()) for way, text in texts.items()}
    with tempfile.TemporaryDirectory() as scratch:
        files = formatted(files, Path(scratch))
    code = {}
    for n, (form, texts) in enumerate(found.items()):
        whole = any(word in form.text for word in ("any:", ": whole"))
        code[form] = shown({way: files[f"{n}/{way}.py"] for way in texts}, whole)
    return code | {form: streamed(form) for form in forms() if form.place == "stream"}


def streamed(form: Form) -> str:
    """The code of a line of a stream section, which stands in the mapping as it is shown."""
    file = dialects()[form.dialect].mapping.root.file
    lines = (ROOT / file).read_text().splitlines()
    stream = next(n for n, line in enumerate(lines) if line == "stream:")
    number = next(n for n in range(stream, len(lines)) if lines[n].strip() == form.text.strip())
    names = {"reads": "# reads\n", "writes": "# writes\n", "says": ""}
    found = explain_line(f"{file}:{number + 1}", lambda *_: None)
    return "".join(names[code.way] + code.text + "\n" for code in found.code)


def test_each_form_is_emitted_as_shown(pytestconfig: pytest.Config):
    if pytestconfig.getoption("update_snapshots", default=False):
        code = {(form.dialect, form.place, form.text): text for form, text in written().items()}
        renew = lambda m: m[0].removesuffix(f"{m[4]}```\n") + code[m[1], m[2], m[3]] + "```\n"  # noqa: E731
        README.write_text(BLOCK.sub(renew, README.read_text()))
    else:
        for form, code in written().items():
            assert form.code == code, f"{form.place}: {form.text}"


def test_each_form_is_well_formed():
    """What is shown passes the check of a mapping's form."""
    roots, _ = nodes(sources(ROOT))
    form_of_mappings, form_of_providers = (
        Schema(roots[f"specs/schemas/{name}.yaml"]) for name in ("mapping", "provider")
    )
    for form in forms():
        if form.dialect == "provider":
            head = (ROOT / "specs/providers/openai_compatible.yaml").read_text()
            assert form_of_providers.check(read(head + form.text)) == []
        elif form.place != "stream":
            assert form_of_mappings.check(in_mapping(form, alone=form.place != "tables").mapping.root) == [], form.text


def test_no_form_is_missing():
    """Every key that the meta-schemas know stands on the page: modifiers in an example, the rest at least by name."""
    text = README.read_text()
    examples = "".join(form.text for form in forms())
    mapping_form, schema_form, case_form, provider_form = (
        yaml.safe_load((ROOT / f"specs/schemas/{name}.yaml").read_text())["$defs"]
        for name in ("mapping", "schema", "case", "provider")
    )
    shown_in_examples = {
        *mapping_form["Modifiers"]["properties"],
        *mapping_form["Table"]["properties"],
        *mapping_form["Choice"]["properties"],
        *provider_form["Differs"]["properties"],
    }
    shown_in_examples -= {"takes"}
    assert [name for name in sorted(shown_in_examples) if not re.search(rf"\b{name}:", examples)] == []
    named = {
        *mapping_form["WireOnly"]["properties"],
        *mapping_form["CanonicalOnly"]["properties"],
        *mapping_form["Turns"]["properties"],
        *mapping_form["Marked"]["properties"],
        *mapping_form["Inferred"]["properties"],
        *("extends", "abstract", "takes", "limits", "wait", "errors", "keyless"),
        *(word for kind in schema_form.values() for word in kind.get("properties", ()) if word.startswith("x-")),
    }
    assert [name for name in sorted(named - {"wire_only", "canonical_only", "frame"}) if f"`{name}" not in text] == []
    cases = text.partition("## Cases")[2]
    assert [name for name in case_form["Case"]["properties"] if f"{name}" not in cases] == []


def test_the_case_is_one():
    [case] = yaml.safe_load(re.search(r"```yaml\n(- id.*?)```", README.read_text(), re.S)[1])
    dialect = dialects()["openai-chat"]
    function = Planner(dialect).function(dialect.mapping.lenses[case["type"]])
    canonical, wire = both_ways("openai-chat", function, case["type"], False, json.dumps(case["wire"]).encode())
    assert (canonical, wire) == (case["canonical"], case["wire"])


def test_every_block_is_tested():
    assert README.read_text().count("```yaml") == len(forms()) + 1
    assert README.read_text().count("```python") == len(forms())
