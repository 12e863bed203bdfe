"""Where canonical values stand on a wire: the paths that a loss report names. `a|b` is written in one of two places."""

from __future__ import annotations

from codegen.resolve import Dialect, told
from codegen.spec import Lens, Line


def origin(dialect: Dialect) -> dict[str, str]:
    """`Type.field` of the canonical model to the path within its wire object."""
    found: dict[str, str] = {}
    lenses = dialect.mapping.lenses
    through = {  # lenses that map what a field of another's object holds, each with that field
        ln.plain("lens"): f"{ln.wire[0]}."
        for lens in lenses.values()
        for ln in lens.lines
        if ln.to == () and ln.has("lens") and not lens.message
    }
    through |= {  # and those of the objects over which a value is spread: the first has what all say
        ln.plain("each"): f"{ln.wire[0]}[0]." for lens in lenses.values() for ln in lens.lines if ln.has("spread")
    }
    alone = {
        ln.plain("each") for lens in lenses.values() for ln in lens.lines if ln.has("each") and not ln.has("spread")
    }
    for lens in lenses.values():
        if lens.message:
            continue
        owners = [lens.canonical, *(lenses[node.value].canonical for node in lens.any)]
        parts = dialect.wire.defs[lens.wire].parts
        for ln in (*lens.lines, *lens.every):
            own = [ln.to] if ln.to else told(dialect, ln)
            if ln.has("flag"):
                own = [*own, (*ln.to[:-1], ln.plain("flag"))]
            above = through.get(lens.name, "")
            for base in (above, "") if above and lens.name in alone else (above,):
                path = base.removesuffix(".") if ln.wire[0] in parts else base + ".".join(ln.wire)
                for name in [f"{owner}.{'.'.join(to)}" for owner in owners for to in own] if path else ():
                    _add(found, name, path)
    return found


def places(dialect: Dialect) -> dict[tuple[str, str], str]:
    """(role, kind) to the path of a block: `{turn}` is its message, `{part}` its place there, `{candidate}` its candidate.

    Kind "" is any other one; role "answer" is a block of an answer; `text.citations` is a field with a place of its own.
    """
    mapping = dialect.mapping
    found: dict[tuple[str, str], str] = {}
    for ln in mapping.lenses[mapping.pair("request")].lines:
        if ln.has("role"):
            found["instruction", ""] = ".".join(ln.wire) + ("[{part}]" if ln.has("each") else "")
        elif ln.to == ("blocks",) and ln.has("lens"):
            _message(dialect, lens := mapping.lenses[ln.plain("lens")], lens.role, "", found)
        elif ln.has("groups"):
            base = f"{ln.wire[0]}[{{turn}}]"
            for member in _members(dialect, ln):
                if member.message:
                    _message(dialect, member, member.role, base, found)
                else:
                    kind = dialect.canonical.defs[member.canonical].word
                    found["tool" if kind == "tool_result" else "assistant", kind] = base
    for ln in mapping.lenses[mapping.pair("response")].lines:
        if ln.to == ("candidates",):
            for inner in mapping.lenses[ln.plain("each")].lines:
                if inner.to == ("blocks",):
                    base = f"{ln.wire[0]}[{{candidate}}]" + _step(dialect, mapping.lenses[ln.plain("each")], inner)
                    _message(dialect, mapping.lenses[inner.plain("lens")], "answer", base, found)
        elif ln.to and ln.to[-1] == "blocks" and ln.has("groups"):
            base = f"{ln.wire[0]}[{{turn}}]"
            for member in _members(dialect, ln):
                if member.message:
                    _message(dialect, member, "answer", base, found)
                else:
                    found["answer", dialect.canonical.defs[member.canonical].word] = base
        elif ln.to and ln.to[-1] == "blocks" and ln.has("lens"):
            base = _step(dialect, mapping.lenses[mapping.pair("response")], ln).removeprefix(".")
            _message(dialect, mapping.lenses[ln.plain("lens")], "answer", base, found)
        elif ln.to and ln.to[-1] == "blocks":
            found["answer", ""] = f"{'.'.join(ln.wire)}[{{part}}]"
    return found


def _members(dialect: Dialect, ln: Line) -> list[Lens]:
    """The messages that a line groups blocks into."""
    lenses = dialect.mapping.lenses
    members = [lenses[node.value] for node in lenses[ln.plain("groups")].any]
    return [one for m in members for one in ([lenses[node.value] for node in m.any] or [m])]


def _step(dialect: Dialect, lens: Lens, ln: Line) -> str:
    """The step to what a line maps; none to a part of its object."""
    return "" if ln.wire[0] in dialect.wire.defs[lens.wire].parts else f".{ln.wire[0]}"


def _message(dialect: Dialect, lens: Lens, role: str, base: str, found: dict[tuple[str, str], str]) -> None:
    for ln in lens.lines:
        if ln.to is None:
            continue
        form = f"{base}.{'.'.join(ln.wire)}".removeprefix(".") + (
            "[{part}]" if (ln.has("each") or ln.has("via")) and not ln.to else ""
        )
        for kind in _kinds(dialect, ln):
            _add(found, (role, kind), form)


def _kinds(dialect: Dialect, ln: Line) -> list[str]:
    """The kinds of block that a line of a message holds; "" if it holds them all."""
    if not ln.kinds:
        return [""]
    if ln.to and ln.has("each"):
        return [".".join((ln.kinds[0], *ln.to))]
    lenses = dialect.mapping.lenses
    each = lenses[ln.plain("each")] if ln.has("each") else None
    held = [dialect.canonical.defs[lenses[node.value].canonical].word for node in each.any] if each is not None else []
    return list(dict.fromkeys([*ln.kinds, *held]))


def _add(found: dict, key: object, path: str) -> None:
    known = found.get(key, "").split("|")
    if path not in known:
        found[key] = "|".join([*filter(None, known), path])
