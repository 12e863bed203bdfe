# Generated from specs/providers/jan.yaml. Edit the spec, then `make generate`.
# What jan takes differently: the same edits whether a request was converted or passes through.
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
    for field in [
        "store",
        "metadata",
        "service_tier",
        "verbosity",
        "safety_identifier",
        "moderation",
        "prediction",
        "web_search_options",
        "prompt_cache_key",
        "prompt_cache_retention",
        "prompt_cache_options",
    ]:
        if body.pop(field, None) is not None:
            lost(field, "not known here")
