"""Forms of a dialect: the same said at other paths, in other frames, with headers in the body. Specs name them in `http`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec
from msgspec import Raw

from generated.dialects import DIALECTS, NATIVE
from runtime.core.framing import FRAMINGS, Framing

SPOKEN = DIALECTS | NATIVE  # by clients; upstreams speak DIALECTS
encode = msgspec.json.Encoder().encode
fields_of = msgspec.json.Decoder(dict[str, Raw]).decode  # of a JSON object, at its top
_said = msgspec.json.Decoder(str | list[str]).decode


class Form:
    """One form. `errors` is the dialect in whose words errors are said in it, if not in its own."""

    def __init__(self, dialect: str, facts: Mapping[str, Any]) -> None:
        http = SPOKEN[dialect]["http"]
        self.unless: str | None = facts.get("unless")
        self.errors: str | None = facts.get("errors")
        self.framing: Framing | None = FRAMINGS[facts["framing"]] if "framing" in facts else None
        self._headers: Mapping[str, str] = facts.get("headers", {})
        self._names_model = "generate" in facts and "{model}" not in http["generate"]["path"]
        self._asks_stream = "stream" in facts and "stream" not in http

    def read(self, body: bytes, model: str | None, stream: bool) -> tuple[bytes, dict[str, str]]:
        """The body as its dialect has it, and what it holds of headers. `model` and `stream` are what the path says."""
        if not self._headers and not self._names_model:
            return body, {}
        try:
            fields = fields_of(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return body, {}  # whoever reads it next says what is wrong with it
        told = {}
        for name in self._headers:
            if (said := fields.pop(_field(name), None)) is not None:
                try:
                    value = _said(said)
                except msgspec.DecodeError:
                    continue
                told[name] = value if isinstance(value, str) else ",".join(value)
        if self._names_model and model is not None:
            fields["model"] = Raw(encode(model))
            if self._asks_stream:
                fields["stream"] = Raw(encode(stream))
        return encode(fields), told

    def write(self, body: bytes, headers: dict[str, str]) -> bytes:
        """The body, where there is one yet, with what stands in it of the headers, which lose it."""
        told = {name: headers.pop(name) for name in self._headers if name in headers}
        if not told or not body:
            return body
        fields = fields_of(body)
        for name, value in told.items():
            said = [one.strip() for one in value.split(",")] if self._headers[name] == "list" else value
            fields.setdefault(_field(name), Raw(encode(said)))
        return encode(fields)


def _field(header: str) -> str:
    return header.replace("-", "_")


@cache
def forms(dialect: str) -> dict[str, Form]:
    """The forms of a dialect by name."""
    return {name: Form(dialect, facts) for name, facts in SPOKEN[dialect]["http"].get("forms", {}).items()}


def asked(dialect: str, operation: str, query: str) -> Form | None:
    """The form of a request, by what its path comes to, as `generate` or `stream.NAME`, and its query."""
    what, _, name = operation.partition(".")
    found = forms(dialect)
    if name in found:
        return found[name]
    words = query.split("&")
    return next((one for one in found.values() if what == "stream" and one.unless and one.unless not in words), None)


def framing(rules: Any, form: Form | None = None) -> Framing:
    """How streams are framed: in a form, or as its dialect has them."""
    return form.framing if form is not None and form.framing is not None else FRAMINGS[rules.STREAM["framing"]]


def arriving(dialect: str, kind: str) -> Framing | None:
    """The framing of an answer of a media type that no stream of its dialect has, but one of its forms."""
    for one in forms(dialect).values():
        if one.framing is not None and one.framing.content_type.partition(";")[0] == kind:
            return one.framing
    return None
