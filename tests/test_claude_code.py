"""Claude Code, headless, through the gateway to a real engine: it is told to call a tool, runs it, and gets its answer.

Run by `make test-clients`; `make claude-code` installs the program.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.engine.model import AFTER_TOOL
from tests.servers import VENVS

QUIET = {
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "DISABLE_TELEMETRY": "1",
    "DISABLE_ERROR_REPORTING": "1",
    "DISABLE_AUTOUPDATER": "1",
}


@pytest.fixture
def program() -> Path:
    """The native program of the platform's package, where the set-up put it, else the one on PATH."""
    found = next(VENVS.glob("claude-code/node_modules/@anthropic-ai/claude-code-*/claude"), shutil.which("claude"))
    if not found:
        pytest.skip("Claude Code is not installed: `make claude-code` does it")
    return Path(found)


@pytest.mark.clients
@pytest.mark.parametrize("credential", ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"])
@pytest.mark.parametrize("model", ["via-openai-chat", "via-anthropic-messages"])
def test_tool_round_trip(program: Path, gateway: str, tmp_path: Path, model: str, credential: str):
    own = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "ANTHROPIC_BASE_URL": gateway, credential: "any-key"}
    command = [program, "-p", "Write the marker file.", "--output-format", "json", "--model", model]
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
