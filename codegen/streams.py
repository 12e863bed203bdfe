"""The stream machines: a lifter and a lowerer, from the declarations of a mapping's `stream` section."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codegen.plan import Step, path
from codegen.resolve import kinds
from codegen.spec import line
from codegen.types import attribute

NOT_COUNTS = ("empty", "when", "last")  # what the declaration of a stream's counts says beside where they stand

if TYPE_CHECKING:
    from codegen.emit import Emitter
    from codegen.spec import Lens, Line


def render(emitter: Emitter) -> str:
    """Both machines as text."""
    stream = emitter.dialect.mapping.stream
    data = stream.plain()
    if data["blocks"] == "partial":
        return (
            emitter.env.get_template("stream_partial.j2")
            .render(
                frame=data["frame"],
                mint=_minted(emitter),
                loud=_loud(emitter),
                done=data.get("done"),
                when=data.get("usage", {}).get("when"),
                spoken=data["framing"] == "json_lines",
                cite="cite" in data,
            )
            .strip()
        )
    if data["blocks"] == "items":
        return emitter.env.get_template("stream_items.j2").render(items(emitter, data)).strip()
    if data["blocks"] == "inferred":
        return emitter.env.get_template("stream_inferred.j2").render(inferred(emitter, stream, data)).strip()
    if data["blocks"] == "kinds":
        return emitter.env.get_template("stream_kinds.j2").render(by_kinds(emitter, data)).strip()
    return emitter.env.get_template("stream_marked.j2").render(marked(emitter, data)).strip()


def inferred(emitter: Emitter, stream: Any, data: dict[str, Any]) -> dict[str, Any]:
    """What the template of inferred blocks needs: attribute paths instead of wire paths."""
    planner = emitter.planner
    start = []
    for name, node in stream.get("message_start").value.items():
        ln = line(stream.get("message_start").keys[name], node)
        start.append(
            {
                "attr": attribute(name),
                "to": attribute(ln.to[0]) if ln.to else None,
                "const": ln.plain("const"),
                "mint": ln.plain("mint"),
                **_told(emitter, ln),
            }
        )
    stop_field, stop = next(iter(data["stop"].items()))
    texts, calls = [], []
    for kind, block in data["block"].items():
        if "at" not in block:
            texts.append(
                {
                    "each": planner.function(planner.named(block["each"])) if "each" in block else None,
                    "kind": kind,
                    "attr": attribute(block["delta"]),
                    "also": [attribute(a) for a in block.get("also", ())],
                    "type": _pascal(kind),
                }
            )
            continue
        owner, _, name = block["name"].partition(".")
        calls.append(
            {
                "kind": kind,
                "type": _pascal(kind),
                "owner": attribute(owner),
                "name": attribute(name),
                "delta": attribute(block["delta"].split(".")[1]),
                "struct": _struct(emitter, data, block["at"], owner),
                "mint": block["mint"],
                "const": block.get("const", {}),
                "via": attribute(block["via"]) if "via" in block else None,
                "event": {"tool_call": "json"}.get(kind, "custom"),
                "seal": _seal(emitter, data, block),
                "whole": block.get("whole", False),
            }
        )
    at = data["block"][calls[0]["kind"]]["at"] if calls else None
    usage_attr, usage_lens = next((k, v) for k, v in data["usage"].items() if k not in NOT_COUNTS)
    error_attr, error_lens = next(iter(data["error"].items()))
    frame, delta = emitter.dialect.wire.defs[data["frame"]], _delta(emitter, data)
    lost = data.get("canonical_only", {}).get("drop", {})
    return {
        "frame": data["frame"],
        "done": data["done"],
        "start": start,
        "tier": next((one for one in start if one["to"] == "service_tier"), None),
        "candidates": data["candidates"],
        "tokens": _tokens(planner.named(_candidate(emitter))),
        "opening": data["opening"],
        "delta": delta,
        "texts": texts,
        "spoken": [*texts, *(_written_as(texts, kind, other) for kind, other in _as(data).items())],
        "parts": next((text for text in texts if text["each"]), None),
        "calls": calls,
        "whole": next((call for call in calls if call["whole"]), None),
        "at": at,
        "call": _item(emitter, delta, at) if at else None,
        "cite": _listed(emitter, delta, data["cite"]) if "cite" in data else None,
        "stop": {"attr": attribute(stop_field), "table": stop["values"].upper()},
        "usage": {
            "attr": attribute(usage_attr),
            "function": planner.function(planner.named(usage_lens)),
            "empty": data["usage"].get("empty"),
            "when": data["usage"].get("when"),
        },
        "error": {"attr": attribute(error_attr), "function": planner.function(planner.named(error_lens))},
        "dropped": [e for e in data.get("wire_only", {}).get("drop", {}) if "." not in e and e in frame.fields],
        "carried": list(data.get("wire_only", {}).get("carry", {})),
        "unsaid": [name for name in emitter.dialect.canonical.defs["MessageStart"].fields if name in lost],
        "loud": [usage_attr, error_attr, stop_field],
        "lost": [k for k in lost if k in kinds(emitter.dialect.canonical)],
        "path": path,
    }


def _told(emitter: Emitter, ln: Line) -> dict[str, Any]:
    """How a line of what every frame says is read from `frame` and written from `event`."""
    read = path(f"frame.{attribute(ln.wire[0])}")
    written = path(f"event.{attribute(ln.to[0])}") if ln.to else None
    if not ln.has("values"):
        return {"read": read, "written": written}
    table = emitter.dialect.mapping.tables[ln.plain("values")]
    name, otherwise = table.name.upper(), table.otherwise
    return {
        "read": Step("lift_table", read, {"table": name, "otherwise": otherwise.get("lift")}),
        "written": Step("lower_table", written, {"table": name, "otherwise": otherwise.get("lower")}),
    }


def marked(emitter: Emitter, data: dict[str, Any]) -> dict[str, Any]:
    """What the template of marked blocks needs."""
    planner, mapping, wire = emitter.planner, emitter.dialect.mapping, emitter.dialect.wire
    frames, lenses = data["frames"], mapping.lenses
    opening = {ln.to: ln for ln in lenses[frames["block_start"]].lines}
    opened = lenses[opening["block",].plain("lens")]  # of what stands in the frame that opens a block
    grows, delta = grown(emitter.dialect, frames["block_delta"])
    failures = frames["error"] if isinstance(frames["error"], list) else [frames["error"]]
    counts = lenses[data["usage"]["delta"]] if "usage" in data else None
    deltas = [lenses[node.value] for node in lenses[delta].any]
    whole = [one for one in deltas if one.canonical != "BlockDelta"]  # blocks that are one delta
    unmarked = not any(one.canonical == "Text" for one in [opened, *(lenses[node.value] for node in opened.any)])
    spoken = [e.path[0] for e in lenses[delta].canonical_only if e.policy == "as"]
    return {
        "frame": data["frame"],
        "frames": frames,
        "starts": planner.function(lenses[frames["message_start"]]) if frames["message_start"] in lenses else None,
        "ends": planner.function(lenses[frames["end"]]) if frames["end"] in lenses else None,
        "response": planner.function(lenses[mapping.pair("response")]),
        "delta": planner.function(lenses[delta]),
        "delta_wire": delta,
        "index": attribute(placed(emitter.dialect, frames["block_start"])),
        "content": attribute(opening["block",].wire[0]),
        "grows": attribute(grows),
        "counted": counts and {"attr": holder(wire.defs[frames["stop"]], counts), "function": planner.function(counts)},
        "errors": [
            {
                "wire": name,
                "function": planner.function(lenses[name]),
                "kind": lenses[name].where and lenses[name].where[1],
            }
            for name in failures
        ],
        "wholes": {lens.canonical: planner.function(lens) for lens in whole},
        "silent": {_pascal(kind): kind for kind in ("text", "thinking", *spoken)} if unmarked else {},
        "names": {k: attribute(v) for k, v in frames.items() if k != "error"},
        "loud": [wire.defs[name].word for name in (frames["message_start"], frames["stop"], frames["end"], *failures)],
        "words": {k: wire.defs[v].word for k, v in frames.items() if k != "error"}
        | {"error": wire.defs[failures[0]].word},
    }


def placed(dialect: Any, frame: str) -> str:
    """The field of the frame that opens a block in which its number stands."""
    lens = dialect.mapping.lenses.get(frame)
    return next((ln.wire[0] for ln in (lens.lines if lens else ()) if ln.to == ("index",)), "index")


def grown(dialect: Any, frame: str) -> tuple[str, str]:
    """The field of a frame in which a block grows, and its type."""
    owner = dialect.wire.defs.get(frame)
    for name, field in owner.fields.items() if owner is not None else ():
        for ref in field.type.refs():
            if ref in dialect.mapping.lenses and dialect.mapping.lenses[ref].canonical == "BlockDelta":
                return name, ref
    return "delta", ""


def holder(owner: Any, lens: Any) -> str:
    """The attribute of a frame that holds what a lens reads."""
    return next(field.attr for field in owner.fields.values() if field.type.refs() == [lens.wire])


def by_kinds(emitter: Emitter, data: dict[str, Any]) -> dict[str, Any]:
    """What the template of kinds with frames of their own needs: a track for each set of frames that some kinds share."""
    defs, planner = emitter.dialect.wire.defs, emitter.planner
    frames, index, written = data["frames"], attribute(data["index"]), {one: [one] for one in data["block"]}
    for kind, other in _as(data).items():
        written[other].append(kind)
    tracks: dict[tuple[str, ...], dict[str, Any]] = {}
    spoken_kinds = []
    for kind, block in data["block"].items():
        at, call = block["at"], "id" in block
        held = _walked(emitter, block["grow"], at)[-1]
        key = (block["open"], block["grow"], block["close"])
        track = tracks.setdefault(
            key,
            dict(zip(("open", "grow", "close"), key, strict=True))
            | {"name": attribute(at.split(".")[-1]), "part": _guarded("frame", at), "type": held, "call": call},
        )
        owner, _, last = block["delta"].rpartition(".")
        words = [f"{name}={word!r}" for name, word in block["const"].items()]
        (tag, word), *_ = block["const"].items()
        delta = attribute(last)
        one = {
            "kind": kind,
            "type": _pascal(kind),
            "event": {"tool_call": "json", "custom_call": "custom"}.get(kind, kind),
            "owner": attribute(owner),
            "delta": delta,
            "id": attribute(block.get("id", "")),
            "name": attribute(block.get("name", "").rpartition(".")[2]),
            "test": f"part.{attribute(tag)} == {word!r} if part.{attribute(tag)} else part.{delta} is not None",
        }
        if call:
            inner = _ref(emitter, held, owner)
            begun = f"{one['owner']}=w.{inner}({one['name']}=block.name, {delta}='')"
            opening = f"w.{held}({', '.join([one['id'] + '=block.id', *words, begun])})"
            growing = f"w.{held}({one['owner']}=w.{inner}({delta}=event.text))"
        else:
            empty = f"{delta}=''"
            opening = f"w.{held}({', '.join([*words, empty])})"
            growing = f"w.{held}({delta}=event.text)"
        types = [f"c.{_pascal(each)}" for each in written[kind]]
        events = [{"tool_call": "json", "custom_call": "custom"}.get(each, each) for each in written[kind]]
        spoken_kinds.append(
            {
                "track": track["name"],
                "open": block["open"],
                "grow": block["grow"],
                "test": f"is {types[0]}" if len(types) == 1 else f"in ({', '.join(types)})",
                "events": f"== {events[0]!r}" if len(events) == 1 else f"in {tuple(events)!r}",
                "opening": _nested(emitter, block["open"], at, opening),
                "growing": _nested(emitter, block["grow"], at, growing),
                "words": {name: defs[block[name]].word for name in ("open", "grow")},
            }
        )
        track.setdefault("kinds", []).append(one)
        track.setdefault("closes", []).extend(types)
    for track in tracks.values():
        track["closes"] = f"({', '.join(track['closes'])},)"
        track["word"] = defs[track["close"]].word
    ((usage_at, usage),) = data["usage"].items()
    error = data["error"]
    said = {tuple(name.split(".")): repr(word) for name, word in error["const"].items()}
    said[tuple(error["message"].split("."))] = "event.error.message"
    return {
        "frame": data["frame"],
        "index": index,
        "tracks": list(tracks.values()),
        "written": spoken_kinds,
        "spoken": [
            {
                "frame": frame,
                "name": attribute(frame),
                "kind": one["kind"],
                "type": _pascal(one["kind"]),
                "read": _guarded("frame", one["text"]),
            }
            for frame, one in data.get("also", {}).items()
        ],
        "cite": _cited(emitter, data["cite"]) if "cite" in data else None,
        "start": {"frame": frames["message_start"], "function": attribute(frames["message_start"])},
        "stop": {"frame": frames["stop"], "function": attribute(frames["stop"])},
        "usage": {
            "part": _guarded("frame", usage_at),
            "attr": ".".join(map(attribute, usage_at.split("."))),
            "function": planner.function(planner.named(usage)),
        },
        "error": {"part": _guarded("frame", error["message"]), "made": _made(emitter, frames["stop"], said)},
        "words": {"start": defs[frames["message_start"]].word, "stop": defs[frames["stop"]].word},
        "loud": [defs[frames[name]].word for name in ("message_start", "stop")],
        "lost": [k for k in data.get("canonical_only", {}).get("drop", {}) if k in kinds(emitter.dialect.canonical)],
    }


def _listed(emitter: Emitter, delta: str, cite: str) -> dict[str, str]:
    """The list of citations in a delta, and the lens of one."""
    lens = emitter.planner.named(_item(emitter, delta, cite))
    return {"attr": attribute(cite), "function": emitter.planner.function(lens)}


def _cited(emitter: Emitter, cite: dict[str, str]) -> dict[str, Any]:
    """The frames of a citation."""
    defs, planner, at = emitter.dialect.wire.defs, emitter.planner, cite["at"]
    function = planner.function(planner.named(_walked(emitter, cite["open"], at)[-1]))
    return cite | {
        "name": attribute(cite["open"]),
        "part": _guarded("frame", at),
        "function": function,
        "opening": _nested(emitter, cite["open"], at, "cited"),
        "words": {name: defs[cite[name]].word for name in ("open", "close")},
    }


def _walked(emitter: Emitter, owner: str, path: str) -> list[str]:
    """The types of the objects along a path, the owner's first."""
    found = [owner]
    for step in path.split("."):
        found.append(_ref(emitter, found[-1], step))
    return found


def _guarded(text: str, path: str) -> str:
    """What stands at a path of objects that may be missing: `frame.delta and frame.delta.message`."""
    steps = [attribute(step) for step in path.split(".")]
    return " and ".join(".".join([text, *steps[: end + 1]]) for end in range(len(steps)))


def _nested(emitter: Emitter, owner: str, path: str, inner: str) -> str:
    """The argument of an object's constructor that holds something at a path."""
    steps, types = path.split("."), _walked(emitter, owner, path)
    for number in range(len(steps) - 1, 0, -1):
        inner = f"w.{types[number]}({attribute(steps[number])}={inner})"
    return f"{attribute(steps[0])}={inner}"


def _made(emitter: Emitter, owner: str, said: dict[tuple[str, ...], str]) -> str:
    """An object that says these things at these paths."""
    parts: dict[str, dict[tuple[str, ...], str]] = {}
    for steps, text in said.items():
        parts.setdefault(steps[0], {})[steps[1:]] = text
    written = [
        f"{attribute(name)}={inner[()] if () in inner else _made(emitter, _ref(emitter, owner, name), inner)}"
        for name, inner in parts.items()
    ]
    return f"w.{owner}({', '.join(written)})"


def items(emitter: Emitter, data: dict[str, Any]) -> dict[str, Any]:
    """What the template of items needs."""
    planner, defs, mapping = emitter.planner, emitter.dialect.wire.defs, emitter.dialect.mapping
    answer, item, block = data["answer"], data["item"], data["block"]
    response = mapping.lenses[mapping.pair("response")]
    failure = next(ln for ln in response.lines if ln.has("fails"))
    output = next(ln for ln in response.lines if ln.has("groups"))
    status = next(ln for ln in response.lines if ln.has("beside"))
    words = mapping.tables[status.plain("values")].lowered()
    parts = [one for one in block.values() if "in" in one]
    cite = next(one for one in parts if "cite" in one)
    cited = defs[cite["cite"]].fields
    citation = next(name for name, field in cited.items() if field.type.refs())
    error = next(name for name in mapping.lenses if name == data["error"])
    growths = {
        kind: one
        | {
            "type": _pascal(kind),
            "event": {"tool_call": "json", "custom_call": "custom"}.get(kind, kind),
            "said": attribute(next(f.name for f in defs[one["done"]].fields.values() if f.required)),
            "logprobs": one.get("logprobs"),
            "via": _tokens(planner.named(one["part"])) if "logprobs" in one else None,
            "inside": one.get("in"),
            "index": one.get("index"),
            "join": one.get("join", ""),
            "cite": one.get("cite"),
            "also": one.get("also"),
        }
        for kind, one in block.items()
    }
    last = ("completed", "incomplete", "failed")
    return {
        "frame": data["frame"],
        "loud": [*(defs[answer[k]].word for k in last), defs[data["error"]].word],
        "growths": growths,
        "number": attribute(data["number"]),
        "answer": _holding(defs[answer["completed"]], response.wire),
        "started": answer["started"],
        "ended": {words["end_turn"]: answer["completed"], words["max_tokens"]: answer["incomplete"]},
        "failed": answer["failed"],
        "error": data["error"],
        "open": item["open"],
        "close": item["close"],
        "item": _holding(defs[item["open"]], planner.named(output.plain("groups")).wire),
        "part": next(f.attr for f in defs[parts[0]["open"]].fields.values() if f.type.refs()),
        "citation": attribute(citation),
        "at": attribute(item["index"]),
        "id": attribute(item["id"]),
        "output": attribute(output.wire[0]),
        "usage": attribute(next(ln for ln in response.lines if ln.to == ("usage",)).wire[0]),
        "status": attribute(item["status"]),
        "during": item["during"],
        "failure": attribute(failure.wire[0]),
        "functions": {
            "answer": planner.function(response),
            "items": planner.function(planner.named(output.plain("groups"))),
            "citation": planner.function(planner.named(cited[citation].type.refs()[0])),
            "error": planner.function(planner.named(error)),
            "failure": planner.function(planner.named(failure.plain("fails"))),
        },
    }


def _holding(frame: Any, wire: str) -> str:
    """The field of a frame that holds a type."""
    return next(field.attr for field in frame.fields.values() if field.type.refs() == [wire])


def _candidate(emitter: Emitter) -> str:
    """The lens of the alternatives of an answer."""
    answer = emitter.planner.named(emitter.dialect.mapping.pair("response"))
    return next(ln for ln in answer.lines if ln.to == ("candidates",)).plain("each")


def _tokens(lens: Lens) -> str | None:
    """The primitive of log probabilities, as the whole answer reads and writes them."""
    return next((attribute(ln.plain("via")) for ln in lens.lines if ln.to == ("logprobs",) and ln.has("via")), None)


def _loud(emitter: Emitter) -> list[str]:
    """What a frame holds that says more than content: why it stopped, the counts, an error."""
    planner, found = emitter.planner, ['"error"']
    answer = planner.named(emitter.dialect.mapping.pair("response"))
    inner = [one for ln in answer.lines if ln.to == ("candidates",) for one in planner.named(ln.plain("each")).lines]
    for ln in (*answer.lines, *inner):
        if ln.has("says"):
            found += [f'"{ln.wire[-1]}":true', f'"{ln.wire[-1]}": true']
        elif ln.to and (ln.to[0] == "usage" or ln.to[-1] == "stop_reason"):
            found.append(f'"{ln.wire[0]}"')
    return found


def _minted(emitter: Emitter) -> str | None:
    """The form of an answer's id where it has none; None where answers have no ids."""
    answer = emitter.planner.named(emitter.dialect.mapping.pair("response"))
    return next((ln.plain("mint") for ln in answer.lines if ln.to == ("id",)), None)


def _as(data: dict[str, Any]) -> dict[str, str]:
    """The kinds that are written as another."""
    return data.get("canonical_only", {}).get("as", {})


def _written_as(texts: list[dict[str, Any]], kind: str, other: str) -> dict[str, Any]:
    return next(text for text in texts if text["kind"] == other) | {"kind": kind}


def _delta(emitter: Emitter, frame: str) -> str:
    return emitter.dialect.wire.defs[frame].fields["delta"].type.name


def _pascal(kind: str) -> str:
    return "".join(part.capitalize() for part in kind.split("_"))


def _ref(emitter: Emitter, owner: str, field: str) -> str:
    return emitter.dialect.wire.defs[owner].fields[field].type.option("ref").name


def _item(emitter: Emitter, owner: str, field: str) -> str:
    return emitter.dialect.wire.defs[owner].fields[field].type.option("list").items[0].name


def _delta(emitter: Emitter, data: dict[str, Any]) -> str:
    """The type of what each frame adds to a candidate."""
    return _ref(emitter, data["candidates"]["frame"], data["candidates"]["delta"])


def _seal(emitter: Emitter, data: dict[str, Any], block: dict[str, Any]) -> dict[str, str] | None:
    """Where a call's signature stands: how it is read from `call`, and how it is written from `block`."""
    if "signature" not in block:
        return None
    owner = _item(emitter, _delta(emitter, data), block["at"])
    steps, wire = block["signature"].split("."), emitter.dialect.wire
    read, reached, opened = [], "call", ""
    for step in steps:
        reached += f".{attribute(step)}"
        read.append(reached)
        field = wire.defs[owner].fields[step]
        owner = field.type.name
        opened += f"{attribute(step)}=" + (f"w.{owner}(" if field.type.kind == "ref" else "")
    return {
        "read": " and ".join(read),
        "attr": attribute(steps[0]),
        "write": opened.partition("=")[2] + "block.signature" + ")" * (len(steps) - 1),
        "whose": block["whose"],
    }


def _struct(emitter: Emitter, data: dict[str, Any], at: str, owner: str) -> str:
    call = _item(emitter, _delta(emitter, data), at)
    return _ref(emitter, call, owner)
