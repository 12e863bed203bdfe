"""What stands beside the dialects: providers speak dialects and change fields that exist, primitives are declared and there."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from codegen.resolve import Dialect, Project
from codegen.types import attribute
from runtime.core.diagnostic import Diagnostic, at, did_you_mean, near
from runtime.core.located import Node

NATIVE = "canonical"  # the dialect of a provider inside the process
OPERATIONS = ("rename", "without", "via")


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
    """An overlay's edits are of fields of the request that are there, one edit each."""
    request = dialect.wire.defs.get(dialect.mapping.pair("request"))
    if request is None:
        return
    edited: dict[str, Node] = {}
    for operation in OPERATIONS:
        part = node.get(operation)
        for name, key in (part.keys if part else {}).items():
            if name not in request.fields:
                places = near(name, request.fields)
                known = [
                    f"{request.name} is defined at {request.key.file}:{request.key.line}."
                    + (f" Near names: {', '.join(places)}." if places else "")
                ]
                yield at(
                    key, "E201", f"{request.name} has no field `{name}`", did_you_mean(name, request.fields), known
                )
            elif operation == "without" and request.fields[name].required:
                yield at(
                    key,
                    "E502",
                    f"a request cannot do without `{name}`",
                    f"{request.fields[name].node.file} requires it",
                )
            first = edited.setdefault(name, key)
            if first is not key:
                yield at(key, "E502", f"`{name}` is changed twice", f"line {first.line} changes it too")
            if operation == "via" and part.value[name].value not in dialect.primitives:
                primitive = part.value[name]
                yield at(
                    primitive,
                    "E204",
                    f"there is no primitive `{primitive.value}`",
                    did_you_mean(primitive.value, dialect.primitives),
                    ["Primitives are declared in specs/primitives.yaml."],
                )
            if operation == "rename" and part.value[name].value in (
                node.get("without").value if node.get("without") else {}
            ):
                yield at(part.value[name], "E502", f"`{name}` becomes `{part.value[name].value}`, which is taken out")


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
    turns = dialect.mapping.root.get("turns")
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
