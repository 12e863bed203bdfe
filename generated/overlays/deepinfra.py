# Generated from specs/providers/deepinfra.yaml. Edit the spec, then `make generate`.
# What deepinfra takes differently: the same edits whether a request was converted or passes through.
from __future__ import annotations

from collections.abc import Callable

from msgspec import Raw

from runtime.core.primitives import holds, plain_texts

Report = Callable[..., None]


def edit_openai_chat(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if holds(body, ["tool_choice"], "required"):
        refused("tool_choice", "only auto and none here")
    if holds(body, ["tool_choice"], "{}"):
        refused("tool_choice", "only auto and none here")
    if holds(body, ["audio"]):
        refused("audio", "answers are text here")
    if "max_completion_tokens" in body:
        body["max_tokens"] = body.pop("max_completion_tokens")
    if "safety_identifier" in body:
        body["user"] = body.pop("safety_identifier")
    for field in [
        "store",
        "metadata",
        "service_tier",
        "verbosity",
        "moderation",
        "prediction",
        "web_search_options",
        "prompt_cache_key",
        "prompt_cache_retention",
        "prompt_cache_options",
    ]:
        if body.pop(field, None) is not None:
            lost(field, "not known here")
    if "messages" in body:
        plain_texts(body, "messages", ["tool"])
