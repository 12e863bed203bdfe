"""What the gateway says to a client by itself, in the words of its protocol: errors, lists, keep-alives, reports."""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from generated import canonical as c
from runtime.core import forms, tolerant
from runtime.core.catalogue import dialect
from runtime.core.context import Context, Loss
from runtime.core.forms import Form, encode
from runtime.core.framing import last
from runtime.core.primitives import TranslationError
from runtime.core.rules import CANONICAL
from runtime.core.translate import Refused

LOSS_HEADER_LIMIT = 4096  # bytes


def error_answer(client: str, error: c.Error, form: Form | None = None) -> tuple[int, bytes]:
    """An error's status and body in the client's protocol."""
    if form is not None and form.errors is not None:
        return error_answer(form.errors, error)
    one = dialect(client)
    known = error.status and 400 <= error.status < 600
    status = error.status if known else one.response.STATUS_LOWER.get(error.kind, 500)
    body = encode(one.response.lower_error(msgspec.structs.replace(error, status=status), one.writing()))
    if form is not None and form.framing is not None and form.framing.whole is not None:
        body = last(form.framing.writer(), [(b"", body)])
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
    frames, framing = one.stream.StreamLowerer(one.writing()).feed(c.Ping()), forms.framing(one.rules, form)
    return framing.write(frames) if frames else framing.idle


def takes_comments(client: str, form: Form | None = None) -> bool:
    """Whether the readers of a client's streams skip what is no frame."""
    return forms.framing(dialect(client).rules, form).comments


def stream_content_type(client: str, form: Form | None = None) -> str:
    return forms.framing(dialect(client).rules, form).content_type


def models_answer(client: str, models: list[c.Model]) -> bytes:
    one = dialect(client)
    return encode(one.response.lower_models(c.ModelList(models=models), one.writing()))


def model_answer(client: str, model: c.Model) -> bytes:
    one = dialect(client)
    return encode(one.response.lower_model(model, one.writing()))


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
    return encode(one.response.lower_shown(model, one.writing()))


def running_answer(client: str, models: list[c.Model]) -> bytes:
    one = dialect(client)
    return encode(one.response.lower_running(c.ModelList(models=models), one.writing()))


def fixed_answer(client: str, name: str) -> bytes:
    return encode(dialect(client).http["fixed"][name]["answer"])


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
