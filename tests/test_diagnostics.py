"""Every code has a folder in tests/diagnostics/ with specs that are broken in that way, and the exact message.

`tests/mini` holds small specs that are whole. A folder holds `edit.yaml`, a list of edits of theirs, and `message.txt`, all that
is said of the result. `make update` writes what is said now; a reader judges it.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import jsonschema
import pytest

from codegen import commands, pipeline
from codegen.diagnostics import CODES
from codegen.load import IMPLEMENTED, sources
from codegen.prove import prove
from codegen.validate import Schema, meta_schema
from runtime.core.diagnostic import Diagnostic, render
from runtime.core.located import load

ROOT = Path(__file__).parents[1]
HERE = Path(__file__).parent / "diagnostics"
pytestmark = pytest.mark.filterwarnings("ignore:Discriminator 'sort' of Mixed")  # the broken schema of E335
MINI = Path(__file__).parent / "mini"
FOLDERS = sorted(path.name for path in HERE.iterdir())


@cache
def mini() -> dict[str, str]:
    """The small specs, under the paths of real ones, beside the real meta-schemas."""
    small = sorted(MINI.rglob("*.yaml"))
    texts = {file: text for file, text in sources(ROOT).items() if file.startswith("specs/schemas/")}
    texts |= {place(path.relative_to(MINI).as_posix()): path.read_text() for path in small}
    return texts | {IMPLEMENTED: (MINI / "primitives.py").read_text()}


def place(file: str) -> str:
    """Where a small spec would stand: its dialects are at the top, that no path gets too deep."""
    return f"specs/dialects/{file}" if file.startswith("tiny_") else f"specs/{file}"


def broken(folder: str) -> dict[str, str]:
    """The small specs with a folder's edits made."""
    root, wrong = load((HERE / folder / "edit.yaml").read_text(), "edit.yaml")
    assert root is not None and not wrong
    texts = dict(mini())
    for edit in root.plain():
        text = texts[edit["file"]]
        assert text.count(edit["old"]) == 1, f"{edit['old']!r} stands {text.count(edit['old'])} times in {edit['file']}"
        texts[edit["file"]] = text.replace(edit["old"], edit["new"])
    return texts


def said(texts: dict[str, str]) -> list[Diagnostic]:
    """What a build says of specs: the check, and where that finds nothing the proof of what is emitted."""
    checked = pipeline.check(texts)
    if not checked.good:
        return checked.diagnostics
    plans, _ = pipeline.plan(checked.project)
    files, _ = pipeline.emit(checked.project, plans, checked.roots)
    return prove(files, checked)


def test_the_small_specs_are_whole() -> None:
    assert render(said(mini()), mini()) == ""


def test_every_code_has_a_folder_and_every_folder_a_code() -> None:
    assert sorted(CODES) == FOLDERS


def test_every_code_that_is_written_is_in_the_catalogue() -> None:
    files = [*(ROOT / "codegen").glob("*.py"), ROOT / "runtime/core/located.py"]
    written = {
        code for file in files if file.name != "diagnostics.py" for code in re.findall(r'"(E\d{3})"', file.read_text())
    }
    assert written == set(CODES)


@pytest.mark.parametrize("code", FOLDERS)
def test_message(code: str, request: pytest.FixtureRequest) -> None:
    texts = broken(code)
    found = said(texts)
    assert code in {one.code for one in found}
    message = render(found, texts)
    expected = HERE / code / "message.txt"
    if request.config.getoption("update_snapshots", False):
        expected.write_text(message)
    assert message == expected.read_text()


@pytest.mark.parametrize("code", FOLDERS)
def test_the_form_is_judged_as_the_library_judges_it(code: str) -> None:
    """Our reader of meta-schemas and jsonschema agree on every file that is broken in some way."""
    for file, text in broken(code).items() - mini().items():
        name = meta_schema(file)
        root, wrong = load(text, file) if name else (None, [])
        if root is not None and not wrong:
            schema, judge = judges(name)
            assert (not schema.check(root)) == judge.is_valid(root.plain()), file


@cache
def judges(name: str) -> tuple[Schema, jsonschema.Draft202012Validator]:
    root = load(mini()[name], name)[0]
    return Schema(root), jsonschema.Draft202012Validator(root.plain())


@pytest.mark.parametrize("file", sorted(file for file in sources(ROOT) if meta_schema(file)))
def test_the_real_files_are_well_formed_for_the_library(file: str) -> None:
    root, wrong = load(sources(ROOT)[file], file)
    assert root is not None and not wrong
    assert [str(one) for one in judges(meta_schema(file))[1].iter_errors(root.plain())] == []


@pytest.mark.parametrize("file", sorted(file for file in mini() if file.startswith("specs/schemas/")))
def test_meta_schemas_are_schemas(file: str) -> None:
    jsonschema.Draft202012Validator.check_schema(load(mini()[file], file)[0].plain())


def test_all_errors_of_a_run_are_told_at_once() -> None:
    """Those of load, validate, resolve and totality in one run, sorted by file and line."""
    texts = dict(mini())
    texts["specs/providers/local.yaml"] += "extra: 1\n"
    texts["specs/dialects/tiny_chat/cases/basics.yaml"] += "  about: twice\n"
    mapping = "specs/dialects/tiny_chat/mapping.yaml"
    texts[mapping] = (
        texts[mapping]
        .replace("temperature: temperature", "temperature: temprature")
        .replace("drop: {name: only here have speakers names}", "drop: {nam: a slip}")
    )
    blocks = "specs/dialects/tiny_blocks/mapping.yaml"
    texts[blocks] = texts[blocks].replace("    name: name\n", "")
    found = pipeline.check(texts).diagnostics
    text = render(found, texts)
    heads = [(file, int(row), code) for file, row, code in re.findall(r"^(specs/\S+?):(\d+):\d+  (E\d+)", text, re.M)]
    assert heads == sorted(heads)
    assert {code for *_, code in heads} == {"E102", "E110", "E201", "E301", "E302", "E306"}


@pytest.mark.parametrize("name", ["role", "turn", "part"])
def test_blocks_say_where_they_stand(name: str) -> None:
    """No line of a mapping names these fields; without one of them no message could be made."""
    texts, model = dict(mini()), "specs/canonical/model.yaml"
    texts[model], taken = re.subn(rf"^      {name}: .*\n", "", texts[model], flags=re.M)
    found = pipeline.check(texts).diagnostics
    assert taken == 1 and [one.code for one in found] == ["E201"], found
    assert f"blocks have no field `{name}`" in render(found, texts)


def test_check_in_every_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for file, text in mini().items():
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert commands.check("text", tmp_path) == 0
    counts = capsys.readouterr().out
    assert re.search(r"^tiny-blocks +22 mapped +1 carried +0 dropped +1 refused +91.7% mapped$", counts, re.M)
    assert commands.check("json", tmp_path) == 0
    assert capsys.readouterr().out == "[]\n"
    mapping = tmp_path / "specs/dialects/tiny_chat/mapping.yaml"
    mapping.write_text(mapping.read_text().replace("temperature: temperature", "temperature: temprature"))
    assert commands.check("json", tmp_path) == 1
    assert '"code": "E201"' in capsys.readouterr().out
    assert commands.check("github", tmp_path) == 1
    assert capsys.readouterr().out.startswith("::error file=specs/dialects/tiny_chat/mapping.yaml,line=")
    assert commands.check("text", tmp_path) == 1
    assert capsys.readouterr().out.endswith("\n1 error\n")
