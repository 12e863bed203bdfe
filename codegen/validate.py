"""The form of spec files: each against its meta-schema in specs/schemas/, every error at its place.

A meta-schema is JSON Schema, so that editors use it too. It is read here on located nodes and not by a library, because
an error needs the place and the words of what was written, and a check of all specs shall take a moment. A test compares
the verdicts with those of the jsonschema library.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from runtime.core.diagnostic import Diagnostic, at, did_you_mean, near
from runtime.core.located import Node, kind_of

Check = Callable[[Node, "Form"], bool]  # whether the node is well formed; tells the Form what is wrong

KINDS = {
    "object": ("a mapping", lambda v: isinstance(v, dict)),
    "array": ("a list", lambda v: isinstance(v, list)),
    "string": ("text", lambda v: isinstance(v, str)),
    "boolean": ("true or false", lambda v: isinstance(v, bool)),
    "integer": ("a whole number", lambda v: isinstance(v, int) and not isinstance(v, bool)),
    "number": ("a number", lambda v: isinstance(v, int | float) and not isinstance(v, bool)),
    "null": ("null", lambda v: v is None),
}
WORDS = {
    "$schema",
    "$defs",
    "title",
    "description",
    "examples",
    "default",
    "then",
    "else",
    "$comment",
}  # they check nothing


def validate(roots: dict[str, Node]) -> tuple[dict[str, Node], list[Diagnostic]]:
    """The files that are well formed, and what is wrong with the others. `roots` holds the meta-schemas too."""
    good, diagnostics, schemas = {}, [], {}
    for file, root in roots.items():
        if (name := meta_schema(file)) not in roots:
            good[file] = root
            continue
        if name not in schemas:
            schemas[name] = Schema(roots[name])
        found = schemas[name].check(root)
        diagnostics += found
        if not found:
            good[file] = root
    return good, diagnostics


def meta_schema(file: str) -> str:
    """The file of the meta-schema that a spec file is written by; "" for what has none."""
    match file.split("/")[1:] if file.startswith("specs/") else []:
        case ["schemas", _]:
            name = ""
        case ["providers", _]:
            name = "provider"
        case ["canonical", "protocol.yaml"]:
            name = "protocol"
        case ["canonical", _]:
            name = "schema"
        case ["dialects", _, "cases", _]:
            name = "case"
        case [*_, last] if last.endswith(".yaml"):
            name = last.removesuffix(".yaml")
        case _:
            name = ""
    return f"specs/schemas/{name}.yaml" if name else ""


class Form:
    """Collects what is wrong with one file."""

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []

    def tell(self, make: Callable[..., Diagnostic | list[Diagnostic]], *about: Any) -> bool:
        made = make(*about)
        self.diagnostics += made if isinstance(made, list) else [made]
        return False


class Trial(Form):
    """For an alternative that is only tried: nothing is told."""

    def tell(self, make: Callable[..., Diagnostic | list[Diagnostic]], *about: Any) -> bool:
        return False


TRIAL = Trial()


class Schema:
    """A meta-schema as a check. Raises ValueError at a keyword that it does not know: none is ever passed over."""

    def __init__(self, root: Node) -> None:
        self.root = root.plain()
        self.named: dict[str, Check] = {}
        self.well: dict[
            tuple[str, int], Node
        ] = {}  # found well formed: a tree edited in one place is looked at there only
        self.top = self.compiled(self.root)

    def check(self, node: Node) -> list[Diagnostic]:
        form = Form()
        self.top(node, form)
        return form.diagnostics

    def compiled(self, schema: dict[str, Any] | bool) -> Check:
        """The keywords of one schema, in an order in which the first to fail says most."""
        if isinstance(schema, bool):
            return self.not_({}, {}) if not schema else _well
        if unknown := schema.keys() - WORDS - KEYWORDS.keys():
            raise ValueError(f"a meta-schema with {', '.join(sorted(unknown))}")
        checks = [make(self, schema[word], schema) for word, make in KEYWORDS.items() if word in schema]

        def check(node: Node, form: Form) -> bool:
            return all([one(node, form) for one in checks]) if type_ is None or type_(node, form) else False

        type_ = checks.pop(0) if "type" in schema else None
        return check

    def reference(self, pointer: str, _: dict[str, Any]) -> Check:
        name = pointer.removeprefix("#/$defs/")

        def check(node: Node, form: Form) -> bool:
            if name not in self.named:
                self.named[name] = self.compiled(self.root["$defs"][name])
            if (name, id(node)) in self.well:
                return True
            if not self.named[name](node, form):
                return False
            self.well[name, id(node)] = node
            return True

        return check

    def type(self, names: str | list[str], _: dict[str, Any]) -> Check:
        names = [names] if isinstance(names, str) else names
        tests = [KINDS[name][1] for name in names]
        wanted = either(KINDS[name][0] for name in names)

        def check(node: Node, form: Form) -> bool:
            if any(test(node.value) for test in tests):
                return True
            return form.tell(at, node, "E112", f"{wanted} belongs here, and this is {kind_of(node.value)}")

        return check

    def const(self, value: Any, _: dict[str, Any]) -> Check:
        return self.enum([value], {})

    def enum(self, values: list[Any], _: dict[str, Any]) -> Check:
        def check(node: Node, form: Form) -> bool:
            if any(node.value == value and type(node.value) is type(value) for value in values):
                return True
            return form.tell(strange, node)

        def strange(node: Node) -> Diagnostic:
            words = [str(value) for value in values]
            hint, known = did_you_mean(str(node.value), words), ["Known are: " + ", ".join(words) + "."]
            return at(node, "E113", f"`{shown(node)}` is none of the words that belong here", hint, known)

        return check

    def pattern(self, pattern: str, schema: dict[str, Any]) -> Check:
        look, about = re.compile(pattern), schema.get("description", f"text like {pattern}")

        def check(node: Node, form: Form) -> bool:
            if not isinstance(node.value, str) or look.search(node.value):
                return True
            return form.tell(at, node, "E114", f"`{shown(node)}` does not have the form that belongs here", about)

        return check

    def min_length(self, least: int, _: dict[str, Any]) -> Check:
        def check(node: Node, form: Form) -> bool:
            if not isinstance(node.value, str) or len(node.value) >= least:
                return True
            return form.tell(at, node, "E115", "there is nothing here, and something must be said")

        return check

    def min_items(self, least: int, _: dict[str, Any]) -> Check:
        def check(node: Node, form: Form) -> bool:
            if not isinstance(node.value, list | dict) or len(node.value) >= least:
                return True
            return form.tell(at, node, "E115", f"there must be {least} or more here, and there are {len(node.value)}")

        return check

    def max_items(self, most: int, _: dict[str, Any]) -> Check:
        def check(node: Node, form: Form) -> bool:
            if not isinstance(node.value, list | dict) or len(node.value) <= most:
                return True
            return form.tell(at, node, "E115", f"there may be {most} here, and there are {len(node.value)}")

        return check

    def unique(self, _: bool, __: dict[str, Any]) -> Check:
        def check(node: Node, form: Form) -> bool:
            seen: list[Any] = []
            for item in node.value if isinstance(node.value, list) else ():
                if (plain := item.plain()) in seen:
                    return form.tell(at, item, "E116", f"`{shown(item)}` is in this list twice")
                seen.append(plain)
            return True

        return check

    def bound(self, limit: float, schema: dict[str, Any]) -> Check:
        least, most = schema.get("minimum", float("-inf")), schema.get("maximum", float("inf"))

        def check(node: Node, form: Form) -> bool:
            if not KINDS["number"][1](node.value) or least <= node.value <= most:
                return True
            return form.tell(at, node, "E117", f"{node.value} is out of bounds", f"{least} to {most}")

        return check

    def required(self, names: list[str], schema: dict[str, Any]) -> Check:
        about = {name: sub.get("description", "") for name, sub in schema.get("properties", {}).items()}

        def check(node: Node, form: Form) -> bool:
            if not isinstance(node.value, dict):
                return True
            missing = [name for name in names if name not in node.value]
            for name in missing:
                form.tell(lacking, node, name)
            return not missing

        def lacking(node: Node, name: str) -> Diagnostic:
            slip = near(name, [key for key in node.value if key not in about], limit=1)
            caret = f"is `{slip[0]}` meant to be it?" if slip else about.get(name, "")
            return at(node, "E111", f"`{name}` is missing here", caret=caret)

        return check

    def dependent(self, needs: dict[str, list[str]], _: dict[str, Any]) -> Check:
        def check(node: Node, form: Form) -> bool:
            found = True
            for name, others in needs.items():
                for other in others if isinstance(node.value, dict) and name in node.value else ():
                    if other not in node.value:
                        found = form.tell(at, node.keys[name], "E111", f"`{name}` needs `{other}` beside it")
            return found

        return check

    def properties(self, known: dict[str, Any], schema: dict[str, Any]) -> Check:
        """properties, patternProperties and additionalProperties together: they say what each key is."""
        named = {name: self.compiled(sub) for name, sub in known.items()}
        looks = [(re.compile(p), self.compiled(sub)) for p, sub in schema.get("patternProperties", {}).items()]
        more = schema.get("additionalProperties", True)
        rest = self.compiled(more) if isinstance(more, dict) else None

        def check(node: Node, form: Form) -> bool:
            well = True
            for key, value in node.value.items() if isinstance(node.value, dict) else ():
                if key in named:
                    well &= named[key](value, form)
                elif found := [one for look, one in looks if look.search(key)]:
                    well &= all([one(value, form) for one in found])
                elif rest is not None:
                    well &= rest(value, form)
                elif not more:
                    well = form.tell(unknown, node, key)
            return well

        def unknown(node: Node, key: str) -> Diagnostic:
            hint = did_you_mean(key, [name for name in named if name not in node.value])
            known = ["Here belong: " + ", ".join(named) + "."] if named else []
            return at(node.keys[key], "E110", f"`{key}` is not a key that belongs here", caret=hint, known=known)

        return check

    def names(self, schema: dict[str, Any], _: dict[str, Any]) -> Check:
        one = self.compiled(schema)
        return lambda node, form: all([one(key, form) for key in (node.keys or {}).values()])

    def items(self, schema: dict[str, Any], _: dict[str, Any]) -> Check:
        one = self.compiled(schema)
        return lambda node, form: (
            all([one(item, form) for item in node.value]) if isinstance(node.value, list) else True
        )

    def all_of(self, schemas: list[dict[str, Any]], _: dict[str, Any]) -> Check:
        checks = [self.compiled(schema) for schema in schemas]
        return lambda node, form: all([one(node, form) for one in checks])

    def any_of(self, schemas: list[dict[str, Any]], _: dict[str, Any]) -> Check:
        return self.one_of(schemas, {}, most=len(schemas))

    def one_of(self, schemas: list[dict[str, Any]], _: dict[str, Any], most: int = 1) -> Check:
        """One alternative. If none fits, the one that fits best says why: the one with the least wrong, deepest inside."""
        checks = [self.compiled(schema) for schema in schemas]
        marks = [schema["required"][0] for schema in schemas if schema.keys() == {"required"}]
        kinds = [KINDS[schema["type"]][0] for schema in schemas if isinstance(schema.get("type"), str)]

        def check(node: Node, form: Form) -> bool:
            fitting = sum(one(node, TRIAL) for one in checks)
            return 1 <= fitting <= most or form.tell(misfit, node, fitting)

        def misfit(node: Node, fitting: int) -> list[Diagnostic]:
            if marks:
                there = [mark for mark in marks if isinstance(node.value, dict) and mark in node.value]
                if there:
                    return [at(node, "E111", f"only one of {either(map(quoted, there))} may stand here")]
                return [at(node, "E111", f"one of {', '.join(map(quoted, marks))} is missing here")]
            if fitting:
                return [at(node, "E112", "this can be read in two ways")]
            forms = [Form() for _ in checks]
            for one, form in zip(checks, forms, strict=True):
                one(node, form)
            inside = [
                f.diagnostics for f in forms if not any(d.code == "E112" and placed(d, node) for d in f.diagnostics)
            ]
            if inside:
                return min(inside, key=len)
            return [at(node, "E112", f"{either(kinds)} belongs here, and this is {kind_of(node.value)}")]

        return check

    def not_(self, schema: dict[str, Any], _: dict[str, Any]) -> Check:
        one = self.compiled(schema)

        def check(node: Node, form: Form) -> bool:
            return not one(node, TRIAL) or form.tell(at, node, "E112", "this does not belong here")

        return check

    def condition(self, schema: dict[str, Any], whole: dict[str, Any]) -> Check:
        test = self.compiled(schema)
        yes, no = self.compiled(whole.get("then", {})), self.compiled(whole.get("else", {}))
        return lambda node, form: (yes if test(node, TRIAL) else no)(node, form)


# `type` comes first: where it fails, the rest would only repeat it.
KEYWORDS: dict[str, Callable[[Schema, Any, dict[str, Any]], Check]] = {
    "type": Schema.type,
    "$ref": Schema.reference,
    "const": Schema.const,
    "enum": Schema.enum,
    "pattern": Schema.pattern,
    "minLength": Schema.min_length,
    "minItems": Schema.min_items,
    "minProperties": Schema.min_items,
    "maxItems": Schema.max_items,
    "maxProperties": Schema.max_items,
    "uniqueItems": Schema.unique,
    "minimum": Schema.bound,
    "maximum": lambda self, most, schema: self.bound(most, schema) if "minimum" not in schema else _well,
    "required": Schema.required,
    "dependentRequired": Schema.dependent,
    "properties": Schema.properties,
    "patternProperties": lambda self, _, schema: (
        self.properties(schema.get("properties", {}), schema) if "properties" not in schema else _well
    ),
    "additionalProperties": lambda self, _, schema: (
        self.properties({}, schema) if schema.keys().isdisjoint({"properties", "patternProperties"}) else _well
    ),
    "propertyNames": Schema.names,
    "items": Schema.items,
    "allOf": Schema.all_of,
    "anyOf": Schema.any_of,
    "oneOf": Schema.one_of,
    "not": Schema.not_,
    "if": Schema.condition,
}


def _well(node: Node, form: Form) -> bool:
    return True


def placed(diagnostic: Diagnostic, node: Node) -> bool:
    return (diagnostic.line, diagnostic.col) == (node.line, node.col)


def quoted(word: str) -> str:
    return f"`{word}`"


def either(words: Iterable[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    *most, last = dict.fromkeys(words)
    return f"{', '.join(most)} or {last}" if most else last


def shown(node: Node) -> str:
    """A value as a short word."""
    return str(node.value) if not isinstance(node.value, dict | list) else kind_of(node.value)
