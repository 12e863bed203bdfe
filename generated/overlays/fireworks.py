# Generated from specs/providers/fireworks.yaml. Edit the spec, then `make generate`.
# What fireworks takes differently: the same edits whether a request was converted or passes through.
from __future__ import annotations

from collections.abc import Callable

from msgspec import Raw

from runtime.core.primitives import holds

Report = Callable[..., None]


def edit_openai_chat(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if holds(body, ["audio"]):
        refused("audio", "answers are text here")
    if "max_completion_tokens" in body:
        body["max_tokens"] = body.pop("max_completion_tokens")
    if "safety_identifier" in body:
        body["user"] = body.pop("safety_identifier")
    for field in [
        "store",
        "metadata",
        "verbosity",
        "moderation",
        "web_search_options",
        "prompt_cache_retention",
        "prompt_cache_options",
    ]:
        if body.pop(field, None) is not None:
            lost(field, "not known here")
    body.setdefault("context_length_exceeded_behavior", Raw(b'"error"'))


def edit_voyage_rerank(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if "top_k" in body:
        body["top_n"] = body.pop("top_k")
    if body.pop("truncation", None) is not None:
        lost("truncation", "no such field")
