# Generated from specs/providers/llama_cpp_python.yaml. Edit the spec, then `make generate`.
# What llama_cpp_python takes differently: the same edits whether a request was converted or passes through.
from __future__ import annotations

from collections.abc import Callable

from msgspec import Raw

from runtime.core.primitives import holds, over

Report = Callable[..., None]


def edit_openai_chat(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if holds(body, ["tools"]):
        refused("tools", "a call is left in the text here")
    if holds(body, ["response_format", "type"], "json_schema"):
        refused("response_format.type", "only json_object here")
    if holds(body, ["audio"]):
        refused("audio", "answers are text here")
    if over(body.get("n"), 1):
        refused("n", "at most 1 here")
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


def edit_openai_completions(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if holds(body, ["best_of"]):
        refused("best_of", "one answer is written here")
    if over(body.get("n"), 1):
        refused("n", "at most 1 here")
    if body.pop("user", None) is not None:
        lost("user", "ignored here")
