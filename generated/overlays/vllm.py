# Generated from specs/providers/vllm.yaml. Edit the spec, then `make generate`.
# What vllm takes differently: the same edits whether a request was converted or passes through.
from __future__ import annotations

from collections.abc import Callable

from msgspec import Raw

from runtime.core.primitives import holds

Report = Callable[..., None]


def edit_openai_responses(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if holds(body, ["conversation"]):
        refused("conversation", "no conversation is kept here")


def edit_openai_completions(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if holds(body, ["suffix"]):
        refused("suffix", "this engine writes no text in the middle")
