"""One request's way between a client's dialect and an upstream's: decode, lift, normalise, lower, encode, and back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cache, cached_property, lru_cache
from importlib import import_module
from itertools import islice
from types import MappingProxyType, ModuleType
from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import Raw

from generated import canonical as c
from generated.dialects import DIALECTS
from generated.providers import PROVIDERS
from runtime.core import forms, tolerant, vectors
from runtime.core.alike import Alike, Still
from runtime.core.cited import Citing
from runtime.core.context import Context, Failed, Loss, Refusal
from runtime.core.events import Flow, Fold, nothing_but_a_slip, settle, speaks, unfold
from runtime.core.forms import SPOKEN, Form, encode, fields_of
from runtime.core.framing import Array, EventReader, Framing, loud_ones
from runtime.core.normalise import normalise, pair_calls
from runtime.core.outcome import Faults
from runtime.core.primitives import TranslationError, given
from runtime.core.rules import CANONICAL
from runtime.core.think import ThinkTags, split

SSE = "text/event-stream"  # what everybody is asked for, where the protocol has no streams of its own
LOSS_HEADER_LIMIT = 4096  # bytes
NAMES_TRIED = 8  # of a body's fields that are called `model`, each costs a look at the whole
LONG = 4 << 10  # bytes of a read that holds many events
LOUD_FIRST, LOUD_LAST = 4, 4  # events of a stream's beginning and end, which say more than text
MANY = 4  # events of one read, from which on those that are alike are looked for together
CUT = "the upstream's stream ended before the answer was complete"


class Refused(Exception):
    """A request that this gateway refuses itself; `error` says what and why."""

    def __init__(self, error: c.Error) -> None:
        super().__init__(error.message)
        self.error = error


class Wanted(Exception):
    """A request that can be translated once what is behind these links is known."""

    def __init__(self, urls: list[str]) -> None:
        super().__init__(", ".join(urls))
        self.urls = urls


class BadAnswer(Exception):
    """An upstream's answer that is none."""

    def __init__(self, error: c.Error) -> None:
        super().__init__(error.message)
        self.error = error


class Peek(msgspec.Struct):
    """What routing needs of a request."""

    model: str | None = None
    stream: bool | None = None


class Outgoing(msgspec.Struct):
    """A request to an upstream. `path` continues its base_url, and may hold {names} of the account's settings; `request`
    is set for an upstream that speaks canonical."""

    path: str
    headers: dict[str, str]
    body: bytes
    auth: dict[str, Any]  # where the credential goes: header and format
    request: c.Request | None = None


class Provider(msgspec.Struct):
    """A provider's facts, from its overlay."""

    name: str
    base_url: str
    auth: dict[str, Any]
    dialects: dict[str, dict[str, str]]
    env: dict[str, str]
    models: dict[str, dict[str, Any]]
    headers: dict[str, str]
    models_path: str | None
    local_port: int | None

    @property
    def usual(self) -> tuple[str, ...]:
        """The dialects that an account speaks which does not say which."""
        return tuple(name for name, place in self.dialects.items() if "asked" not in place)

    def capabilities(self, model: str) -> dict[str, Any]:
        """What a model is known to take; the first pattern that matches its name decides."""
        return _capabilities(self.name, model)


@cache
def faults(name: str) -> Faults:
    """What a provider's errors mean; of an unknown one, what they usually do."""
    facts = PROVIDERS.get(name, {})
    return Faults(**{key: facts[key] for key in ("errors", "limits", "wait") if key in facts})


@cache
def provider(name: str) -> Provider:
    """A shipped provider by name; KeyError if there is none."""
    facts = PROVIDERS[name]
    return Provider(
        name=name,
        base_url=facts["base_url"],
        auth=facts["auth"],
        dialects=facts["dialects"],
        env=facts.get("env", {}),
        models=facts.get("models", {}),
        headers=facts.get("headers", {}),
        models_path=facts.get("models_path"),
        local_port=facts.get("local_port"),
    )


@lru_cache(1 << 12)  # the names come from clients
def _capabilities(name: str, model: str) -> dict[str, Any]:
    for patterns, facts in provider(name).models.items():
        if any(fnmatchcase(model, pattern) for pattern in patterns.split("|")):
            return facts
    return {}


class Dialect:
    """The generated modules of one dialect, loaded on first use."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._facts = SPOKEN[name]
        self.asks: str = self._facts["asks"]  # the canonical type of its requests
        self.http: dict[str, Any] = self._facts["http"]
        self.converses = self.asks == "Request"

    def _module(self, part: str) -> ModuleType:
        return import_module(f"generated.{self._facts['package']}.{part}")

    def whole(self, body: bytes) -> bytes:
        """An answer with the object around it, where its list comes alone."""
        bare = self.http.get("bare")
        return body if bare is None else b'{"%b":%b}' % (bare.encode(), body)

    @cached_property
    def rules(self) -> ModuleType:
        return self._module("rules")

    @cached_property
    def request(self) -> ModuleType:
        return self._module("request")

    @cached_property
    def response(self) -> ModuleType:
        return self._module("response")

    @cached_property
    def stream(self) -> ModuleType:
        """Of a dialect that converses."""
        return self._module("stream")


@cache
def dialect(name: str) -> Dialect:
    return Dialect(name)


@cache
def edit(name: str, dialect_name: str) -> Callable[..., None] | None:
    """The generated function that fits a request body to one provider; None where nothing differs."""
    if dialect_name not in PROVIDERS[name].get("differs", ()):
        return None
    return getattr(import_module(f"generated.overlays.{name}"), "edit_" + dialect_name.replace("-", "_"))


@cache
def adds(name: str, dialect_name: str) -> tuple[str, ...]:
    """The fields that a provider's answers have in a dialect, and nobody else's."""
    return tuple(PROVIDERS[name].get("adds", {}).get(dialect_name, ()))


def peek(name: str, body: bytes, model: str | None = None, stream: bool = False) -> Peek:
    """The model and whether a stream is wanted. Raises Refused where the body is no such request.

    `model` is what the path names, for dialects that say it there; `stream` that the path asks for one.
    """
    try:
        seen = glance(body)
    except msgspec.ValidationError as problem:
        raise Refused(c.Error("invalid_request", _plain(problem), param=_path_of(problem))) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise Refused(c.Error("invalid_request", f"the body is not JSON: {problem}")) from None
    if model is not None:
        seen.model = model
    if not seen.model:
        raise Refused(
            c.Error("invalid_request", 'model: a model name is needed, as in "model": "gpt-5"', param="model")
        )
    if stream:
        seen.stream = True
    elif seen.stream is None:
        seen.stream = dialect(name).rules.STREAM.get("default", False)
    return seen


glance = msgspec.json.Decoder(Peek).decode


class Reading:
    """How one side's bytes become a wire struct: what nobody knows is reported, and so is what its provider adds."""

    __slots__ = ("_adds", "_known", "_provider", "_same")

    def __init__(self, provider: str, upstream: str, same: bool) -> None:
        self._provider, self._same, self._adds = provider, same, adds(provider, upstream)
        self._known: dict[Any, tolerant.Known] = {}  # unknown fields that were found, by what decodes

    def __call__(self, ctx: Context, decoder: Callable[[bytes], Any], data: bytes) -> Any:
        if not self._adds:
            try:
                return decoder(data)
            except msgspec.DecodeError:
                return self._tolerant(ctx, decoder, data)
            except UnicodeDecodeError as problem:
                raise msgspec.DecodeError(f"this is not UTF-8: {problem.reason}") from None
        decoder, tree = self.widened(decoder)
        value = self._tolerant(ctx, decoder, data)
        if tree is not None and not self._same:
            tolerant.added(value, tree, lambda path, what: ctx._say(Loss(path, f"{self._provider}:adds", what)))
        return value

    def _tolerant(self, ctx: Context, decoder: Callable[[bytes], Any], data: bytes) -> Any:
        def unknown(path: str, what: str) -> None:
            ctx._say(Loss(path, f"{ctx.source.DIALECT}:unknown", what))

        return tolerant.decode(decoder, data, unknown, self._known, mending=ctx.answering)

    def widened(self, decoder: Callable[[bytes], Any]) -> tuple[Callable[[bytes], Any], dict[str, Any] | None]:
        """The decoder with what this provider adds, and that as a tree."""
        wide = tolerant.widened(decoder.__self__.type, self._adds) if self._adds else None
        return (decoder, None) if wide is None else wide


class Translation:
    """One attempt: a client's dialect on one side, one account's on the other."""

    usage: c.Usage | None = None
    encoding: str | None = None  # of embeddings, as the client asked for it
    top: int | None = None  # so many ranks are wanted
    fetched: Mapping[str, c.BytesSource] = MappingProxyType({})  # what links of the request lead to
    said: Mapping[str, Any] = MappingProxyType({})  # by the answer, of the request: more than an upstream is told

    def __init__(
        self,
        client: str,
        upstream: str,
        provider: str,
        model: str,
        *,
        now: int,
        new_id: Callable[[], str],
        loss: str = "report",
        stream: bool = False,
        honour_waived: frozenset[str] = frozenset(),
        client_headers: Mapping[str, str] | None = None,
        version: str | None = None,
        peeked: Peek | None = None,
        form: Form | None = None,
    ) -> None:
        """`form` is the client's."""
        self._peeked = peeked  # at the body, where that has been done
        self.client, self.upstream, self.provider, self.model = client, upstream, provider, model
        self.loss, self.headers = loss, client_headers or {}
        self.streamed = stream
        self.same = client == upstream != "canonical"
        self.from_ = dialect(client)
        self.to = None if upstream == "canonical" else dialect(upstream)
        self.form, self.their_form = form, _form_of(provider, upstream)
        self.ctx = Context(
            self.from_.rules,
            self.to.rules if self.to else CANONICAL,
            now=now,
            new_id=new_id,
            capabilities=_provider(provider).capabilities(model),
            waived=honour_waived,
        )
        self.ctx.reading = Reading(provider, upstream, self.same)
        self.version = self._spoken(version)
        self.ctx.model = model

    def _spoken(self, version: str | None) -> str | None:
        """The version of the upstream's protocol: the account's, else that of a client of the same, else the provider's."""
        header = self.to.http.get("version", {}).get("header") if self.to else None
        usual = _provider(self.provider).headers.get(header)
        if version is not None or usual is None or not self.same:
            return version or usual
        theirs = self.headers.get(header)
        return theirs if theirs in self.to.rules.VERSIONS else usual

    def _gone(self) -> Mapping[str, str]:
        """The request fields that the upstream's version does not have, each with the reason."""
        return self.to.rules.VERSIONS.get(self.version, {}).get("without", {})

    @property
    def losses(self) -> list[Loss]:
        return self.ctx.losses

    # the request

    def request(self, body: bytes) -> Outgoing:
        """The body as the upstream reads it. Raises Refused where it cannot honour it, Wanted where links come first."""
        return self._refusing(self._asked, body)

    def _asked(self, body: bytes) -> Outgoing:
        if self.same:
            return self.outgoing(self._spliced(body))
        value = self._meant(body)
        if self.to is None:
            self._settled()
            return Outgoing("", {}, b"", {}, value)
        for field, why in self._gone().items():
            name = next(one for one, at in self.to.rules.ORIGIN.items() if at == field).partition(".")[2]
            if getattr(value, name) is not None:
                self.ctx.lose(value, name, why)
                setattr(value, name, None)
        wire = self.to.request.lower_request(value, self.ctx)
        self._settled()
        return self.outgoing(self._edited(encode(wire)))

    def _meant(self, body: bytes) -> Any:
        """The canonical request, as the upstream's grammar wants it."""
        value = self._lifted(body)
        if self.ctx.keeps:
            value.store = None  # it is done here
        self.ctx.fetched = self.fetched
        normalise(value, self.ctx)
        if self.ctx.wanted:
            raise Wanted(list(dict.fromkeys(self.ctx.wanted)))
        value.model = self.model
        return value

    def _refusing(self, work: Callable[[bytes], Any], body: bytes) -> Any:
        """What comes of the work on a body. Raises Refused with what is wrong with that."""
        try:
            return work(body)
        except TranslationError as problem:
            problem = self.ctx.placed(problem)
            raise Refused(c.Error("invalid_request", str(problem), param=problem.path)) from None
        except msgspec.ValidationError as problem:
            hint = next((f"; this looks like {what}" for field, what in self._mistaken(body)), "")
            raise Refused(c.Error("invalid_request", _plain(problem) + hint, param=_path_of(problem))) from None
        except (msgspec.DecodeError, UnicodeDecodeError) as problem:
            raise Refused(c.Error("invalid_request", f"the body is not JSON: {problem}")) from None

    def _mistaken(self, body: bytes) -> list[tuple[str, str]]:
        """What other protocol the fields of a body speak of."""
        try:
            fields = fields_of(body)
        except msgspec.ValidationError:
            return []
        return [(field, what) for field, what in self.from_.http.get("mistaken", {}).items() if field in fields]

    def _lifted(self, body: bytes) -> c.Request:
        wire = self.ctx.decode(self.from_.request.decode_request, body)
        self.ctx.root = self.ctx.asked = wire
        value = self.from_.request.lift_request(wire, self.ctx)
        for field, said in self.said.items():
            setattr(wire, field, said)
        self.ctx.value = value
        if not self.from_.converses:
            self.encoding, self.top = getattr(value, "encoding", None), getattr(value, "top", None)
            return value
        if "stream" in self.from_.http:  # the path says it
            value.stream = self.streamed
        self.streamed = self.streamed or bool(value.stream)
        pair_calls(value)
        return value

    def _settled(self) -> None:
        """Looks through what was lost: must-honour fields refuse, and so does everything on a route that says so."""
        try:
            self.ctx.settle()
        except Refusal as refusal:
            raise Refused(_refusal(refusal.losses, self.upstream)) from None
        lost = [loss for loss in self.ctx.losses if loss.kind == "lost"]
        if self.loss == "refuse" and lost:
            raise Refused(_refusal(lost, self.upstream))

    @property
    def passes(self) -> bool:
        """Whether a request goes on as it is, but for the model's name."""
        return self.same and edit(self.provider, self.upstream) is None and not (self._foreign() and self._gone())

    def _models(self, body: bytes) -> tuple[str | None, str | None]:
        """The model that a body names, and the one that it shall name."""
        if "{model}" not in self.to.http["generate"]["path"]:
            return (self._peeked or glance(body)).model, self.model
        said = glance(body).model  # a body that says it, too, speaks of the same
        return said, None if said is None else said[: said.rfind("/") + 1] + self.model

    def passed(self, body: bytes) -> bytes:
        """A body that goes on as it is, under the model's name there."""
        body = self._renamed_inside(body)
        said, model = self._models(body)
        return body if said == model else renamed(body, model)

    def _renamed_inside(self, body: bytes) -> bytes:
        """The same with the objects of a list, where these name the model, too."""
        named = self.to.http.get("named")
        return body if named is None else _renamed_inside(body, *named, self.model)

    def _spliced(self, body: bytes) -> bytes:
        """The client's own bytes; taken apart only where the provider differs."""
        if self.passes:
            return self.passed(body)
        fit = edit(self.provider, self.upstream)
        gone = self._gone() if self._foreign() else {}
        body = self._renamed_inside(body)
        _, model = self._models(body)
        fields = fields_of(body)
        if model:
            fields["model"] = Raw(encode(model))
        for field, why in gone.items():
            if given(fields.pop(field, None)) is not None:
                self._edit_loss(field, why)
        if fit is not None:
            fit(fields, self._edit_loss, self._edit_refusal)
        return encode(fields)

    def _foreign(self) -> bool:
        """Whether the client speaks another version of the same protocol than the account."""
        http = self.to.http.get("version")
        return http is not None and self.headers.get(http["header"], http["default"]) != self.version

    def _edited(self, body: bytes) -> bytes:
        fit = edit(self.provider, self.upstream)
        if fit is None:
            return body
        fields = fields_of(body)
        fit(fields, self._edit_loss, self._edit_refusal)
        return encode(fields)

    def _edit_loss(self, field: str, why: str, kind: str = "lost") -> None:
        self.ctx.losses.append(Loss(field, f"{self.provider}:{field}", why, kind))

    def _edit_refusal(self, field: str, why: str) -> None:
        if field not in self.ctx.waived:
            raise Refused(_refusal([Loss(field, f"{self.provider}:{field}", why)], self.upstream))
        self._edit_loss(field, why)

    def outgoing(self, body: bytes) -> Outgoing:
        """A request with this body."""
        headers, auth = self.head()
        if self.their_form is not None:
            body = self.their_form.write(body, headers)
        return Outgoing(self._place(_provider(self.provider).dialects[self.upstream]), headers, body, auth)

    def head(self) -> tuple[dict[str, str], dict[str, Any]]:
        """The headers of a request to the upstream, without the credential, and where that goes."""
        facts = _provider(self.provider)
        headers = {"content-type": "application/json", **facts.headers}
        auth, http = facts.auth, self.to.http
        if self.streamed and self.to.converses and not (kind := self.coming.content_type).startswith(SSE):
            headers["accept"] = kind
        if self.same:
            for name in http.get("forward", ()):
                if name in self.headers:
                    headers[name] = self.headers[name]
        if self.version is not None:
            headers[http["version"]["header"]] = self.version
            if auth.keys().isdisjoint(
                ("keyless", "always")
            ):  # whoever has keys of another kind has another place for them
                auth = self.to.rules.VERSIONS.get(self.version, {}).get("credential", auth)
        return headers, auth

    def _place(self, paths: Mapping[str, str]) -> str:
        path = self._path(paths)
        return path.replace("{model}", quote(self.model, safe=":@")) if "{" in path else path

    def _path(self, paths: Mapping[str, str]) -> str:
        return paths.get("stream_path", paths["path"]) if self.streamed else paths["path"]

    # the answer

    @property
    def going(self) -> Framing:
        """How the client's streams are framed."""
        return _framing(self.from_.rules, self.form)

    @property
    def coming(self) -> Framing:
        """How the upstream's are."""
        return _framing(self.to.rules, self.their_form)

    def lifter(self) -> Any:
        """Reads the frames of one stream of the upstream's."""
        own = self.to.stream.StreamLifter(self.ctx)
        if self.their_form is None or self.their_form.errors is None:
            return own
        return _Excepting(own, dialect(self.their_form.errors).stream.StreamLifter(self.ctx))

    def failing(self, lowerer: Any, write: Any, error: c.Error) -> bytes:
        """The error that ends a stream of the client's."""
        if self.form is not None and self.form.errors is not None:
            one = dialect(self.form.errors)
            lowerer, write = one.stream.StreamLowerer(writing(one)), _framing(one.rules).write
        out = write(lowerer.feed(c.StreamError(error)))
        return out + write.close() if isinstance(write, Array) else out

    def _turn(self) -> None:
        if self.ctx.target is not self.from_.rules or self.ctx.source is self.ctx.target:
            self.ctx.turn_round()

    def answer(self, body: bytes) -> bytes:
        """A whole answer in the client's protocol. Raises BadAnswer when it is no such answer."""
        if self.same:
            self.usage = self.counts(body)
            if self.usage is None and not _inside(body):
                raise BadAnswer(c.Error("internal", "the upstream's answer is no JSON object"))
            if self.usage is None and _tells_of_error(body):
                raise BadAnswer(self.error(_status_in(body), {}, body))
            return body
        self._turn()
        try:
            wire = self.ctx.decode(self.to.response.decode_response, self.to.whole(body))
            self.ctx.root = wire
            value = self.to.response.lift_response(wire, self.ctx)
        except Failed as failed:
            raise BadAnswer(failed.error) from None
        except (msgspec.DecodeError, TranslationError) as problem:
            raise self._unread(problem, body) from None
        if self.to.converses and not value.candidates and _tells_of_error(body):
            raise BadAnswer(self.error(_status_in(body), {}, body))
        return self._answered(value)

    def unfolded(self, body: bytes) -> list[Any]:
        """A whole answer as canonical events, for a client that asked for a stream. Raises BadAnswer if it is none."""
        try:
            value = self.to.response.lift_response(self.ctx.decode(self.to.response.decode_response, body), self.ctx)
        except Failed as failed:
            raise BadAnswer(failed.error) from None
        except (msgspec.DecodeError, TranslationError) as problem:
            raise self._unread(problem, body) from None
        if self.ctx.capabilities.get("think_tags"):
            split(value)
        return unfold(value)

    def _unread(self, problem: Exception, body: bytes) -> BadAnswer:
        """Why an answer is none: the error that it is instead, else what is wrong with it."""
        if _tells_of_error(body):
            return BadAnswer(self.error(_status_in(body), {}, body))
        where = getattr(problem, "path", None)
        return BadAnswer(c.Error("internal", f"the upstream's answer cannot be read: {problem}", param=where))

    def _answered(self, value: Any) -> bytes:
        if not self.from_.converses:
            self.usage, self.ctx.value = value.usage, value
            settle(value, self.ctx)
            if type(value) is c.EmbedResponse:
                self._rewrite(value)
            elif self.top is not None:
                value.results = value.results[: self.top]  # not every upstream can be told
            return self._said(value)
        if not value.candidates:
            where = self.ctx.source.ORIGIN.get("Response.candidates")
            raise BadAnswer(c.Error("internal", "the upstream's answer holds no answer", param=where))
        self.usage = value.usage
        self.ctx.value = value
        if self.ctx.capabilities.get("think_tags"):
            split(value)
        slips = all(one.stop_reason == "malformed_tool_call" for one in value.candidates)
        settle(value, self.ctx)
        if slips and not any(map(speaks, value.candidates)):
            error = nothing_but_a_slip(value.candidates[0].native_reason)
            error.param = self.ctx.place(value.candidates[0], "stop_reason")
            raise BadAnswer(error)
        return self._said(value)

    def _rewrite(self, value: c.EmbedResponse) -> None:
        """The embeddings as the client asked for them."""
        try:
            vectors.rewrite(value, self.encoding)
        except TranslationError as problem:
            raise BadAnswer(c.Error("internal", f"the upstream's answer cannot be read: {problem}")) from None

    def _said(self, value: Any) -> bytes:
        if self.ctx.keeps:
            value.id = None
        try:
            wire = self.from_.response.lower_response(value, self.ctx)
            self.ctx.settle()
        except TranslationError as problem:
            raise BadAnswer(c.Error("internal", f"the upstream's answer cannot be said here: {problem}")) from None
        except Refusal as refusal:
            self.ctx.losses += refusal.losses
        return encode(wire if (bare := self.from_.http.get("bare")) is None else getattr(wire, bare))

    def counts(self, body: bytes) -> c.Usage | None:
        """The counts of an answer that is passed on as it is. One translation may read those of many answers."""
        self.ctx.mute = True
        try:
            if (counted := _counted(self.upstream)) is not None:
                wire = counted(body).usage
                return None if wire is None else self.to.response.lift_usage(wire, self.ctx)
        except (msgspec.DecodeError, UnicodeDecodeError):
            pass  # they hold something that is not known; or they are none
        try:
            decoder, _ = self.ctx.reading.widened(self.to.response.decode_response)
            wire = tolerant.decode(decoder, body, lambda path, what: None)
            return self.to.response.lift_response(wire, self.ctx).usage
        except (msgspec.DecodeError, TranslationError, KeyError):
            return None

    def answer_events(self, events: list[Any]) -> bytes:
        """A whole answer from canonical events."""
        self._turn()
        fold = Fold()
        fold.feed(Flow(self.ctx, True).feed(events))
        return self._folded(fold)

    def _folded(self, fold: Fold) -> bytes:
        """The answer that a stream was. Its calls have the client's ids already: none of them is told twice."""
        self.ctx.called.clear()
        return self._answered(fold.response)

    def error(self, status: int, headers: Mapping[str, str], body: bytes) -> c.Error:
        """What an upstream's error answer says, whatever its form."""
        self.ctx.status = status
        error = None
        if self.to is not None:
            ctx, sides = self.ctx, (self.ctx.source, self.ctx.target)
            ctx.source, ctx.target = self.to.rules, self.from_.rules
            try:
                wire = tolerant.decode(self.to.response.decode_error, body, lambda path, what: None)
                error = self.to.response.lift_error(wire, self.ctx)
            except (msgspec.DecodeError, TranslationError, AttributeError):
                error = None
            ctx.source, ctx.target = sides
        if error is None:
            error = c.Error(_kind(status), _message(body) or f"the upstream answered {status} without a message")
        elif not error.message:
            error.message = _message(body) or f"the upstream answered {status} without a message"
        if error.code in (None, str(status)):
            error.code = _code(body, headers, status) or error.code
        if status in (401, 403, 404, 429, 529) or status >= 500:
            if (
                error.kind in ("invalid_request", "internal", "not_found")
                or error.kind == "authentication"
                and status == 429
            ):
                error.kind = _kind(status)
        error.status = status
        return error

    def stream(self) -> Passing | Converting:
        """The answer's stream."""
        if self.same:
            return Passing(self)
        self._turn()
        return Converting(self)

    def collect(self) -> Collecting:
        """For an upstream that streams though nobody asked: the whole answer."""
        if not self.same:
            self._turn()
        return Collecting(self)


@cache
def _counted(name: str) -> Callable[[bytes], Any] | None:
    """Reads the counts of an answer and passes over the rest; None where they are not in one place."""
    one = dialect(name)
    where, answer = one.rules.ORIGIN.get("Response.usage"), one.response.decode_response.__self__.type
    if not hasattr(one.response, "lift_usage") or not isinstance(answer, type):
        return None
    for field in msgspec.structs.fields(answer):
        if field.encode_name == where:
            kept = ("usage", field.type, msgspec.field(name=where, default=None))
            return msgspec.json.Decoder(msgspec.defstruct("Counted", [kept])).decode
    return None


class _Excepting:
    """Reads frames of a form in which exceptions are said in another dialect's words."""

    def __init__(self, own: Any, theirs: Any) -> None:
        self.own, self.theirs, self.eof = own, theirs, own.eof

    def feed(self, frame: bytes, name: bytes) -> list[Any]:
        return (self.theirs if name == b"exception" else self.own).feed(frame, name)


class Converting:
    """A stream from one dialect to another."""

    def __init__(self, translation: Translation) -> None:
        self.translation = translation
        ctx = translation.ctx
        rules = translation.from_.rules
        going = translation.going
        self.reader = (translation.coming if translation.to else going).reader()
        self.write = going.write if going.whole is None else going.whole()
        self.lifter = translation.lifter() if translation.to else None
        self.tags = ThinkTags() if ctx.capabilities.get("think_tags") else None
        self.flow = Flow(ctx, rules.STREAM["sequential"], Citing.between(ctx.source, ctx.target))
        self.lowerer = translation.from_.stream.StreamLowerer(ctx)
        self.alike = self._alike()
        self._whole = going.whole is not None

    def _alike(self) -> Alike | None:
        """None where what becomes of a frame depends on those before it, on either side."""
        if self.lifter is None or self.tags is not None or not hasattr(self.translation.from_.stream, "UNREAD"):
            return None
        going = self.translation.going
        if going.sized or going.whole is not None:  # there every length is another, or the first frame
            return None
        unread = getattr(self.translation.to.stream, "UNREAD", None)
        return None if unread is None else Alike(unread, self.flow.citing)

    @property
    def content(self) -> bool:
        return self.flow.content

    @property
    def ended(self) -> bool:
        return self.flow.ended and self.flow.failure is None

    @property
    def failure(self) -> c.Error | None:
        return self.flow.failure

    @property
    def usage(self) -> c.Usage | None:
        return self.flow.usage

    def arriving(self, kind: str) -> bool:
        """Whether what comes is a stream, though of a media type that this dialect's streams do not have."""
        found = forms.arriving(self.translation.upstream, kind)
        if found is not None:
            self.reader = found.reader()
        return found is not None

    def feed(self, data: bytes) -> bytes:
        reader = self.reader
        if self.alike is None or type(reader) is not EventReader:
            return self._frames(reader.feed(data))
        if not reader.held and not reader.after_cr and (made := self.alike.event(data)) is not None:
            return made
        if data.count(b"\n\n") < MANY:
            return self._frames(reader.feed(data))
        out, at = [], 0
        while at < len(data):
            if self.alike is not None and not reader.held and not reader.after_cr:
                made, at = self.alike.many(data, at)
                out.append(made)
            end = at
            for _ in range(MANY):  # of the others so many at a time
                found = data.find(b"\n\n", end)
                end = len(data) if found < 0 else found + 2
            out.append(self._frames(reader.feed(data[at:end])))
            at = end
        return b"".join(out)

    def eof(self) -> bytes:
        out = self._frames(self.reader.eof())
        if self.flow.ended:
            return out
        cut = [c.StreamError(c.Error("truncated", CUT))]
        return out + self.events(self.lifter.eof() if self.lifter else cut)

    def whole(self, body: bytes) -> bytes:
        """The stream that a whole answer amounts to. Raises BadAnswer if it is no answer."""
        return self.events(self.translation.unfolded(body))

    def _frames(self, frames: list[tuple[bytes, bytes]]) -> bytes:
        out, alike = [], self.alike
        for name, data in frames:
            if alike is not None and (made := alike.written(name, data)) is not None:
                out.append(made)
                continue
            try:
                events = _events(self.lifter, name, data)
            except (msgspec.DecodeError, TranslationError) as problem:
                out.append(self.events([_unread_frame(problem)]))
                self.alike = None
                break
            made = self.events(events)
            out.append(made)
            if alike is not None:
                alike.learn(name, data, events, made)
        return b"".join(out)

    def events(self, events: list[Any]) -> bytes:
        frames: list[tuple[bytes, bytes]] = []
        for event in self.tags.feed(events) if self.tags else events:
            for made in self.flow.feed([event]):
                frames += self.lowerer.feed(made)
        self.translation.ctx.settle_in_stream()
        return self.write(frames) + self.write.close() if self._whole and self.ended else self.write(frames)

    def fail(self, error: c.Error) -> bytes:
        return self.translation.failing(self.lowerer, self.write, error)


class Passing:
    """A stream that stays in its dialect: the bytes go through, and are read beside.

    A frame goes out when it is whole: a keep-alive or an error may have to stand behind it.
    """

    def __init__(self, translation: Translation) -> None:
        self.translation = translation
        coming, going = translation.coming, translation.going
        self.reader = coming.reader()
        self.write = going.write if going.whole is None else going.whole()
        self._whole = going.whole is not None
        self._anew = self._whole or coming is not going  # each frame is written
        self.lifter = translation.lifter()
        self.flow = Flow(translation.ctx, False)
        self.loud = translation.to.stream.LOUD
        self.still = Still(self.loud) if type(self.reader) is EventReader else None
        self.part = b""  # of a frame, that has not gone out

    content = Converting.content
    ended = Converting.ended
    failure = Converting.failure
    usage = Converting.usage

    def arriving(self, kind: str) -> bool:
        found = Converting.arriving(self, kind)
        self._anew |= found
        return found

    def feed(self, data: bytes) -> bytes:
        if len(data) < LONG or self.still is None:
            return self._fed(data)
        out = b""
        for _ in range(LOUD_FIRST):  # of many events in one read the first are looked at, and the last, each by itself
            if self.flow.content or self.failure is not None or (end := data.find(b"\n\n") + 2) < 2:
                break
            out += self._fed(data[:end])
            data = data[end:]
        end = len(data)
        for _ in range(LOUD_LAST):
            end = max(data.rfind(b"\n\n", 0, max(end - 2, 0)), 0)
        for part in (data[: end + 2], data[end + 2 :]) if end else (data,):
            if self.failure is None:
                out += self._fed(part)
        return out

    def _fed(self, data: bytes) -> bytes:
        reader, still = self.reader, self.still
        if self.flow.content and not self._anew:
            whole = still is not None and not (self.part or reader.held or reader.after_cr)
            if whole and still.holds(data):
                return data
            if reader.pass_over(data, self.loud):
                if whole and not reader.held:
                    still.learn(data)
                return self._whole_frames(data) if self.part or reader.held else data
        frames = reader.feed(data)
        loud = loud_ones([frame for _, frame in frames], self.loud)
        for number, (name, frame) in enumerate(frames):
            if not self.flow.content or number in loud or name == b"error":
                self._read(name, frame)
            if self.flow.failure is not None:  # what came before it goes out, the error itself is written by `fail`
                return self.write(frames[:number])
        return self._written(frames) if self._anew else self._whole_frames(data)

    def eof(self) -> bytes:
        rest = self.reader.eof()
        for name, frame in rest:
            self._read(name, frame)
        if not self.flow.ended:
            self.flow.feed(self.lifter.eof())
        if self.flow.failure is not None:
            return b""
        return self._written([one for one in rest if _whole(one[1])]) if self._anew else self.part

    def _written(self, frames: list[tuple[bytes, bytes]]) -> bytes:
        return self.write(frames) + self.write.close() if self._whole and self.ended else self.write(frames)

    def _whole_frames(self, data: bytes) -> bytes:
        if self.part:
            data = self.part + data
        end = self.reader.end(data)
        self.part = data[end:]
        return data[:end]

    def _read(self, name: bytes, frame: bytes) -> None:
        try:
            self.flow.feed(_events(self.lifter, name, frame))
        except (msgspec.ValidationError, TranslationError):
            self.flow.content = True  # the client's own reader shall judge it
        except msgspec.DecodeError as problem:
            if not self.flow.content:  # an error page, or what it may be: another account can still answer
                self.flow.feed([_unread_frame(problem)])

    def whole(self, body: bytes) -> bytes:
        """The stream that a whole answer amounts to. Raises BadAnswer if it is no answer."""
        lowerer = self.translation.from_.stream.StreamLowerer(self.translation.ctx)
        events = self.flow.feed(self.translation.unfolded(body))
        return self._written([frame for event in events for frame in lowerer.feed(event)])

    def fail(self, error: c.Error) -> bytes:
        lowerer = self.translation.from_.stream.StreamLowerer(self.translation.ctx)
        return self.translation.failing(lowerer, self.write, error)


class Collecting:
    """A stream read to its end, for a client that wants the whole answer."""

    def __init__(self, translation: Translation) -> None:
        self.translation = translation
        self.reader = translation.coming.reader()
        self.lifter = translation.lifter()
        self.flow = Flow(translation.ctx, translation.from_.rules.STREAM["sequential"])
        self.fold = Fold(translation.upstream)

    failure = Converting.failure
    usage = Converting.usage
    content = Converting.content

    @property
    def ended(self) -> bool:
        return self.flow.ended

    def feed(self, data: bytes) -> None:
        self._read(self.reader.feed(data))

    def eof(self) -> None:
        self._read(self.reader.eof())
        if not self.flow.ended:
            self.fold.feed(self.flow.feed(self.lifter.eof()))

    def _read(self, frames: list[tuple[bytes, bytes]]) -> None:
        for name, frame in frames:
            try:
                events = _events(self.lifter, name, frame)
            except (msgspec.DecodeError, TranslationError) as problem:
                events = [_unread_frame(problem)]
            self.fold.feed(self.flow.feed(events))

    def answer(self) -> bytes:
        return self.translation._folded(self.fold)


def version_said(dialects: Iterable[str], headers: Mapping[str, str]) -> str | None:
    """The version that an account's own headers name for a protocol it speaks."""
    own = {name.lower(): value for name, value in headers.items()}
    named = (dialect(name).http.get("version", {}).get("header") for name in dialects if name in DIALECTS)
    return next((own[header] for header in named if header in own), None)


# the client's side


OPERATIONS = ("generate", "stream", "count", "models", "model", "look_up", "running")


def alike(one: str, other: str) -> bool:
    """Whether two dialects ask for the same: both for answers in a conversation, or both for embeddings."""
    asked = [SPOKEN.get(name, {}).get("asks", "Request") for name in (one, other)]
    return asked[0] == asked[1]


@cache
def preferred(dialects: tuple[str, ...], client: str) -> tuple[str, ...]:
    """The client's own dialect first: there every byte that need not change does not. Others only if they ask for the same.

    Those that complete one prompt come before chats for a client that does, and behind them for one that does not.
    """
    if len(dialects) == 1 and dialects[0] == client:
        return dialects
    others = [one for one in dialects if one != client and alike(one, client)]
    others.sort(key=lambda one: completes(one) != completes(client))
    return (client, *others) if client in dialects else tuple(others)


def completes(name: str) -> bool:
    """Whether a dialect completes one prompt, and holds no conversation."""
    return "one" in dialect(name).rules.TURNS if name in SPOKEN else False


def _client_paths() -> list[tuple[str, str, str, str]]:
    found = []
    for name in SPOKEN:
        http = dialect(name).http
        for operation in OPERATIONS:
            ends = {operation: http} | {f"{operation}.{one}": form for one, form in http.get("forms", {}).items()}
            for said, place in ends.items():
                for path in (end["path"], *end.get("also", ())) if (end := place.get(operation)) is not None else ():
                    found.append((end["method"], path, name, said))
        for kind in ("fixed", "passed"):
            found += [(end["method"], end["path"], name, f"{kind}.{what}") for what, end in http.get(kind, {}).items()]
        if (kept := http.get("kept")) is not None:
            found += [("GET", kept["path"], name, "kept.get"), ("DELETE", kept["path"], name, "kept.delete")]
            found += [("GET", kept["items"]["path"], name, "kept.items")]
            found += [("POST", kept["cancel"]["path"], name, "kept.cancel")]
    return found


CLIENT_PATHS = _client_paths()


def error_answer(client: str, error: c.Error, form: Form | None = None) -> tuple[int, bytes]:
    """An error's status and body in the client's protocol."""
    if form is not None and form.errors is not None:
        return error_answer(form.errors, error)
    one = dialect(client)
    known = error.status and 400 <= error.status < 600
    status = error.status if known else one.response.STATUS_LOWER.get(error.kind, 500)
    body = encode(one.response.lower_error(msgspec.structs.replace(error, status=status), writing(one)))
    if form is not None and form.framing is not None and form.framing.whole is not None:
        write = form.framing.whole()
        body = write([(b"", body)]) + write.close()
    return status, body


def error_headers(client: str, error: c.Error, form: Form | None = None) -> dict[str, str]:
    """The headers that say in the client's protocol which error it is, beside the body."""
    if form is not None and form.errors is not None:
        return error_headers(form.errors, error)
    told = dialect(client).http.get("error_type")
    if told is None:
        return {}
    return {told["header"]: msgspec.json.decode(error_answer(client, error)[1])[told["field"]]}


def keepalive(client: str, form: Form | None = None) -> bytes:
    """What may stand in a stream at any time and means nothing."""
    one = dialect(client)
    frames, framing = one.stream.StreamLowerer(writing(one)).feed(c.Ping()), _framing(one.rules, form)
    return framing.write(frames) if frames else framing.idle


def takes_comments(client: str, form: Form | None = None) -> bool:
    """Whether the readers of a client's streams skip what is no frame."""
    return _framing(dialect(client).rules, form).comments


def stream_content_type(client: str, form: Form | None = None) -> str:
    return _framing(dialect(client).rules, form).content_type


def _framing(rules: Any, form: Form | None = None) -> Framing:
    return forms.framing(form, rules.STREAM["framing"])


@cache
def _form_of(provider_name: str, dialect_name: str) -> Form | None:
    """The form in which a provider speaks a dialect, if not as it is."""
    name = _provider(provider_name).dialects.get(dialect_name, {}).get("form")
    return None if name is None else forms.forms(dialect_name)[name]


def models_answer(client: str, models: list[c.Model]) -> bytes:
    one = dialect(client)
    return encode(one.response.lower_models(c.ModelList(models=models), writing(one)))


def model_answer(client: str, model: c.Model) -> bytes:
    one = dialect(client)
    return encode(one.response.lower_model(model, writing(one)))


def looked_up(client: str, body: bytes) -> str:
    """The model that a body asks about. Raises Refused where it names none."""
    one = dialect(client)
    try:
        wire = tolerant.decode(one.response.decode_look_up, body, lambda path, what: None)
        return one.response.lift_look_up(wire, Context(one.rules, CANONICAL, now=0, new_id=lambda: "0")).id
    except (msgspec.DecodeError, TranslationError) as problem:
        raise Refused(c.Error("invalid_request", str(problem))) from None


def shown_answer(client: str, model: c.Model) -> bytes:
    one = dialect(client)
    return encode(one.response.lower_shown(model, writing(one)))


def running_answer(client: str, models: list[c.Model]) -> bytes:
    one = dialect(client)
    return encode(one.response.lower_running(c.ModelList(models=models), writing(one)))


def fixed_answer(client: str, name: str) -> bytes:
    return encode(dialect(client).http["fixed"][name]["answer"])


def writing(one: Dialect) -> Context:
    """A context for something that has no sender: nothing of it is reported."""
    ctx = Context(CANONICAL, one.rules, now=0, new_id=lambda: "0")
    ctx.answering = True
    return ctx


def loss_header(losses: list[Loss], limit: int = LOSS_HEADER_LIMIT) -> str:
    """`path;rule=ID, ...`, at most `limit` bytes, then how many more there are."""
    parts, size = [], 0
    for number, loss in enumerate(losses):
        part = _told(loss.path, loss.rule, loss.kind)
        if size + len(part) + 2 > limit - 16:
            parts.append(f"and {len(losses) - number} more")
            break
        parts.append(part)
        size += len(part) + 2
    return ", ".join(parts)


@lru_cache(1 << 12)
def _told(path: str, rule: str, kind: str) -> str:
    return f"{_token(path)};rule={_token(rule)}" + ("" if kind == "lost" else f";kind={kind}")


def _token(text: str) -> str:
    return re.sub(r"[^\x21-\x2b\x2d-\x3a\x3c-\x7e]", "_", text)


def _refusal(losses: list[Loss], upstream: str) -> c.Error:
    named = "; ".join(f"{loss.path}: {loss.why} ({loss.rule})" for loss in losses[:10])
    return c.Error("invalid_request", f"this request cannot be honoured by {upstream}: {named}", param=losses[0].path)


def _kind(status: int) -> str:
    known = {
        401: "authentication",
        402: "quota",
        403: "permission",
        404: "not_found",
        408: "timeout",
        413: "too_large",
        429: "rate_limit",
        503: "overloaded",
        504: "timeout",
        529: "overloaded",
    }
    return known.get(status) or ("invalid_request" if 400 <= status < 500 else "internal")


def _message(body: bytes) -> str:
    """The sentence in an error body of unknown form."""
    try:
        seen = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return body[:500].decode("utf-8", "replace").strip() if not body.lstrip().startswith(b"<") else ""
    for _ in range(3):
        if isinstance(seen, str):
            return seen
        if isinstance(seen, list) and seen:
            seen = seen[0]
        elif isinstance(seen, dict):
            seen = next((seen[key] for key in ("error", "message", "detail", "msg", "errors") if seen.get(key)), "")
    return seen if isinstance(seen, str) else ""


def _code(body: bytes, headers: Mapping[str, str], status: int) -> str | None:
    """The code in an error of unknown form; one that only repeats the status says nothing."""
    if told := headers.get("x-amzn-errortype"):
        return told.partition(":")[0]
    for inner in _inside(body):
        for key in ("code", "status_code", "error_code", "reason", "error_type"):
            if isinstance(inner.get(key), str | int) and str(inner[key]) not in ("", "0", str(status)):
                return str(inner[key])
    return None


def _tells_of_error(body: bytes) -> bool:
    """Whether what came with a good status is an error: an `error` that says something, or a code that is not 0."""
    found = _inside(body)
    return bool(found and (found[0].get("error") or len(found) > 1 and _code(body, {}, 200)))


def _inside(body: bytes) -> list[dict[str, Any]]:
    """An error's objects: the whole, and what in it is about the error."""
    try:
        seen = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return []
    if isinstance(seen, list) and seen:
        seen = seen[0]
    if not isinstance(seen, dict):
        return []
    return [seen, *(seen[key] for key in ("error", "base_resp", "detail") if isinstance(seen.get(key), dict))]


def renamed(body: bytes, model: str) -> bytes:
    """The body with another model's name, and otherwise byte for byte the same."""
    name = encode(model)
    for found in islice(_NAMED.finditer(body), NAMES_TRIED):  # the first may stand deeper, as in metadata
        renamed = body[: found.start(1)] + name + body[found.end(1) :]
        if glance(renamed).model == model:
            return renamed
    return encode({**fields_of(body), "model": model})  # as where its key is written with escapes


def _renamed_inside(body: bytes, name: str, field: str, model: str) -> bytes:
    """The body with another model's name in each object of a list, below the same collection; it has no other change."""
    fields = fields_of(body)
    items = _objects(fields.get(name, b"[]"))
    changed = False
    for item in items:
        said = msgspec.json.decode(item[field]) if field in item else None
        if isinstance(said, str) and said[said.rfind("/") + 1 :] != model:
            item[field], changed = Raw(encode(said[: said.rfind("/") + 1] + model)), True
    return encode({**fields, name: items}) if changed else body


_objects = msgspec.json.Decoder(list[dict[str, Raw]]).decode
_NAMED = re.compile(rb'"model"\s*:\s*("(?:[^"\\]|\\.)*")')


def _with(body: bytes, field: str, value: str) -> bytes:
    """The body of an error with one field more; one that is no object stays as it is."""
    try:
        fields = fields_of(body)
    except msgspec.DecodeError:
        return body
    return encode({**fields, field: value})


def _status_in(body: bytes) -> int:
    """The status that an error with a good one speaks of; 200 if of none."""
    code = _code(body, {}, 200) or ""
    return int(code) if code.isdecimal() and 400 <= int(code) < 600 else 200


def _whole(frame: bytes) -> bool:
    """Whether JSON was not cut off."""
    try:
        msgspec.json.decode(frame, type=Raw)
    except msgspec.DecodeError:
        return False
    return True


def _unread_frame(problem: Exception) -> c.StreamError:
    return c.StreamError(c.Error("internal", f"a frame of the upstream's stream cannot be read: {problem}"))


def _events(lifter: Any, name: bytes, frame: bytes) -> list[Any]:
    """The events of a frame, and of an error in another form than the dialect's."""
    if name == b"error" if b'"error"' not in frame else b'"object":"error"' in frame or b'"object": "error"' in frame:
        return [c.StreamError(c.Error(_kind(_status_in(frame)), _message(frame) or CUT))]
    events = lifter.feed(frame, name)
    if name == b"exception" and not events:  # of a kind that nobody knows
        return [c.StreamError(c.Error("internal", _message(frame) or CUT))]
    return events


def _plain(problem: msgspec.ValidationError) -> str:
    """A decoder's message as `path: what`."""
    what, _, where = str(problem).partition(" - at `")
    path = where.rstrip("`").removeprefix("$").removeprefix(".")
    return f"{path}: {what}" if path else what


def _path_of(problem: msgspec.ValidationError) -> str | None:
    return _plain(problem).partition(": ")[0] if " - at `$" in str(problem) else None


_provider = provider
