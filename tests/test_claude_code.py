"""Claude Code, headless, through the gateway to a real engine: it is told to call a tool, runs it, and gets its answer.

Run by `make test-clients`; `make claude-code` installs the program.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import QUIET, claude_code
from tests.engine.model import AFTER_TOOL


@pytest.mark.clients
@pytest.mark.parametrize("credential", ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"])
@pytest.mark.parametrize("model", ["via-openai-chat", "via-anthropic-messages"])
def test_tool_round_trip(gateway: str, tmp_path: Path, model: str, credential: str):
    own = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "ANTHROPIC_BASE_URL": gateway, credential: "any-key"}
    command = [claude_code(), "-p", "Write the marker file.", "--output-format", "json", "--model", model]
    command += ["--tools", "Bash", "--allowedTools", "Bash", "--max-turns", "4"]
    run = subprocess.run(
        command,
        cwd=tmp_path,
        env={**own, **QUIET},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    result = json.loads(run.stdout)
    assert (result["subtype"], result["is_error"], result["num_turns"]) == ("success", False, 2)
    assert result["result"] == AFTER_TOOL
    assert result["usage"]["output_tokens"] > 0
