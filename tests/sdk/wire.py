"""Our wire schemas, asked by the pointers of sdk/extract.py."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]
LAST_STEP = re.compile(r"(\[\w+=[^\]]+\]|[^/\[\]]+)$")


class Wire:
    """The definitions of a wire schema; remembers which fields, variants and words were asked for."""

    def __init__(self, defs: dict[str, Node]) -> None:
        self.defs = defs
        self.met: set[int | tuple[int, str]] = set()  # ids of nodes, and (id of a node, word)
        self.free: set[int] = set()  # ids of nodes where the last SDK that has them takes any string
        self.paths: dict[tuple[str, str], list[Node]] = {}  # nodes by root and pointer

    def lacking(self, root: str, pointers: dict[str, Node]) -> Iterator[str]:
        """What an SDK has and we have not, a line each; nothing more is said below what is missing."""
        gone: list[str] = []
        for pointer, theirs in pointers.items():
            if any(pointer.startswith((f"{above}/", f"{above}[")) for above in gone):
                continue
            nodes = self.follow(root, pointer)
            if not nodes:
                gone.append(pointer)
                yield f"{root} {pointer}: no such {'variant' if pointer.endswith(']') else 'field'}"
                continue
            if unread := set(theirs["types"]) - self.types(nodes):
                yield f"{root} {pointer}: cannot be {', '.join(sorted(unread))}"
            if unknown := set(theirs["words"]) - self.words(nodes):
                yield f"{root} {pointer}: no word {', '.join(sorted(unknown))}"
            self.meet(nodes, theirs["words"], "string" in theirs["types"])

    def demanding(self, root: str, pointers: dict[str, Node]) -> Iterator[str]:
        """The fields that we require and an SDK may leave out, a line each."""
        for pointer, theirs in pointers.items():
            if "required" in theirs:
                for node in self.follow(root, pointer):
                    branches = [branch for branch, _ in self.branches(node) if "properties" in branch]
                    untagged = [] if pointer.endswith("]") else [branch for branch in branches if not tagged(branch)]
                    for branch in untagged or branches:
                        for name in sorted(set(branch.get("required", ())) - set(theirs["required"])):
                            yield f"{root} {pointer}: {name} may be left out"

    def invented(self, roots: list[str]) -> Iterator[str]:
        """What nobody asked for and does not say who sends it, and what says so though it was asked for.

        A definition that says who sends it is a root of its own.
        """
        for name in sorted(self.reached(roots, foreign=False)):
            yield from self.unasked(name, self.defs[name])
        foreign = [name for name, node in self.defs.items() if "x-from" in node]
        for name in sorted(self.defs.keys() - self.reached([*roots, *foreign], foreign=True)):
            yield f"{name}: nothing leads to this definition"

    def follow(self, root: str, pointer: str) -> list[Node]:
        """The nodes at a pointer, none when we have no such field or variant."""
        if not pointer:
            return [self.defs[root]]
        if (root, pointer) not in self.paths:
            step = LAST_STEP.search(pointer)[0]
            above = self.follow(root, pointer.removesuffix(step).removesuffix("/"))
            self.paths[root, pointer] = [found for node in above for found in self.enter(node, step)]
        return self.paths[root, pointer]

    def enter(self, node: Node, step: str) -> Iterator[Node]:
        for branch, via in self.branches(node):
            if step.startswith("["):
                tag, word = step[1:-1].split("=", 1)
                field = branch.get("properties", {}).get(tag)
                found = branch if field and word in self.words([field]) else None
            else:
                inside = {"*": branch.get("items"), "{}": branch.get("additionalProperties")}
                found = inside[step] if step in inside else property_of(branch, step)
            if isinstance(found, dict):
                self.met |= {id(found), *map(id, via)}
                yield found

    def branches(self, node: Node, via: tuple[Node, ...] = ()) -> Iterator[tuple[Node, tuple[Node, ...]]]:
        """The alternatives of a node, each with the members of unions that lead to it."""
        if "$ref" in node:
            yield from self.branches(self.defs[target(node)], via)
        elif "oneOf" in node or "anyOf" in node:
            for option in node.get("oneOf") or node["anyOf"]:
                yield from self.branches(option, (*via, option))
        else:
            yield node, via

    def types(self, nodes: list[Node]) -> set[str]:
        """The JSON types that these nodes take, and `any` where the value is opaque, or an object of known fields."""
        found = {"any" for node in nodes if node.get("x-opaque")}
        for node in nodes:
            for branch, _ in self.branches(node):
                kind = branch.get("type", "string" if "const" in branch else "any")
                found |= {kind} if isinstance(kind, str) else set(kind)
                found |= {"any"} if "properties" in branch else set()  # an SDK that does not know the fields knows less
        return found | ({"integer"} if "number" in found else set())

    def words(self, nodes: list[Node]) -> set[str]:
        return {word for node in nodes for branch, _ in self.branches(node) for word in listed(branch)}

    def meet(self, nodes: list[Node], words: list[str], string: bool) -> None:
        branches = {id(branch) for node in nodes for branch, _ in self.branches(node)}
        self.met |= {(branch, word) for branch in branches for word in words}
        self.free = self.free | branches if string and not words else self.free - branches

    def reached(self, roots: list[str], foreign: bool) -> set[str]:
        """The definitions that the roots lead to, over fields with x-from only when `foreign`."""
        todo, seen = list(roots), set()
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                todo += references(self.defs[name], foreign)
        return seen

    def unasked(self, path: str, node: Node) -> Iterator[str]:
        words = node.get("x-words", [])
        unmet = [word for word in words if (id(node), word) not in self.met]
        if len(unmet) < len(words) and id(node) not in self.free:  # else the SDKs take any string there
            yield from (f"{path}: no SDK has the word {word}" for word in unmet)
        parts = [(f"{path}.{name}", sub) for name, sub in node.get("properties", {}).items()]
        options = node.get("oneOf") or node.get("anyOf") or []
        if "x-tag" in node:
            parts += [(f"{path}.{target(option)}", option) for option in options]
        else:
            for option in options:
                yield from self.unasked(path, option)
        for at, sub in parts:
            asked, foreign = id(sub) in self.met, "x-from" in sub
            if asked and foreign:
                yield f"{at}: an SDK has it, remove x-from"
            elif not asked and not foreign:
                yield f"{at}: no SDK has it, say x-from"
            elif asked:
                yield from self.unasked(at, sub)
        for key, mark in (("items", "*"), ("additionalProperties", "{}")):
            if isinstance(node.get(key), dict):
                yield from self.unasked(f"{path}/{mark}", node[key])


def property_of(branch: Node, name: str) -> Node | None:
    """The property of this name, or the one that is also spelt so."""
    properties = branch.get("properties", {})
    if name in properties:
        return properties[name]
    return next((sub for sub in properties.values() if sub.get("x-also") == name), None)


def listed(branch: Node) -> list[str]:
    return [branch["const"]] if "const" in branch else branch.get("x-words", [])


def tagged(branch: Node) -> bool:
    return any("const" in sub for sub in branch["properties"].values())


def target(node: Node) -> str:
    return node["$ref"].rsplit("/", 1)[-1]


def references(node: Any, foreign: bool) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from references(item, foreign)
    elif isinstance(node, dict) and (foreign or "x-from" not in node):
        if "$ref" in node:
            yield target(node)
        for sub in node.values():
            yield from references(sub, foreign)
