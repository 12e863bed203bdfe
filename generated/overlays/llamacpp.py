# Generated from specs/providers/llamacpp.yaml. Edit the spec, then `make generate`.
# What llamacpp takes differently: the same edits whether a request was converted or passes through.
from __future__ import annotations

from collections.abc import Callable

from msgspec import Raw

from runtime.core.primitives import holds

Report = Callable[..., None]


def edit_openai_embeddings(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if holds(body, ["dimensions"]):
        refused("dimensions", "a vector is as long as the model makes it")
    if holds(body, ["output_dimension"]):
        refused("output_dimension", "a vector is as long as the model makes it")


def edit_openai_responses(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if holds(body, ["text", "format"]):
        refused("text.format", "this endpoint of llama.cpp answers free text whatever the format")
    if holds(body, ["conversation"]):
        refused("conversation", "no conversation is kept here")
    if holds(body, ["prompt"]):
        refused("prompt", "no prompt is kept here")
    if holds(body, ["background"], "true"):
        refused("background", "nothing is done in the background here")


def edit_openai_completions(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if holds(body, ["suffix"]):
        refused("suffix", "text in the middle is written by /infill here")
    if holds(body, ["echo"], "true"):
        refused("echo", "the prompt is not repeated here")
    if holds(body, ["best_of"]):
        refused("best_of", "one answer is written here")


def edit_anthropic_messages(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if holds(body, ["output_config", "format"]):
        refused("output_config.format", "this endpoint of llama.cpp answers free text whatever the format")
