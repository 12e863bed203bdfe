"""Type schemas beyond their form: what they refer to exists, and the structs made from them can be told apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from codegen.resolve import CANONICAL
from codegen.spec import PAIRS
from codegen.structs import reachable, refs
from runtime.core.diagnostic import Diagnostic, at, did_you_mean
from runtime.core.located import Node


def schemas(roots: dict[str, Node]) -> list[Diagnostic]:
    """What is wrong with the schema files among the well-formed specs."""
    found: list[Diagnostic] = []
    for file, root in roots.items():
        canonical = file in CANONICAL
        if canonical or (file.startswith("specs/dialects/") and file.endswith("/schema.yaml")):
            found += Types(root, roots, canonical).check()
    return found


class Types:
    """One schema file."""

    def __init__(self, root: Node, roots: dict[str, Node], canonical: bool) -> None:
        self.root, self.roots, self.canonical = root, roots, canonical
        self.defs = root.get("$defs").value
        self.typed = reachable({name: node.plain() for name, node in self.defs.items()})

    def check(self) -> Iterator[Diagnostic]:
        for name, node in self.defs.items():
            if node.get("x-tag") is not None and name in self.typed:
                yield from self._union(name, node)
            yield from self._object(name, node)
            yield from self._values(node, name, opaque=name not in self.typed)
        yield from self._unused()

    def _unused(self) -> Iterator[Diagnostic]:
        """Types that neither the mapping's own nor any of their parts lead to."""
        mapping = self.roots.get(self.root.file.replace("schema.yaml", "mapping.yaml"))
        if self.canonical or mapping is None:
            return
        todo = [mapping.get(name).value.split(" <-> ")[0] for name in PAIRS if mapping.get(name) is not None]
        if mapping.get("stream") is not None:
            todo.append(mapping.at("stream", "frame").value)
        if (count := mapping.get("http").get("count")) is not None:
            todo.append(count.get("request").value)
        fixed = mapping.get("http").get("fixed")
        todo += [one.get("type").value for one in (fixed.value.values() if fixed is not None else ())]
        passed, kept = mapping.get("http").get("passed"), mapping.get("http").get("kept")
        for one in passed.value.values() if passed is not None else ():
            todo += [one.get("request").value, one.get("answer").value]
        todo += [kept.at("items", "type").value] if kept is not None else []
        unserved = mapping.get("unserved")
        served, seen = self._reached(todo), self._reached([*todo, *(unserved.value if unserved is not None else ())])
        for name, key in (unserved.keys if unserved is not None else {}).items():
            if name in served:
                yield at(key, "E308", f"unserved lists `{name}`, which is served", known=["Remove it here."])
        for name in self.defs.keys() - seen:
            yield at(
                self.root.get("$defs").keys[name],
                "E309",
                f"nothing leads to the type {name}",
                fixes=["<a field>: {$ref: '#/$defs/" + name + "'}", "remove it"],
            )

    def _reached(self, todo: list[str]) -> set[str]:
        """The types that these lead to, themselves included."""
        todo, seen = [*todo], set[str]()
        while todo:
            name = todo.pop()
            if name in self.defs and name not in seen:
                seen.add(name)
                todo += refs(self.defs[name].plain(), opaque=True)
        return seen

    def _union(self, name: str, node: Node) -> Iterator[Diagnostic]:
        """The members bear different words under one name."""
        tag, words = node.get("x-tag").value, {}
        for option in node.get("oneOf").value:
            ref = option.get("$ref")
            target = self.defs.get(ref.value.rpartition("/")[2])
            const = target.at("properties", tag, "const") if target is not None else None
            if target is None:
                continue
            if const is target or not isinstance(const.value, str):
                known = [f"It is declared at {target.file}:{target.line}."]
                fix = [f"{tag}: {{const: <a word>}}", f"required: [{tag}, …]"]
                yield at(
                    ref,
                    "E331",
                    f"{ref.value.rpartition('/')[2]} has no constant `{tag}`",
                    f"{name} is told apart by it",
                    known,
                    fix,
                )
            elif (first := words.setdefault(const.value, ref)) is not ref:
                same = first.value.rpartition("/")[2]
                yield at(ref, "E331", f"`{const.value}` is the {tag} of two members of {name}", f"{same} has it too")

    def _object(self, name: str, node: Node) -> Iterator[Diagnostic]:
        properties = node.get("properties").value if node.get("properties") else {}
        for item in node.get("required").value if node.get("required") else ():
            if item.value not in properties:
                yield at(item, "E201", f"{name} has no field `{item.value}`", did_you_mean(item.value, properties))
        kinds = {
            w.value for sub in properties.values() for w in (sub.get("x-words").value if sub.get("x-words") else ())
        }
        for sub in properties.values():
            for word in sub.get("x-with").value if sub.get("x-with") else ():
                if word.value not in kinds:
                    yield at(word, "E207", f"{name} has no word `{word.value}`", did_you_mean(word.value, kinds))

    def _values(self, node: Node, path: str, opaque: bool) -> Iterator[Diagnostic]:
        """Everything below one schema node. What is opaque is documentation: no struct is made of it."""
        opaque = opaque or node.get("x-opaque") is not None
        if (ref := node.get("$ref")) is not None:
            yield from self._reference(ref)
        if not self.canonical and (default := (node.keys or {}).get("default")) is not None:
            yield at(
                default,
                "E332",
                f"{path} has a default, which would be written where nothing was",
                "for the reader there is x-default",
            )
        for word in ("oneOf", "anyOf"):
            options = node.get(word)
            if options is None:
                continue
            if node.get("x-tag") is None and not opaque:
                yield from self._choice(options, path)
            for option in options.value:
                yield from self._values(option, path, opaque)
        if node.get("x-write-null") is not None and not _nullable(node):
            yield at(
                node.keys["x-write-null"],
                "E333",
                f"{path} cannot be null",
                "null is written only where null may stand",
                fixes=["type: [..., 'null']"],
            )
        if (items := node.get("items")) is not None:
            yield from self._values(items, f"{path}[]", opaque)
        if (more := node.get("additionalProperties")) is not None and isinstance(more.value, dict):
            yield from self._values(more, f"{path}.*", opaque)
        for word in ("properties", "x-every"):
            for name, sub in (node.get(word).value if node.get(word) else {}).items():
                yield from self._values(sub, f"{path}.{name}", opaque)

    def _reference(self, ref: Node) -> Iterator[Diagnostic]:
        file, _, name = ref.value.partition("#/$defs/")
        root = self.roots.get(f"{self.root.file.rpartition('/')[0]}/{file}") if file else self.root
        defs: Iterable[str] = root.get("$defs").value if root is not None else ()
        if name not in defs:
            yield at(ref, "E206", f"{file or self.root.file} defines no `{name}`", did_you_mean(name, defs))

    def _choice(self, options: Node, path: str) -> Iterator[Diagnostic]:
        """A decoder tells text, numbers, lists and objects apart, but no two lists and no two objects."""
        for kind, what in (("array", "lists"), ("object", "objects")):
            those = [option for option in options.value if _form(option) == kind]
            if len(those) > 1:
                yield at(
                    those[1],
                    "E334",
                    f"{path} can be two {what}, which no decoder tells apart",
                    fixes=["a $ref to one union with x-tag", "x-opaque: true"]
                    if kind == "object"
                    else ["one list with items: {oneOf: …}", "x-opaque: true"],
                )


def _form(node: Node) -> str:
    """`array`, `object` or another type that a value of this schema has."""
    return "object" if node.get("$ref") is not None else str(node.get("type").value) if node.get("type") else ""


def _nullable(node: Node) -> bool:
    kind = node.get("type")
    options = [option for word in ("oneOf", "anyOf") if node.get(word) for option in node.get(word).value]
    return (
        kind is not None and isinstance(kind.value, list) and any(one.value == "null" for one in kind.value)
    ) or any(option.get("type") is not None and option.get("type").value == "null" for option in options)
