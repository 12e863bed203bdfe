"""What is lost of a message is found once for each shape: what was found for others is never told of it."""

from __future__ import annotations

from random import Random

import pytest

from runtime.core import context
from tests.laws.schemas import examples, roots, schema
from tests.laws.sending import answer, send

WAYS = [
    (client, upstream)
    for client in ("openai-chat", "anthropic-messages", "openai-responses")
    for upstream in ("openai-chat", "anthropic-messages", "gemini-generate", "mistral-chat")
    if client != upstream
]


@pytest.mark.parametrize("kind", ["request", "response"])
@pytest.mark.parametrize("client, upstream", WAYS)
def test_what_was_found_for_another_message_is_not_told_of_this(client: str, upstream: str, kind: str) -> None:
    source, through = (client, send) if kind == "request" else (upstream, answer)
    values = Random(1).sample(found := list(examples(schema(source), roots(source)[kind])), min(len(found), 300))
    apart = []
    for value in values:
        context._TOLD.clear()
        apart.append(through(client, upstream, value))
    context._TOLD.clear()
    for _ in range(2):  # the second time all is known
        for value, alone in zip(values, apart, strict=True):
            told = through(client, upstream, value)
            assert (told.losses, told.refusal, told.param) == (alone.losses, alone.refusal, alone.param), value
    assert context._TOLD
