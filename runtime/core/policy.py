"""The policy file: its text to a `Policy`, or to diagnostics that say where and what to write.

Shapes come from the table in generated/policy.py; what holds between the parts is checked here. Nothing is read but
the arguments: a key stays the `env:NAME` or `file:PATH` it was written as. No message and no snippet shows a secret.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct, convert
from msgspec.structs import fields, replace

from generated.policy import TABLE, UNITS, Policy, Route
from runtime.core.diagnostic import Diagnostic, at, did_you_mean, failed
from runtime.core.located import Node, kind_of, load

Shape = Any  # a kind in TABLE: a tuple that starts with its name, or a struct


def parse(
    text: str,
    file: str,
    providers: Mapping[str, Collection[str]],
    environ: Mapping[str, str],
    must_honour: Collection[str] | None = None,
) -> tuple[Policy | None, list[Diagnostic]]:
    """The policy in a file's text, and what was found; no policy if any of that is an error.

    `providers` maps a provider's name to its dialects; `must_honour` are the fields that a route may waive, unchecked
    if it is None. Pools come with `defaults` laid under their own settings.
    """
    hidden = _secrets(text.removeprefix("\ufeff"))
    root, found = load(text, file)
    found = [_discreet(d, hidden) for d in found]
    values = None
    if root is not None:
        check = _Check(found, providers, environ, must_honour)
        values = check.read(root, Policy, "the policy file", "{pools: ..., models: ...}")
        check.together(root)
    found = [replace(d, hidden=hidden) for d in found] if hidden else found
    if values is None or failed(found):
        return None, found
    defaults = values.get("defaults", {})
    values["pools"] = {name: _over(defaults, pool) for name, pool in values["pools"].items()}
    return convert(values, Policy), found


def secret_source(key: str) -> tuple[str, str]:
    """Where a key comes from: ("env", NAME), ("file", PATH), or of a client ("sha256", HEX). ValueError for another."""
    kind, colon, rest = key.partition(":")
    if not colon or kind not in _SOURCES or not _SOURCES[kind].fullmatch(rest):
        raise ValueError("a key is env:NAME or file:PATH")
    return kind, rest


def route(policy: Policy, model: str) -> Route | None:
    """The first rule whose name matches the model's."""
    return next((rule for rule in policy.models if matches(rule.name, model)), None)


def matches(pattern: str, model: str) -> bool:
    """Whether the name of a rule matches: `*` stands for any characters, everything else for itself."""
    first, *rest = pattern.split("*")
    if not rest:
        return pattern == model
    *middle, last = rest
    place = len(first)
    for piece in middle:  # the earliest place of each leaves most for the next
        found = model.find(piece, place)
        if found < 0:
            return False
        place = found + len(piece)
    return model.startswith(first) and model.endswith(last) and len(model) - place >= len(last)


def _over(under: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Own settings laid over the defaults, group by group."""
    merged = under | own
    for name in under.keys() & own.keys():
        if isinstance(under[name], dict):
            merged[name] = under[name] | own[name]
    return merged


class _Check:
    """Reads nodes as the table says and collects what is wrong; a value that cannot be read is None."""

    def __init__(
        self,
        found: list[Diagnostic],
        providers: Mapping[str, Collection[str]],
        environ: Mapping[str, str],
        must_honour: Collection[str] | None,
    ) -> None:
        self.found, self.providers, self.environ, self.must_honour = found, providers, environ, must_honour

    def say(self, node: Node, code: str, message: str, **more: Any) -> None:
        self.found.append(at(node, code, message, **more))

    def wrong(self, node: Node, name: str, wanted: str, fix: str, caret: str = "") -> None:
        seen = kind_of(node.value)
        if type(node.value) in (int, float):
            seen = str(node.value)
        elif isinstance(node.value, str):
            seen = f"`{_quote(node.value)}`" if node.value else "empty"
        self.say(node, "E703", f"{name} must be {wanted}, and this is {seen}", caret=caret, fixes=[fix])

    # ---- one value; `fix` is a whole entry that would do

    def read(self, node: Node, shape: Shape, name: str, fix: str) -> Any:
        if isinstance(shape, type):
            return self.struct(node, shape, name, fix)
        match shape:
            case ("list", item, most, unique):
                return self.items(node, item, most, unique, name, fix)
            case ("map", item, some):
                return self.mapping(node, item, some, name, fix)
            case ("secret", *sources):
                return self.secret(node, sources, name)
            case ("url", *schemes):
                return self.url(node, schemes, name, fix)
            case ("origin",):
                return self.origin(node, fix)
            case _:
                return self.scalar(node, shape, name, fix)

    def struct(self, node: Node, shape: type[Struct], name: str, fix: str) -> dict[str, Any] | None:
        if not isinstance(node.value, dict):
            return self.wrong(node, name, "a mapping", fix)
        table, values = TABLE[shape], {}
        for key, sub in node.value.items():
            if key in table:
                kind, example = table[key]
                values[key] = self.read(sub, kind, key, f"{key}: {example}")
            else:
                known = [f"Keys of {shape.__name__}: {', '.join(table)}."]
                message = f"{shape.__name__} has no key `{_quote(key)}`"
                self.say(node.keys[key], "E701", message, caret=did_you_mean(key, table), known=known)
        for field in fields(shape):
            if field.required and field.name not in node.value:
                self.say(
                    node,
                    "E702",
                    f"{shape.__name__} needs `{field.name}`",
                    fixes=[f"{field.name}: {table[field.name][1]}"],
                )
        return values

    def items(self, node: Node, item: Shape, most: int | None, unique: bool, name: str, fix: str) -> list[Any] | None:
        if not isinstance(node.value, list) or not node.value:
            return self.wrong(node, name, "a list with something in it", fix)
        if most and len(node.value) > most:
            self.say(node.value[most], "E703", f"{name} takes {most} at most, and this is one more")
        if unique:
            self.once(node.value, name)
        return [self.read(sub, item, f"an item of {name}", fix) for sub in node.value]

    def mapping(self, node: Node, item: Shape, some: bool, name: str, fix: str) -> dict[str, Any] | None:
        if not isinstance(node.value, dict) or (some and not node.value):
            return self.wrong(node, name, "a mapping with something in it" if some else "a mapping", fix)
        return {key: self.read(sub, item, _quote(key), fix) for key, sub in node.value.items()}

    def scalar(self, node: Node, shape: Shape, name: str, fix: str) -> Any:
        value = _scalar(node.value, shape)
        if value is not None:
            return value
        words = [word for option in _options(shape) if option[0] == "word" for word in option[1]]
        if isinstance(node.value, str) and words:
            message, caret = f"{name} must be {_wanted(shape)}", did_you_mean(node.value, map(str, words))
            return self.say(node, "E704", message, caret=caret, fixes=[fix])
        caret = ""
        if shape[0] == "text" and type(node.value) in (int, float, bool):
            caret = "put it in quotes"
        elif shape[0] == "seconds" and type(node.value) in (int, float):
            caret = "a duration needs its unit"
        return self.wrong(node, name, _wanted(shape), fix, caret)

    def secret(self, node: Node, sources: list[str], name: str) -> str | None:
        forms = [f"{source}:{_FORMS[source]}" for source in sources]
        written = node.value if isinstance(node.value, str) else ""
        source, colon, rest = written.partition(":")
        if colon and source in sources:
            if not _SOURCES[source].fullmatch(rest):
                return self.say(
                    node,
                    "E703",
                    f"after `{source}:` comes {_AFTER[source]}",
                    fixes=[f"{name}: {forms[sources.index(source)]}"],
                )
            if source == "env" and not self.environ.get(rest):
                state = "empty" if rest in self.environ else "not set"
                self.say(
                    node,
                    "E711",
                    f"the variable {rest} is {state}",
                    caret="the key is read from there",
                    severity="warning",
                )
            return written
        if node.value is None or isinstance(node.value, list | dict):
            return self.wrong(node, name, _or(forms), f"{name}: {forms[0]}")
        variable = written.strip("${}")
        caret = f"if you mean the variable, write env:{variable}" if variable in self.environ else ""
        known = ["Put the secret into an environment variable or a file, and name that here."]
        fixes = [f"{name}: {form}" for form in forms]
        return self.say(
            node, "E705", "a secret is never written in the policy file", caret=caret, known=known, fixes=fixes
        )

    def url(self, node: Node, schemes: list[str], name: str, fix: str) -> str | None:
        try:
            parts = urlsplit(node.value) if isinstance(node.value, str) else None
            whole = parts and parts.scheme in schemes and parts.hostname and (parts.port or True)
        except ValueError:  # a port or an IPv6 address that is none
            whole = False
        if not whole or " " in node.value or not node.value.isprintable():
            starts = _or([f"{scheme}://" for scheme in schemes])
            return self.wrong(node, name, f"an address that starts with {starts}", fix)
        if "@" in parts.netloc:
            fix = "proxy_auth: env:NAME" if name == "proxy" else "key: env:NAME"
            return self.say(node, "E705", "an address in the policy file holds no password", fixes=[fix])
        if parts.query or parts.fragment:
            return self.say(
                node, "E703", f"{name} ends before `?` and `#`", caret="headers go under `headers`, a key under `key`"
            )
        return node.value.rstrip("/")

    def origin(self, node: Node, fix: str) -> str | None:
        if isinstance(node.value, str) and _ORIGIN.fullmatch(node.value):
            return node.value
        return self.wrong(node, "an origin", "scheme://host, with its port if it has one, or *", fix)

    def once(self, nodes: Iterable[Node], name: str) -> None:
        """Each text only once; the second is the mistake."""
        first: dict[str, Node] = {}
        for node in nodes:
            if isinstance(node.value, str) and first.setdefault(node.value, node) is not node:
                before = first[node.value]
                known = [f"The first is at {before.file}:{before.line}:{before.col}."]
                caret = f"first given on line {before.line}"
                self.say(node, "E710", f"{name} `{_quote(node.value)}` is given twice", caret=caret, known=known)

    # ---- what holds between the parts; a part of the wrong shape was reported above and counts as absent here

    def together(self, root: Node) -> None:
        pools = _mapping(root.get("pools"))
        accounts = [account for pool in pools.values() for account in _items(pool.get("accounts"))]
        for pool in pools.values():  # an account is known as pool and name
            self.once(_named(_items(pool.get("accounts")), "name"), "account")
        self.once(_named(_items(root.get("clients")), "name"), "client")
        for account in accounts:
            self.account(account)
        earlier: list[Node] = []
        for rule in _items(root.get("models")):
            self.route(rule, pools, earlier)

    def account(self, account: Node) -> None:
        for header, node in _mapping(account.get("headers")).items():
            key = account.get("headers").keys[header]
            if not isinstance(node.value, str):
                continue  # reported as no text
            if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", header) or not node.value.isprintable():
                self.say(key, "E703", "a header's name is one word, and its value one line")
            elif header.lower() in _CREDENTIALS or _LOOKS.search(node.value):
                known = [f"Take `{header}` out of `headers`: the gateway writes the key where the provider wants it."]
                self.say(key, "E705", f"the header `{header}` holds a secret", known=known, fixes=["key: env:NAME"])
        for node in _named([account], "provider"):
            if node.value in self.providers:
                self.dialects(account, node.value)
                continue
            known = [f"Providers are the files in specs/providers/: {', '.join(sorted(self.providers))}."]
            message = f"there is no provider `{_quote(node.value)}`"
            self.say(node, "E706", message, caret=did_you_mean(node.value, self.providers), known=known)

    def dialects(self, account: Node, provider: str) -> None:
        spoken = self.providers[provider]
        for node in _items(account.get("dialects")):
            if isinstance(node.value, str) and node.value not in spoken:
                known = [f"It speaks {', '.join(spoken)}."]
                message = f"{provider} does not speak `{_quote(node.value)}`"
                self.say(node, "E707", message, caret=did_you_mean(node.value, spoken), known=known)

    def route(self, rule: Node, pools: Mapping[str, Node], earlier: list[Node]) -> None:
        targets = [*_named([rule], "pool"), *_texts(_items(rule.get("fallback")))]
        for node in targets:
            if node.value not in pools:
                known = [f"Pools of this file: {', '.join(map(_quote, pools))}."] if pools else []
                message = f"there is no pool `{_quote(node.value)}`"
                self.say(node, "E708", message, caret=did_you_mean(node.value, pools), known=known)
            elif node is not targets[0] and node.value == targets[0].value and rule.get("pool") is targets[0]:
                self.say(
                    node, "E710", f"pool `{_quote(node.value)}` is given twice", caret="it is the route's own pool"
                )
        for node in _texts(_items(rule.get("honour"))):
            if self.must_honour is not None and node.value not in self.must_honour:
                known = [f"Must-honour fields: {', '.join(sorted(self.must_honour))}."]
                message = f"`{_quote(node.value)}` is no must-honour field"
                self.say(node, "E709", message, caret=did_you_mean(node.value, self.must_honour), known=known)
        for node in _named([rule], "name"):
            cover = next((before for before in earlier if matches(before.value, node.value)), None)
            if cover is not None:
                caret = f"`{_quote(cover.value)}` on line {cover.line} matches first"
                known = ["Rules are matched top down, and the first wins: move this one above it, or remove it."]
                self.say(node, "E712", "this rule is never reached", caret=caret, known=known, severity="warning")
            earlier.append(node)


def _mapping(node: Node | None) -> Mapping[str, Node]:
    return node.value if node is not None and isinstance(node.value, dict) else {}


def _items(node: Node | None) -> list[Node]:
    return node.value if node is not None and isinstance(node.value, list) else []


def _texts(nodes: Iterable[Node]) -> list[Node]:
    return [node for node in nodes if isinstance(node.value, str)]


def _named(nodes: Iterable[Node], key: str) -> list[Node]:
    """The texts under one key of several mappings."""
    return _texts(sub for node in nodes if (sub := node.get(key)) is not None)


# ---- scalars


def _options(shape: Shape) -> tuple[Shape, ...]:
    return shape[1:] if shape[0] == "either" else (shape,)


def _scalar(value: Any, shape: Shape) -> Any:
    """The value as its struct holds it, or None if it is not of this shape."""
    match shape:
        case ("either", *options):
            return next((read for option in options if (read := _scalar(value, option)) is not None), None)
        case ("text", least):
            fits = isinstance(value, str) and len(value) >= least and (value.isprintable() or not least)
        case ("boolean",):
            fits = isinstance(value, bool)
        case ("word", words):
            fits = type(value) in (str, int) and value in words
        case ("integer", least, most):
            fits = type(value) is int and least <= value <= most
        case ("number", least, most):
            fits = type(value) in (int, float) and least <= value <= most
        case ("seconds", least, most):
            written = (
                re.fullmatch(r"([0-9]{1,12}(?:\.[0-9]{1,12})?)([a-z]+)", value) if isinstance(value, str) else None
            )
            value = float(written[1]) * UNITS[written[2]] if written and written[2] in UNITS else None
            fits = value is not None and least <= value <= most
    return value if fits else None


def _wanted(shape: Shape) -> str:
    """What a scalar must be, in a reader's words."""
    match shape:
        case ("either", *options):
            return " or ".join(map(_wanted, options))
        case ("text", least):
            return "one line of text" if least else "text"
        case ("boolean",):
            return "true or false"
        case ("word", words):
            return _or(words)
        case ("seconds", least, most):
            return f"a duration from {_duration(least)} to {_duration(most)}"
        case (kind, least, most):
            return f"a {'whole ' if kind == 'integer' else ''}number from {least} to {most}"


def _duration(seconds: float) -> str:
    """As a person writes it: in the largest unit that leaves no fraction."""
    unit = next(unit for unit in reversed(UNITS) if seconds % UNITS[unit] == 0 or unit == "ms") if seconds else "s"
    return f"{round(seconds / UNITS[unit])}{unit}"


def _or(words: Collection[Any]) -> str:
    *some, last = map(str, words)
    return f"{', '.join(some)} or {last}" if some else last


_ORIGIN = re.compile(r"\*|[a-z][a-z0-9+.-]*://(?:[^\s/@*?#\[\]:]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?")

# ---- secrets

_FORMS = {"env": "NAME", "file": "PATH", "sha256": "HEX"}
_SOURCES = {
    "env": re.compile(r"[A-Za-z_][A-Za-z0-9_]*"),
    "file": re.compile(r".+"),
    "sha256": re.compile(r"[0-9a-f]{64}"),
}
_AFTER = {
    "env": "the name of a variable: letters, digits and _",
    "file": "a path",
    "sha256": "the hash of a key: 64 digits, 0-9 and a-f",
}
_CREDENTIALS = ("authorization", "proxy-authorization", "x-api-key", "api-key", "x-goog-api-key", "cookie")
_NAMED = re.compile(
    r"""(?<![\w-])["']?(?:[\w-]*[_-])?(?:api)?(?:key|token|secret|password|authorization|cookie|credential)s?["']?\s*:
    (?:\s+|(?=["'])|$)
    (?P<value>"(?:[^"\\]|\\.)*"?|'[^']*'?|.*?(?=,\s*["']?[\w-]+["']?\s*:|\s*\}[\s\]},]*(?:\#.*)?$|$))""",
    re.IGNORECASE | re.VERBOSE,
)
_ENTRY = re.compile(r"""\s*(?:-\s+)*["'{\s]*[\w-]+["']?\s*:(?:\s|$)""")
_SOURCE = re.compile(r"""["']?(?:env:[A-Za-z_][A-Za-z0-9_]*|file:.+|sha256:[0-9a-f]{64})["']?(?:\s+\#.*)?""")
_LOOKS = re.compile(
    r"""\b(?:sk|pk|gsk|xai|hf|nvapi|pplx|AIza|Bearer\s)[-_.A-Za-z0-9]{12,}|(?<=://)[^\s/@]+(?=@)|(?<=[?&]key=)[^&\s"']+"""
)


def _secrets(text: str) -> list[tuple[int, int, int]]:
    """(line, col, length) of what may be a secret: found in the text, as a file that is no YAML must not show one.

    Too much is better than too little: this only hides parts of snippets, and only where something is wrong.
    """
    spans = []
    inside = None  # the indent of an entry whose value may go on in the deeper lines below it
    for number, line in enumerate(text.splitlines(), start=1):
        indent = len(line) - len(line.lstrip())
        if inside is not None and line.strip() and (indent <= inside or _ENTRY.match(line)):
            inside = None
        if inside is not None:
            spans.append((number, indent + 1, len(line) - indent))
            continue
        for found in _NAMED.finditer(line):
            if not _SOURCE.fullmatch(found["value"]):
                spans.append((number, found.start("value") + 1, len(found["value"])))
                inside = indent
        spans += [(number, found.start() + 1, len(found[0])) for found in _LOOKS.finditer(line)]
    return [span for span in spans if span[2]]


def _discreet(d: Diagnostic, hidden: list[tuple[int, int, int]]) -> Diagnostic:
    """What the YAML reader found, without the words that it quotes from a hidden place."""
    if any(line == d.line and col <= d.col < col + length for line, col, length in hidden):
        return replace(d, message=re.sub(r"`[^`]*`|'[^' ]{3,}'", "`\u2026`", d.message), caret="")
    return d


def _quote(text: str) -> str:
    """A word of the file as a message may show it."""
    return "\u2026" if _LOOKS.search(text) else text if len(text) <= 60 else text[:60] + "\u2026"
