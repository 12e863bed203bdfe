"""What stands beside the dialects: providers speak dialects and change fields that exist, primitives are declared and there."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from codegen.resolve import Dialect, Project
from codegen.spec import Lens
from codegen.types import Field, attribute
from runtime.core.diagnostic import Diagnostic, at, did_you_mean, near
from runtime.core.located import Node

NATIVE = "canonical"  # the dialect of a provider inside the process
EDITS = ("rename", "without", "via")
REFUSALS = ("refuse", "at_most")


def overlays(project: Project) -> list[Diagnostic]:
    """What is wrong with the providers, and with the capabilities that mappings ask for."""
    found: list[Diagnostic] = []
    dialects = {one.mapping.dialect: one for one in project.dialects}
    for file, root in project.providers.items():
        found += _facts(file, root)
        unknown = [key for name, key in root.get("dialects").keys.items() if name not in dialects and name != NATIVE]
        for key in unknown if project.whole else ():
            hint = did_you_mean(key.value, [*dialects, NATIVE])
            found.append(at(key, "E501", f"there is no dialect `{key.value}`", hint))
        for name, place in root.get("dialects").value.items():
            found += _place(dialects[name], place) if name in dialects else ()
        for name, node in (root.get("differs").value if root.get("differs") else {}).items():
            key = root.get("differs").keys[name]
            if name not in root.get("dialects").value and not unknown:
                found.append(
                    at(
                        key,
                        "E501",
                        f"{root.get('provider').value} does not speak `{name}`",
                        did_you_mean(name, root.get("dialects").value),
                    )
                )
            elif name in dialects:
                found += _differs(dialects[name], node)
    return [*found, *(_capabilities(project) if project.whole else ())]


def _place(dialect: Dialect, place: Node) -> Iterator[Diagnostic]:
    """A path names what the dialect's own does."""
    http = dialect.mapping.root.get("http")
    paths = {"path": http.get("generate"), "stream_path": http.get("stream")}
    for name, end in paths.items():
        here = place.get(name)
        if (here is None) != (end is None):
            protocol = dialect.mapping.dialect
            own = f"{protocol} asks for streams at a path of its own"
            said = f"no path of {protocol} says that a stream is wanted" if end is None else own
            yield at(here or place, "E502", said, fixes=[f"{name}: /..."] if here is None else ["remove it"])
        elif here is not None and ("{model}" in here.value) != ("{model}" in end.get("path").value):
            known = [f"The dialect's own path is {end.get('path').value}."]
            yield at(here, "E502", "a path names the model where its dialect's does, and only there", known=known)


def _facts(file: str, root: Node) -> Iterator[Diagnostic]:
    name = root.get("provider")
    if file.rpartition("/")[2] != f"{name.value}.yaml":
        yield at(name, "E502", f"the provider {name.value} stands in {file}", "a provider has the name of its file")
    address, port = urlsplit(root.get("base_url").value), root.get("local_port")
    if port is not None and (address.hostname, address.port) != ("127.0.0.1", port.value):
        yield at(
            port,
            "E502",
            f"an engine on port {port.value} is not at {root.get('base_url').value}",
            f"base_url: http://127.0.0.1:{port.value}...",
        )
    patterns = list(root.get("models").keys.values())
    for key in patterns[[k.value for k in patterns].index("*") + 1 :]:
        yield at(
            key, "E502", f"`{key.value}` comes behind *, which fits every model", "the first pattern that fits decides"
        )


def _differs(dialect: Dialect, node: Node) -> Iterator[Diagnostic]:
    """An overlay's edits are of fields of the request that are there, one edit each; what must be honoured is not dropped."""
    lens = dialect.mapping.lenses.get(dialect.mapping.pair("request"))
    request = dialect.wire.defs.get(dialect.mapping.pair("request"))
    if request is None or lens is None:
        return
    edits = {name: part for name in (*EDITS, *REFUSALS) if (part := node.get(name)) is not None}
    reader = Dialect(dialect.mapping, dialect.wire, dialect.canonical, dialect.primitives)
    refused = {name.split(".")[0] for operation in REFUSALS if operation in edits for name in edits[operation].value}
    edited: dict[str, Node] = {}
    for operation, part in edits.items():
        for name, key in part.keys.items():
            fields = reader.fields(dialect.wire, request.name, tuple(name.split(".")), key)
            if operation in REFUSALS:
                continue
            if (first := edited.setdefault(name, key)) is not key:
                yield at(key, "E502", f"`{name}` is changed twice", f"line {first.line} changes it too")
            if operation == "without" and fields:
                yield from _without(reader, lens, fields[-1], key, refused)
            if operation == "via":
                reader.primitive(part.value[name].value, part.value[name])
            if operation == "rename" and "without" in edits and part.value[name].value in edits["without"].value:
                new = part.value[name]
                yield at(new, "E502", f"`{name}` becomes `{new.value}`, which is taken out")
    yield from reader.diagnostics


def _without(dialect: Dialect, lens: Lens, field: Field, key: Node, refused: set[str]) -> Iterator[Diagnostic]:
    """A field that is taken out is one that a request can do without."""
    if field.required:
        place = f"{field.node.file}:{field.node.line}"
        yield at(key, "E502", f"a request cannot do without `{field.name}`", f"{place} requires it")
    for ln in lens.lines:
        found = (
            dialect.fields(dialect.canonical, lens.canonical, ln.to, ln.target)
            if ln.to and ln.wire == (field.name,)
            else None
        )
        if found and found[-1].must_honour and not ln.has("lift_only") and field.name not in refused:
            yield at(
                key,
                "E317",
                f"`{field.name}` must be honoured, and is taken out here",
                "what a client relies on is mapped or refused",
                fixes=[f"refuse: {{{field.name}: why}}", f"at_most: {{{field.name}: <the largest number>}}"],
            )


def _capabilities(project: Project) -> Iterator[Diagnostic]:
    """What a mapping asks of a model is something that a provider can say of one."""
    known = {
        name
        for root in project.providers.values()
        for facts in root.get("models").value.values()
        for name in facts.value
    }
    for dialect in project.dialects:
        for node in asked(dialect):
            if node.value not in known:
                yield at(
                    node,
                    "E324",
                    f"no provider says of a model whether it has `{node.value}`",
                    did_you_mean(node.value, known),
                    ["Known are: " + ", ".join(sorted(known)) + "."],
                )


def asked(dialect: Dialect) -> Iterator[Node]:
    """The capabilities that a mapping names."""
    if (turns := dialect.mapping.turns) is not None:
        yield from turns.get("needs").value.values()
        if turns.get("limit").value is not None:
            yield turns.get("limit")
    for lens in dialect.mapping.lenses.values():
        for ln in (*lens.lines, *lens.every):
            if ln.has("needs"):
                yield ln.mods["needs"]


def primitives(project: Project) -> list[Diagnostic]:
    """Every primitive is implemented and used, and every implementation is declared."""
    used = {
        ln.plain("via")
        for d in project.dialects
        for lens in d.mapping.lenses.values()
        for ln in (*lens.lines, *lens.every)
    }
    for root in project.providers.values():
        for differs in (root.get("differs").value if root.get("differs") else {}).values():
            used |= {node.value for node in (differs.get("via").value if differs.get("via") else {}).values()}
    used |= {name for d in project.dialects for what, name in d.slips if what == "primitive"}
    missing = [attribute(name) for name in project.primitives.value if attribute(name) not in project.implemented]
    found = []
    for name, key in project.primitives.keys.items():
        if attribute(name) in missing:
            found.append(
                at(
                    key,
                    "E511",
                    f"the primitive {name} is not implemented",
                    f"runtime/core/primitives.py has no class {attribute(name)} with lift and lower",
                )
            )
        if project.whole and name not in used:
            found.append(
                at(
                    key,
                    "E309",
                    f"no line uses the primitive {name}",
                    fixes=[f"<a field>: {{to: ..., via: {name}}}", "remove it"],
                )
            )
    declared = {attribute(name) for name in project.primitives.value}
    return found + [
        at(node, "E512", f"the class {name} is no declared primitive", did_you_mean(name, declared))
        for name, node in project.implemented.items()
        if name not in declared and not near(name, missing)  # else it is only misspelt
    ]
