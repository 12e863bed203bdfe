"""The README is true: every block of it is run, top to bottom, in a copy of the project; its port alone is another."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import QUIET, agent
from tests.servers import ROOT, VENVS, free_port, required, running

README = (ROOT / "README.md").read_text()
NEWEST = {"openai": "openai-3.52.0", "anthropic": "anthropic-2.11.0"}
# What runs this test cannot run inside it; make says what it would do.
ONLY_ASKED = ("make test", "make update")
SERVES = re.compile(r"make run$|.* serve( |$)")
SAID = "Good morning"


@dataclass
class Block:
    line: int
    language: str
    title: str
    text: str

    def __str__(self) -> str:
        return f"README.md:{self.line}"


def blocks() -> list[Block]:
    found = []
    for match in re.finditer(r"^( *)```(\w+) ?(.*)\n((?:.*\n)*?)\1```$", README, re.MULTILINE):
        indent, language, title, text = match.groups()
        text = re.sub(f"^{indent}", "", text, flags=re.MULTILINE)
        found.append(Block(README.count("\n", 0, match.start()) + 1, language, title, text))
    return found


class Reader:
    """Does what the README says, in `folder`; what it starts runs until it starts something else there."""

    def __init__(self, folder: Path, stack: contextlib.ExitStack):
        self.folder = folder
        self.port = str(free_port())
        self.server = stack.enter_context(contextlib.ExitStack())
        self.env = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(folder),
            "PYTHONPATH": str(folder),
            "SERVE": f"--port {self.port}",
            **QUIET,
        }
        listed = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
        )
        for name in filter(lambda name: (ROOT / name).is_file(), listed.stdout.splitlines()):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
            os.utime(folder / name, (0, 0))  # older than the stamps of the set-up: make need not renew it
        for name in (".venv", ".venvs"):
            (folder / name).symlink_to(ROOT / name)
        self.run("git init -q && git add -A")

    def run(self, script: str) -> str:
        command = ["bash", "-euo", "pipefail", "-c", script]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def read(self, block: Block) -> None:
        text = block.text.replace("7070", self.port)
        match block.language:
            case "sh" if text.strip() in ONLY_ASKED:
                assert "pytest" in self.run(text.replace("make", "make -n"))
            case "sh" if SERVES.match(text.strip()):
                self.server.close()
                command = ["bash", "-c", f"exec env {text}"]
                ready = f"http://127.0.0.1:{self.port}/healthz"
                log = self.folder / "gateway.log"
                self.server.enter_context(running(command, ready, log, self.env, cwd=self.folder))
            case "sh":
                said = self.run(text)
                assert SAID in said or (SAID not in text and "request.json" not in text), said
            case "python":
                python = required(VENVS / NEWEST[block.title], "run `make setup`") / "bin/python"
                (self.folder / "example.py").write_text(text)
                assert self.run(f"{python} example.py").strip() == SAID
            case "yaml" | "json":
                assert block.title, f"{block} does not say which file it is"
                (self.folder / block.title).write_text(text)
            case "text":
                for path in paths(text):
                    assert (ROOT / path).is_dir(), f"{block} shows {path}, which is no folder"
            case other:
                pytest.fail(f"{block}: nobody here knows how to run {other}")


def paths(map_of_folders: str) -> Iterator[str]:
    """The folders that the map shows: one a line, those inside another indented below it."""
    outer = ""
    for line in map_of_folders.splitlines():
        name = line.split()[0]
        outer, path = (outer, outer + name) if line.startswith(" ") else (name, name)
        yield path


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with contextlib.ExitStack() as stack:
        yield Reader(tmp_path_factory.mktemp("readme"), stack)


@pytest.mark.parametrize("block", blocks(), ids=str)
def test_block(block: Block, reader: Reader):
    if " claude " in block.text:
        reader.env["PATH"] += f":{agent('claude')[0].parent}"
    reader.read(block)


def test_no_block_is_overlooked():
    assert len(blocks()) == len(re.findall(r"^ *```\w", README, re.MULTILINE)) == README.count("```") / 2


def test_the_map_shows_every_folder():
    [shown] = [set(paths(block.text)) for block in blocks() if block.language == "text"]
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    folders = {f"{path.split('/')[0]}/" for path in listed.splitlines() if "/" in path and not path.startswith(".")}
    assert folders <= shown
