"""What a request would be counted as: asked of an upstream that counts, else estimated from what would be sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Raw

from generated import canonical as c
from generated.providers import PROVIDERS
from runtime.core import catalogue, forms
from runtime.core.account import Account
from runtime.core.forms import encode
from runtime.core.primitives import TranslationError
from runtime.core.translate import Outgoing, Translation

NATIVE = "canonical"
NOBODY = Account(name="", provider="echo", dialects=(NATIVE,))  # for whom it is estimated where a route has no account
TURN = 4  # tokens around what one message says
TOOL = 8  # and around a tool
ANSWER = 3  # that begin the answer
# tokens of a medium: roughly what vendors take for one of ordinary size
MEDIA: dict[type, int] = {c.Image: 1000, c.Audio: 1000, c.Video: 8000, c.Document: 3000}
SAID = (
    "text",
    "name",
    "title",
    "context",
    "description",
    "input",
    "input_schema",
    "schema",
    "format",
    "raw",
    "transcript",
)


def counters(account: Account, client: str) -> tuple[str, ...]:
    """The account's dialects in which its provider counts, the client's own first."""
    spoken = PROVIDERS[account.provider]["dialects"]
    return tuple(
        dialect for dialect in catalogue.preferred(account.dialects, client) if "count_path" in spoken.get(dialect, ())
    )


class Counting(Translation):
    """A request whose tokens are counted: there is no answer to it, and so nothing is said of one."""

    def meaning(self, body: bytes) -> c.Request:
        """What would be sent, before it is spelled. Raises Refused."""
        return self._refusing(self._meant, body)

    def answer(self, body: bytes) -> bytes:
        """An upstream's count in the client's protocol. Raises BadAnswer where it is none."""
        self._turn()
        try:
            wire = self.ctx.decode(self.to.response.decode_count, body)
            count = self.to.response.lift_count(wire, self.ctx)
        except (msgspec.DecodeError, TranslationError) as problem:
            raise self._unread(problem, body) from None
        return body if self.same else told(self.client, count)

    def _lifted(self, body: bytes) -> Any:
        count = self.from_.http["count"]
        fields = forms.fields_of(body)
        inner = next((fields[name] for name in count.get("whole", ()) if name in fields), None)
        if inner is not None:
            fields = forms.fields_of(inner)
        fields = {**{name: Raw(encode(blank)) for name, blank in count["fill"].items()}, **fields}
        for name in count.get("drop", ()):
            fields.pop(name, None)
        value = super()._lifted(encode(fields))
        value.max_tokens = value.stream = None
        return value

    def outgoing(self, body: bytes) -> Outgoing:
        """What counts: of a request only that which is in an upstream's question for a count."""
        if not self.same:
            count, fields = self.to.http["count"], forms.fields_of(body)
            if "whole" in count:
                model = count["model"].replace("{model}", self.model)
                body = encode({count["whole"][0]: {"model": model, **fields}})
            else:
                body = encode({name: value for name, value in fields.items() if name in count["takes"]})
        return super().outgoing(body)

    def _path(self, paths: dict[str, str]) -> str:
        return paths["count_path"]


def told(client: str, count: c.TokenCount) -> bytes:
    """A count in the client's protocol."""
    one = catalogue.dialect(client)
    return encode(one.response.lower_count(count, one.writing()))


def texts(request: c.Request) -> list[str]:
    """All that a model reads of a request as text."""
    found = [*_said(request.blocks or ()), *_said(request.tools or ()), *_said([request.output_format])]
    return [text for text in found if text]


def around(request: c.Request) -> int:
    """Tokens of what is no text: of media, and of the marks around messages and tools."""
    blocks = request.blocks or []
    turns = len({(block.turn, block.role) for block in blocks})
    return ANSWER + TURN * turns + TOOL * len(request.tools or ()) + sum(_media(blocks))


def _said(values: Any) -> Iterator[str]:
    for value in values:
        if not isinstance(value, msgspec.Struct):
            continue
        for name in value.__struct_fields__:
            held = getattr(value, name)
            if name == "content" and held:
                yield from _said(held)
            elif name == "source" and isinstance(held, c.TextSource):
                yield held.text
            elif name in SAID and held is not None:
                yield held if isinstance(held, str) else bytes(held).decode("utf-8", "replace")


def _media(blocks: list[Any]) -> Iterator[int]:
    for block in blocks:
        if type(block) is c.ToolResult:
            yield from _media(block.content or [])
        elif type(block) in MEDIA and not isinstance(block.source, c.TextSource):
            yield MEDIA[type(block)]
