"""Embeddings as the client asked for them: numbers, or base64 text of float32 with the lowest byte first."""

from __future__ import annotations

from array import array
from base64 import b64decode, b64encode
from sys import byteorder

import msgspec
from msgspec import Raw

from generated import canonical as c
from runtime.core.primitives import TranslationError

_encode = msgspec.json.Encoder().encode
_numbers = msgspec.json.Decoder(list[float] | list[list[float]]).decode
_text = msgspec.json.Decoder(str).decode


def rewrite(value: c.EmbedResponse, encoding: str | None) -> None:
    """Writes every embedding in the encoding asked for, `float` if none was. Raises TranslationError for no embedding."""
    for one in value.embeddings:
        packed = bytes(one.values[:1] if isinstance(one.values, bytes) else memoryview(one.values)[:1]) == b'"'
        try:
            if packed and encoding != "base64":
                one.values = Raw(_encode(unpacked(_text(one.values))))
            elif not packed:
                one.values = _written(one.values, encoding == "base64")
        except (msgspec.DecodeError, ValueError) as problem:
            raise TranslationError(f"an embedding is neither numbers nor base64 of them: {problem}") from None


def _written(values: Raw, packed: bool) -> Raw:
    if not packed and bytes(memoryview(values)[:2]) != b"[[":
        return values
    numbers = _numbers(values)
    if numbers and isinstance(numbers[0], list):  # one engine wraps a vector once more
        if len(numbers) > 1:
            raise ValueError("a vector for every token, and not one for the text")
        numbers = numbers[0]
    return Raw(_encode(pack(numbers) if packed else numbers))


def pack(numbers: list[float]) -> str:
    found = array("f", numbers)
    if byteorder == "big":
        found.byteswap()
    return b64encode(found.tobytes()).decode()


def unpacked(text: str) -> list[float]:
    found = array("f", b64decode(text, validate=True))
    if byteorder == "big":
        found.byteswap()
    return found.tolist()
