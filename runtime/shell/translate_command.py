"""`isogloss translate`: one request, answer, error or stream by hand, as the gateway would translate it."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, Literal, Protocol
from uuid import uuid4

import msgspec

from generated.canonical import Request
from generated.dialects import DIALECTS
from generated.providers import PROVIDERS
from runtime.core.catalogue import dialect
from runtime.core.context import Context, Loss
from runtime.core.diagnostic import did_you_mean
from runtime.core.normalise import normalise
from runtime.core.own_answers import error_answer
from runtime.core.primitives import TranslationError
from runtime.core.translate import BadAnswer, Refused, Translation, peek

Kind = Literal["request", "response", "error", "stream"]


class WrongInput(Exception):
    """What was asked for cannot be tried at all; the text says what to write."""


class Asked(msgspec.Struct, frozen=True):
    """How to translate. A request goes from `source` to `target`, all else comes back that way.

    `request` is what a response, error or stream answers, in the dialect `target`: names and options come from there.
    `status` is that of an error's answer. Without `id` and `now` both are as fresh as in the gateway.
    """

    source: str
    target: str
    kind: Kind
    provider: str
    model: str | None = None
    request: bytes | None = None
    status: int = 400
    id: str | None = None
    now: int | None = None


class Translated(msgspec.Struct):
    """`output` is JSON, or a stream as it is sent; empty if `refused` says why there is none."""

    output: bytes
    losses: list[Loss]
    refused: str | None = None


def translate(asked: Asked, data: bytes) -> Translated:
    """One translation; whatever is wrong with `data` is a refusal."""
    going = asked.kind == "request"
    client, upstream = (asked.source, asked.target) if going else (asked.target, asked.source)
    losses: list[Loss] = []
    try:
        first = data if going else asked.request
        model = asked.model or (peek(client, first).model if first is not None else "model")
        one = Translation(
            client,
            upstream,
            asked.provider,
            model,
            now=int(time.time()) if asked.now is None else asked.now,
            new_id=(lambda: uuid4().hex) if asked.id is None else _ids(asked.id),
        )
        losses = one.losses
        if first is not None:
            body = one.request(first).body
        if not going:
            losses.clear()  # what the request lost is another question
            body = _answer(one, asked, data)
    except (Refused, BadAnswer, TranslationError) as refusal:
        return Translated(b"", list(losses), str(refusal))
    return Translated(body, list(losses))


def _answer(one: Translation, asked: Asked, data: bytes) -> bytes:
    match asked.kind:
        case "response":
            return one.answer(data)
        case "error":
            return error_answer(asked.target, one.error(asked.status, {}, data))[1]
        case _:
            stream = one.stream()
            out = stream.feed(data)
            out += stream.eof()
            return out + stream.fail(stream.failure) if stream.failure is not None else out


def _ids(word: str) -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"{word}{next(numbers)}"


def kind_of(source: str, data: bytes) -> Kind:
    """What the data is, by its form: a stream, or the type whose required fields it has; a request in doubt."""
    if data.lstrip()[:1] not in (b"{", b""):
        return "stream"
    try:
        given = msgspec.json.decode(data, type=dict[str, msgspec.Raw]).keys()
    except msgspec.DecodeError:
        return "request"
    one = dialect(source)
    decoders = {
        "request": one.request.decode_request,
        "response": one.response.decode_response,
        "error": one.response.decode_error,
    }
    for kind, decoder in decoders.items():
        if {f.encode_name for f in msgspec.structs.fields(decoder.__self__.type) if f.required} <= given:
            return kind
    return "request"


def usual_provider(name: str) -> str:
    """The provider whose protocol a dialect is; else the first that speaks it."""
    speakers = [provider for provider, facts in PROVIDERS.items() if name in facts["dialects"]]
    return next((one for one in speakers if one == name.partition("-")[0]), speakers[0])


# the command


def asked(options: argparse.Namespace) -> tuple[Asked, bytes]:
    """The options as a question, and the data. Raises WrongInput."""
    source, target = _dialect("--from", options.source), _dialect("--to", options.target)
    data = _read(options.file)
    kind = options.kind or kind_of(source, data)
    upstream = target if kind == "request" else source
    if (provider := options.provider or usual_provider(upstream)) not in PROVIDERS:
        raise WrongInput(f"--provider: there is no `{provider}`; {_known(provider, PROVIDERS)}")
    if upstream not in (spoken := PROVIDERS[provider]["dialects"]):
        raise WrongInput(f"--provider: {provider} does not speak {upstream}; it speaks {', '.join(spoken)}")
    request = _read(options.request) if options.request else None
    return Asked(source, target, kind, provider, options.model, request, options.status, options.id, options.now), data


def _dialect(option: str, name: str | None) -> str:
    if name not in DIALECTS:
        wrong = f"there is no dialect `{name}`; " if name else "the dialect is needed; "
        raise WrongInput(f"{option}: {wrong}{_known(name or '', DIALECTS)}")
    return name


def _known(name: str, names: Any) -> str:
    return (name and did_you_mean(name, names)) or f"there are {', '.join(names)}"


def _read(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as problem:
        raise WrongInput(f"{file}: {problem.strerror}") from None


class Explanation(Protocol):
    """What `explain` knows beyond the result: a record of every field, and where each rule stands."""

    fields: list[Any]
    places: dict[str, str]

    def text(self) -> str: ...


Explain = Callable[[Asked, bytes, Callable[[bytes], Translated]], Explanation]


def run(options: argparse.Namespace, explain: Explain | None = None) -> int:
    """Prints the result to standard output, and to standard error what was lost: 1 if it is refused, 2 for wrong input."""
    try:
        question, data = asked(options)
    except WrongInput as problem:
        print(f"isogloss {options.command}: {problem}", file=sys.stderr)
        return 2
    more = None
    if explain is not None:  # it translates many times, and must see the same ids and time each time
        question = msgspec.structs.replace(question, id=question.id or "id", now=question.now or int(time.time()))
        more = explain(question, data, lambda data: translate(question, data))
    done = translate(question, data)
    if options.format == "json":
        print(msgspec.json.format(msgspec.json.encode(record(question, done, more)), indent=2).decode())
    else:
        sys.stdout.write(shown(question, done))
        if more is not None and more.fields:
            sys.stdout.write("\n" + more.text())
        sys.stdout.flush()
        for line in said(done, more.places if more is not None else {}):
            print(line, file=sys.stderr)
    return 0 if done.refused is None else 1


def said(done: Translated, places: dict[str, str]) -> Iterator[str]:
    """A line for each loss, and one for a refusal, each with the places that are known."""
    for loss in done.losses:
        yield f"{loss.kind}: {loss.path}: {loss.why} ({loss.rule})" + (
            f"  {place}" if (place := places.get(loss.rule)) else ""
        )
    if done.refused is not None:
        yield f"refused: {done.refused}"
        lost = {loss.rule for loss in done.losses}
        yield from (f"  {rule}  {place}" for rule, place in places.items() if place and rule not in lost)


def shown(question: Asked, done: Translated) -> str:
    """The result for a reader: indented JSON, or the stream as it is sent."""
    if question.kind == "stream" or not done.output:
        return done.output.decode("utf-8", "replace")
    return msgspec.json.format(done.output, indent=2).decode() + "\n"


def record(question: Asked, done: Translated, more: Explanation | None = None) -> dict[str, Any]:
    """The result for a program. A stream is text, all else is JSON."""
    output: Any = None
    if done.refused is None:
        output = done.output.decode("utf-8", "replace") if question.kind == "stream" else msgspec.Raw(done.output)
    seen = {"kind": question.kind, "result": output, "losses": done.losses, "refused": done.refused}
    return seen if more is None else {**seen, "fields": more.fields, "places": more.places}


def both_ways(name: str, function: str, wire: str, message: bool, data: bytes) -> tuple[Any, Any] | None:
    """A value of a wire type as a dialect's generated functions read it, and as they write that; None if they cannot."""
    one = dialect(name)
    module = next(m for m in (one.request, one.response, one.stream) if hasattr(m, f"lift_{function}"))
    lift, lower = getattr(module, f"lift_{function}"), getattr(module, f"lower_{function}")
    ctx = Context(one.rules, one.rules, now=0, new_id=lambda: "id")
    try:
        ctx.root = msgspec.json.decode(data, type=getattr(module.w, wire))
        value = lift(ctx.root, 0, ctx) if message else lift(ctx.root, ctx)
        seen = msgspec.json.decode(msgspec.json.encode(value))
        if isinstance(value, Request):
            normalise(value, ctx)
        return seen, msgspec.json.decode(msgspec.json.encode(lower(value, ctx)))
    except (TranslationError, msgspec.ValidationError):
        return None
