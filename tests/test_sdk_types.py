"""What is written for a dialect is of the types of that dialect's official SDK, three generations of it."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.laws.schemas import PAIRS, examples, roots, schema
from tests.laws.sending import answer, send, translation
from tests.laws.streams import ANSWERS, FRAMES, frames_of, written
from tests.laws.values import TEXTS, drawn
from tests.servers import VENVS

HERE = Path(__file__).parent
SDKS = {
    "openai-chat": ["openai-1.109.1", "openai-2.54.0", "openai-3.52.0"],
    "openai-responses": ["openai-1.109.1", "openai-2.54.0", "openai-3.52.0"],
    "mistral-chat": ["mistralai-1.12.4", "mistralai-2.10.1", "mistralai-3.7.0"],
    "gemini-generate": ["google-genai-1.75.0", "google-genai-2.34.0", "google-genai-3.4.0"],
    "ollama-chat": ["ollama-0.6.3"],
    "cohere-chat": ["cohere-5.21.1", "cohere-7.3.1"],
    "anthropic-messages": ["anthropic-0.125.0", "anthropic-1.17.0", "anthropic-2.11.0"],
}
MOST = 40  # drawn values of each sender, beside the examples
# Words of senders whose fields take any, and that every receiver passes on; older generations know fewer words.
OPEN = {"alpha", "beta", "custom", "image", "video", *TEXTS}
# Those of one dialect run in one process, where what is checked is made once.
CHECKED = [pytest.param(name, sdk, marks=pytest.mark.xdist_group(name)) for name, sdks in SDKS.items() for sdk in sdks]


def streamed(client: str, upstream: str, value: Any) -> list[str]:
    """The frames that a client gets of an upstream's answer."""
    stream = translation(client, upstream).stream()
    out = stream.feed(written(FRAMES[upstream](ANSWERS[upstream](value), Random(1)), name=upstream)) + stream.eof()
    return [data for event, data in frames_of(out, client) if event != "ping" and data != "[DONE]"]


@cache
def outcomes(name: str) -> list[str]:
    """What the translations to a dialect make of examples and drawn values, each once, as lines of JSON."""
    found: dict[str, None] = {}
    for client, upstream in PAIRS:
        if name not in (client, upstream):
            continue
        kind, sender, go = ("request", client, send) if upstream == name else ("response", upstream, answer)
        made = list(examples(schema(sender), roots(sender)[kind]))
        for value in [*made, *drawn(sender, kind)[:MOST]]:
            out = go(client, upstream, value).out
            if out is not None:
                said = [
                    (kind, out),
                    *(("frame", data) for data in (streamed(client, upstream, value) if kind == "response" else ())),
                ]
                found |= {
                    json.dumps({"dialect": name, "kind": k, "value": json.loads(o)}, sort_keys=True): None
                    for k, o in said
                }
    return list(found)


@pytest.mark.parametrize("name, sdk", CHECKED)
def test_what_is_written_is_of_the_sdks_types(name: str, sdk: str) -> None:
    python = VENVS / sdk / "bin" / "python"
    if not python.exists():
        pytest.skip(f"{sdk} is not set up: `make setup` does it")
    lines = outcomes(name)
    assert len(lines) > 150
    run = [str(python), str(HERE / "laws" / "sdk_types.py")]
    done = subprocess.run(run, input="\n".join(lines), capture_output=True, text=True, check=True, timeout=120)
    problems = [json.loads(line) for line in done.stdout.splitlines()]
    newest = sdk == SDKS[name][-1]
    wrong = [one for one in problems if not one["words"] or newest and not OPEN.issuperset(one["words"])]
    assert not wrong, "\n".join(f"{one['problem']}\n    {lines[one['line']][:600]}" for one in wrong[:10])
