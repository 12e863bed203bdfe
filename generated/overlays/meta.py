# Generated from specs/providers/meta.yaml. Edit the spec, then `make generate`.
# What meta takes differently: the same edits whether a request was converted or passes through.
from __future__ import annotations

from collections.abc import Callable

from msgspec import Raw

from runtime.core.primitives import holds

Report = Callable[..., None]


def edit_openai_chat(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if holds(body, ["tool_choice"], "required"):
        refused("tool_choice", "no forced calls here")
    if holds(body, ["tool_choice"], "{}"):
        refused("tool_choice", "no forced calls here")


def edit_anthropic_messages(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if holds(body, ["stop_sequences"]):
        refused("stop_sequences", "answered with 400 here")
    if body.pop("top_k", None) is not None:
        lost("top_k", "answered with 400 here")
    if body.pop("container", None) is not None:
        lost("container", "no such field")
