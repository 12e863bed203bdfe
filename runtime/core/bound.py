"""Ids that mean something at one account alone: of files, batches, containers, whatever a vendor keeps for its customer.

They are learnt from the answers in which a vendor names them, and whoever uses one is sent to the account it is from.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import msgspec

MOST = 100_000  # ids remembered; what was used least lately is forgotten
LISTED = 1000  # objects of a list that are looked at
LONGEST = 512  # characters of an id
USED = (
    *(b'"file_id"', b'"container"', b'"conversation"', b'"cachedContent"', b'"cached_content"'),
    *(b'"fileUri"', b'"file_uri"'),
)
_USE = re.compile(rb"(?:" + b"|".join(USED) + rb')\s*:\s*(?:\{\s*"id"\s*:\s*)?"([^"\\]+)"')


class Owner(NamedTuple):
    pool: str
    account: str


class Bound:
    """The account of each id."""

    def __init__(self) -> None:
        self._owners: OrderedDict[str, Owner] = OrderedDict()

    def __len__(self) -> int:
        return len(self._owners)

    def learn(self, body: bytes, owner: Owner) -> None:
        """The ids in an answer are its account's. What is no JSON names none."""
        try:
            answer = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return
        for name in _named(answer, 2):
            self._owners[name] = owner
            self._owners.move_to_end(name)
        while len(self._owners) > MOST:
            self._owners.popitem(last=False)

    def of_path(self, path: str) -> Owner | None:
        """The account of the id that a path names, as `/v1/files/file-1` or `/v1beta/files/abc`."""
        steps = path.strip("/").split("/")
        names = (*steps, *("/".join(pair) for pair in pairwise(steps)))
        return next((owner for name in names if (owner := self._used(name)) is not None), None)

    def of_body(self, body: bytes) -> Owner | None:
        """The account of the first id that a request's JSON makes use of."""
        if not self._owners or not any(key in body for key in USED):
            return None
        names = (found[1].decode("utf-8", "replace") for found in _USE.finditer(body))
        return next((owner for name in names if (owner := self._used(name)) is not None), None)

    def _used(self, name: str) -> Owner | None:
        owner = self._owners.get(name)
        if owner is not None:
            self._owners.move_to_end(name)
        return owner


def _named(value: Any, depth: int) -> Iterator[str]:
    """The ids in an object, and in those it holds or lists."""
    if isinstance(value, list):
        for one in value[:LISTED]:
            yield from _named(one, depth)
    elif isinstance(value, dict):
        for key, held in value.items():
            if isinstance(held, str):
                told = key in ("id", "uri") or key.endswith("_id") or key == "name" and "/" in held
                if told and 0 < len(held) <= LONGEST:
                    yield held
            elif depth:
                yield from _named(held, depth - 1)
