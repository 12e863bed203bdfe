"""Agent programs, headless, through the gateway to a real engine: each is told to call a tool, runs it, gets its answer.

Each speaks its own protocol, in a network of its own where the gateway's port alone answers. Run by `make test-clients`,
which installs the programs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.clients import boxed
from tests.conftest import POLICY, QUIET, agent
from tests.engine.model import AFTER_TOOL, ANSWER
from tests.servers import ROOT, running_gateway

pytestmark = pytest.mark.clients
TASK = "Write the marker file."
UPSTREAMS = ["openai-chat", "anthropic-messages"]
CODEX_ROUTES = """\
  - {name: codex-openai-chat, pool: chat, upstream_model: tiny, honour: [tools]}
  - {name: codex-anthropic-messages, pool: messages, upstream_model: tiny, honour: [tools]}
  - {name: codex-openai-responses, pool: responses, upstream_model: tiny}
"""
SHORT = "Be short."  # instead of an agent's own system prompt, where it lets us: the engine's every letter is a token


class Gateway:
    """The gateway, and what it has been asked since it was last looked at."""

    def __init__(self, url: str, log: Path):
        self.url, self.log, self.read = url, log, 0

    def asked(self) -> list[dict[str, Any]]:
        lines = self.log.read_text().splitlines()
        new, self.read = lines[self.read :], len(lines)
        return [entry for entry in map(json.loads, filter(lambda line: line.startswith("{"), new)) if "client" in entry]


@pytest.fixture(scope="module")
def gateway(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    directory = tmp_path_factory.mktemp("agents")
    with running_gateway(directory, POLICY.format(engine=engine) + CODEX_ROUTES) as url:
        yield Gateway(url, directory / "gateway.log")


@pytest.fixture
def told(gateway: Gateway, tmp_path: Path) -> Callable[..., str]:
    """Runs an agent in `tmp_path`, its home; gives what it printed."""
    if not boxed.possible():
        pytest.skip("no network of its own can be made here: it takes Linux, `unshare` and the right to use it")
    port = gateway.url.rpartition(":")[2]

    def run(name: str, *arguments: str, **env: str) -> str:
        gateway.asked()
        program = agent(name)
        command = [sys.executable, ROOT / "tests/clients/boxed.py", port, *program, *arguments]
        own = {"PATH": f"{Path(program[0]).parent}:{os.environ['PATH']}", "HOME": str(tmp_path), **env}
        done = subprocess.run(
            command, cwd=tmp_path, env=own, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=400
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def spoke(gateway: Gateway, protocol: str, upstream: str, requests: int = 2, beside: Sequence[Any] = ()) -> None:
    """The agent asked the gateway so often, all of it in its own protocol, and nothing of it failed; `beside` came first."""
    asked, patience = gateway.asked(), 100
    while len(asked) < requests + len(beside) and (
        patience := patience - 1
    ):  # it may end before the last line is written
        time.sleep(0.1)
        asked += gateway.asked()
    said = [(one["client"], one.get("upstream"), one["status"]) for one in asked]
    assert said == [*beside, *[(protocol, upstream, 200)] * requests]


def events(printed: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in printed.splitlines() if line.startswith("{")]


@pytest.mark.parametrize("credential", ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"])
@pytest.mark.parametrize("upstream", UPSTREAMS)
def test_claude_code(gateway: Gateway, told: Callable[..., str], upstream: str, credential: str):
    alone = ["--tools", "Bash", "--allowedTools", "Bash", "--max-turns", "4", "--output-format", "json"]
    env = {"ANTHROPIC_BASE_URL": gateway.url, credential: "any-key", **QUIET}
    result = json.loads(told("claude", "-p", TASK, "--model", f"via-{upstream}", *alone, **env))
    assert (result["subtype"], result["is_error"], result["num_turns"]) == ("success", False, 2)
    assert result["result"] == AFTER_TOOL
    assert result["usage"]["output_tokens"] > 0
    spoke(gateway, "anthropic-messages", upstream)


CLOUDS = {  # of Claude Code
    "bedrock": {"AWS_REGION": "eu-west-1", "AWS_EC2_METADATA_DISABLED": "true"},
    "vertex": {"CLOUD_ML_REGION": "us-east5", "ANTHROPIC_VERTEX_PROJECT_ID": "p"},
}


@pytest.mark.parametrize("cloud, path", [("bedrock", ""), ("vertex", "/v1")])
def test_claude_code_for_a_cloud(gateway: Gateway, told: Callable[..., str], cloud: str, path: str):
    alone = ["--tools", "Bash", "--allowedTools", "Bash", "--max-turns", "4", "--output-format", "json"]
    name = cloud.upper()
    env = {f"CLAUDE_CODE_USE_{name}": "1", f"CLAUDE_CODE_SKIP_{name}_AUTH": "1", **CLOUDS[cloud], **QUIET}
    env[f"ANTHROPIC_{name}_BASE_URL"] = gateway.url + path
    result = json.loads(told("claude", "-p", TASK, "--model", "via-openai-chat", *alone, **env))
    assert (result["subtype"], result["is_error"], result["num_turns"]) == ("success", False, 2)
    assert result["result"] == AFTER_TOOL
    spoke(gateway, "anthropic-messages", "openai-chat", beside=[("openai-chat", None, 404)] * (cloud == "bedrock"))


CODEX = """\
model = "codex-{upstream}"
model_provider = "gateway"
check_for_update_on_startup = false
[analytics]
enabled = false
[feedback]
enabled = false
[history]
persistence = "none"
[features]
apps = false
plugins = false
remote_plugin = false
[model_providers.gateway]
name = "gateway"
base_url = "{url}/v1"
env_key = "GATEWAY_KEY"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
"""


@pytest.mark.parametrize("upstream", [*UPSTREAMS, "openai-responses"])
def test_codex(gateway: Gateway, told: Callable[..., str], tmp_path: Path, upstream: str):
    """With its tools as they are: those of a group, and the search that another vendor has not."""
    (tmp_path / ".codex").mkdir()
    config = CODEX.format(upstream=upstream, url=gateway.url)
    (tmp_path / ".codex/config.toml").write_text(config)
    freely = ["--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", "--json"]
    seen = events(told("codex", "exec", *freely, TASK, GATEWAY_KEY="any-key"))
    assert seen[-1]["type"] == "turn.completed"
    assert seen[-1]["usage"]["output_tokens"] > 0
    assert seen[-2]["item"]["type"] == "agent_message" and seen[-2]["item"]["text"] == AFTER_TOOL
    spoke(gateway, "openai-responses", upstream)


@pytest.mark.parametrize("upstream", UPSTREAMS)
def test_gemini_cli(gateway: Gateway, told: Callable[..., str], tmp_path: Path, upstream: str):
    settings = {
        "general": {"enableAutoUpdate": False, "enableAutoUpdateNotification": False},
        "privacy": {"usageStatisticsEnabled": False},
        "telemetry": {"enabled": False},
        "security": {"auth": {"selectedType": "gemini-api-key"}, "folderTrust": {"enabled": False}},
        "tools": {"core": ["run_shell_command"]},
    }
    (tmp_path / ".gemini").mkdir()
    (tmp_path / ".gemini/settings.json").write_text(json.dumps(settings))
    (tmp_path / "system.md").write_text(SHORT)
    env = {"GEMINI_API_KEY": "any-key", "GOOGLE_GEMINI_BASE_URL": gateway.url, "GEMINI_CLI_TRUST_WORKSPACE": "true"}
    env |= {"GEMINI_SYSTEM_MD": str(tmp_path / "system.md"), "GEMINI_TELEMETRY_ENABLED": "false"}
    result = json.loads(told("gemini", "-p", TASK, "--yolo", "-m", f"via-{upstream}", "-o", "json", **env))
    assert result["response"] == AFTER_TOOL
    assert result["stats"]["tools"]["byName"]["run_shell_command"]["count"] == 1
    spoke(gateway, "gemini-generate", upstream)


# Which of the AI SDK's providers it speaks by, and where that finds its protocol.
OPENCODE = {
    "anthropic-messages": ("@ai-sdk/anthropic", "/v1"),
    "gemini-generate": ("@ai-sdk/google", "/v1beta"),
    "openai-chat": ("@ai-sdk/openai-compatible", "/v1"),
    "openai-responses": ("@ai-sdk/openai", "/v1"),
}


@pytest.mark.parametrize("upstream", UPSTREAMS)
@pytest.mark.parametrize("protocol", OPENCODE)
def test_opencode(gateway: Gateway, told: Callable[..., str], tmp_path: Path, protocol: str, upstream: str):
    package, path = OPENCODE[protocol]
    model = {"name": "tiny", "tool_call": True, "limit": {"context": 100_000, "output": 4096}}
    options = {"baseURL": gateway.url + path, "apiKey": "any-key"}
    config = {
        "autoupdate": False,
        "share": "disabled",
        "model": f"gateway/via-{upstream}",
        "small_model": f"gateway/via-{upstream}",
        "enabled_providers": ["gateway"],
        "tools": {"*": False, "bash": True},
        "agent": {"build": {"prompt": SHORT}},
        "provider": {
            "gateway": {"npm": package, "name": "gateway", "options": options, "models": {f"via-{upstream}": model}}
        },
    }
    (tmp_path / "opencode.json").write_text(json.dumps(config))
    without = ["AUTOUPDATE", "MODELS_FETCH", "LSP_DOWNLOAD", "DEFAULT_PLUGINS"]
    quiet = {f"OPENCODE_DISABLE_{what}": "1" for what in without}
    seen = events(told("opencode", "run", TASK, "--format", "json", **quiet))
    [call] = [event["part"] for event in seen if event["type"] == "tool_use"]
    assert (call["tool"], call["state"]["status"]) == ("bash", "completed")
    assert [event["part"]["text"] for event in seen if event["type"] == "text"] == [AFTER_TOOL]
    spoke(gateway, protocol, upstream, requests=3)  # the first is for a title


# -- those that speak OpenAI's Chat alone

UNLIKE = "anthropic-messages"


def test_continue(gateway: Gateway, told: Callable[..., str], tmp_path: Path):
    model = {"name": "tiny", "provider": "openai", "model": f"via-{UNLIKE}", "apiBase": f"{gateway.url}/v1"}
    model |= {"apiKey": "any-key", "roles": ["chat"], "capabilities": ["tool_use"]}
    config = {"name": "tests", "version": "0.0.1", "schema": "v1", "models": [model]}
    (tmp_path / "config.yaml").write_text(json.dumps(config))
    quiet = {"CONTINUE_TELEMETRY_ENABLED": "0"}
    others = ["AskQuestion", "CheckBackgroundJob", "Checklist", "Exit", "Fetch", "List", "Read", "Skills"]
    tools = ["--allow", "Bash", *(word for name in others for word in ("--exclude", name))]
    printed = told("cn", "-p", TASK, "--config", str(tmp_path / "config.yaml"), *tools, **quiet)
    assert printed.strip() == AFTER_TOOL
    spoke(gateway, "openai-chat", UNLIKE)


def test_qwen_code(gateway: Gateway, told: Callable[..., str]):
    env = {"OPENAI_BASE_URL": f"{gateway.url}/v1", "OPENAI_API_KEY": "any-key", "OPENAI_MODEL": f"via-{UNLIKE}"}
    alone = ["--auth-type", "openai", "--system-prompt", SHORT, "--core-tools", "run_shell_command"]
    seen = json.loads(told("qwen", "-p", TASK, "--yolo", "--output-format", "json", *alone, **env))
    assert (seen[-1]["subtype"], seen[-1]["result"]) == ("success", AFTER_TOOL)
    spoke(gateway, "openai-chat", UNLIKE)


VIBE = """\
active_model = "tiny"
system_prompt_id = "minimal"
enabled_tools = ["bash"]
enable_telemetry = false
enable_update_checks = false
enable_auto_update = false
enable_connectors = false
experimental_enable_model_catalog = false
experimental_enable_registry_skills = false
vibe_base_url = "{url}"
[[providers]]
name = "gateway"
api_base = "{url}/v1"
api_key_env_var = "GATEWAY_KEY"
backend = "generic"
[[models]]
name = "via-{upstream}"
provider = "gateway"
alias = "tiny"
"""


def test_mistral_vibe(gateway: Gateway, told: Callable[..., str], tmp_path: Path):
    (tmp_path / ".vibe").mkdir()
    (tmp_path / ".vibe/config.toml").write_text(VIBE.format(url=gateway.url, upstream=UNLIKE))
    freely = ["--output", "json", "--auto-approve", "--trust"]
    seen = json.loads(told("vibe", "-p", TASK, *freely, GATEWAY_KEY="any-key"))
    assert [part["text"] for part in seen[-1]["content"]] == [AFTER_TOOL]  # said to a tool's result alone
    spoke(gateway, "openai-chat", UNLIKE)


def test_llm(gateway: Gateway, told: Callable[..., str], tmp_path: Path):
    model = {"model_id": "tiny", "model_name": f"via-{UNLIKE}", "api_base": f"{gateway.url}/v1", "supports_tools": True}
    (tmp_path / "extra-openai-models.yaml").write_text(json.dumps([model]))
    (tmp_path / "tools.py").write_text(
        'def get_weather(city: str) -> str:\n    "Weather of a city"\n    return "sunny"\n'
    )
    ask = ["-m", "tiny", "--key", "any-key", "--no-log", "--functions", str(tmp_path / "tools.py"), TASK]
    assert told("llm", *ask, LLM_USER_PATH=str(tmp_path)).strip() == AFTER_TOOL
    spoke(gateway, "openai-chat", UNLIKE)


def test_aider(gateway: Gateway, told: Callable[..., str], tmp_path: Path):
    """It has no tools: what is to be changed stands in its answer."""
    (tmp_path / "main.py").write_text("")
    env = {"OPENAI_API_BASE": f"{gateway.url}/v1", "OPENAI_API_KEY": "any-key", "AIDER_ANALYTICS": "false"}
    env |= {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    without = ["no-analytics", "no-check-update", "no-show-release-notes", "no-show-model-warnings", "no-git"]
    without += ["no-gitignore", "no-pretty", "no-detect-urls"]
    asked = ["--model", f"openai/via-{UNLIKE}", "--yes-always", "--map-tokens", "0", "--edit-format", "diff"]
    printed = told("aider", *asked, *(f"--{what}" for what in without), "--message", "Hi", "main.py", **env)
    assert ANSWER in printed
    spoke(gateway, "openai-chat", UNLIKE, requests=1)
