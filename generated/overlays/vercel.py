# Generated from specs/providers/vercel.yaml. Edit the spec, then `make generate`.
# What vercel takes differently: the same edits whether a request was converted or passes through.
from __future__ import annotations

from collections.abc import Callable

from msgspec import Raw

from runtime.core.primitives import respelled

Report = Callable[..., None]
OPENAI_CHAT_REASONING_EFFORT = {"none": {"reasoning": {"enabled": False}}, "*": {"reasoning": {"effort": "{}"}}}


def edit_openai_chat(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if "reasoning_effort" in body:
        respelled(body, "reasoning_effort", OPENAI_CHAT_REASONING_EFFORT, lost)
