"""Embeddings as the client asked for them: numbers, or base64 text of float32 with the lowest byte first."""

from __future__ import annotations

import struct
from base64 import b64decode, b64encode
from operator import attrgetter

import msgspec
from msgspec import Raw

from generated import canonical as c
from runtime.core.primitives import TranslationError

_encode = msgspec.json.Encoder().encode
_numbers = msgspec.json.Decoder(list[float]).decode
_wrapped = msgspec.json.Decoder(list[list[float]]).decode
_text = msgspec.json.Decoder(str).decode


def rewrite(value: c.EmbedResponse, encoding: str | None) -> None:
    """Writes every embedding in the encoding asked for, `float` if none was, in the order of the texts: not every wire
    says which text one is of. Raises TranslationError for no embedding."""
    for number, one in enumerate(value.embeddings or ()):
        one.index = number if one.index is None else one.index
        packed = bytes(one.values[:1] if isinstance(one.values, bytes) else memoryview(one.values)[:1]) == b'"'
        try:
            if packed and encoding != "base64":
                one.values = Raw(_encode(unpacked(_text(one.values))))
            elif not packed:
                one.values = _written(one.values, encoding == "base64")
        except (msgspec.DecodeError, ValueError) as problem:
            raise TranslationError(f"an embedding is neither numbers nor base64 of them: {problem}") from None
    if value.embeddings:
        value.embeddings.sort(key=attrgetter("index"))


def _written(values: Raw, packed: bool) -> Raw:
    wrapped = bytes(memoryview(values)[:2]) == b"[["
    if not (packed or wrapped):
        return values
    if wrapped:  # one engine wraps a vector once more
        vectors = _wrapped(values)
        if len(vectors) > 1:
            raise ValueError("a vector for every token, and not one for the text")
        numbers = vectors[0]
    else:
        numbers = _numbers(values)
    return Raw(_encode(pack(numbers) if packed else numbers))


def pack(numbers: list[float]) -> str:
    return b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()


def unpacked(text: str) -> list[float]:
    packed = b64decode(text, validate=True)
    if len(packed) % 4:
        raise ValueError("its bytes are no row of float32")
    return list(struct.unpack(f"<{len(packed) // 4}f", packed))
