"""What the headers of a client's request say, and which of them go on to an upstream."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Protocol
from urllib.parse import parse_qsl

CREDENTIALS = ("x-api-key", "x-goog-api-key", "api-key")  # beside Authorization and ?key=
KEPT_BACK = frozenset(
    (
        *(*CREDENTIALS, "authorization", "proxy-authorization", "isogloss-operator", "isogloss-pin", "cookie"),
        *("host", "content-length", "connection"),
    )
)
PASSED_ON = ("traceparent", "tracestate", "idempotency-key")  # to every upstream, whatever its protocol
_SIGNED_BY = re.compile(r"Credential=([^,\s]+?)/\d{8}/[^/,]+/[^/,]+/aws4_request")


class Incoming(Protocol):
    """What is looked at of a request, beside its body; `headers` answers to lower-case names."""

    method: str
    path: str
    query_string: str
    headers: Mapping[str, str]


def credentials(request: Incoming) -> Iterator[str]:
    """Every credential that was sent, wherever the protocols put them."""
    if given := request.headers.get("authorization"):
        scheme, _, rest = given.partition(" ")
        if scheme == "AWS4-HMAC-SHA256" and (signed := _SIGNED_BY.search(rest)):
            yield signed[1]  # the access key's id is the key here; what it signs is not looked at
        else:
            yield rest.strip() if scheme.lower() == "bearer" else given
    for name in CREDENTIALS:
        if given := request.headers.get(name):
            yield given.strip()
    if "key=" in request.query_string:
        yield from (value for name, value in parse_qsl(request.query_string) if name == "key")


def sent(request: Incoming) -> dict[str, str]:
    """A client's headers by their lower-case names, without those that are for this gateway alone."""
    return {name: value for key, value in request.headers.items() if (name := key.lower()) not in KEPT_BACK}


def passed_on(id: str, headers: Mapping[str, str]) -> dict[str, str]:
    """Those of a client's headers that go to every upstream."""
    return {"x-request-id": id, **{name: headers[name] for name in PASSED_ON if name in headers}}
