"""The sections of a mapping beside its lenses: http, versions and turns name only what there is, and answer for all of it."""

from __future__ import annotations

import re
from collections import defaultdict

from codegen.resolve import Dialect, a, kinds
from codegen.spec import Lens
from codegen.types import Def
from runtime.core.diagnostic import at
from runtime.core.located import Node

ROLES = ("system", "developer", "user", "assistant", "tool")
LISTS = ("count", "models", "model", "look_up", "running")  # a mapping has a lens for each that http serves
SINGLE_ROLE = "tool"  # of a message that is one block


def check(dialect: Dialect) -> None:
    """Adds what is wrong with these sections to the dialect's diagnostics."""
    root = dialect.mapping.root
    _http(dialect, root.get("http"), root.get("versions"))
    if (turns := dialect.mapping.turns) is None:
        return
    _roles(dialect, turns)
    _kinds(dialect, turns)
    _sources(dialect, turns)
    _cites(dialect, turns)
    for name in ("ids", "names"):
        if (rule := turns.get(name)) is not None and rule.value is not None:
            _pattern(dialect, rule.get("pattern"))
    if (most := turns.get("most")) is not None:
        fields = dialect.canonical.defs["Request"].fields
        for name, key in most.keys.items():
            dialect.word(name, fields, "a canonical request", key)


def across(dialects: list[Dialect]) -> None:
    """No two dialects are served at the same place."""
    seen: dict[str, Dialect] = {}
    shared: dict[str, list[Dialect]] = defaultdict(list)
    for dialect in dialects:
        http = dialect.mapping.root.get("http")
        apart, node, prefix = http.get("apart") is not None, http.at("generate", "path"), http.get("prefix")
        also = http.get("generate").get("also")
        named = [node.value, *(also.plain() if also is not None else ())]
        forms = http.get("forms").value.values() if http.get("forms") is not None else ()
        named += [one.at("generate", "path").value for one in forms if one.get("generate") is not None]
        named += [shorter for one in named if (shorter := re.sub(r"^/v\d\w*(?=/)", "", one)) != one]
        bases = [prefix.value, *([] if apart else [""])]
        if (under := http.get("under")) is not None:
            theirs = {one.mapping.root.at("http", "prefix").value for one in dialects if one is not dialect}
            dialect.word(under.value, theirs, "another protocol's prefix", under)
            bases.append(under.value)
        paths = [base + one for one in named for base in bases]
        if http.get("models") is not None:  # below one prefix stands one list of models
            paths.append(prefix.value)
        for path in paths:
            first = seen.setdefault(path, dialect)
            if first is not dialect:
                dialect.report(at(node, "E323", f"{first.mapping.dialect} is served at {path} already"))
        for words in (one.get("errors") for one in forms if one.get("errors") is not None):
            others = [one.mapping.dialect for one in dialects if one is not dialect]
            dialect.word(words.value, others, "the other dialects", words)
        for name in () if apart else LISTS:
            if (end := http.get(name)) is not None:
                shared[end.get("path").value].append(dialect)
    for path, sharers in shared.items():
        for dialect in sharers if len(sharers) > 1 else ():
            if dialect.mapping.root.get("http").get("recognise") is None:
                other = next(one for one in sharers if one is not dialect).mapping.dialect
                dialect.report(
                    at(
                        dialect.mapping.root.keys["http"],
                        "E323",
                        f"nothing tells this protocol's clients from those of {other} at {path}",
                        fixes=["http: {recognise: {header: <a header that only its clients send>}}"],
                    )
                )


def _http(dialect: Dialect, http: Node, versions: Node | None) -> None:
    root = dialect.mapping.root
    for name in LISTS:
        if (root.get(name) is None) != (http.get(name) is None):
            where, lacking = (root, "http") if root.get(name) is not None else (http, "the mapping")
            dialect.report(at(where.keys[name], "E323", f"`{name}` stands here, but not in {lacking}"))
    path = http.at("model", "path") if http.get("model") else None
    if path is not None and "{model}" not in path.value:
        dialect.report(at(path, "E323", "this path names no model", "write {model} where its name stands"))
    if (told := http.get("error_type")) is not None and root.get("error") is not None:
        dialect.fields(dialect.wire, dialect.mapping.pair("error"), (told.get("field").value,), told.get("field"))
    if (bare := http.get("bare")) is not None:
        dialect.fields(dialect.wire, dialect.mapping.pair("response"), (bare.value,), bare)
    version = http.get("version")
    if version is None and versions is not None:
        dialect.report(
            at(
                dialect.mapping.root.keys["http"],
                "E323",
                "no header says which version is spoken",
                fixes=["http: {version: {header: ..., default: ...}}"],
            )
        )
    elif version is not None:
        known = versions.value if versions is not None else {}
        if (default := version.get("default")).value not in known:
            dialect.word(default.value, known, "versions", default)
    known = [one.value for one in http.get("forward").value] if http.get("forward") is not None else []
    known += [version.get("header").value] if version is not None else []
    for form in http.get("forms").value.values() if http.get("forms") is not None else ():
        for name, key in (form.get("headers").keys if form.get("headers") is not None else {}).items():
            dialect.word(name, known, "the headers of `version` and `forward`", key)
        if form.get("errors") is not None and form.get("stream") is not None and form.get("framing") is None:
            what = "streams in which errors are in another protocol's words are framed as that has them"
            dialect.report(at(form.keys["errors"], "E323", what, fixes=["framing: chunks"]))
    for one in http.get("fixed").value.values() if http.get("fixed") is not None else ():
        kind = dialect.definition(dialect.wire, one.get("type").value, one.get("type"))
        for name, key in one.get("answer").keys.items() if kind is not None else ():
            dialect.fields(dialect.wire, kind.name, (name,), key)
    for one in http.get("passed").value.values() if http.get("passed") is not None else ():
        for name in ("request", "answer"):
            dialect.definition(dialect.wire, one.get(name).value, one.get(name))
    if (kept := http.get("kept")) is not None:
        _kept(dialect, kept)
    request = dialect.wire.defs.get(dialect.mapping.pair("request"))
    if request and http.get("count") is not None:
        _count(dialect, http.get("count"), request)
    for name, key in (http.get("mistaken").keys if request and http.get("mistaken") else {}).items():
        if name in request.fields:
            dialect.report(
                at(
                    key,
                    "E323",
                    f"`{name}` is a field of this protocol, so it is no sign of another",
                    f"line {request.fields[name].node.line} of {request.fields[name].node.file}",
                )
            )
    for one in versions.value.values() if versions is not None and request else ():
        for name, key in (one.get("without").keys if one.get("without") else {}).items():
            dialect.fields(dialect.wire, request.name, (name,), key)


def _kept(dialect: Dialect, kept: Node) -> None:
    """Where answers that were kept are found, and which fields speak of them."""
    dialect.definition(dialect.wire, kept.at("items", "type").value, kept.at("items", "type"))
    for path in (kept.get("path"), kept.at("items", "path"), kept.at("cancel", "path")):
        if "{id}" not in path.value:
            dialect.report(at(path, "E323", "this path names no answer", "write {id} where its id stands"))
    request, response = dialect.mapping.pair("request"), dialect.mapping.pair("response")
    for kind, key in (
        (request, kept.get("unless")),
        (request, kept.at("previous", "field")),
        (request, kept.get("asked")),
        (response, kept.get("answered")),
    ):
        dialect.fields(dialect.wire, kind, (key.value,), key)
    for name, words in kept.get("states").value.items():
        found = dialect.fields(dialect.wire, response, (name,), kept.get("states").keys[name])
        for word in words.value if found else ():
            dialect.word(word.value, found[0].words, f"`{name}`", word)
    kinds = [one.word for one in dialect.wire.defs.values() if one.word]
    dialect.word(kept.at("reference", "type").value, kinds, "this wire", kept.at("reference", "type"))


def _count(dialect: Dialect, count: Node, request: Def) -> None:
    """What is counted is a request, or a part of one: it is read and written by the request's lens."""
    kind = dialect.definition(dialect.wire, count.get("request").value, count.get("request"))
    whole = count.get("whole")
    if kind is None or whole is not None and not dialect.fields(dialect.wire, kind.name, (whole.value,), whole):
        return
    drop = count.get("drop")
    for name, key in drop.keys.items() if drop is not None else ():
        if name in request.fields or not dialect.fields(dialect.wire, kind.name, (name,), key):
            dialect.report(at(key, "E308", f"`{name}` is read as that of a request", known=["Remove it here."]))
    known = {
        *request.fields,
        "model",
        *(drop.value if drop is not None else ()),
        whole.value if whole is not None else "",
    }
    for name, field in kind.fields.items():
        if name not in known:
            place = f"line {field.node.line} of {field.node.file}"
            what = f"{kind.name} has a `{name}`, and {request.name} has none"
            dialect.report(at(count.get("request"), "E323", what, f"{place}: what is counted is read as a request"))


def messages(dialect: Dialect) -> list[Lens]:
    """The lenses of a request's messages."""
    request = dialect.mapping.lenses.get(dialect.mapping.pair("request"))
    lenses, lines = dialect.mapping.lenses, request.lines if request else ()
    only = [m for ln in lines if ln.has("lens") and (m := lenses.get(ln.plain("lens"))) and m.message]
    groups = [lenses.get(ln.plain("groups")) for ln in lines if ln.has("groups")]
    found = [m for group in groups if group for node in group.any if (m := lenses.get(node.value))]
    nested = [[lenses.get(node.value) for node in m.any] if m.any and m.message else [m] for m in found]
    return only + [m for held in nested for m in held if m is not None]


def _roles(dialect: Dialect, turns: Node) -> None:
    roles, hoist = turns.get("roles"), [node.value for node in turns.get("hoist").value]
    spoken = [m.role if m.message else SINGLE_ROLE for m in messages(dialect)]
    for node in roles.value.values():
        dialect.word(node.value, spoken, "a message of this wire", node)
    place = dialect.mapping.root.keys["turns"] if not roles.keys else turns.keys["roles"]
    told = ROLES if turns.get("one") is None else {"system", "developer", *spoken}  # one prompt refuses the others
    for role in ROLES:
        if role in told and role not in roles.value and role not in hoist:
            dialect.report(
                at(
                    place,
                    "E321",
                    f"turns does not say what becomes of the role {role}",
                    fixes=[f"roles: {{{role}: <a role of this wire>}}", f"hoist: [{role}]"],
                )
            )
    request = dialect.mapping.lenses.get(dialect.mapping.pair("request"))
    apart = request is not None and any(ln.has("role") for ln in request.lines)
    for node in turns.get("hoist").value if not apart else ():
        if node.value not in roles.value:
            fixes = [
                f"roles: {{{node.value}: <a role of this wire>}}",
                f"<a field>: {{to: blocks, role: {node.value}, ...}}",
            ]
            dialect.report(at(node, "E321", f"no field holds what the role {node.value} says", fixes=fixes))
    answers = next((m for m in messages(dialect) if m.message and m.role == "assistant"), None)
    if isinstance((flag := turns.get("prefill")).value, str) and answers is not None:
        dialect.fields(dialect.wire, answers.wire, (flag.value,), flag)
    for role, key in (turns.get("needs").keys or {}).items():
        dialect.word(role, roles.value, "turns.roles", key)
    if (near := turns.get("efforts")) is not None:
        efforts = dialect.canonical.defs["Reasoning"].fields["effort"].words
        for node in (*near.keys.values(), *near.value.values()):
            dialect.word(node.value, efforts, "Reasoning.effort", node)


def _kinds(dialect: Dialect, turns: Node) -> None:
    every = kinds(dialect.canonical)
    for name in ("alone", "spill", *(("unanswered",) if turns.get("unanswered") is not None else ())):
        for node in turns.get(name).value:
            dialect.word(node.value, every, "Block", node)
    single = {
        dialect.canonical.defs[m.canonical].word: m
        for m in messages(dialect)
        if not m.message and m.canonical in dialect.canonical.defs
    }
    _aside(dialect, turns)
    alone = {node.value: node for node in turns.get("alone").value}
    for kind in single.keys() - alone.keys():
        dialect.report(
            at(
                turns.keys["alone"],
                "E322",
                f"{a(kind)} has a message of its own here, and alone does not list it",
                f"{single[kind].title} holds one",
                fixes=[f"alone: [{', '.join([*alone, kind])}]"],
            )
        )
    for kind in alone.keys() - single.keys():
        dialect.report(
            at(
                alone[kind],
                "E308",
                f"alone lists `{kind}`, which no message of this wire holds alone",
                known=["Remove it here."],
            )
        )


def _aside(dialect: Dialect, turns: Node) -> None:
    """The kinds that stand beside the messages: for each the request has a line, and for each such line a kind."""
    request = dialect.mapping.lenses.get(dialect.mapping.pair("request"))
    lines = [ln for ln in (request.lines if request else ()) if ln.plain("role") == "user" and ln.has("each")]
    held = [one for ln in lines if (one := dialect.mapping.lenses.get(ln.plain("each"))) is not None]
    words = [dialect.canonical.defs[one.canonical].word for one in held if one.canonical in dialect.canonical.defs]
    aside = {node.value: node for node in turns.get("aside").value} if turns.get("aside") is not None else {}
    for kind in aside.keys() - {*words}:
        dialect.report(at(aside[kind], "E308", f"aside lists `{kind}`, which no field beside the messages holds"))
    for kind in {*words} - aside.keys():
        dialect.report(
            at(
                dialect.mapping.root.keys["turns"],
                "E322",
                f"{a(kind)} stands beside the messages here, and aside does not list it",
                fixes=[f"aside: [{', '.join([*aside, kind])}]"],
            )
        )


def _cites(dialect: Dialect, turns: Node) -> None:
    """A wire that has citations says where their places are counted, and no other does."""
    held = next((one for one in dialect.mapping.lenses.values() if one.canonical == "Citation"), None)
    if held is not None and turns.get("cites") is None:
        what, fixes = (
            f"{held.title}, and turns does not say where places are counted",
            ["cites: {places: text, links: false, back: false}"],
        )
        dialect.report(at(dialect.mapping.root.keys["turns"], "E322", what, fixes=fixes))
    if held is None and turns.get("cites") is not None:
        dialect.report(at(turns.keys["cites"], "E308", "nothing is cited on this wire", known=["Remove it here."]))


def _sources(dialect: Dialect, turns: Node) -> None:
    """Each kind of medium that the wire holds, with forms that one of its lenses can write."""
    sources = turns.get("sources")
    takes: dict[str, set[str]] = {}
    for lens in dialect.mapping.lenses.values():
        definition = dialect.canonical.defs.get(lens.canonical)
        for ln in lens.lines if lens.message else ():
            for kind in ln.kinds if ln.has("via") and not ln.to else ():
                takes.setdefault(kind, set()).update(_forms(dialect, "", ln.plain("via")))
        if definition is None or lens.whole or definition.word not in MEDIA:
            continue
        for ln in lens.lines:
            parts = dialect.primitives.get(ln.plain("via", ""), {}).get("parts", ())
            if ln.to == ("source",) or ln.to == () and "source" in parts:
                if ln.plain("via", "") not in ("", *dialect.primitives):
                    return  # what it would have written is not known
                forms = _forms(dialect, ln.plain("lens", ""), ln.plain("via", ""))
                takes.setdefault(definition.word, set()).update(forms & {ln.plain("only")} if ln.has("only") else forms)
    for kind in takes.keys() - sources.value.keys():
        dialect.report(
            at(
                turns.keys["sources"],
                "E322",
                f"sources does not say in which forms this wire takes {a(kind)}",
                fixes=[f"sources: {{{kind}: [{', '.join(sorted(takes[kind]))}]}}"],
            )
        )
    for kind, forms in sources.value.items():
        if kind not in takes:
            dialect.report(
                at(
                    sources.keys[kind],
                    "E308",
                    f"sources lists `{kind}`, which this wire does not hold",
                    known=["Remove it here."],
                )
            )
        for node in forms.value if kind in takes else ():
            if node.value not in takes[kind]:
                dialect.report(
                    at(
                        node,
                        "E322",
                        f"no lens writes {a(kind)} as {node.value}",
                        f"its lenses write {', '.join(sorted(takes[kind]))}",
                    )
                )


MEDIA = ("image", "audio", "video", "document")


def _forms(dialect: Dialect, lens: str, primitive: str) -> set[str]:
    """The kinds of source that a lens or a primitive writes; a primitive's are those of its examples."""
    if primitive:
        examples = dialect.primitives.get(primitive, {}).get("examples", ())
        made = [one["canonical"] for one in examples if isinstance(one.get("canonical"), dict)]
        return {one.get("source", one)["kind"] for one in made}
    target = dialect.mapping.lenses.get(lens)
    members = [dialect.mapping.lenses.get(node.value) for node in target.any] or [target] if target else []
    return {dialect.canonical.defs[m.canonical].word for m in members if m and m.canonical in dialect.canonical.defs}


def _pattern(dialect: Dialect, node: Node) -> None:
    try:
        re.compile(node.value)
    except re.error as problem:
        dialect.report(at(node, "E322", f"no regular expression: {problem}"))
