"""Plans to Python, through the templates beside this file. Nothing is decided here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jinja2
import msgspec

from codegen.plan import Function, Planner, Step
from codegen.resolve import Dialect
from codegen.spec import entries
from codegen.types import attribute

NAME = re.compile(r"\b(?:(?:lift|lower|decode|LIFT|LOWER|UNSAID)_\w+|[A-Z_]+_(?:LIFT|LOWER))\b")
BLANK = {"integer": 1, "string": "", "list": [], "choice": ""}  # of required fields, by their type
PLAIN_TEST = re.compile(r"value\.\w+(?: is not None)?")
NOTHING_OF_NOTHING = ("lower_lens", "lower_each", "lower_needs", "lower_needs_lens")  # where they may be given it
UNFINISHED = ("content_filter", "malformed_tool_call", "pause")  # reasons to stop that are no good end
TABLES = ("LIFT_", "LOWER_", "UNSAID_", "KEPT_")
HELPERS = (
    "Ways",
    "any_of",
    "amid",
    "as_text",
    "boxed",
    "first",
    "given",
    "joined",
    "known",
    "latest",
    "lone_text",
    "numbered",
    "placed",
    "rounded",
    "spoken",
    "text_alone",
    "attach",
    "alone",
    "bare",
    "total",
    "unless",
    "whole",
)


class Compiled(jinja2.BytecodeCache):
    """Templates that are compiled once, though each dialect has an environment of its own."""

    def __init__(self) -> None:
        self.codes: dict[str, Any] = {}

    def load_bytecode(self, bucket: Any) -> None:
        bucket.code = self.codes.get(bucket.key)

    def dump_bytecode(self, bucket: Any) -> None:
        self.codes[bucket.key] = bucket.code


COMPILED = Compiled()


def templates() -> jinja2.Environment:
    """The templates beside this file."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        bytecode_cache=COMPILED,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    env.filters["py"] = repr
    env.filters["json"] = msgspec.json.encode
    return env


class Emitter:
    """Renders functions and modules of one dialect."""

    def __init__(self, dialect: Dialect, functions: list[Function] | None = None) -> None:
        self.dialect, self.planner = dialect, Planner(dialect)
        self.plan = self.planner.plan() if functions is None else functions
        self.named = {function.name: function for function in self.plan}
        self.env = templates()
        self.env.filters |= {"step": self.step, "bare": self.last, "attr_name": attribute, "pascal": self.pascal}
        self.env.filters |= {"lift": self.lift, "lower": self.lower, "lone": self.lone}
        self.steps = self.env.get_template("steps.j2").module
        self.functions = self.env.get_template("functions.j2").module

    def step(self, step: Step) -> str:
        """A step's Python."""
        inner = self.step(step.of) if step.of is not None else ""
        return str(getattr(self.steps, step.name)(inner, step.args)).strip()

    @staticmethod
    def last(text: str) -> str:
        """The expression itself, in brackets where it has operators."""
        return f"({text})" if " " in text else text

    def lift(self, function: str, item: str) -> str:
        """A call that reads an item; of a choice among types straight by its type."""
        one = self.named.get(function)
        if one is None or one.kind != "union" or not one.lift["cases"]:
            return f"lift_{function}({item}, ctx)"
        told = one.lift["tests"] or one.lift["switch"] or one.lift["words"]
        return f"lift_{function}({item}, ctx)" if told else f"LIFT_{function.upper()}[type({item})]({item}, ctx)"

    def lower(self, function: str, item: str) -> str:
        """A call that writes an item, in the same way."""
        typed = self._by_type(self.named.get(function))
        return f"LOWER_{function.upper()}[type({item})]({item}, ctx)" if typed else f"lower_{function}({item}, ctx)"

    @staticmethod
    def _by_type(one: Function | None) -> bool:
        """Whether it is a choice that is written by the type of its value alone."""
        return one is not None and one.kind == "union" and not (one.lower["field"] or one.lower["words"])

    def lone(self, function: str, plain: str) -> bool:
        """Whether a text of which nothing more is said is written as its words and nothing more."""
        one = self.named.get(function)
        if self._by_type(one):
            one = self.named.get(one.lower["cases"].get("c.Text", "").removeprefix("lower_"))
        if one is None or one.kind != "struct" or one.lens.wire != plain or one.lens.canonical != "Text":
            return False
        if "tree" not in one.lower or not all(PLAIN_TEST.fullmatch(drop["test"]) for drop in one.lower["drops"]):
            return False
        return all("step" in node and self._nothing(node["step"], attr) for attr, node in one.lower["tree"].items())

    def _nothing(self, step: Step, attr: str) -> bool:
        """Whether a step writes nothing of a value that is not there; the text itself is."""
        if step.name == "path":
            return step.args["text"] == "value.text" if attr == "text" else step.args["text"] != "value.text"
        return step.name in NOTHING_OF_NOTHING and not step.args.get("required") and step.args.get("maybe", True)

    def pascal(self, name: str) -> str:
        return next((n for n in self.dialect.wire.defs if attribute(n) == name), name)

    def parts(self) -> dict[str, dict[str, str]]:
        """For each function its lift, lower and tables, as text."""
        found = {}
        for function in self.plan:
            if function.kind == "struct" and "tree" in function.lower:
                function.lower["locals"] = []
                self._locals(function, function.lower["tree"])
            data = {name: getattr(function, name) for name in ("kind", "name", "lens", "lift", "lower")}
            data |= {"whole": self.dialect.wire.defs[function.lens.wire].whole, "uses": self._used(function)}
            texts = [self._call(name, data) for name in self._macros(function)]
            found[function.name] = {"function": function, "texts": [text for text in texts if text]}
        return found

    @staticmethod
    def _macros(function: Function) -> list[str]:
        """The templates of a function."""
        match function.kind:
            case "struct":
                return ["lift_struct", "lower_struct", "tables_struct"]
            case "union":
                whole = ["lower_whole"] if function.lower["whole"] else []
                return [
                    "lift_union",
                    *(["lower_pick"] if function.lower["picks"] else []),
                    "lower_union",
                    *whole,
                    "tables_union",
                ]
            case "messages":
                whole = ["lift_whole_turn"] if function.lower["whole"] else []
                return [*whole, "lift_messages", "tables_messages"]
            case "message":
                return ["lift_message", "lower_message", "tables_message"]
            case _:
                return ["lift_whole"]

    @staticmethod
    def _used(function: Function) -> set[str]:
        """The canonical fields that another line subtracts, so that they need a name."""
        todo, found = list(function.lift.get("fields", {}).values()), set()
        while todo:
            step = todo.pop()
            found |= {attribute(p) for p in step.args["parts"]} if step.name == "lift_less" else set()
            todo += [one for one in (step.of, step.args.get("other"), *step.args.get("steps", ())) if one is not None]
        return found

    def _call(self, name: str, data: dict[str, Any]) -> str:
        return str(getattr(self.functions, name)(data)).strip("\n")

    def _messages(self, name: str) -> list[str]:
        """The field of the wire in which a request holds the messages of a conversation."""
        found, todo = [], list(self.named[name].lift.get("fields", {}).values())
        while todo:
            step = todo.pop()
            if step.name in ("lift_messages", "lift_bare_messages"):
                found.append(self.step(step.of).removeprefix("wire."))
            todo += [one for one in (step.of, step.args.get("other"), *step.args.get("steps", ())) if one is not None]
        return found

    def _locals(self, function: Function, tree: dict[str, Any], prefix: str = "") -> None:
        """Names for what is used twice: the parts of an object that is written only if one of them is there."""
        out = function.lower["locals"]
        summed = {
            part
            for node in tree.values()
            if "step" in node and node["step"].name == "lower_sum"
            for part in node["step"].args["parts"]
        }
        for attr, node in tree.items():
            node["local"] = None
            if "parts" not in node:
                if attr in summed or node["needed"]:
                    node["local"] = prefix + attr
                    out.append({"name": node["local"], "step": node["step"], "needed": node["needed"]})
                continue
            optional = not node["needed"] and not self._always(node)
            if not optional:
                self._locals(function, node["parts"], f"{prefix}{attr}_")
                continue
            self._object(node, prefix + attr, out)

    def _object(self, node: dict[str, Any], name: str, out: list[dict[str, Any]]) -> None:
        """Names for the parts of an object, and one for itself, which is there if one of them is, or those that must be."""
        tests, musts, node["local"] = [], [], name
        for attr, child in node["parts"].items():
            child["local"] = None
            if "parts" in child:
                self._object(child, f"{name}_{attr}", out)
            elif not child.get("const"):
                child["local"] = f"{name}_{attr}"
                out.append({"name": child["local"], "step": child["step"]})
            if child["local"]:
                (musts if child.get("must") else tests).append(f"{child['local']} is not None")
        inner = ", ".join(f"{at}={one['local'] or self.step(one['step'])}" for at, one in node["parts"].items())
        out.append(
            {
                "name": name,
                "text": f"w.{node['type']}({inner}) if {' and '.join(musts) or ' or '.join(tests)} else None",
            }
        )

    def _always(self, node: dict[str, Any]) -> bool:
        """Whether something stands in an object that is always written."""
        return bool(node.get("always")) or any(self._always(child) for child in node.get("parts", {}).values())

    def modules(self) -> dict[str, str]:
        """The dialect's modules but the structs: file name to text."""
        mapping, planner = self.dialect.mapping, self.planner
        parts = self.parts()
        tables = {name: self._table(name) for name in mapping.tables}
        whole = {
            f["function"].name: f["function"].lens.wire
            for f in parts.values()
            if f["function"].kind in ("union", "messages") and f["function"].lower["whole"]
        }
        root = planner.function(mapping.lenses[mapping.pair("request")])
        asked = self._closure(root, parts)
        stream_only = {planner.function(lens) for lens in self._stream_lenses()}
        answered = [name for name in parts if name not in asked and name not in stream_only]
        defined: dict[str, str] = {}
        request = self._module(
            "request",
            [n for n in parts if n in asked],
            parts,
            tables,
            whole,
            defined,
            mapping.pair("request"),
            [("request", mapping.pair("request"))],
        )
        pairs = [(name, wire) for name, wire in mapping.pairs.items() if name != "request"]
        response = self._module("response", answered, parts, tables, whole, defined, mapping.pair("response"), pairs)
        stream = mapping.stream and self._stream(
            [n for n in parts if n in stream_only and n not in asked], parts, tables, whole, defined
        )
        files = {"request.py": request, "response.py": response, "rules.py": self.rules()}
        return files | ({"stream.py": stream} if stream else {})

    def _stream_lenses(self):
        stream = self.dialect.mapping.stream
        section = stream.get("lenses") if stream is not None else None
        names = {title.split(" <-> ")[0] for title in section.value} if section else set()
        return [lens for name, lens in self.dialect.mapping.lenses.items() if name in names]

    def _closure(self, root: str, parts: dict[str, Any]) -> set[str]:
        """The functions that a function needs, itself included."""
        todo, seen = [root], set()
        while todo:
            name = todo.pop()
            if name in seen or name not in parts:
                continue
            seen.add(name)
            for text in parts[name]["texts"]:
                todo += [
                    re.sub(r"^(?:lift|lower|decode|LIFT|LOWER|UNSAID)_(?:whole_)?|_(?:turn|run)$", "", n).lower()
                    for n in NAME.findall(text)
                ]
        return seen

    def _module(self, kind: str, names: list[str], parts, tables, whole, defined, wire: str, roots) -> str:
        body = [text for name in names for text in parts[name]["texts"] if not text.startswith(TABLES)]
        after = [text for name in names for text in parts[name]["texts"] if text.startswith(TABLES)]
        words = [
            self._words(name, parts[name]["function"]) for name in names if parts[name]["function"].lift.get("words")
        ]
        text = "\n".join(body + after)
        before = [
            tables[n]
            for n in tables
            if re.search(rf"\b{n.upper()}_", text) and not any(f"{n.upper()}_{d}" in defined for d in ("LIFT", "LOWER"))
        ]
        decoders = [f"decode_{n} = Decoder(w.{t}).decode" for n, t in whole.items() if n in names]
        ends = [f"decode_{name} = Decoder(w.{t}).decode" for name, t in roots]
        ends += [f"MESSAGES = {field!r}" for field in {name: None for n in names for name in self._messages(n)}]
        entry = [
            self.env.get_template("entry.j2")
            .render(
                name=name,
                function=self.planner.function(self.dialect.mapping.lenses[t]),
                wire=t,
                canonical=self.dialect.mapping.lenses[t].canonical,
            )
            .strip()
            for name, t in roots
            if name != self.planner.function(self.dialect.mapping.lenses[t])
        ]
        return self._assemble(
            kind,
            before + words + decoders + ends,
            body,
            after,
            entry,
            defined,
            f"{wire} <-> {self.dialect.mapping.lenses[wire].canonical}",
        )

    def _stream(self, names, parts, tables, whole, defined) -> str:
        body = [text for name in names for text in parts[name]["texts"] if not text.startswith(TABLES)]
        after = [text for name in names for text in parts[name]["texts"] if text.startswith(TABLES)]
        from codegen.streams import render

        machine = render(self)
        before = [
            tables[n]
            for n in tables
            if re.search(rf"\b{n.upper()}_", "\n".join([*body, machine])) and f"{n.upper()}_LIFT" not in defined
        ]
        decoders = [f"decode_{n} = Decoder(w.{t}).decode" for n, t in whole.items() if n in names]
        return self._assemble("stream", before + decoders, body, after, [machine], defined, "section `stream`")

    def _assemble(self, kind, before, body, after, end, defined, about) -> str:
        text = "\n\n\n".join(["\n".join(before), *body, "\n".join(after), *end])
        here = set(re.findall(r"^(?:def |class )?(\w+)(?:\(| = )", text, re.M))
        imports: dict[str, set[str]] = {}
        for name in set(NAME.findall(text)):
            if name not in here and name in defined:
                imports.setdefault(defined[name], set()).add(name)
        for name in here:
            defined.setdefault(name, kind)
        used = [
            p for p in [attribute(n) for n in self.dialect.primitives] if re.search(rf"\b{p}\.(?:lift|lower)\b", text)
        ]
        used += [h for h in HELPERS if re.search(rf"\b{h}\(", text)]
        package = self.dialect.mapping.package
        return self.env.get_template("module.j2").render(
            source=f"specs/dialects/{package}/mapping.yaml",
            about=about,
            package=package,
            dialect=self.dialect.mapping.dialect,
            imports={module: sorted(names) for module, names in sorted(imports.items())},
            primitives=sorted(used),
            partial="PartialLifter" in text,
            items="ItemLifter" in text,
            text=text,
        )

    def _table(self, name: str) -> str:
        table = self.dialect.mapping.tables[name]
        upper = name.upper()
        flags = {"true": True, "false": False}
        cast = int if name == "status" else (lambda word: flags[word]) if table.lifted().keys() <= flags.keys() else str
        meant = (lambda word: flags[word]) if set(table.lifted().values()) <= flags.keys() else str
        lifted = {cast(w): meant(v) for w, v in table.lifted().items()}
        lowered = {meant(k): cast(v) for k, v in table.lowered().items()}
        if table.otherwise.get("lift") not in (None, "same", "by_status") and name != "status":
            lifted = {None: None} | lifted
        if table.otherwise.get("lower") not in (None, "same"):
            lowered = {None: None} | {node.value: None for node in table.unsaid} | lowered
        return f"{upper}_LIFT = {lifted!r}\n{upper}_LOWER = {lowered!r}"

    def _words(self, name: str, function: Function) -> str:
        lift = function.lift["words"]["lift"]
        return (
            f"{name.upper()}_WORD_LIFT = {lift!r}\n{name.upper()}_WORD_LOWER = { ({v: k for k, v in lift.items()})!r}"
        )

    # the rules module

    def rules(self) -> str:
        """Why each thing is lost, where canonical values stand on this wire, and how it lays out turns."""
        from codegen.places import origin, places

        mapping = self.dialect.mapping
        why: dict[str, tuple[str, str]] = {}
        for lens in mapping.lenses.values():
            for e in (*lens.wire_only, *lens.canonical_only):
                if e.policy not in ("elsewhere",):
                    said = f"written as {e.why}" if e.policy == "as" else e.why
                    why[f"{lens.wire}.{e.name}"] = (e.policy, said)
                    if e.name == lens.wire and (
                        owner := self.dialect.wire.defs[e.name].whole
                    ):  # a part goes by its object
                        why[f"{lens.wire}.{owner}"] = (e.policy, said)
            fields = (
                {}
                if lens.message or lens.canonical not in self.dialect.canonical.defs
                else self.dialect.canonical.defs[lens.canonical].fields
            )
            for e in mapping.canonical_only:
                if lens.message or e.path[0] in fields:
                    why.setdefault(f"{lens.wire}.{e.name}", (e.policy, e.why))
            for ln in lens.lines:
                if ln.has("needs"):
                    at = ".".join((ln.kinds[0], *ln.to)) if ln.kinds else ".".join(ln.to or ())
                    why[f"{lens.wire}.{at}"] = (
                        "drop",
                        f"this model or provider does not take it ({ln.plain('needs')})",
                    )
                if ln.has("whose"):
                    why[f"{lens.wire}.{'.'.join(ln.to)}"] = ("drop", "it goes only to the vendor that made it")
                if ln.has("marks"):
                    item = self.dialect.mapping.lenses[ln.plain("each")].wire
                    why[f"{item}.cache"] = ("drop", f"this model or provider does not take it ({ln.marked[1]})")
                if ln.has("clamp"):
                    why[f"{lens.wire}.{'.'.join(ln.to)}"] = ("drop", "clamped to {}..{}".format(*ln.plain("clamp")))
        stream = mapping.stream
        for e in (*entries(stream.get("wire_only")), *entries(stream.get("canonical_only"))) if stream else ():
            if e.policy != "elsewhere":
                why[f"stream.{e.name}"] = (e.policy, e.why)
        return self.env.get_template("rules.j2").render(
            source=f"specs/dialects/{mapping.package}/mapping.yaml",
            dialect=mapping.dialect,
            why=why,
            origin=origin(self.dialect),
            places=places(self.dialect),
            hushed=hushed(self.dialect),
            whole_inputs=any(
                ln.to == ("input",) and ln.plain("via") == "json_object"
                for lens in mapping.lenses.values()
                if lens.canonical == "ToolCall"
                for ln in lens.lines
            ),
            turns=mapping.turns.plain() if mapping.turns is not None else {},
            versions=mapping.root.get("versions").plain() if mapping.root.get("versions") else {},
            stream=self._framing() if stream is not None else {},
        )

    def _single(self) -> bool:
        """Whether an answer on this wire has one candidate."""
        answer = self.dialect.mapping.lenses[self.dialect.mapping.pair("response")]
        return any(ln.to[:2] == ("candidates", "0") for ln in answer.lines if ln.to and not ln.has("lift_only"))

    def _framing(self) -> dict[str, Any]:
        stream = self.dialect.mapping.stream
        return {
            "framing": stream.get("framing").value,
            "done": stream.get("done").value if stream.get("done") else None,
            "default": any(
                ln.to == ("stream",) and ln.plain("absent") is True
                for ln in self.dialect.mapping.lenses[self.dialect.mapping.pair("request")].lines
            ),
            "sequential": stream.get("blocks").value == "marked" or self._single(),
        }


def hushed(dialect: Dialect) -> list[str]:
    """The reasons for which an answer is not what it might have been, that its wire has no word for."""
    mapping, told, tables = dialect.mapping, set[str](), []
    for lens in mapping.lenses.values():
        for ln in lens.lines:
            if ln.to and ln.to[-1] == "stop_reason" and ln.has("values") and not ln.has("lift_only"):
                tables.append(mapping.tables[ln.plain("values")])
    for table in tables:
        lifted, unsaid = table.lifted(), {node.value for node in table.unsaid}
        told |= {reason for reason, word in table.lowered().items() if lifted.get(word) != "end_turn"} - unsaid
    return [reason for reason in UNFINISHED if tables and reason not in told]


def over_http(dialect: Dialect) -> dict[str, Any]:
    """A dialect's section on HTTP, and which list's objects name the model again; of what is counted, which fields it
    takes and what it leaves out that a request has."""
    http = dialect.mapping.root.get("http").plain()
    lenses = dialect.mapping.lenses
    for ln in lenses[dialect.mapping.pair("request")].lines:  # what is spread may name the model in each object
        if ln.has("spread"):
            http["named"] = [
                ln.wire[0],
                *(one.wire[0] for one in lenses[ln.plain("each")].lines if one.to == ("model",)),
            ]
    if (count := http.get("count")) is not None:
        fields = dialect.wire.defs[count.pop("request")].fields
        request = dialect.wire.defs[dialect.mapping.pair("request")].fields
        count["takes"] = [name for name in fields if name in request]
        left = [
            name for name, field in request.items() if field.required and not (name in fields and fields[name].required)
        ]
        if (whole := count.get("whole")) is not None:
            also = fields[whole].node.get("x-also")
            count["whole"] = [whole, also.value] if also is not None else [whole]
        count["fill"] = {name: BLANK[request[name].type.kind] for name in left}
    return http
