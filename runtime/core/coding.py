"""Bodies that come packed, as their content-encoding says."""

from __future__ import annotations

import zlib

KNOWN = ("gzip", "deflate")  # in which bodies are taken


class Unknown(Exception):
    """A coding that is not taken here."""


class Broken(Exception):
    """The body is not in the coding that it says."""


class TooLong(Exception):
    """Unpacked it is longer than may be."""


def unpacked(body: bytes, codings: str, limit: int) -> bytes:
    """The body without its codings, of which the last was applied last. Raises Unknown, Broken and TooLong."""
    names = [one.strip().lower().removeprefix("x-") for one in codings.split(",")]
    names = [one for one in names if one not in ("", "identity")]
    if len(names) > 1 or any(one not in KNOWN for one in names):
        raise Unknown(codings)
    return _inflated(body, names[0], limit) if names else body


def _inflated(body: bytes, name: str, limit: int) -> bytes:
    if name == "gzip":
        bits = 16 + zlib.MAX_WBITS
    else:  # with its own head, or as some clients send it, without
        bits = zlib.MAX_WBITS if body[:1] and body[0] & 0xF == 8 and int.from_bytes(body[:2], "big") % 31 == 0 else -15
    parts, size = [], 0
    while body:
        packed = zlib.decompressobj(wbits=bits)
        try:
            part = packed.decompress(body, limit - size + 1)
        except zlib.error as problem:
            raise Broken(str(problem)) from None
        parts.append(part)
        size += len(part)
        if size > limit:
            raise TooLong
        if not packed.eof:
            raise Broken("it ends too soon")
        body = packed.unused_data if name == "gzip" else b""  # several may stand one behind another
    return b"".join(parts)
