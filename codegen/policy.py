"""specs/schemas/policy.yaml to generated/policy.py: the structs of the policy file, and the table it is checked against.

So the gateway checks a policy file, with places and suggestions, without a JSON Schema library.
"""

from __future__ import annotations

import json
import re

from runtime.core.located import Node, load

HEADER = '''"""{title}: its types, and the table that `runtime.core.policy` checks a file against. Durations are seconds.

Made from {source} by `isogloss generate`; never edited.
"""

from typing import Any, Literal

from msgspec import Struct
'''

TABLE = """
# What may stand under each key: its kind with bounds, and an example to quote. A struct is its own kind.
TABLE: dict[type[Struct], dict[str, tuple[Any, str]]] = {}
"""


def policy(root: Node) -> str:
    """The text of generated/policy.py, formatted. Raises ValueError at a form of schema that this cannot read."""
    defs = root.at("$defs").value
    structs = {name: node for name, node in defs.items() if node.get("properties")}
    units = root.at("$defs", "Duration", "x-units").plain()
    parts = [HEADER.format(title=root.at("title").value, source=root.file)]
    parts += [_struct(name, node, defs, units) for name, node in structs.items()]
    parts.append(f"UNITS = {json.dumps(units)}  # of a duration, in seconds\n{TABLE}")
    parts += [_rows(name, node, defs) for name, node in structs.items()]
    return "\n\n".join(parts[: len(structs) + 2]) + "".join(parts[len(structs) + 2 :])


def _struct(name: str, node: Node, defs: dict[str, Node], units: dict[str, float]) -> str:
    bases = [_target(base) for base in node.at("allOf").value] if node.get("allOf") else ["Struct"]
    rows = [
        f"class {name}({', '.join(bases)}, frozen=True, kw_only=True):",
        f'    """{node.at("description").value}"""',
        "",
    ]
    required = {item.value for item in node.at("required").value} if node.get("required") else set()
    for key, field in node.at("properties").value.items():
        kind, default = _type(field, defs), ""
        if key not in required:
            written = field.get("default")
            if written is not None:
                value = written.plain()
                default = repr(_seconds(value, units)) if field.get("x-seconds") else _literal(value)
            elif kind in defs and not defs[kind].get("required"):
                default = f"{kind}()"
            elif kind.startswith(("list", "dict")):
                default = "[]" if kind.startswith("list") else "{}"
            else:
                kind, default = f"{kind} | None", "None"
            default = f" = {default}"
        note = f"  # {field.at('description').value}" if field.get("description") else ""
        rows.append(f"    {key}: {kind}{default}{note}")
    return "\n".join(rows) + "\n"


def _type(node: Node, defs: dict[str, Node]) -> str:
    """The Python type of a property."""
    if node.get("$ref"):
        name = _target(node)
        return name if defs[name].get("properties") else "float" if node.get("x-seconds") else "str"
    if node.get("oneOf"):
        return " | ".join(_type(option, defs) for option in node.at("oneOf").value)
    if node.get("enum"):
        return f"Literal[{', '.join(_literal(word.value) for word in node.at('enum').value)}]"
    match node.at("type").value:
        case "array":
            return f"list[{_type(node.at('items'), defs)}]"
        case "object":
            return f"dict[str, {_type(node.at('additionalProperties'), defs)}]"
        case kind:
            return {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}[kind]


def _rows(name: str, node: Node, defs: dict[str, Node]) -> str:
    """The struct's part of the table."""
    own = "".join(
        f'    "{key}": ({_kind(field, defs)}, {_literal(_flow(field.at("examples", 0)))}),\n'
        for key, field in node.at("properties").value.items()
    )
    inherited = "".join(f"TABLE[{_target(base)}] | " for base in node.at("allOf").value) if node.get("allOf") else ""
    return f"TABLE[{name}] = {inherited}{{\n{own}}}\n"


def _kind(node: Node, defs: dict[str, Node]) -> str:
    """What the checker does with a value."""
    if node.get("x-seconds"):
        return _tuple("seconds", *node.at("x-seconds").plain())
    if node.get("x-secret"):
        return _tuple("secret", *node.at("x-secret").plain())
    if node.get("x-url"):
        return _tuple("url", *node.at("x-url").plain())
    if node.get("x-origin"):
        return _tuple("origin")
    if node.get("$ref"):
        name = _target(node)
        return name if defs[name].get("properties") else _kind(defs[name], defs)
    if node.get("oneOf"):
        return f'("either", {", ".join(_kind(option, defs) for option in node.at("oneOf").value)})'
    if node.get("enum"):
        return f'("word", {_tuple(*node.at("enum").plain())})'
    match node.at("type").value:
        case "array":
            most = node.get("maxItems")
            return f'("list", {_kind(node.at("items"), defs)}, {most and most.value}, {bool(node.get("uniqueItems"))})'
        case "object":
            return f'("map", {_kind(node.at("additionalProperties"), defs)}, {node.get("minProperties") is not None})'
        case "integer" | "number" as kind:
            return _tuple(kind, node.at("minimum").value, node.at("maximum").value)
        case "string":
            return _tuple("text", 1 if node.get("minLength") else 0)
        case "boolean":
            return _tuple("boolean")
    raise ValueError(f"{node.file}:{node.line}:{node.col}: a form of schema that policy.py does not know")


def _target(node: Node) -> str:
    return node.at("$ref").value.rsplit("/", 1)[-1]


def _tuple(*values: object) -> str:
    inner = ", ".join(map(_literal, values))
    return f"({inner},)" if len(values) == 1 else f"({inner})"


def _literal(value: object) -> str:
    """A Python literal as the formatter writes it: double quotes, unless there are some inside."""
    return f'"{value}"' if isinstance(value, str) and not set(value) & {'"', "\\"} else repr(value)


def _seconds(text: str, units: dict[str, float]) -> float:
    number, unit = re.fullmatch(r"([0-9.]+)([a-z]+)", text).groups()
    return float(number) * units[unit]


def _flow(node: Node) -> str:
    """The value as one line of YAML, quoted only where it must be."""
    if isinstance(node.value, dict):
        return "{" + ", ".join(f"{key}: {_flow(value)}" for key, value in node.value.items()) + "}"
    if isinstance(node.value, list):
        return "[" + ", ".join(map(_flow, node.value)) + "]"
    if not isinstance(node.value, str):
        return json.dumps(node.value)
    read, problems = load(f"[{node.value}]", "")
    return node.value if not problems and read.plain() == [node.value] else json.dumps(node.value)
