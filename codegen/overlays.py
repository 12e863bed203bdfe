"""What stands beside the dialects: providers speak dialects and change fields that exist, primitives are declared and there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from codegen.inherit import NEEDED
from codegen.resolve import Dialect, Project
from codegen.spec import Lens
from codegen.types import Def, Field, attribute
from runtime.core.diagnostic import Diagnostic, at, did_you_mean, near
from runtime.core.located import Node

NATIVE = "canonical"  # the dialect of a provider inside the process
EDITS = ("rename", "without", "clamp", "words", "plain", "omit", "via")
REFUSALS = ("refuse", "at_most")
VARIABLES = ("key", "base_url", "credentials")  # of an account; others fill its addresses
FILLED = re.compile(r"\{(\w+)\}")


def overlays(project: Project) -> list[Diagnostic]:
    """What is wrong with the providers, and with the capabilities that mappings ask for."""
    found: list[Diagnostic] = []
    dialects = {one.mapping.dialect: one for one in project.dialects}
    ports: dict[int, Node] = {}
    for file, root in project.providers.items():
        if root.get("extends") is not None:  # what it extends is not there
            continue
        if lacking := [name for name in NEEDED if root.get(name) is None]:
            what = f"{root.get('provider').value} and what it extends do not say {' and '.join(lacking)}"
            found.append(at(root.get("provider"), "E502", what))
            continue
        found += [*_facts(file, root), *_port(root, ports)]
        unknown = [key for name, key in root.get("dialects").keys.items() if name not in dialects and name != NATIVE]
        for key in unknown if project.whole else ():
            hint = did_you_mean(key.value, [*dialects, NATIVE])
            found.append(at(key, "E501", f"there is no dialect `{key.value}`", hint))
        for name, place in root.get("dialects").value.items():
            found += _place(dialects[name], place, _omits_model(root, name)) if name in dialects else ()
        found += _passes(root, dialects)
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
    told = [one for number, one in enumerate(found) if one not in found[:number]]  # what several extend is told once
    return [*told, *(_capabilities(project) if project.whole else ())]


def _passes(root: Node, dialects: dict[str, Dialect]) -> Iterator[Diagnostic]:
    """What is passed on as it is belongs to a dialect that is spoken, and no dialect is served there."""
    spoken = root.get("dialects").value
    for name, paths in (root.get("passes").value if root.get("passes") else {}).items():
        if name not in spoken:
            key, hint = root.get("passes").keys[name], did_you_mean(name, spoken)
            yield at(key, "E501", f"{root.get('provider').value} does not speak `{name}`", hint)
        elif name in dialects:
            served = {
                end.get("path").value
                for what, end in dialects[name].mapping.root.get("http").value.items()
                if what != "kept" and isinstance(end.value, dict) and end.get("path") is not None
            }
            for path in paths.value:
                if path.value in served:
                    yield at(path, "E502", f"{name} is served at {path.value}, and nothing there is passed on")


def _omits_model(root: Node, name: str) -> bool:
    """Whether requests in a dialect leave the model out: then the path says it."""
    omit = root.at("differs", name, "omit").value
    return isinstance(omit, list) and "model" in [one.value for one in omit]


def _place(dialect: Dialect, place: Node, omits_model: bool) -> Iterator[Diagnostic]:
    """A path names what the dialect's own does, or what an overlay leaves out of the body."""
    http = dialect.mapping.root.get("http")
    paths = {"path": http.get("generate"), "stream_path": http.get("stream")}
    for name, end in paths.items():
        here = place.get(name)
        if (here is None) != (end is None) and not (end is None and omits_model):
            protocol = dialect.mapping.dialect
            own = f"{protocol} asks for streams at a path of its own"
            said = f"no path of {protocol} says that a stream is wanted" if end is None else own
            yield at(here or place, "E502", said, fixes=[f"{name}: /..."] if here is None else ["remove it"])
        elif here is not None:
            named = omits_model or "{model}" in end.get("path").value
            if ("{model}" in here.value) != named:
                known = [] if end is None else [f"The dialect's own path is {end.get('path').value}."]
                said = "a path names the model where its dialect's does or `omit` has it, and only there"
                yield at(here, "E502", said, known=known)
    if (form := place.get("form")) is not None:
        known = http.get("forms").value if http.get("forms") is not None else {}
        if form.value not in known:
            said = f"{dialect.mapping.dialect} has no form `{form.value}`"
            yield at(form, "E501", said, did_you_mean(form.value, known))
    if (here := place.get("count_path")) is not None and http.get("count") is None:
        yield at(here, "E502", f"nothing is counted in {dialect.mapping.dialect}", fixes=["remove it"])


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
    patterns = list(root.get("models").value)
    if "*" not in patterns:
        yield at(root.get("models"), "E502", "nothing is said of a model that fits no pattern", "'*': {}")
    for name in patterns[patterns.index("*") + 1 :] if "*" in patterns else ():
        key = root.get("models").keys[name]
        yield at(key, "E502", f"`{name}` comes behind *, which fits every model", "the first pattern that fits decides")
    env = root.get("env").keys if root.get("env") else {}
    places = [root.get("base_url"), *(one for d in root.get("dialects").value.values() for one in d.value.values())]
    named = {found for place in places for found in FILLED.findall(place.value)}
    for name, key in env.items():
        if name not in (*VARIABLES, *named):
            yield at(key, "E502", f"no address has a `{name}` in it", did_you_mean(name, [*VARIABLES, *named]))
    for place in places:
        for name in set(FILLED.findall(place.value)) - {"model", *env}:
            fix = f"env: {{{name}: <a variable>}}"
            yield at(place, "E502", f"nothing says from where `{name}` is filled", fixes=[fix])


def _port(root: Node, ports: dict[int, Node]) -> Iterator[Diagnostic]:
    """Of two engines on one port nobody knows which it is that answers there."""
    port = root.get("local_port")
    if port is not None and (first := ports.setdefault(port.value, port)) is not port:
        yield at(port, "E502", f"port {port.value} is that of {first.file.rpartition('/')[2]} already")


def _differs(dialect: Dialect, node: Node) -> Iterator[Diagnostic]:
    """An overlay's edits are of fields of the request that are there, one edit each; what must be honoured is not dropped."""
    lens = dialect.mapping.lenses.get(dialect.mapping.pair("request"))
    request = dialect.wire.defs.get(dialect.mapping.pair("request"))
    if request is None or lens is None:
        return
    yield from _adds(dialect, node.get("adds"))
    edits = {name: part for name in (*EDITS, *REFUSALS) if (part := node.get(name)) is not None}
    reader = Dialect(dialect.mapping, dialect.wire, dialect.canonical, dialect.primitives)
    refused = {name for operation in REFUSALS if operation in edits for name in edits[operation].value}
    edited: dict[str, Node] = {}
    for operation, part in edits.items():
        for name, key in _named(part):
            place, _, word = name.partition("=")
            path = tuple(place.split("."))
            known = _choices(dialect, request.name, path) if operation in REFUSALS else ()
            nested = operation == "without" and len(path) > 1
            if nested and not _inside(dialect, request.name, path):
                yield at(key, "E502", f"no request of {dialect.mapping.dialect} has a `{place}`")
            fields = None if known or nested else reader.fields(dialect.wire, request.name, path, key)
            if nested:
                known = ("[]",)
            elif not known and fields:
                known = ("true", "false") if fields[-1].type.kind == "boolean" else fields[-1].words
            said = [word] if word else part.value[name].value if operation == "words" else ()
            for one in said:
                if known and one not in (*known, "*", "{}"):
                    at_ = part.value[name].keys[one] if operation == "words" else key
                    yield at(at_, "E502", f"`{place}` has no word `{one}`", did_you_mean(one, known))
            if operation in REFUSALS:
                continue
            if (first := edited.setdefault(name, key)) is not key:
                yield at(key, "E502", f"`{name}` is changed twice", f"line {first.line} changes it too")
            if operation == "without" and fields:
                yield from _without(reader, lens, fields[-1], key, refused)
            if operation == "clamp" and part.value[name].value[0].value > part.value[name].value[1].value:
                yield at(part.value[name], "E502", f"`{name}` cannot be kept within these bounds")
            if operation == "via":
                reader.primitive(part.value[name].value, part.value[name])
            if operation == "rename" and "without" in edits and part.value[name].value in edits["without"].value:
                new = part.value[name]
                yield at(new, "E502", f"`{name}` becomes `{new.value}`, which is taken out")
    yield from reader.diagnostics


def _adds(dialect: Dialect, adds: Node | None) -> Iterator[Diagnostic]:
    """What answers have beside the dialect's own: below something that is there, and not there itself."""
    frame = dialect.mapping.root.get("stream") and dialect.mapping.root.get("stream").get("frame")
    roots = [dialect.mapping.pair("response"), *([frame.value] if frame else ())]
    for node in adds.value if adds else ():
        *path, name = node.value.split(".")
        above = [owner for root in roots if (owner := _below(dialect, root, path)) and not owner.union]
        if not above:
            yield at(node, "E502", f"no answer of {dialect.mapping.dialect} has a `{'.'.join(path)}`")
        elif any(name in owner.fields for owner in above):
            yield at(node, "E502", f"{dialect.mapping.dialect} knows `{node.value}` itself")


def _choices(dialect: Dialect, root: str, path: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a tag, where a path ends at that of a choice of objects."""
    owner = _below(dialect, root, [*path[:-1]])
    members = [dialect.wire.defs[name] for name in owner.members] if owner is not None and owner.union else []
    return tuple(one.word for one in members) if owner is not None and owner.tag == path[-1] else ()


def _inside(dialect: Dialect, root: str, path: tuple[str, ...]) -> bool:
    """Whether there is a field at a path through lists and the members of choices."""
    owners = [dialect.wire.defs[root]]
    for number, step in enumerate(path, 1):
        members = [dialect.wire.defs[name] for one in owners for name in (one.members or (one.name,))]
        found = [one.fields[step].type for one in members if step in one.fields]
        owners = [dialect.wire.defs[name] for kind in found for name in kind.refs() if name in dialect.wire.defs]
        if not found or not owners and number < len(path):
            return False
    return True


def _below(dialect: Dialect, root: str, path: list[str]) -> Def | None:
    """The object at a path below a type of the wire, through lists."""
    found = dialect.wire.defs.get(root)
    for step in path:
        kind = found.fields[step].type if found is not None and step in found.fields else None
        kind = kind and (kind.option("list").items[0] if kind.option("list") else kind)
        ref = kind and kind.option("ref")
        found = dialect.wire.defs.get(ref.name) if ref else None
    return found


def _named(part: Node) -> list[tuple[str, Node]]:
    """The fields that an operation names, each with its node."""
    return [(one.value, one) for one in part.value] if isinstance(part.value, list) else list(part.keys.items())


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
        for facts in (root.get("models").value if root.get("models") else {}).values()
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
            if ln.has("marks"):
                yield from ln.mods["marks"].value.values()


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
    growing = [d.mapping.stream.get("block") for d in project.dialects if d.mapping.stream is not None]
    blocks = [node for block in growing if block is not None for node in block.value.values()]
    used |= {node.get("via").value for node in blocks if node.get("via") is not None}
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
