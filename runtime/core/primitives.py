"""What generated code calls: the two-way conversions declared in specs/primitives.yaml, and a few list helpers.

A primitive's `lift` reads the wire, its `lower` writes it. Both are pure; a value that cannot be converted raises
TranslationError with what to write instead.
"""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from itertools import accumulate
from operator import attrgetter
from typing import Any, TypeVar

import msgspec
from msgspec import Raw

from generated import canonical as c
from generated.canonical import Text, ToolResult
from runtime.core import openapi
from runtime.core.media import kind_of

T = TypeVar("T")
EMPTY_OBJECT, NULL = Raw(b"{}"), Raw(b"null")
UNKNOWN_LOGPROB = -9999.0  # what vendors write for it
UNKNOWN_TOKEN = -1  # the number of a token in a vocabulary that nobody has told
OUTPUTS = ("output", "result", "error")  # under which a function's only value may stand
CALLING = {"AUTO": "auto", "ANY": "any", "NONE": "none", "MODE_UNSPECIFIED": "auto", "VALIDATED": "auto"}
_encode = msgspec.json.Encoder().encode
_any = msgspec.json.Decoder(Raw).decode
_any_value = msgspec.json.Decoder().decode
_fields = msgspec.json.Decoder(dict[str, Raw]).decode
_objects = msgspec.json.Decoder(list[dict[str, Raw]]).decode


class TranslationError(Exception):
    """A value that this wire cannot be given, or that is not what it claims to be; `path` says which, where it is known."""

    def __init__(self, message: str, path: str | None = None) -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path


class json_text:
    """A JSON document held in a string <-> raw JSON. The empty string reads as {}."""

    @staticmethod
    def lift(text: str) -> Raw:
        if not text or text.isspace() or text == "null":
            return EMPTY_OBJECT
        raw = text.encode("utf-8", "surrogatepass")
        try:
            _any(raw)
        except msgspec.MsgspecError as problem:
            if (mended := whole_characters(raw)) != raw:
                return json_text.lift(mended.decode("utf-8", "surrogatepass"))
            raise TranslationError(f"tool arguments are not JSON ({problem}): {text[:80]!r}") from None
        return Raw(raw)

    @staticmethod
    def lower(raw: Raw) -> str:
        return str(raw, "utf-8", "surrogatepass")


class json_object:
    """An optional JSON object <-> raw JSON. Absent and null read as {}."""

    @staticmethod
    def lift(raw: Raw | None) -> Raw:
        return EMPTY_OBJECT if given(raw) is None else raw

    @staticmethod
    def lower(raw: Raw) -> Raw:
        if raw is not None and bytes(raw).startswith(b"{"):
            return raw
        if given(raw) is None:
            return EMPTY_OBJECT
        raise TranslationError("a JSON object is needed here, as in {}, and this is another JSON value")


def is_object(raw: Raw) -> bool:
    """Whether an input is what json_object writes as it is, or as {}."""
    try:
        return given(raw) is None or _fields(raw) is not None
    except msgspec.DecodeError:
        return False


class json_or_text:
    """A JSON object, as it is or as JSON in a string <-> raw JSON. It is written as a string."""

    @staticmethod
    def lift(raw: Raw) -> Raw:
        return json_text.lift(json_piece.lift(raw)) if bytes(raw)[:1] == b'"' else json_object.lift(raw)

    @staticmethod
    def lower(raw: Raw) -> Raw:
        return json_piece.lower(json_text.lower(raw))


class json_piece:
    """A piece of JSON in a string, or a whole object <-> its text."""

    @staticmethod
    def lift(raw: Raw) -> str:
        text = whole_characters(bytes(raw))
        return _any_value(text) if text[:1] == b'"' else text.decode()

    @staticmethod
    def lower(text: str) -> Raw:
        return Raw(_encode(text))


class data_url:
    """A link or a data URL <-> Source."""

    @staticmethod
    def lift(text: str) -> c.Source:
        if text[:5].lower() != "data:":
            return c.UrlSource(url=text)
        head, comma, data = text[5:].partition(",")
        if not comma or not head.lower().endswith(";base64"):
            raise TranslationError("a data URL must read data:<media type>;base64,<data>")
        return c.BytesSource(media_type=head[:-7].split(";")[0] or None, data=data)

    @staticmethod
    def lower(source: c.Source) -> str | None:
        if type(source) is c.BytesSource:
            return f"data:{source.media_type or 'application/octet-stream'};base64,{source.data}"
        return source.url if type(source) is c.UrlSource else None


class bound_id:
    """The id of something kept at its vendor <-> BoundRef."""

    @staticmethod
    def lift(text: str) -> c.BoundRef:
        return c.BoundRef(id=text)

    @staticmethod
    def lower(source: c.Source) -> str | None:
        return source.id if type(source) is c.BoundRef else None


class base64_bytes:
    """Base64 text without a media type, or a link <-> Source."""

    @staticmethod
    def lift(text: str) -> c.Source:
        linked = text[:8].lower().startswith(("http://", "https://", "data:"))
        return data_url.lift(text) if linked else c.BytesSource(data=text)

    @staticmethod
    def lower(source: c.Source) -> str | None:
        if type(source) is c.BytesSource:
            return source.data
        return source.url if type(source) is c.UrlSource else None


class not_:
    """A flag <-> its opposite."""

    @staticmethod
    def lift(flag: bool) -> bool:
        return not flag

    @staticmethod
    def lower(flag: bool) -> bool:
        return not flag


class text:
    """A text, a number that is meant as one, or a list of one <-> the text."""

    @staticmethod
    def lift(value: str | int | list[Any]) -> str:
        if not isinstance(value, list):
            return str(value)
        if len(value) != 1 or not isinstance(value[0], str):
            what = f"a list of {len(value)}" if value and isinstance(value[0], str) else "a list of token ids"
            raise TranslationError(f"one text is needed here, not {what}")
        return value[0]

    @staticmethod
    def lower(value: str) -> str:
        return value


class timestamp:
    """An RFC 3339 time in UTC <-> seconds since 1970."""

    @staticmethod
    def lift(value: str) -> int:
        try:
            return timegm(datetime.fromisoformat(value.replace("Z", "+00:00")).astimezone(UTC).utctimetuple())
        except ValueError:
            raise TranslationError(f"a time must read 2026-01-31T00:00:00Z, not {value[:40]!r}") from None

    @staticmethod
    def lower(seconds: int) -> str:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class format:
    """The word json, or a JSON Schema <-> OutputFormat."""

    @staticmethod
    def lift(raw: Raw) -> c.OutputFormat | None:
        said = _any_value(raw)
        if isinstance(said, dict):
            return c.OutputFormat(kind="json_schema", schema=raw)
        if said not in (None, "", "json"):
            raise TranslationError(f'format: write "json" or a JSON Schema, not {bytes(raw)[:40]!r}', "format")
        return c.OutputFormat(kind="json") if said else c.OutputFormat(kind="text")

    @staticmethod
    def lower(value: c.OutputFormat) -> Raw | None:
        if value.kind == "text":
            return None
        return value.schema if given(value.schema) is not None else Raw(b'"json"')


class think:
    """Whether to think, or how much <-> Reasoning."""

    @staticmethod
    def lift(value: bool | str) -> c.Reasoning:
        return c.Reasoning(effort=value) if isinstance(value, str) else c.Reasoning(mode="on" if value else "off")

    @staticmethod
    def lower(value: c.Reasoning) -> bool | str | None:
        if value.effort is not None:
            return value.effort if value.effort != "none" else False
        return None if value.mode is None else value.mode != "off"


class image_bytes:
    """Base64 text <-> an Image whose first bytes say what it is."""

    @staticmethod
    def lift(data: str) -> c.Image:
        kind = kind_of(data) or ""
        return c.Image(source=c.BytesSource(media_type=kind if kind.startswith("image/") else None, data=data))

    @staticmethod
    def lower(value: c.Image) -> str | None:
        return value.source.data if type(value.source) is c.BytesSource else None


class one_text:
    """One text <-> a list of blocks; `turns.results` sees to it that there is one text in it."""

    @staticmethod
    def lift(text: str) -> list[c.Block]:
        return [c.Text(text=text)]

    @staticmethod
    def lower(blocks: list[c.Block]) -> str:
        return "".join(block.text for block in blocks)


class error_text:
    """A message: alone, in an object, or as complaints with the places they are about <-> the message."""

    @staticmethod
    def lift(value: Any) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, list):
            return "; ".join(map(error_text._complaint, value))
        said = getattr(value, "message", None) or getattr(value, "detail", None)
        return "" if said is None else error_text.lift(said)

    @staticmethod
    def _complaint(one: Any) -> str:
        place = ".".join(map(str, _any_value(one.loc))) if given(one.loc) is not None else ""
        return f"{place}: {one.msg}" if place else one.msg

    @staticmethod
    def lower(text: str) -> str:
        return text


class thinking_budget:
    """How many tokens to think, where 0 is none and -1 as many as it takes <-> Reasoning."""

    @staticmethod
    def lift(count: int) -> c.Reasoning:
        if count <= 0:
            return c.Reasoning(mode="off" if count == 0 else "adaptive")
        return c.Reasoning(budget=count)

    @staticmethod
    def lower(value: c.Reasoning) -> int | None:
        return {"off": 0, "adaptive": -1 if value.effort is None else None}.get(value.mode, value.budget)


class model_path:
    """A model's name below models/ <-> the name."""

    @staticmethod
    def lift(path: str) -> str:
        return path.removeprefix("models/")

    @staticmethod
    def lower(name: str) -> str:
        return f"models/{name}"


class calling_config:
    """Whether tools are called, and which may be <-> ToolChoice."""

    @staticmethod
    def lift(raw: Raw) -> c.ToolChoice:
        said = _any_value(raw) or {}
        mode = str(said.get("mode") or "AUTO").upper()
        names = said.get("allowedFunctionNames", said.get("allowed_function_names"))
        if mode not in CALLING:
            raise TranslationError(f"mode: write AUTO, ANY, NONE or VALIDATED, not {mode[:40]}")
        if not names or mode not in ("ANY", "VALIDATED"):
            return c.ToolChoice(mode=CALLING[mode])
        if mode == "ANY" and len(names) == 1:
            return c.ToolChoice(mode="tool", name=names[0])
        tools = [c.AllowedTool(kind="function", name=name) for name in names]
        return c.ToolChoice(mode="allowed", allowed=tools, demand="required" if mode == "ANY" else "auto")

    @staticmethod
    def lower(value: c.ToolChoice) -> Raw | None:
        if value.mode in ("tool", "custom"):
            said = {"mode": "ANY", "allowedFunctionNames": [value.name or ""]}
        elif value.mode == "allowed":
            if any(tool.kind == "custom" for tool in value.allowed or ()):
                raise TranslationError("free-text tools are not on this wire: name functions")
            mode = "VALIDATED" if value.demand == "auto" else "ANY"
            said = {"mode": mode, "allowedFunctionNames": [tool.name for tool in value.allowed or ()]}
        elif value.mode is None:
            return None
        else:
            said = {"mode": value.mode.upper()}
        return Raw(_encode(said))


class function_output:
    """A function's JSON object <-> a ToolResult of one text."""

    @staticmethod
    def lift(raw: Raw | None) -> c.ToolResult:
        if given(raw) is None:
            return c.ToolResult(call_id="")
        said = _fields(raw) if bytes(raw).lstrip()[:1] == b"{" else {}
        word, value = next(iter(said.items()), ("", NULL)) if len(said) == 1 else ("", NULL)
        text = bytes(raw).decode("utf-8", "surrogatepass")
        if word in OUTPUTS:
            text = _any_value(value) if bytes(value)[:1] == b'"' else bytes(value).decode("utf-8", "surrogatepass")
        return c.ToolResult(call_id="", content=[c.Text(text=text)], is_error=True if word == "error" else None)

    @staticmethod
    def lower(value: c.ToolResult) -> Raw:
        text = "".join(part.text for part in value.content or () if type(part) is c.Text)
        if not value.is_error and text.lstrip()[:1] == "{":
            raw = text.encode("utf-8", "surrogatepass")
            try:
                if _fields(raw).keys().isdisjoint(OUTPUTS):
                    return Raw(raw)
            except msgspec.MsgspecError:
                pass  # a text that begins like an object
        return Raw(_encode({"error" if value.is_error else "output": text}))


class openapi_schema:
    """The words that OpenAPI 3.0 has for schemas <-> JSON Schema. None is written where those words do not suffice."""

    @staticmethod
    def lift(raw: Raw | None) -> Raw | None:
        return None if given(raw) is None else Raw(_encode(openapi.wider(_any_value(raw))))

    @staticmethod
    def lower(raw: Raw) -> Raw | None:
        said = openapi.narrower(_any_value(raw))
        return None if said is None else Raw(_encode(said))


class wider_schema:
    """JSON Schema as it is <-> the same, but only where openapi_schema writes nothing."""

    @staticmethod
    def lift(raw: Raw) -> Raw:
        return raw

    @staticmethod
    def lower(raw: Raw) -> Raw | None:
        return raw if openapi.narrower(_any_value(raw)) is None else None


class token_logprobs:
    """Lists side by side, as completions have them <-> one entry for each token, as chats do."""

    @staticmethod
    def lift(raw: Raw) -> Raw:
        said = _any_value(raw)
        if not isinstance(said, dict) or "tokens" not in said:
            return raw  # some engines answer in the chat's form here too
        found = []
        for number, token in enumerate(said["tokens"] or ()):
            chances = [_at(said.get(name), number) for name in ("token_logprobs", "top_logprobs")]
            tops = [_chance(*one) for one in (chances[1] or {}).items()]
            found.append({**_chance(token, chances[0]), "top_logprobs": tops})
        return Raw(_encode({"content": found}))

    @staticmethod
    def lower(raw: Raw) -> Raw:
        if (tokens := _tokens(raw)) is None:
            return raw
        ends = list(accumulate(len(one["token"]) for one in tokens))
        said = {
            "tokens": [one["token"] for one in tokens],
            "token_logprobs": [one["logprob"] for one in tokens],
            "top_logprobs": [{top["token"]: top["logprob"] for top in one["top_logprobs"]} for one in tokens],
            "text_offset": [0, *ends[:-1]] if tokens else [],
        }
        return Raw(_encode(said))


class token_list:
    """The entries of tokens as a list <-> the same in an object, as chats have it."""

    @staticmethod
    def lift(raw: Raw) -> Raw | None:
        if (tokens := _tokens(raw)) is None:
            return raw
        return Raw(_encode({"content": tokens})) if tokens else None

    @staticmethod
    def lower(raw: Raw) -> Raw:
        tokens = _tokens(raw)
        return raw if tokens is None else Raw(_encode(tokens))


class numbered_tokens:
    """The entries of tokens, each with its number in a vocabulary <-> the same as chats have it."""

    @staticmethod
    def lift(raw: Raw) -> Raw:
        tokens = _tokens(raw)
        return raw if tokens is None else Raw(_encode({"content": tokens}))

    @staticmethod
    def lower(raw: Raw) -> Raw:
        if (tokens := _tokens(raw)) is None:
            return raw
        for one in (each for token in tokens for each in (token, *token["top_logprobs"])):
            one.setdefault("token_id", one.pop("id", UNKNOWN_TOKEN))
        return Raw(_encode({"content": tokens}))


class chosen_tokens:
    """Which tokens were chosen, and beside them the likeliest at each place <-> the entries of tokens, as chats have them."""

    @staticmethod
    def lift(raw: Raw) -> Raw:
        said = _any_value(raw) if bytes(raw).lstrip()[:1] == b"{" else {}
        tops, found = said.get("topCandidates"), []
        for number, one in enumerate(said.get("chosenCandidates") or ()):
            near = (_at(tops, number) or {}).get("candidates") or ()
            found.append({**_chosen(one), "top_logprobs": [_chosen(top) for top in near]})
        return Raw(_encode({"content": found}))

    @staticmethod
    def lower(raw: Raw) -> Raw | None:
        if (tokens := _tokens(raw)) is None:
            return None
        said = {
            "chosenCandidates": [_chance_of(one) for one in tokens],
            "topCandidates": [{"candidates": [_chance_of(top) for top in one["top_logprobs"]]} for one in tokens],
        }
        return Raw(_encode(said))


def joined_logprobs(parts: list[Raw]) -> Raw:
    """Log probabilities of texts that stand one behind the other."""
    return Raw(_encode({"content": [token for part in parts for token in _tokens(part) or ()]}))


def _tokens(raw: Raw) -> list[dict[str, Any]] | None:
    """The entries of tokens, alone or in an object, with all that each must say; None where they are none."""
    said = _any_value(raw)
    if isinstance(said, dict):
        said = [one for name in ("content", "refusal") for one in said.get(name) or ()]
    if not isinstance(said, list) or not all(
        isinstance(one, dict) and {"token", "logprob"} <= one.keys() for one in said
    ):
        return None
    return [
        _spelled(one) | {"top_logprobs": [_spelled(top) for top in one.get("top_logprobs") or () if "token" in top]}
        for one in said
    ]


def _spelled(one: dict[str, Any]) -> dict[str, Any]:
    """A token's entry with its bytes."""
    return one if one.get("bytes") is not None else one | {"bytes": _chance(one["token"], None)["bytes"]}


def _chosen(one: dict[str, Any]) -> dict[str, Any]:
    number = one.get("tokenId")
    said = _chance(one.get("token") or "", one.get("logProbability"))
    return said if number is None else said | {"id": number}


def _chance_of(one: dict[str, Any]) -> dict[str, Any]:
    number = one.get("id", one.get("token_id"))
    said = {"token": one["token"], "logProbability": one["logprob"]}
    return said if number is None else said | {"tokenId": number}


def _at(items: list[Any] | None, number: int) -> Any:
    return items[number] if items and number < len(items) else None


def _chance(token: str, logprob: float | None) -> dict[str, Any]:
    """A token's entry. Of a prompt's first token nothing is known: that is written as next to impossible."""
    return {
        "token": token,
        "logprob": UNKNOWN_LOGPROB if logprob is None else logprob,
        "bytes": list(token.encode("utf-8", "surrogatepass")),
    }


class replay_reasoning:
    """Message lists as they are <-> with the reasoning that a tool call must be sent back with; a blank where there is none.

    Source: DeepSeek answers 400 when an earlier assistant message with tools in play has no reasoning_content.
    """

    @staticmethod
    def lift(messages: Raw) -> Raw:
        return messages

    @staticmethod
    def lower(messages: Raw) -> Raw:
        found = _objects(messages)
        if not any("tool_calls" in message for message in found):
            return messages
        for message in found:
            if _any_value(message.get("role", b"null")) == "assistant" and "reasoning_content" not in message:
                message["reasoning_content"] = Raw(b'" "')
        return Raw(_encode(found))


def holds(body: dict[str, Raw], path: list[str], word: str | None = None) -> bool:
    """Whether a request says something, or this word, at a path of fields; {} is an object."""
    raw = body.get(path[0])
    for name in path[1:]:
        raw = _fields(raw).get(name) if raw is not None and bytes(raw).startswith(b"{") else None
    if word == "{}":
        return raw is not None and bytes(raw).startswith(b"{")
    return given(raw) is not None and (word is None or _any_value(raw) == word)


def over(raw: Raw | None, most: int) -> bool:
    """Whether a field of a request is a number above the most that is taken."""
    number = None if raw is None else _any_value(raw)
    return isinstance(number, int | float) and number > most


def holding(raw: Raw, least: Mapping[str, Any]) -> Raw:
    """A JSON object, with what it must hold put before the rest where it holds no such field."""
    if not least or bytes(raw).lstrip()[:1] != b"{" or _all_of(tuple(least))(raw):
        return raw
    fields = _fields(raw)
    missing = {name: Raw(_encode(value)) for name, value in least.items() if name not in fields}
    return Raw(_encode(missing | fields)) if missing else raw


@cache
def _all_of(names: tuple[str, ...]) -> Callable[[Raw], bool]:
    """Whether a JSON object has fields of all these names; the others are passed over."""
    held = msgspec.json.Decoder(msgspec.defstruct("Held", [(name, Raw, None) for name in names], gc=False)).decode
    found = attrgetter(*names)
    return (lambda raw: None not in found(held(raw))) if len(names) > 1 else lambda raw: found(held(raw)) is not None


def whole_characters(data: bytes) -> bytes:
    """JSON text in which an escaped half of a character, whose other half is missing, is the sign for one that is unknown."""
    return _HALF.sub(lambda found: found[0] if found[1] else b"\\ufffd", data)


# an escaped backslash or a pair of halves stays; a half alone does not
_HALF = re.compile(
    rb"(\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)


def bounded(body: dict[str, Raw], field: str, low: float, high: float, lost: Callable[..., None]) -> None:
    """Keeps a number of a request within bounds."""
    number = _any_value(body[field])
    if isinstance(number, int | float) and not low <= number <= high:
        body[field] = Raw(_encode(min(max(number, low), high)))
        lost(field, f"{low} to {high} here", "rewritten")


def plain_texts(body: dict[str, Raw], field: str, roles: list[str]) -> None:
    """Contents of nothing but text parts as plain strings, a line for each part, in the messages of some roles."""
    found, changed = _any_value(body[field]), False
    for message in _each(found):
        content = message.get("content")
        if not (message.get("role") in roles and isinstance(content, list) and content):
            continue
        if all(isinstance(part, dict) and part.get("type") == "text" for part in content):
            message["content"], changed = "\n".join(str(part.get("text")) for part in content), True
    if changed:
        body[field] = Raw(_encode(found))


def pruned(body: dict[str, Raw], path: list[str], value: str | None = None) -> bool:
    """Takes a field, or this value of it, out of the objects at a path of fields, through lists; whether it said something."""
    found = _any_value(body.get(path[0], NULL))
    places = [found]
    for name in path[1:-1]:
        places = [one.get(name) for place in places for one in _each(place)]
    held = [one for place in places for one in _each(place) if path[-1] in one]
    taken = [one.pop(path[-1]) for one in held if value is None or _encode(one[path[-1]]) == value.encode()]
    if taken:
        body[path[0]] = Raw(_encode(found))
    return any(one is not None for one in taken)


def _each(value: Any) -> list[dict[str, Any]]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]


def respelled(body: dict[str, Raw], field: str, words: dict[str, Any], lost: Callable[..., None]) -> None:
    """Says a word of a request as a provider does: by another word, or by other fields in its place.

    `*` in `words` is any other word, {} in the fields that word. Fields for a word by name mean the same as it.
    """
    word = _any_value(body[field])
    said = words.get(word, words.get("*")) if isinstance(word, str) else None
    if isinstance(said, str):
        body[field] = Raw(_encode(said))
        if said != word:
            lost(field, f"written as `{said}`", "rewritten")
    elif said is not None:
        del body[field]
        text = _encode(said)
        for name, value in _fields(text.replace(b'"{}"', _encode(word))).items():
            body.setdefault(name, value)
        if word not in words and b'"{}"' not in text:
            lost(field, f"written as {text.decode()}", "rewritten")


def given(raw: Raw | None) -> Raw | None:
    """Raw JSON that says something: null says nothing."""
    return None if raw is None or raw == NULL or raw == b"null" else raw


def whole(struct: msgspec.Struct) -> Raw:
    """A wire struct kept as it is."""
    return Raw(_encode(struct))


def total(*counts: int | None) -> int | None:
    """The sum of the known counts; None if none is known."""
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def rounded(number: float | None) -> int | None:
    """A count that a wire gives as any number."""
    return None if number is None else int(number)


def unless(value: T, usual: T) -> T | None:
    """The value, where it is not the usual one."""
    return None if value == usual else value


def latest(known: c.Usage | None, seen: c.Usage) -> c.Usage:
    """The counts of a later report over those of an earlier one, count by count; none is ever added up."""
    if known is None:
        return seen
    for name in c.Usage.__struct_fields__:
        if getattr(seen, name) is None:
            setattr(seen, name, getattr(known, name))
    return seen


def first(*values: Any) -> Any:
    """The first of the values that is there."""
    return next((value for value in values if value is not None), None)


def numbered(blocks: list[Any]) -> list[Any]:
    """The blocks, each with its place in the list."""
    for part, block in enumerate(blocks):
        if block is not None:
            block.part = part
    return blocks


def placed(blocks: list[Any], role: str, turn: int) -> list[Any]:
    """The blocks of one message, each with its role, its message and its place in it."""
    for part, block in enumerate(blocks):
        if block is not None:
            block.role = "tool" if type(block) is ToolResult else role
            block.turn = turn
            block.part = part
    return blocks


def known(blocks: list[Any]) -> list[Any]:
    """The blocks that could be read; those that could not have kept their places."""
    return [block for block in blocks if block is not None]


def joined(items: list[Any], field: str) -> list[Any]:
    """Wire objects with a list in that field as one object with them all; others stay as they are."""
    found: list[Any] = []
    first = None
    for item in items:
        if not (held := getattr(item, field)):
            found.append(item)
        elif first is None:
            first = item
            found.append(item)
        else:
            setattr(first, field, getattr(first, field) + held)
    return found


def in_turns(blocks: list[Any]) -> None:
    """Gives blocks their places, where somebody left one out: a turn goes on for as long as its role does."""
    for block in blocks:
        block.role = block.role or _usual_role(block)
    if all(block.turn is not None and block.part is not None for block in blocks):
        return
    turn, part, before = -1, 0, None
    for block in blocks:
        turn, part = (turn, part + 1) if block.role == before else (turn + 1, 0)
        block.turn, block.part, before = turn, part, block.role


def _usual_role(block: Any) -> str:
    if type(block) is c.ToolResult:
        return "tool"
    return "assistant" if type(block) in SAID_BY_MODELS else "user"


SAID_BY_MODELS = (c.Thinking, c.SealedThinking, c.Refusal, c.ToolCall, c.CustomCall, c.HostedCall, c.HostedResult)


def spoken(blocks: list[Any] | None, role: str) -> list[Any]:
    """Blocks that stand outside the messages: they come before the first."""
    return placed(blocks or [], role, -1)


def amid(messages: list[Any], blocks: list[Any]) -> list[Any]:
    """What stands beside a conversation, before the first that is no instruction."""
    first = (n for n, block in enumerate(messages) if block.role not in ("system", "developer"))
    at = next(first, len(messages)) if blocks else 0
    return [*messages[:at], *blocks, *messages[at:]]


def boxed(item: Any, kind: type[T], field: str) -> T:
    """An item as it is; a plain string as an object that holds it in a field."""
    return kind(**{field: Raw(_encode(item))}) if isinstance(item, str) else item


def attach(blocks: list[Any], kind: type, field: str, items: list[Any]) -> None:
    """Gives the items to the last block of a kind, or to the one that an item names; to a new, empty one if there is none.

    What is said of a part of another kind belongs to none.
    """
    held = [block for block in blocks if type(block) is kind]
    parts = {block.part: block for block in blocks}
    for item in items:
        part = parts.get(item.said_part)
        if part is not None and type(part) is not kind:
            continue
        if part is None and not held:
            held.append(kind(text="", role="assistant", turn=0, part=0))
            blocks += held
        found = held[-1] if part is None else part
        setattr(found, field, [*(getattr(found, field) or ()), item])


class Ways(dict[Any, Callable[[Any, Any], Any]]):
    """The functions that values go through, by their types or by a word of theirs; `other` takes those that have none."""

    def __init__(self, known: dict[Any, Callable[[Any, Any], Any]], other: Callable[[Any, Any], Any]) -> None:
        super().__init__(known)
        self.other = other

    def __missing__(self, kind: Any) -> Callable[[Any, Any], Any]:
        return self.other


def as_text(lower: Callable[[Any, Any], Any], union: str) -> Callable[[Any, Any], Any]:
    """Lowers a block as the plain text that it says."""
    return lambda value, ctx: lower(ctx.as_text(value, union), ctx)


def any_of(*names: str) -> Callable[[Any], bool]:
    """Whether a struct says something in any of these fields; for so many that they are looked at together."""
    held, nothing = attrgetter(*names), (None,) * len(names)
    return lambda struct: held(struct) != nothing


def lone_text(blocks: list[Any] | None) -> str | None:
    """What a block says, where it is the only one, a text, and nothing more than that."""
    if blocks is None or len(blocks) != 1 or type(text := blocks[0]) is not Text:
        return None
    return None if _more(text) else text.text


_more = any_of("cache", "citations", "logprobs", "carried")


def bare(parts: list[T], plain: type) -> str | list[T]:
    """The text alone, where a list holds one plain text part and nothing else."""
    if len(parts) == 1:
        part = parts[0]
        if type(part) is plain and part == plain(text=part.text):
            return part.text
    return parts


def text_alone(messages: list[T], plain: type) -> str | list[T]:
    """The text alone, where a list holds one message of a user with one text in it."""
    if len(messages) == 1 and type(messages[0]) is plain and type(messages[0].content) is str:
        if messages[0] == plain(role="user", content=messages[0].content):
            return messages[0].content
    return messages


def alone(struct: msgspec.Struct, field: str) -> Any:
    """The one field of an object, where nothing else in it says anything; else the object."""
    others = (name for name in struct.__struct_fields__ if name != field)
    return struct if any(getattr(struct, name) is not None for name in others) else getattr(struct, field)


def plain_text(block: Any) -> c.Text:
    """A refusal or a search result as the text it says."""
    if type(block) is c.SearchResult:
        said = "\n".join([block.title, block.source, *(part.text for part in block.content or ())])
    else:
        said = block.text
    return c.Text(text=said, role=block.role, turn=block.turn, part=block.part, cache=block.cache)


class texts:
    """One text, several, or objects that hold one <-> texts. The ids of tokens mean something to one tokenizer only."""

    @staticmethod
    def lift(raw: Raw) -> list[str]:
        try:
            return [one if isinstance(one, str) else one.text for one in _listed(_any_texts(raw))]
        except msgspec.ValidationError:
            raise TranslationError(
                'texts are needed here, as in ["hello"]; token ids have no meaning elsewhere'
            ) from None

    @staticmethod
    def lower(values: list[str]) -> Raw:
        return Raw(_encode(values))


class content_text:
    """A content whose parts are one text <-> a list of that. Media mean something to one vendor only."""

    @staticmethod
    def lift(raw: Raw) -> list[str]:
        try:
            parts = _content(raw).parts
        except msgspec.ValidationError:
            raise TranslationError("parts with text are needed here; media are embedded by one vendor only") from None
        if not parts:
            raise TranslationError('a text is needed here, as in {"parts": [{"text": "hello"}]}')
        return ["\n".join(part.text for part in parts)]

    @staticmethod
    def lower(values: list[str]) -> Raw:
        return Raw(_encode({"parts": [{"text": only.lift(values)}]}))


class vectors:
    """Lists of vectors by the form of their numbers <-> embeddings."""

    @staticmethod
    def lift(raw: Raw) -> list[c.Embedding]:
        forms = _vectors(raw)
        known = next((forms[form] for form in ("float", "base64") if forms.get(form)), None)
        if known is None:
            raise TranslationError("embeddings as float or base64 are needed here")
        return [c.Embedding(values=one) for one in known]

    @staticmethod
    def lower(values: list[c.Embedding]) -> Raw:
        values = values or []
        packed = bool(values) and bytes(values[0].values)[:1] == b'"'
        return Raw(_encode({"base64" if packed else "float": [one.values for one in values]}))


class document_data:
    """What a document holds, as fields or as text <-> its text; fields are JSON."""

    @staticmethod
    def lift(raw: Raw) -> c.Document:
        said = _any_value(raw)
        if not isinstance(said, dict):
            return c.Document(c.TextSource(said if isinstance(said, str) else _decoded(raw)))
        fields = _fields(raw)
        title = said["title"] if isinstance(said.get("title"), str) else None
        if title is not None:
            del fields["title"]
        if fields.keys() == {"text"} and isinstance(said["text"], str):
            return c.Document(c.TextSource(said["text"]), title)
        return c.Document(c.TextSource(_decoded(_encode(fields))), title)

    @staticmethod
    def lower(value: c.Document) -> Raw | None:
        if type(value.source) is not c.TextSource:
            return None
        title = {} if value.title is None else {"title": value.title}
        return Raw(_encode(title | (_held(value.source.text) or {"text": value.source.text})))


def _decoded(raw: Raw | bytes) -> str:
    return bytes(raw).decode("utf-8", "surrogatepass")


def _held(text: str) -> dict[str, Raw] | None:
    """The fields of a JSON object in a text; None if that is none."""
    try:
        return _fields(text.encode("utf-8", "surrogatepass")) if text.startswith("{") else None
    except msgspec.DecodeError:
        return None


class cited_sources:
    """The documents, or answers of tools, that an answer rests on <-> what is known of the first."""

    @staticmethod
    def lift(raw: Raw | None) -> c.Citation:
        found = c.Citation(kind="url")
        listed = _any_value(raw) if given(raw) is not None else []
        first = listed[0] if listed and isinstance(listed[0], dict) else {}
        held = next((one for name in ("document", "tool_output") if isinstance(one := first.get(name), dict)), {})
        words = {name: value for name, value in held.items() if isinstance(value, str)}
        found.title, found.url = words.get("title"), words.get("url")
        found.cited_text = words.get("text", words.get("snippet"))
        number = _DOCUMENT.fullmatch(first["id"]) if isinstance(first.get("id"), str) else None
        found.index = int(number[1]) if number else None
        return found

    @staticmethod
    def lower(value: c.Citation) -> Raw | None:
        held = {"title": value.title, "url": value.url, "text": value.cited_text}
        held = {name: word for name, word in held.items() if word is not None}
        if not held and value.index is None:
            return None
        number = {} if value.index is None else {"id": f"doc:{value.index}"}
        return Raw(_encode([{"type": "document", **number, "document": held}]))


_DOCUMENT = re.compile(r"doc:(\d{1,9})")


class only:
    """A list of one <-> it."""

    @staticmethod
    def lift(values: list[str]) -> str:
        if len(values) != 1:
            raise TranslationError("exactly one is taken here")
        return values[0]

    @staticmethod
    def lower(value: str) -> list[str]:
        return [value]


class _Texted(msgspec.Struct):
    text: str


class _Content(msgspec.Struct):
    parts: list[_Texted] = []


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


_content = msgspec.json.Decoder(_Content).decode
_any_texts = msgspec.json.Decoder(str | list[str | _Texted]).decode
_vectors = msgspec.json.Decoder(dict[str, list[Raw] | None]).decode
