"""Citations as Cohere's official SDK reads them: in the stream as in the whole answer, each beside the words it names."""

from __future__ import annotations

import asyncio
import json
from random import Random
from typing import Any

import pytest

from tests.laws.streams import FRAMES, written
from tests.scripted import CHUNKED, Reply, Upstream
from tests.servers import ROOT, VENVS, required
from tests.test_app import SECRETS, policy, serving

LINK = {"title": "Weather", "url": "https://a.example"}
ANSWERS: dict[str, dict[str, Any]] = {
    "anthropic": {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4-5",
        "content": [
            {"type": "text", "text": "Ça va? "},
            {
                "type": "text",
                "text": "It rains 🌧️.",
                "citations": [
                    {"type": "web_search_result_location", "cited_text": "Rain", "encrypted_index": "x", **LINK}
                ],
            },
            {"type": "text", "text": "It is 18C."},
        ],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 20, "output_tokens": 9},
    },
    "openai": {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-5",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {
                    "role": "assistant",
                    "content": "Ça va? It rains 🌧️. It is 18C.",
                    "annotations": [
                        {"type": "url_citation", "url_citation": {"start_index": 7, "end_index": 19, **LINK}}
                    ],
                },
            }
        ],
        "usage": {"prompt_tokens": 20, "completion_tokens": 9, "total_tokens": 29},
    },
}
DIALECTS = {"anthropic": "anthropic-messages", "openai": "openai-chat"}


@pytest.mark.parametrize("upstream", ANSWERS)
@pytest.mark.parametrize("sdk", ["cohere-7.3.1", "cohere-5.21.1"])
async def test_citations_name_the_words_that_the_client_sees(sdk: str, upstream: str) -> None:
    answer = ANSWERS[upstream]
    stream = written(FRAMES[DIALECTS[upstream]](answer, Random(1)), Random(1), DIALECTS[upstream])
    replies = [Reply(body=json.dumps(answer).encode()), Reply(body=[stream], headers=CHUNKED)]
    python = required(VENVS / sdk, "run `make setup`") / "bin/python"
    async with Upstream(replies) as scripted, serving(policy(scripted.url, provider=upstream), SECRETS) as served:
        arguments = [ROOT / "tests/clients/cited_python.py", f"{served.url}/cohere", "m", "any"]
        run = await asyncio.create_subprocess_exec(
            python, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        out, wrong = await asyncio.wait_for(run.communicate(), 60)
    assert run.returncode == 0, wrong.decode()
    seen = json.loads(out)
    assert seen["streamed"] == seen["whole"]
    (cited,) = seen["whole"]["citations"]
    ((kind, document),) = cited["sources"]
    assert seen["whole"]["texts"][cited["part"]][cited["start"] : cited["end"]] == cited["text"] == "It rains 🌧️."
    assert kind == "document" and {name: document[name] for name in LINK} == LINK
