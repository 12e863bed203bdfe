"""Schemas to msgspec structs, by datamodel-code-generator on our own schemas, never on a vendor's document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

RAW = {"customTypePath": "msgspec.Raw"}
UNSET = re.compile(r"(?P<name>\w+): (?P<type>.+?) \| UnsetType = (?:UNSET|(?P<field>field\(.*default=)UNSET\))$", re.M)

WRAPPED = re.compile(r"^    \w+: .*?(?=^    \w+: |^\S|\Z)", re.M | re.S)  # a field, on several lines or on one
BRACKETS = re.compile(r": \( ?(.+?) ?\) = ")  # around a type that was too long for its line


def structs(schemas: list[dict[str, Any]], base: str, header: str) -> str:
    """The module of structs for these schemas, on the base class at the dotted path `base`.

    An absent field is None, or the schema's default; only where null must be written (x-write-null) is absent told
    apart from null, as UNSET. What only opaque values mention gets no struct.
    """
    from datamodel_code_generator import (
        DataModelType,
        Formatter,
        InputFileType,
        LiteralType,
        NamingStrategy,
        PythonVersion,
        generate,
    )

    defs = {name: node for schema in schemas for name, node in schema["$defs"].items()}
    every = {member: union["x-every"] for union in defs.values() if "x-every" in union for member in _members(union)}
    kept = reachable(defs)
    document = {"$defs": {name: _object(node, every.get(name, {})) for name, node in defs.items() if name in kept}}
    text = generate(
        json.dumps(document),
        input_file_type=InputFileType.JsonSchema,
        output_model_type=DataModelType.MsgspecStruct,
        target_python_version=PythonVersion.PY_311,
        disable_timestamp=True,
        formatters=[Formatter.BUILTIN],
        use_msgspec_tagged_unions=True,
        enum_field_as_literal=LiteralType.All,
        snake_case_field=True,
        base_class=base,
        infer_union_variant_names=True,
        naming_strategy=NamingStrategy.ParentPrefixed,
        custom_file_header=header,
        skip_root_model=True,
    )
    written = {
        (name, prop)
        for name, node in defs.items()
        for prop, sub in node.get("properties", {}).items()
        if "x-write-null" in sub
    }
    blocks = re.split(r"(?=^class |^\w+: TypeAlias = )", text, flags=re.M)
    marks = {name: said for name, node in defs.items() if (said := [*_also(node), *_lone(node)])}
    classes = [_absent_is_none(block, written, marks) for block in blocks if ": TypeAlias = " not in block]
    bare = {name for name, node in defs.items() if name in kept and _untagged(node)}
    classes = [_free(block) if block.removeprefix("class ").partition("(")[0] in bare else block for block in classes]
    if bare or marks.keys() & kept:
        classes[0] = _importing(classes[0], "typing", "ClassVar")
    # Behind the classes, so that an alias holds classes and no names of them.
    aliases = [re.sub(r'"(\w+)"', r"\1", block) for block in blocks if ": TypeAlias = " in block]
    return "\n\n".join([*classes, *aliases])


def _importing(head: str, module: str, name: str) -> str:
    """A module's head with one more import, of the standard library."""
    if f"from {module} import " in head:
        return head.replace(f"from {module} import ", f"from {module} import {name}, ", 1)
    return head.replace("from msgspec", f"from {module} import {name}\n\nfrom msgspec", 1)


def _in_one_line(match: re.Match[str]) -> str:
    """A field as one line, without brackets around its type, and what stood behind it."""
    text = match[0].rstrip()
    line = BRACKETS.sub(r": \1 = ", "    " + " ".join(text.split()).replace("( ", "(").replace(", )", ")"), count=1)
    return line.replace(" )", ")") + match[0][len(text) :]


def _also(node: dict[str, Any]) -> list[str]:
    """Other spellings of properties, each to the property."""
    said = {sub["x-also"]: name for name, sub in node.get("properties", {}).items() if "x-also" in sub}
    return [f"ALSO: ClassVar[dict[str, str]] = {said!r}"] if said else []


def _lone(node: dict[str, Any]) -> list[str]:
    """The lists in whose place one object may stand."""
    said = {name for name, sub in node.get("properties", {}).items() if "x-lone" in sub}
    return [f"LONE: ClassVar[set[str]] = {{{', '.join(map(repr, sorted(said)))}}}"] if said else []


def _absent_is_none(block: str, written: set[tuple[str, str]], marks: dict[str, list[str]]) -> str:
    """One class, with None for what is absent instead of UNSET, and with what else is read."""
    owner = match[1] if (match := re.match(r"class (\w+)", block)) else ""

    def absent(match: re.Match[str]) -> str:
        if (owner, match["name"]) in written:
            return match[0]
        kind = match["type"] if match["type"].endswith("| None") else match["type"] + " | None"
        kind = (
            "Raw" if kind == "Raw | None" else kind
        )  # msgspec keeps Raw out of unions; a null arrives as Raw(b"null")
        return f"{match['name']}: {kind} = " + (f"{match['field']}None)" if match["field"] else "None")

    block = WRAPPED.sub(_in_one_line, block) if block.startswith("class") else block
    block = UNSET.sub(absent, block)
    block = re.sub(r" \| UnsetType = (?!UNSET)", " = ", block)
    return "\n    ".join([block.rstrip(), *marks[owner]]) + "\n" if owner in marks else block


def _untagged(node: dict[str, Any]) -> bool:
    """Whether a type's tag may be missing."""
    return any("const" in sub and "null" in sub.get("type", ()) for sub in node.get("properties", {}).values())


def _free(block: str) -> str:
    """A class whose tag may be missing."""
    head, colon, fields = block.partition(":\n")
    return f"{head}{colon}    untagged: ClassVar[bool] = True\n{fields}"


def _object(node: dict[str, Any], every: dict[str, Any]) -> dict[str, Any]:
    """The definition as the struct generator shall see it."""
    node = _plain(node)
    if every:
        node["properties"] |= {name: _plain(sub) for name, sub in every.items()}
    if "x-tag" in node:
        node["discriminator"] = {"propertyName": node.pop("x-tag")}
    return node


def _plain(node: Any) -> Any:
    """A schema without our own keywords: opaque is Raw, `default` says what a canonical field is when absent."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    if node.get("x-opaque"):
        return dict(RAW)
    if node.get("x-carried"):
        return {"anyOf": [{"type": "object", "additionalProperties": True}, {"type": "null"}]}
    if "$ref" in node:
        return {"$ref": "#/$defs/" + node["$ref"].rsplit("/", 1)[-1]}
    kept = {key: sub for key, sub in node.items() if key == "x-tag" or not key.startswith("x-")}
    if "const" in kept and isinstance(kept["const"], str):
        kept.pop("type", None)
    return {key: _plain(sub) for key, sub in kept.items()}


def _members(union: dict[str, Any]) -> list[str]:
    return [option["$ref"].rsplit("/", 1)[-1] for option in union["oneOf"]]


def reachable(defs: dict[str, Any]) -> set[str]:
    """The definitions that are roots, or that something typed mentions."""
    mentioned = {name for node in defs.values() for name in refs(node, opaque=True)}
    todo, kept = [name for name in defs if name not in mentioned], set()
    while todo:
        name = todo.pop()
        if name in defs and name not in kept:
            kept.add(name)
            todo += refs(defs[name], opaque=False)
    return kept


def refs(node: Any, opaque: bool) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from refs(item, opaque)
    elif isinstance(node, dict) and (opaque or not node.get("x-opaque")):
        if "$ref" in node:
            yield node["$ref"].rsplit("/", 1)[-1]
        for sub in node.values():
            yield from refs(sub, opaque)
