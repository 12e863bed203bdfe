# Generated from specs/canonical/protocol.yaml. Edit the spec, then `make generate`.
# The identity: canonical answers are written as they are.
from __future__ import annotations

from generated import canonical as c
from runtime.core.context import Context

DIALECT = "canonical"

STATUS_LOWER = {
    "invalid_request": 400,
    "authentication": 401,
    "quota": 402,
    "permission": 403,
    "not_found": 404,
    "too_large": 413,
    "rate_limit": 429,
    "internal": 500,
    "truncated": 502,
    "overloaded": 503,
    "timeout": 504,
}


def lower_response(value: c.Response, ctx: Context) -> c.Response:
    return value


def lower_error(value: c.Error, ctx: Context) -> c.Error:
    return value


def lower_count(value: c.TokenCount, ctx: Context) -> c.TokenCount:
    return value


def lower_models(value: c.ModelList, ctx: Context) -> c.ModelList:
    return value


def lower_model(value: c.Model, ctx: Context) -> c.Model:
    return value
