"""What real engines answered and real clients sent decodes strictly, without the tolerant second walk.

Every file of sdk/samples names its program and version; every line is one {dialect, kind, value}, one line per shape seen.
Texts are cut.
"""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import msgspec
import pytest

SAMPLES = sorted((Path(__file__).parent / "sdk" / "samples").glob("*.jsonl"))
MODULES = {
    "request": "request",
    "response": "response",
    "error": "response",
    "models": "response",
    "frame": "stream",
}


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_samples_decode_strictly(path: Path) -> None:
    refused = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        sample = json.loads(line)
        module = import_module(f"generated.{sample['dialect']}.{MODULES[sample['kind']]}")
        decode = getattr(module, f"decode_{sample['kind']}")
        try:
            decode(json.dumps(sample["value"]).encode())
        except msgspec.ValidationError as error:
            refused.append(f"{path.name}:{number}: {error}")
    assert not refused, "\n".join(["", *refused])


def test_every_kind_of_message_has_samples() -> None:
    seen = {
        (sample["dialect"], sample["kind"])
        for path in SAMPLES
        for sample in map(json.loads, path.read_text().splitlines())
    }
    wanted = {(dialect, kind) for dialect in ("openai_chat", "anthropic_messages") for kind in MODULES}
    assert wanted - seen == {("anthropic_messages", "models")}, "no engine lists its models in Anthropic's form"
