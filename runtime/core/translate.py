"""One request's way between a client's dialect and an upstream's: decode, lift, normalise, lower, encode, and back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import islice
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import Raw

from generated import canonical as c
from runtime.core import catalogue, forms, tolerant, vectors
from runtime.core.catalogue import adds, dialect, edit
from runtime.core.context import Context, Failed, Loss, Refusal
from runtime.core.error_bodies import (
    TOO_LONG_CODE,
    code_in,
    kind_of,
    message_in,
    objects_in,
    status_in,
    tells_of_error,
    too_long,
)
from runtime.core.events import Flow, Fold, nothing_but_a_slip, settle, slipped, speaks, unfold
from runtime.core.forms import Form, encode, fields_of
from runtime.core.framing import Framing, last
from runtime.core.normalise import normalise, pair_calls
from runtime.core.primitives import TranslationError, given, whole_characters
from runtime.core.recall import LEAST, Forgotten, Memory, recalled
from runtime.core.rules import CANONICAL
from runtime.core.stops import cut_off
from runtime.core.streaming import Collecting, Converting, Excepting, Passing
from runtime.core.think import split

SSE = "text/event-stream"  # what everybody is asked for, where the protocol has no streams of its own
UNREAD = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)  # what reading a body comes to that is none
NAMES_TRIED = 8  # of a body's fields that are called `model`, each costs a look at the whole


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


def peek(name: str, body: bytes, model: str | None = None, stream: bool = False) -> Peek:
    """The model and whether a stream is wanted. Raises Refused where the body is no such request.

    `model` is what the path names, for dialects that say it there; `stream` that the path asks for one.
    """
    try:
        seen = glance(body)
    except msgspec.ValidationError as problem:
        raise Refused(c.Error("invalid_request", _plain(problem), param=_path_of(problem))) from None
    except UNREAD as problem:
        raise Refused(c.Error("invalid_request", _unreadable(body, problem))) from None
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
    texts: int | None = None  # so many are to be embedded
    fetched: Mapping[str, c.BytesSource] = MappingProxyType({})  # what links of the request lead to
    said: Mapping[str, Any] = MappingProxyType({})  # by the answer, of the request: more than an upstream is told
    stops: Sequence[str] = ()  # that the upstream leaves in its text

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
        memory: Memory | None = None,
        whose: str | None = None,
    ) -> None:
        """`form` is the client's. `memory` holds what is known of conversations, `whose` is the client that has them."""
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
            capabilities=catalogue.provider(provider).capabilities(model),
            waived=honour_waived,
        )
        self.ctx.reading = Reading(provider, upstream, self.same)
        self.version = self._spoken(version)
        self.ctx.model = model
        self._memory = memory
        self._kind = (whose, client, upstream, provider, model, self.version, honour_waived)  # of conversations

    def _spoken(self, version: str | None) -> str | None:
        """The version of the upstream's protocol: the account's, else that of a client of the same, else the provider's."""
        header = self.to.http.get("version", {}).get("header") if self.to else None
        usual = catalogue.provider(self.provider).headers.get(header)
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
            going = self.outgoing(self._spliced(body))
            self._heed(body)
            return going
        value = self._meant(body)
        if self.to is None:
            self._settled()
            return Outgoing("", {}, b"", {}, value)
        for field, why in self._gone().items():
            name = next(one for one, at in self.to.rules.ORIGIN.items() if at == field).partition(".")[2]
            if getattr(value, name) is not None:
                self.ctx.lose(value, name, why)
                setattr(value, name, None)
        lower, recall = self.to.request.lower_request, self.ctx.recall
        wire = lower(value, self.ctx) if recall is None else recall.lowered(lower, value, self.ctx)
        self.ctx.recall = None
        self._settled()
        return self.outgoing(self._edited(encode(wire)))

    def _heed(self, body: bytes) -> None:
        """Reads of a request that goes on as it is what its answer must keep to, if that cannot go on so, too."""
        if not self.ctx.capabilities.get("leaves_stop"):
            return
        asked = msgspec.json.decode(body)
        stop, usage = (self._asked_at(asked, f"Request.{name}") for name in ("stop", "stream_usage"))
        self.stops = [one for one in (stop if isinstance(stop, list) else [stop]) if one and isinstance(one, str)]
        self.same = not self.stops
        self.ctx.stream_usage = usage is True

    def _asked_at(self, asked: Any, field: str) -> Any:
        """What the client's JSON says at the place of a canonical field; None where it says nothing."""
        for name in self.to.rules.ORIGIN.get(field, "").split("."):
            asked = asked.get(name) if isinstance(asked, dict) else None
        return asked

    def _meant(self, body: bytes) -> Any:
        """The canonical request, as the upstream's grammar wants it."""
        try:
            value = self._normalised(body)
        except Forgotten:
            self._forget()
            value = self._normalised(body)
        if self.ctx.wanted:
            raise Wanted(list(dict.fromkeys(self.ctx.wanted)))
        value.model = self.model
        return value

    def _normalised(self, body: bytes) -> Any:
        value = self._lifted(body)
        if self.ctx.keeps:
            value.store = None  # it is done here
        self.ctx.fetched = self.fetched
        normalise(value, self.ctx)
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
        except UNREAD as problem:
            raise Refused(c.Error("invalid_request", _unreadable(body, problem))) from None

    def _mistaken(self, body: bytes) -> list[tuple[str, str]]:
        """What other protocol the fields of a body speak of."""
        try:
            fields = fields_of(body)
        except msgspec.ValidationError:
            return []
        return [(field, what) for field, what in self.from_.http.get("mistaken", {}).items() if field in fields]

    def _lifted(self, body: bytes) -> c.Request:
        wire = self._recalled(body) or self.ctx.decode(self.from_.request.decode_request, body)
        self.ctx.root = self.ctx.asked = wire
        lift = self.from_.request.lift_request
        value = lift(wire, self.ctx) if self.ctx.recall is None else self.ctx.recall.lifted(lift, wire, self.ctx)
        for field, said in self.said.items():
            setattr(wire, field, said)
        self.ctx.value = value
        if self.from_.converses and not (value.blocks and self.ctx.source is self.ctx.target):
            self._heard(value)
        if not self.from_.converses:
            self.encoding, self.top = getattr(value, "encoding", None), getattr(value, "top", None)
            self.texts = len(value.texts) if type(value) is c.EmbedRequest else None
            return value
        if "stream" in self.from_.http:  # the path says it
            value.stream = self.streamed
        self.streamed = self.streamed or bool(value.stream)
        if self.ctx.capabilities.get("leaves_stop"):
            self.stops = [stop for stop in value.stop or () if stop]
        pair_calls(value, self.ctx.unseen(value.blocks or []))
        return value

    def _heard(self, value: c.Request) -> None:
        """Of a conversation in which somebody unknown speaks, or of which nothing could be read, says why: it would be
        another one."""
        for loss in self.ctx.losses:
            if loss.rule.endswith(":unknown") and (
                not value.blocks and loss.path.endswith("]") or tolerant.NO_ROLE in loss.why
            ):
                raise Refused(c.Error("invalid_request", f"{loss.path}: {loss.why}", param=loss.path))

    def _recalled(self, body: bytes) -> Any:
        """The request, where something may be known of its messages."""
        if self._memory is None or len(body) < LEAST or self.to is None or not self.to.converses:
            return None
        try:
            return recalled(self._memory, self._kind, self.from_.request, body, self.ctx)
        except UNREAD:
            self._forget()
            return None

    def _forget(self) -> None:
        """From here on as if nothing were known."""
        self._memory = None
        self.ctx.begin_anew()

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
        return Outgoing(self._place(catalogue.provider(self.provider).dialects[self.upstream]), headers, body, auth)

    def head(self) -> tuple[dict[str, str], dict[str, Any]]:
        """The headers of a request to the upstream, without the credential, and where that goes."""
        facts = catalogue.provider(self.provider)
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
            # Whoever has keys of another kind has another place for them.
            if auth.keys().isdisjoint(("keyless", "always")):
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
        return forms.framing(self.from_.rules, self.form)

    @property
    def coming(self) -> Framing:
        """How the upstream's are."""
        return forms.framing(self.to.rules, self.their_form)

    def lifter(self) -> Any:
        """Reads the frames of one stream of the upstream's."""
        own = self.to.stream.StreamLifter(self.ctx)
        if self.their_form is None or self.their_form.errors is None:
            return own
        return Excepting(own, dialect(self.their_form.errors).stream.StreamLifter(self.ctx))

    def failing(self, lowerer: Any, write: Any, error: c.Error) -> bytes:
        """The error that ends a stream of the client's."""
        if self.form is not None and self.form.errors is not None:
            one = dialect(self.form.errors)
            lowerer, write = one.stream.StreamLowerer(one.writing()), forms.framing(one.rules).write
        return last(write, lowerer.feed(c.StreamError(error)))

    def _turn(self) -> None:
        if self.ctx.target is not self.from_.rules or self.ctx.source is self.ctx.target:
            self.ctx.turn_round()

    def answer(self, body: bytes) -> bytes:
        """A whole answer in the client's protocol. Raises BadAnswer when it is no such answer."""
        if self.same:
            self.usage = self.counts(body)
            if self.usage is None and not objects_in(body):
                raise BadAnswer(c.Error("internal", "the upstream's answer is no JSON object"))
            if self.usage is None and tells_of_error(body):
                raise BadAnswer(self.error(status_in(body), {}, body))
            return body
        self._turn()
        value = self._answer_in(body)
        if self.to.converses and not value.candidates and tells_of_error(body):
            raise BadAnswer(self.error(status_in(body), {}, body))
        return self._answered(value)

    def unfolded(self, body: bytes) -> list[Any]:
        """A whole answer as canonical events, for a client that asked for a stream. Raises BadAnswer if it is none."""
        value = self._answer_in(body)
        self._mend(value)
        return unfold(value)

    def _mend(self, value: c.Response) -> None:
        """Takes out of the text what the upstream should not have left in it."""
        if self.stops:
            cut_off(value, self.stops)
        if self.ctx.capabilities.get("think_tags"):
            split(value)

    def _answer_in(self, body: bytes) -> Any:
        """The canonical answer. Raises BadAnswer if it is none."""
        try:
            self.ctx.root = self.ctx.decode(self.to.response.decode_response, self.to.whole(body))
            return self.to.response.lift_response(self.ctx.root, self.ctx)
        except Failed as failed:
            raise BadAnswer(failed.error) from None
        except (msgspec.DecodeError, TranslationError, RecursionError) as problem:
            raise self._unread(problem, body) from None

    def _unread(self, problem: Exception, body: bytes) -> BadAnswer:
        """Why an answer is none: the error that it is instead, else what is wrong with it."""
        if tells_of_error(body):
            return BadAnswer(self.error(status_in(body), {}, body))
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
        self._mend(value)
        heard = value.candidates[:1] if self.from_.rules.STREAM["sequential"] else value.candidates
        reasons = [one.stop_reason for one in heard]
        settle(value, self.ctx)
        slips = [slipped(said, one.stop_reason) for said, one in zip(reasons, heard, strict=True)]
        if None not in slips and not any(map(speaks, heard)):
            error = nothing_but_a_slip(value.candidates[0], slips[0])
            error.param = self.ctx.place(value.candidates[0], "stop_reason")
            raise BadAnswer(error)
        return self._said(value)

    def _rewrite(self, value: c.EmbedResponse) -> None:
        """The embeddings as the client asked for them. Raises BadAnswer if there is not one for each text."""
        if self.texts is not None and (found := len(value.embeddings or ())) != self.texts:
            where = self.ctx.source.ORIGIN.get("EmbedResponse.embeddings")
            told = f"the upstream's answer has {found} embeddings of {self.texts} texts"
            raise BadAnswer(c.Error("internal", told, param=where))
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
            error = c.Error(kind_of(status), message_in(body) or f"the upstream answered {status} without a message")
        elif not error.message:
            error.message = message_in(body) or f"the upstream answered {status} without a message"
        if error.code in (None, str(status)):
            error.code = code_in(body, headers, status) or error.code
        if error.kind not in ("rate_limit", "quota") and too_long(error.message):
            error.code = TOO_LONG_CODE
        if status in (401, 403, 404, 429, 529) or status >= 500:
            if (
                error.kind in ("invalid_request", "internal", "not_found")
                or error.kind == "authentication"
                and status == 429
            ):
                error.kind = kind_of(status)
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


@cache
def _form_of(provider_name: str, dialect_name: str) -> Form | None:
    """The form in which a provider speaks a dialect, if not as it is."""
    name = catalogue.provider(provider_name).dialects.get(dialect_name, {}).get("form")
    return None if name is None else forms.forms(dialect_name)[name]


def _refusal(losses: list[Loss], upstream: str) -> c.Error:
    named = "; ".join(f"{loss.path}: {loss.why} ({loss.rule})" for loss in losses[:10])
    return c.Error("invalid_request", f"this request cannot be honoured by {upstream}: {named}", param=losses[0].path)


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


def _unreadable(body: bytes, problem: Exception) -> str:
    """Why a body is none, in words that say what to write."""
    if isinstance(problem, RecursionError):
        return "the body is nested too deep; write fewer objects and lists within another"
    if not body.strip():
        return "the body is empty; write a JSON object"
    if isinstance(problem, UnicodeDecodeError):
        return f"the body is not JSON: this is not UTF-8: {problem.reason}"
    if (whole := whole_characters(body)) != body:
        at = next(i for i, (one, other) in enumerate(zip(body, whole, strict=False)) if one != other) - 2
        half = body[max(at, 0) : at + 6].decode("ascii", "replace")
        return f"the body is not JSON: `{half}` is half a character (byte {at}); write both halves, or `\\ufffd`"
    return f"the body is not JSON: {problem}"


def _plain(problem: msgspec.ValidationError) -> str:
    """A decoder's message as `path: what`."""
    what, _, where = str(problem).partition(" - at `")
    path = where.rstrip("`").removeprefix("$").removeprefix(".")
    return f"{path}: {what}" if path else what


def _path_of(problem: msgspec.ValidationError) -> str | None:
    return _plain(problem).partition(": ")[0] if " - at `$" in str(problem) else None
