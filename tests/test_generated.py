"""generated/ is what specs/ says, to the byte, however often it is made; and it is made fast."""

from __future__ import annotations

import gc
import os
import resource
import shutil
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import pytest

from codegen import commands, pipeline
from codegen.format import stale
from codegen.load import nodes, sources
from codegen.prove import prove

ROOT = Path(__file__).parents[1]


@cache
def checked() -> pipeline.Checked:
    return pipeline.check(sources(ROOT))


@cache
def modules() -> dict[str, str]:
    return commands.modules(checked())


def test_generated_is_current() -> None:
    assert stale(modules(), ROOT / "generated") == [], "run: make generate"


def test_what_is_emitted_can_decode_what_it_is_for() -> None:
    assert prove(modules(), checked()) == []


def reading() -> float:
    """CPU seconds that the specs take to be read: what others take is measured by it where the machine is busy."""
    gc.disable()  # as the commands do
    try:
        before = time.process_time()
        nodes(sources(ROOT))
        return time.process_time() - before
    finally:
        gc.enable()


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_same_spec_gives_the_same_bytes(seed: str) -> None:
    """Whatever the order of sets."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "runtime", "generate", "--check"],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert after.ru_utime - before.ru_utime < max(10, 24 * reading()), "a generate takes less than ten seconds"


def test_a_check_is_fast() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-m", "runtime", "check"], cwd=ROOT, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stdout
    assert after.ru_utime - before.ru_utime < max(2, 5 * reading()), "a check takes less than two seconds"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A project with the same specs and generated modules."""
    for name in ("specs", "generated"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "runtime" / "core").mkdir(parents=True)
    shutil.copy(ROOT / "runtime/core/primitives.py", tmp_path / "runtime/core/primitives.py")
    return tmp_path


def test_any_difference_is_told_and_mended(
    copy: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = modules()
    monkeypatch.setattr(commands, "modules", lambda _: made)
    changed, spare, gone = (copy / "generated" / name for name in ("openai_chat/request.py", "spare.py", "README.md"))
    changed.write_text(changed.read_text().replace("def lift_message", "def lift_massage"))
    spare.write_text("")
    gone.unlink()
    assert commands.generate(True, root=copy) == 1
    said = capsys.readouterr().out
    assert "-def lift_massage" in said and "+def lift_message" in said
    assert "3 of" in said and "files are not what specs/ says" in said
    assert not gone.exists(), "--check writes nothing"
    assert commands.generate(root=copy) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        f"  generated/{name}" for name in ("README.md", "openai_chat/request.py", "spare.py")
    ]
    assert not spare.exists()
    assert commands.generate(True, root=copy) == 0


def test_nothing_is_written_from_broken_specs(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mapping = copy / "specs/dialects/openai_chat/mapping.yaml"
    mapping.write_text(mapping.read_text().replace("temperature: temperature", "temperature: temprature"))
    before = {path: path.read_bytes() for path in (copy / "generated").rglob("*") if path.is_file()}
    assert commands.generate(root=copy) == 1
    assert "E201  Request has no field `temprature`" in capsys.readouterr().out
    assert before == {path: path.read_bytes() for path in (copy / "generated").rglob("*") if path.is_file()}
