"""Where a value stands in what the sender wrote: `messages[3].content[0].cache_control`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from generated import canonical as c

BLOCKS = c.Block.__args__


def locate(owner: Any, field: str, root: Any, value: Any, rules: Any) -> str:
    """The sender's path of a field of `owner`, which is part of the wire `root` or of the canonical `value` read from it.

    `rules` is the sender's dialect. A field that begins with `=` is a wire name already.
    """
    steps = _find(root, owner) if root is not None else None
    if steps is not None:
        return _join(_wire(steps), field)
    steps = _find(value, owner) if value is not None else None
    if steps is None:
        if type(owner) not in BLOCKS:
            return field.removeprefix("=") or type(owner).__name__
        base = _place(owner, rules, "") if owner.turn is not None else type(owner).__struct_config__.tag
    else:
        base = _canonical(steps, value, rules)
    if not field or field.startswith("="):
        return _join(base, field.removeprefix("="))
    return _join(base, _origin(type(owner).__name__, field, rules))


def _origin(owner: str, field: str, rules: Any) -> str:
    """The wire path of a canonical field; the nearest field around it where the wire has no such leaf."""
    steps = field.split(".")
    for end in range(len(steps), 0, -1):
        if (found := rules.ORIGIN.get(f"{owner}.{'.'.join(steps[:end])}")) is not None:
            return found
    return field


def _find(root: Any, owner: Any) -> list[tuple[Any, str | int]] | None:
    """The steps from a struct to another one inside it, each with the struct or list it leaves from."""
    if root is owner:
        return []
    for holder, step, child in _children(root):
        if (found := _find(child, owner)) is not None:
            return [(holder, step), *found]
    return None


def _children(node: Any) -> Iterator[tuple[Any, str | int, Any]]:
    if isinstance(node, msgspec.Struct):
        for name in node.__struct_fields__:
            child = getattr(node, name)
            if isinstance(child, (msgspec.Struct, list)):
                yield node, name, child
    elif isinstance(node, list):
        for index, child in enumerate(node):
            if isinstance(child, (msgspec.Struct, list)):
                yield node, index, child


def _wire(steps: list[tuple[Any, str | int]]) -> str:
    path = ""
    for holder, step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            names = dict(zip(holder.__struct_fields__, holder.__struct_encode_fields__))
            path = _join(path, names[step])
    return path


def _canonical(steps: list[tuple[Any, str | int]], value: Any, rules: Any) -> str:
    path, node = "", value
    for holder, step in steps:
        node = holder[step] if isinstance(step, int) else getattr(holder, step)
        if isinstance(step, str):
            path = "" if step == "blocks" and type(holder) is c.Request else _join(path, rules.ORIGIN.get(f"{type(holder).__name__}.{step}", step))
        elif type(node) in BLOCKS and node.role is not None and not path.endswith("]"):
            path = _place(node, rules, path)
        else:
            path += f"[{step}]"
    return path


def _place(block: Any, rules: Any, base: str) -> str:
    """A block's place in a request, or behind `base` in an answer."""
    kind = type(block).__struct_config__.tag
    if block.turn == -1:
        return rules.PLACES.get(("instruction", ""), "system[{part}]").format(part=block.part)
    form = rules.PLACES.get((block.role, kind)) or "messages[{turn}].content[{part}]"
    path = form.format(turn=block.turn, part=block.part)
    if base in ("", "messages"):
        return path
    return _join(base, path.partition("].")[2]) if base == "message" or base.endswith(".message") else f"{base}[{block.part}]"


def _join(base: str, field: str) -> str:
    field = field.removeprefix("=")
    return f"{base}.{field}" if base and field else base or field
