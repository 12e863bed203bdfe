"""A provider that extends another, as one: its own facts, and behind them those that it takes over."""

from __future__ import annotations

from collections.abc import Iterable

from runtime.core.diagnostic import Diagnostic, at, did_you_mean
from runtime.core.located import Node

OWN = ("provider", "extends", "abstract", "env", "local_port", "passes")  # of each by itself
NEEDED = ("base_url", "auth", "dialects", "models")
UNKNOWN = "not known here"  # the reason of a field in a list without reasons


def whole(roots: dict[str, Node]) -> tuple[dict[str, Node], list[Diagnostic]]:
    """Each provider with all that it takes over, by its file, and what is wrong with that; no abstract ones."""
    one = _Family(roots)
    found = {file: one.joined(root, ()) for file, root in roots.items()}
    return {file: root for file, root in found.items() if root.get("abstract") is None}, one.diagnostics


class _Family:
    def __init__(self, roots: dict[str, Node]) -> None:
        self.named = {root.get("provider").value: root for root in roots.values()}
        self.diagnostics: list[Diagnostic] = []

    def joined(self, root: Node, before: tuple[str, ...]) -> Node:
        """A provider without `extends`; `before` are those that extend it."""
        name, base = root.get("provider").value, root.get("extends")
        root = _with(root, {"differs": _reasoned(root.get("differs"))} if root.get("differs") else {})
        if base is None:
            return root
        if base.value not in self.named:
            self.say(base, "E501", f"there is no provider `{base.value}`", did_you_mean(base.value, self.named))
            return root
        if base.value in (*before, name):
            self.say(base, "E502", f"`{name}` extends itself")
            return root
        parent = self.joined(self.named[base.value], (*before, name))
        if parent.get("extends") is not None:
            return root
        facts = {key: node for key, node in parent.value.items() if key not in OWN and key not in root.value}
        for key in ("headers", "errors", "models"):
            if (mine := root.get(key)) is not None and (theirs := parent.get(key)) is not None:
                facts[key] = _both(mine, theirs)
        if root.get("models") is not None and root.get("models").get("*") is not None:
            facts.pop("models", None)
        own, its = root.get("dialects"), parent.get("dialects")
        unspoken = {*its.value} - {*own.value} if own and its else set()
        if (differs := self.differs(root.get("differs"), parent.get("differs"), unspoken)) is not None:
            facts["differs"] = differs
        else:
            facts.pop("differs", None)
        return _with(root, facts, parent, without=("extends",))

    def differs(self, mine: Node | None, theirs: Node | None, unspoken: set[str]) -> Node | None:
        """The differences of both, without theirs in dialects that are not spoken any more."""
        found = dict(mine.value) if mine else {}
        for dialect, node in (theirs.value if theirs else {}).items():
            if dialect not in unspoken:
                found[dialect] = self.dialect(found[dialect], node) if dialect in found else node
        for dialect, node in found.items():
            if (takes := node.get("takes")) is not None:
                for item in takes.value if theirs is None or theirs.get(dialect) is None else ():
                    self.say(item, "E502", f"`{item.value}` is taken anyway: nothing here changes it")
                found[dialect] = _with(node, {}, without=("takes",))
        found = {dialect: node for dialect, node in found.items() if node.value}
        keys = {**(theirs.keys if theirs else {}), **(mine.keys if mine else {})}
        of = mine or theirs
        return Node(found, of.file, of.line, of.col, of.length, keys) if found else None

    def dialect(self, mine: Node, theirs: Node) -> Node:
        """The operations of both in one dialect, without what is taken here though it is not there."""
        mine, theirs = _withheld(mine, theirs)
        takes = {item.value: item for item in (mine.get("takes").value if mine.get("takes") else ())}
        found, used = {}, set()
        for operation, node in theirs.value.items():
            if isinstance(node.value, dict):
                left = {name for name in node.value if name.split("=")[0].split(".")[0] in takes}
                used |= {name.split("=")[0].split(".")[0] for name in left}
                node = _with(node, {}, without=left)
            if node.value:
                found[operation] = _both(mine.get(operation), node) if mine.get(operation) else node
        for name in takes.keys() - used:
            self.say(takes[name], "E502", f"`{name}` is taken anyway: nothing here changes it")
        return _with(mine, found, theirs)

    def say(self, node: Node, code: str, message: str, caret: str = "") -> None:
        if (one := at(node, code, message, caret)) not in self.diagnostics:
            self.diagnostics.append(one)


def _withheld(mine: Node, theirs: Node) -> tuple[Node, Node]:
    """A field that has another name there goes with that name, where it is unknown here."""
    without, rename = mine.get("without"), theirs.get("rename")
    taken = {item.value for item in (mine.get("takes").value if mine.get("takes") else ())}
    both = rename.value.items() if without and rename else ()
    gone = [name for name, new in both if new.value in without.value and name not in taken]
    if not gone:
        return mine, theirs
    reasons = {name: without.value[rename.value[name].value] for name in gone}
    mine = _with(mine, {"without": _with(without, reasons, rename)})
    return mine, _with(theirs, {"rename": _with(rename, {}, without=gone)})


def _both(mine: Node, theirs: Node) -> Node:
    """Two lists one behind the other; two mappings, mine first, and where both say something mine."""
    if isinstance(mine.value, list):
        items = [*mine.value, *(one for one in theirs.value if one.value not in {item.value for item in mine.value})]
        return Node(items, mine.file, mine.line, mine.col, mine.length)
    both = {
        key: _both(node, theirs.value[key]) if key in theirs.value and isinstance(node.value, list) else node
        for key, node in mine.value.items()
    }
    value = {**both, **_less(theirs.value, both)}
    return Node(value, mine.file, mine.line, mine.col, mine.length, {**theirs.keys, **mine.keys})


def _less(nodes: dict[str, Node], names: Iterable[str]) -> dict[str, Node]:
    return {name: node for name, node in nodes.items() if name not in names}


def _with(node: Node, more: dict[str, Node], of: Node | None = None, without: Iterable[str] = ()) -> Node:
    """A mapping with further entries, whose keys stand in `of`, and without some."""
    value = _less(node.value | more, without)
    keys = {key: node.keys[key] if key in node.keys else of.keys[key] for key in value}
    return Node(value, node.file, node.line, node.col, node.length, keys)


def _reasoned(differs: Node) -> Node:
    """Lists of fields that are unknown, each with the usual reason."""
    found = {}
    for dialect, node in differs.value.items():
        without = node.get("without")
        if without is not None and isinstance(without.value, list):
            reasons = {one.value: Node(UNKNOWN, one.file, one.line, one.col, one.length) for one in without.value}
            keys = {one.value: one for one in without.value}
            made = Node(reasons, without.file, without.line, without.col, without.length, keys)
            node = _with(node, {"without": made})
        found[dialect] = node
    return Node(found, differs.file, differs.line, differs.col, differs.length, differs.keys)
