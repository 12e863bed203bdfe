"""Requests that are not translated: which paths go to which providers as they are, and what goes with them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

import msgspec

from generated.providers import PROVIDERS
from runtime.core import catalogue, translate
from runtime.core.served import prefixes

# Headers of the client that go along, beside those of its protocol; and those that begin so.
ALONG = frozenset(
    (
        *("accept", "accept-encoding", "accept-language"),
        *("content-type", "content-encoding", "content-range", "content-disposition"),
        *("range", "if-match", "if-none-match", "if-range", "if-modified-since", "if-unmodified-since"),
    )
)
BEGINNINGS = ("x-goog-upload-", "upload-", "tus-")
# Headers of the answer that come back: the others are this hop's, or tell of the account.
BACK = frozenset(
    (
        *("content-type", "content-length", "content-encoding", "content-range", "content-disposition"),
        *("accept-ranges", "cache-control", "etag", "expires", "last-modified", "location", "retry-after", "vary"),
    )
)
# Of a query: a credential, and the version of paths that an upstream spells in its own way.
OWN = ("key", "api-version")
PEEKED = 64 << 10  # bytes of a body in which the model's name is looked for
_STEP = r"[A-Za-z0-9._~:@!$&'()*+,;=%-]+"
_WHOLE = re.compile(rf"(?:/{_STEP})+")
_UNSAFE = re.compile(r"%(?:2e|2f|5c|00)|/\.{1,2}(?:/|$)", re.IGNORECASE)
_VERSION = re.compile(r"/v\d\w*(?=/)")
_PART = re.compile(rb'name="?model"?\r\n(?:[^\r\n]+\r\n)*\r\n([^\r\n]+)\r\n')
_FIELD = re.compile(rb'"model"\s*:\s*"((?:[^"\\]|\\.)*)"')


class Passage(NamedTuple):
    """A path that a provider has in a dialect: `pattern` finds what a client writes, `ours` becomes `theirs`."""

    pattern: re.Pattern[str]
    version: str
    ours: str
    theirs: str


def passages(provider: str, path: str) -> dict[str, str]:
    """The dialects in which a provider takes a path as it is, each with the path behind its base_url."""
    if not _WHOLE.fullmatch(path) or _UNSAFE.search(path):
        return {}
    found = {}
    for dialect, ways in _passages(provider).items():
        bases = [base for base in prefixes(dialect) if base and path.startswith(f"{base}/")]
        plain = path.removeprefix(bases[0]) if bases else path
        for way in ways:
            if (match := way.pattern.fullmatch(plain)) is not None:
                found[dialect] = way.theirs + (way.version + match["rest"]).removeprefix(way.ours)
                break
    return found


@cache
def _passages(provider: str) -> dict[str, list[Passage]]:
    facts = PROVIDERS[provider]
    return {
        dialect: [_passage(path, *_roots(facts["dialects"][dialect]["path"], dialect)) for path in paths]
        for dialect, paths in facts.get("passes", {}).items()
    }


def _passage(path: str, ours: str, theirs: str) -> Passage:
    version = found[0] if (found := _VERSION.match(path)) else ""
    parts = re.split(r"(\{\w+\})", path.removeprefix(version))
    rest = "".join("[^/]+" if part.startswith("{") else re.escape(part) for part in parts)
    return Passage(re.compile(f"(?:{re.escape(version)})?(?P<rest>{rest}(?:/.*)?)"), version, ours, theirs)


def _roots(theirs: str, dialect: str) -> tuple[str, str]:
    """Where a dialect's paths begin as its clients write them, and behind a provider's base_url."""
    mine = catalogue.dialect(dialect).http["generate"]["path"].split("/")
    its = theirs.split("/")
    while len(mine) > 1 and len(its) > 1 and mine[-1] == its[-1]:
        mine.pop(), its.pop()
    return "/".join(mine), "/".join(its)


def along(headers: Mapping[str, str], dialect: str) -> dict[str, str]:
    """The headers of a client, by their lower-case names, that its request takes along."""
    forward = catalogue.dialect(dialect).http.get("forward", ())
    return {
        name: value
        for name, value in headers.items()
        if name in ALONG or name in forward or name.startswith(BEGINNINGS)
    }


def back(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of an answer that its client gets."""
    return {
        name: value for name, value in headers.items() if (low := name.lower()) in BACK or low.startswith(BEGINNINGS)
    }


def query(text: str) -> str:
    """The query string without what is this hop's."""
    if not any(f"{name}=" in text for name in OWN):
        return text
    return urlencode([(name, value) for name, value in parse_qsl(text, keep_blank_values=True) if name not in OWN])


def model_of(head: bytes, whole: bool, kind: str) -> str | None:
    """The model that a body names, as far as its beginning shows; `whole`: there is no more of it."""
    if whole and "json" in kind:
        try:
            return translate.glance(head).model
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
    found = _model(head, kind)
    return found and found[1].decode("utf-8", "replace").strip()


def renamed(head: bytes, whole: bool, kind: str, model: str) -> bytes:
    """The beginning of a body with another model's name."""
    if whole and "json" in kind:
        return translate.renamed(head, model)
    found = _model(head, kind)
    return head[: found.start(1)] + model.encode() + head[found.end(1) :]


def _model(head: bytes, kind: str) -> re.Match[bytes] | None:
    return (_PART if kind.startswith("multipart/") else _FIELD).search(head)
