"""Where canonical values stand on a wire: the paths that a loss report names."""

from __future__ import annotations

from codegen.resolve import Dialect, kinds


def origin(dialect: Dialect) -> dict[str, str]:
    """`Type.field` of the canonical model to the path within its wire object; the line that is written decides."""
    found: dict[str, str] = {}
    for lens in dialect.mapping.lenses.values():
        if lens.message:
            continue
        owners = [lens.canonical, *(dialect.mapping.lenses[node.value].canonical for node in lens.any)]
        for ln in (*lens.lines, *lens.every):
            for owner in owners if ln.to else ():
                found.setdefault(f"{owner}.{'.'.join(ln.to)}", ".".join(ln.wire))
    return found


def places(dialect: Dialect) -> dict[tuple[str, str], str]:
    """(role, kind) to the path of a block in a request: `{turn}` is its message, `{part}` its place there."""
    mapping = dialect.mapping
    request = mapping.lenses[mapping.pair("request")]
    found: dict[tuple[str, str], str] = {}
    for ln in request.lines:
        if ln.has("role"):
            found["instruction", ""] = f"{ln.wire[0]}[{{part}}]"
        if not ln.has("groups"):
            continue
        base = f"{ln.wire[0]}[{{turn}}]"
        for node in mapping.lenses[ln.plain("groups")].any:
            member = mapping.lenses[node.value]
            if not member.message:
                found["tool", "tool_result"] = base
                continue
            for part in member.lines:
                for kind in part.kinds or kinds(dialect.canonical):
                    many = part.has("each")
                    found.setdefault((member.role, kind), f"{base}.{part.wire[0]}" + ("[{part}]" if many else ""))
    return found
