"""`isogloss new`: what it writes is whole, and it says where to go on."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

import pytest

from codegen import new, pipeline
from codegen.load import nodes, sources
from runtime.__main__ import main
from runtime.core.diagnostic import Diagnostic, render

ROOT = Path(__file__).parents[1]
DIALECTS = ["openai-chat", "anthropic-messages"]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of what the compiler reads; the command works on it."""
    shutil.copytree(ROOT / "specs", tmp_path / "specs")
    (tmp_path / "runtime" / "core").mkdir(parents=True)
    shutil.copy(ROOT / "runtime" / "core" / "primitives.py", tmp_path / "runtime" / "core")
    monkeypatch.setattr(new, "ROOT", tmp_path)
    return tmp_path


def found(root: Path) -> list[Diagnostic]:
    """What the check has to say about the specs below a folder."""
    return pipeline.check(sources(root)).diagnostics


BEFORE = cache(lambda: found(ROOT))


def problems(root: Path) -> str:
    """What it had not said before."""
    return render([one for one in found(root) if one not in BEFORE()], sources(root))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_provider_is_whole(dialect: str, project: Path, capsys: pytest.CaptureFixture):
    assert main(["new", "provider", "acme_labs", "--dialect", dialect]) == 0
    said = capsys.readouterr().out
    assert said.startswith("wrote specs/providers/acme_labs.yaml\n")
    assert f"isogloss translate request.json --from {dialect} --to {dialect} --provider acme_labs" in said
    assert problems(project) == ""
    roots, _ = nodes({"specs/providers/acme_labs.yaml": (project / "specs/providers/acme_labs.yaml").read_text()})
    text = pipeline.providers(roots)["providers.py"]
    facts: dict[str, dict] = {}
    exec(text, facts)
    [one] = facts["PROVIDERS"].values()
    vendor = {"openai-chat": "openai", "anthropic-messages": "anthropic"}[dialect]
    theirs = nodes({vendor: (ROOT / f"specs/providers/{vendor}.yaml").read_text()})[0][vendor].plain()
    assert (one["auth"], one.get("headers")) == (theirs["auth"], theirs.get("headers"))
    whole = one["base_url"] + one["dialects"][dialect]["path"]
    assert whole.endswith(theirs["base_url"].partition(".com")[2] + theirs["dialects"][dialect]["path"])


def test_what_it_shows_of_differences_is_a_form_that_is_read(project: Path):
    """The commented lines at the end, with real names in them, pass the check as well."""
    new.provider("acme", "openai-chat", project)
    file = project / "specs/providers/acme.yaml"
    head, _, shown = file.read_text().partition("# differs:")
    differs = (
        ("differs:" + shown).replace("\n#", "\n").replace("their_field: its_field", "max_completion_tokens: max_tokens")
    )
    file.write_text(head + differs.replace("their_field: why", "store: why"))
    assert problems(project) == ""
    assert (
        'body["max_tokens"] = body.pop("max_completion_tokens")'
        in pipeline.providers({"acme": nodes({"acme": file.read_text()})[0]["acme"]})["overlays/acme.py"]
    )


@pytest.mark.parametrize("like", DIALECTS)
def test_a_dialect_is_whole(like: str, project: Path, capsys: pytest.CaptureFixture):
    assert main(["new", "dialect", "acme-chat", "--like", like]) == 0
    assert capsys.readouterr().out.startswith(
        "wrote specs/dialects/acme_chat/schema.yaml and specs/dialects/acme_chat/mapping.yaml"
    )
    said = found(project)
    assert {one.code for one in said if one not in BEFORE()} == {"E320"}, problems(project)  # what only one may carry
    roots = {one.mapping.dialect: one.mapping.root for one in pipeline.dialects(sources(project))[0]}
    mine, theirs = (roots[name].plain() for name in ("acme-chat", like))
    assert mine["http"]["generate"]["path"] == "/acme_chat" + theirs["http"]["generate"]["path"]
    assert mine | {"dialect": like, "http": None} == theirs | {"http": None}
    assert "title: acme-chat\n" in (project / "specs/dialects/acme_chat/schema.yaml").read_text()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["provider", "Acme", "--dialect", "openai-chat"], "`Acme` is no name of a provider: write small letters"),
        (["provider", "../acme", "--dialect", "openai-chat"], "`../acme` is no name of a provider"),
        (
            ["provider", "acme", "--dialect", "openai-caht"],
            "there is no dialect `openai-caht`; did you mean `openai-chat`?",
        ),
        (["provider", "openai", "--dialect", "openai-chat"], "specs/providers/openai.yaml is already there"),
        (["dialect", "acme", "--like", "openai-chat"], "`acme` is no name of a dialect: write whose it is and which"),
        (["dialect", "acme-chat", "--like", "zzz"], "there is no dialect `zzz`; there are "),
        (["dialect", "openai-chat", "--like", "openai-chat"], "specs/dialects/openai_chat is already there"),
    ],
)
def test_what_cannot_be_made(options: list[str], words: str, project: Path, capsys: pytest.CaptureFixture):
    before = sources(project)
    assert main(["new", *options]) == 2
    out, err = capsys.readouterr()
    assert (out, sources(project)) == ("", before)
    assert err.startswith("isogloss new: ") and words in err
