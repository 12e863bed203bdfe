"""Nothing is forgotten: any single key of a mapping that is taken away or misspelt is an error at the right place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from codegen import grammar, resolve, tables, totality
from codegen.inherit import whole
from codegen.load import sources
from codegen.overlays import overlays, primitives
from codegen.pipeline import Checked, check
from codegen.resolve import Dialect, Project
from codegen.spec import mapping
from codegen.validate import Schema
from runtime.core.diagnostic import Diagnostic
from runtime.core.located import Node

ROOT = Path(__file__).parents[1]
MAPPINGS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "specs" / "dialects").glob("*/mapping.yaml"))
PROVIDERS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "specs" / "providers").glob("*.yaml"))
FLOOR = {
    "anthropic-messages": 0.39,
    "bedrock-converse": 0.54,
    "bedrock-titan-embed": 0.66,
    "cohere-chat": 0.75,
    "cohere-embed": 0.34,
    "cohere-rerank": 0.4,
    "gemini-embed": 0.42,
    "gemini-embed-batch": 0.42,
    "gemini-generate": 0.23,
    "llamacpp-infill": 0.31,
    "mistral-chat": 0.61,
    "mistral-fim": 0.61,
    "ollama-chat": 0.48,
    "ollama-embed": 0.39,
    "ollama-generate": 0.38,
    "openai-responses": 0.33,
    "openai-chat": 0.71,
    "openai-completions": 0.62,
    "openai-embeddings": 0.57,
    "tei-rerank": 0.58,
    "voyage-rerank": 0.76,
}  # the mapped share of a wire's values: it may only rise

SAID = ("deleted", "bare", "item", "texts")  # of answers that are kept: objects that are written as they stand

Path_ = tuple[str | int, ...]

# Keys that may be taken away: what they say is a choice, and the mapping is whole without them.
# they choose a value, not a place
MODIFIERS = {"supply", "mint", "absent", "omit", "plus", "clamp", "join", "only", "whose", "whole", "with"}
MODIFIERS |= {"added", "implies", "needs"}  # what comes on top, what is meant beside, what is asked of a model
ADVICE = {"forward", "mistaken", "opening"}  # headers passed on, words to who is at the wrong door, greetings
ADVICE |= {"calls", "parameters", "most", "bridge", "min"}  # what a wire demands of tools, how long things may be there
ADVICE |= {"labels", "types", "unanswered"}  # which texts, which bytes and which blocks it takes
ADVICE |= {"titles", "error_type"}  # what it demands of titles, where it says which error an answer is
ADVICE |= {"fixed", "choice", "efforts", "results"}  # what a client may ask beside, what a wire cannot say
ADVICE |= {"unserved", "media"}  # what the check of schemas misses; what stands where a type is not known
ADVICE |= {"passed", "kept"}  # questions and answers that only some serve
ROWS = {"versions", "without", "needs"}  # one version, one thing that a version or a role asks for
# Values that name nothing in the specs: reasons, what is written, addresses, spellings.
DETAILS = ("format", "family", "parameter_size", "quantization_level")  # of a model, in words of anyone
FREE = {
    "drop",
    "carry",
    "refuse",
    "usual",
    "lift_only",
    "others",
    "mistaken",
    "without",
    "supply",
    "absent",
    "mint",
    "opening",
}
FREE |= {"unserved", "media", "types"}
FREE |= {"bridge", "prefix", "path", "forward", "format", "pattern", "done", "one", "fresh"}


@cache
def specs() -> Checked:
    checked = check(sources(ROOT))
    assert checked.good, checked.diagnostics
    return checked


@cache
def form() -> Schema:
    return Schema(specs().roots["specs/schemas/mapping.yaml"])


def found(file: str, root: Node) -> Iterator[Diagnostic]:
    """What a check of all specs says when one mapping is this one, what is near first. What does not depend on it is not
    done again."""
    if wrong := form().check(root):
        yield from wrong
        return
    project = specs().project
    dialects = []
    for one in project.dialects:
        mine = one.mapping.root.file == file
        dialects.append(Dialect(mapping(root) if mine else one.mapping, one.wire, one.canonical, one.primitives))
        if mine:
            resolve.check(dialects[-1])
            totality.check(dialects[-1])
            yield from dialects[-1].diagnostics
    totality.across(dialects)
    tables.across(dialects)
    grammar.across(dialects)
    yield from (d for one in dialects for d in one.diagnostics)
    whole = Project(dialects, project.canonical, project.primitives, project.implemented, project.providers)
    yield from overlays(whole)
    yield from primitives(whole)


def keys(node: Node, path: Path_ = ()) -> Iterator[tuple[Path_, str]]:
    """Every key of a mapping file: where it stands, and itself."""
    if isinstance(node.value, dict):
        for key, value in node.value.items():
            yield path, key
            yield from keys(value, (*path, key))
    elif isinstance(node.value, list):
        for index, value in enumerate(node.value):
            yield from keys(value, (*path, index))


def edited(node: Node, path: Path_, change: Callable[[Node], None]) -> Node:
    """A copy of the tree with one mapping changed; what lies beside the way is shared."""
    new = Node(node.value, node.file, node.line, node.col, node.length, node.keys)
    if not path:
        change(new)
    elif isinstance(node.value, list):
        new.value = list(node.value)
        new.value[path[0]] = edited(node.value[path[0]], path[1:], change)
    else:
        new.value = {**node.value, path[0]: edited(node.value[path[0]], path[1:], change)}
    return new


def deleted(key: str) -> Callable[[Node], None]:
    def change(node: Node) -> None:
        node.value = {k: v for k, v in node.value.items() if k != key}
        node.keys = {k: v for k, v in node.keys.items() if k != key}

    return change


def renamed(key: str) -> Callable[[Node], None]:
    head, space, rest = key.partition(" ")
    new = f"{head}Renamed{space}{rest}" if head[:1].isupper() else f"{head}_renamed{space}{rest}"

    def change(node: Node) -> None:
        here = node.keys[key]
        named = Node(new, here.file, here.line, here.col, len(new))
        node.value = {new if k == key else k: v for k, v in node.value.items()}
        node.keys = {new if k == key else k: named if k == key else v for k, v in node.keys.items()}

    return change


def last_line(node: Node) -> int:
    inside = node.value.values() if isinstance(node.value, dict) else node.value if isinstance(node.value, list) else ()
    return max([node.line, *map(last_line, inside)])


def unit(root: Node, path: Path_, key: str) -> tuple[int, int]:
    """First and last line of the lens, table or section that a key stands in; of the file, if the key is all of one."""
    way = (*path, key)
    depth = 3 if way[:2] == ("stream", "lenses") and len(way) > 2 else 2 if way[0] in ("lenses", "tables") else 1
    if len(way) <= depth:
        return 1, last_line(root)
    node, here = root, root
    for step in way[:depth]:
        here, node = node.keys[step], node.get(step)
    return here.line, last_line(node)


def names(root: Node, path: Path_, key: str) -> set[str]:
    """What a key and its value name: where one of these is named again, an error is at the right place too."""
    node = root.at(*path, key)
    inside = [key, *_texts(node)]
    return {name for text in inside for name in (text, text.split(" <-> ")[0], text.split(" ")[0])} - {"", "."}


def _texts(node: Node) -> Iterator[str]:
    if isinstance(node.value, str):
        yield node.value
    for sub in (
        node.value.values() if isinstance(node.value, dict) else node.value if isinstance(node.value, list) else ()
    ):
        yield from _texts(sub)


def right(file: str, root: Node, path: Path_, key: str, wrong: Diagnostic) -> bool:
    """In the lens, table or section of the key, or a lens below; in one of a choice's own; or where what it named is."""
    places = [unit(root, path, key)]
    if key == "lift_only" and (lens := root.at(*path).get("each")) is not None:  # what its lens would write
        titles = [title for title in root.get("lenses").value if title.startswith(f"{lens.value} <-> ")]
        places += [unit(root, ("lenses", title), "") for title in titles]
    if key in ("marks", "nest"):  # behind or around what its lens reads
        below = f"{root.at(*path).get('each').value} "
        places += [unit(root, ("lenses", title), "") for title in root.get("lenses").value if title.startswith(below)]
    if wrong.file == file and any(first <= wrong.line <= last for first, last in places):
        return True
    line = lines()[wrong.file][wrong.line - 1]
    here = line[wrong.col - 1 : wrong.col - 1 + wrong.length]
    about = names(root, path, key)
    if (
        "every" in (*path, key)
        or key in ("any", "every")
        or "wire_only" in path
        and root.at(*path[: 2 + (path[0] == "stream")]).get("any")
    ):
        return wrong.file == file and any(f"`{n}`" in wrong.message or f".{n} " in wrong.message for n in about)
    return any(name in (here, here.split(" <-> ")[0], here.split(" ")[0]) for name in about)


@cache
def lines() -> dict[str, list[str]]:
    return {file: text.splitlines() for file, text in sources(ROOT).items()}


FORMED = {"count", "errors", "headers"}  # what a form may do without


def may_go(root: Node, path: Path_, key: str) -> bool:
    """Whether a key says what the mapping is whole without."""
    if path == ("stream",) and key in ("done", "usage"):  # a wire may end without a mark, and count nothing
        return True
    if key in MODIFIERS or MODIFIERS & {*path} or key in ADVICE or ADVICE & {*path}:
        return True
    if path[:1] == ("http",) and key in ("also", "under", "bare", "stream", "recognise", "forms") or "const" in path:
        return True
    if path[:2] == ("http", "forms") and (len(path) == 2 or {*path, key} & FORMED):
        return True
    if path == ("turns", "roles") and root.at("turns", "one") is not None:  # who else may speak on a wire of one prompt
        return True
    if path == ("stream",) and key in ("done", "usage") and root.at("stream", "blocks").value == "partial":
        return True
    if path[-1:] == ("promptFeedback.blockReason",) and key in ("native", "lift_only"):  # the candidate has them, too
        return True
    if path[:1] == ("lenses",) and "wire_only" in (*path, key):  # what a choice says of a field holds in its lenses
        return listed(root, path, key) <= in_choices(root, path[1])
    if path and path[-1] in ROWS and path[0] != "lenses":
        return True
    if key == "without" and path[0] == "versions":
        return True
    if key == "via":  # between equal types: that it computes is not to be seen
        primitive = specs().project.primitives.get(root.at(*path, key).value).plain()
        return primitive["wire"] == primitive["canonical"]
    written = {"lower", "unsaid"} & {*path, key}
    return path[:1] == ("tables",) and written and root.at(*path[:2], "else").get("lower") is not None


def listed(root: Node, path: Path_, key: str) -> set[str]:
    """The wire fields of a list of those that are not mapped, or of one policy of it; or the one that it is."""
    if key == "wire_only":
        return {name for above, name in keys(root.at(*path, key)) if above}
    return {name for _, name in keys(root.at(*path, key))} if path[-1] == "wire_only" else {key}


def in_choices(root: Node, lens: str) -> set[str]:
    """The wire fields of which the choices speak that a lens is in."""
    choices = [one for one in root.get("lenses").value.values() if one.get("any") and one.get("wire_only")]
    mine = [one for one in choices if lens.split(" <-> ")[0] in one.get("any").plain()]
    return {name for one in mine for above, name in keys(one.get("wire_only")) if above}


def may_change(root: Node, path: Path_, key: str) -> bool:
    """Whether nobody can know how a key is spelt: the words of a side without known words, and what others send."""
    if "mistaken" in path or "const" in path or "supply" in path or "parameters" in path or path[-1:] == ("versions",):
        return True
    if path in (("http", "fixed"), ("http", "passed"), ("http", "forms")):  # a name for the reader
        return True
    if path[:2] == ("http", "kept") and path[2:] and path[2] in SAID:
        return True
    return path[:1] == ("tables",) and path[-1] == "lower" and key not in _canonical_words(path[1])


def _canonical_words(table: str) -> set[str]:
    return {
        word
        for one in specs().project.dialects
        for name, _, field, _ in tables.sites(one)
        if name == table
        for word in field.words
    }


def words(node: Node, path: Path_ = ()) -> Iterator[Path_]:
    """Where every text of a mapping file stands that names something."""
    if isinstance(node.value, str):
        yield path
    inside = (
        node.value.items()
        if isinstance(node.value, dict)
        else enumerate(node.value)
        if isinstance(node.value, list)
        else ()
    )
    for step, sub in inside:
        if step not in FREE:
            yield from words(sub, (*path, step))


def misspelt(node: Node) -> None:
    head, space, rest = node.value.partition(" ")
    node.value = f"{head}_misspelt{space}{rest}"


def open_ended(path: Path_) -> bool:
    """Whether nobody can know a word: in a table for a side without known words, as a constant of such a field, as text."""
    if (
        path[-1] in ("join", "omit")
        or path[0] == "http"
        and "also" in path
        or path[:2] == ("http", "fixed")
        and "answer" in path
    ):
        return True
    if path[:2] == ("turns", "parameters"):
        return True
    if path[:2] == ("http", "kept"):
        return path[2] in SAID or path[-1] in ("unknown", "code", "refused")
    if path[0] == "tables":
        return not _canonical_words(path[1])
    return path[-1] == "const" and path[-2] in ("object", "digest", *(f"details.{name}" for name in DETAILS))


@pytest.mark.parametrize("file", MAPPINGS)
def test_every_name_counts(file: str) -> None:
    root = specs().roots[file]
    missed = []
    for path in words(root):
        own = path if isinstance(path[-1], str) else path[:-1]
        first, last = unit(root, own[:-1], own[-1])
        changed = edited(root, path, misspelt)
        if open_ended(path) or any(one.file == file and first <= one.line <= last for one in found(file, changed)):
            continue
        missed.append((*path, [f"{one.file}:{one.line} {one.code}" for one in found(file, changed)][:2]))
    assert not missed, "\n".join(map(str, missed))


@pytest.mark.parametrize("dialect", sorted(FLOOR))
def test_the_mapped_share_only_rises(dialect: str) -> None:
    leaves = specs().leaves[dialect]
    assert FLOOR[dialect] <= leaves.share < FLOOR[dialect] + 0.02, "raise FLOOR to what is reached"


@pytest.mark.parametrize("file", PROVIDERS)
def test_every_key_of_a_provider_counts(file: str) -> None:
    """A misspelt one is an error there. What a provider may do without is its own affair: an overlay adds to dialects."""
    roots, project = specs().roots, specs().project
    root, providers = roots[file], {name: roots[name] for name in PROVIDERS}
    name = root.get("provider").value
    heir = next(  # one that is only extended is looked at in another
        (one for one in PROVIDERS if (e := roots[one].get("extends")) is not None and e.value == name),
        file,
    )
    looked_at = heir if root.get("abstract") is not None else file
    missed = []
    for path, key in keys(root):
        if path in (("models",), ("headers",)) or "set" in path or "words" in path and len(path) > 4:
            continue  # patterns, headers and what is written are free
        changed = edited(root, path, renamed(key))
        wrong = provider_form().check(changed)
        if not wrong:
            merged, wrong = whole({**providers, file: changed})
        if not wrong:
            one = replace(project, providers={looked_at: merged[looked_at]})
            wrong = [one for one in overlays(one) if one.file == file]
        if not wrong:
            missed.append((*path, key))
    assert not missed


@cache
def provider_form() -> Schema:
    return Schema(specs().roots["specs/schemas/provider.yaml"])


def test_every_word_of_the_turn_grammar_is_read() -> None:
    """A question that no code asks would be answered in vain."""
    schema = specs().roots["specs/schemas/mapping.yaml"]
    code = "".join((ROOT / "runtime" / "core" / name).read_text() for name in ("turns.py", "media.py", "normalise.py"))
    asked = schema.at("$defs", "Turns", "properties").value
    assert [word for word in asked if f'"{word}"' not in code] == []


def test_every_dialect_has_a_floor() -> None:
    assert FLOOR.keys() == specs().leaves.keys()


@pytest.mark.parametrize("file", MAPPINGS)
@pytest.mark.parametrize("change", [deleted, renamed])
def test_every_key_counts(file: str, change: Callable[[str], Callable[[Node], None]]) -> None:
    root = specs().roots[file]
    excused = may_go if change is deleted else may_change
    missed = []
    for path, key in keys(root):
        changed = edited(root, path, change(key))
        if not any(right(file, root, path, key, one) for one in found(file, changed)) and not excused(root, path, key):
            missed.append((*path, key, [f"{one.file}:{one.line} {one.code}" for one in found(file, changed)][:2]))
    assert not missed, "\n".join(map(str, missed))
