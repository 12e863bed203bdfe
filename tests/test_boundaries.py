"""What may import what, read from the syntax trees; and that serving needs nothing of the generator."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import ROOT, VENVS, free_port, required, running

STANDARD = set(sys.stdlib_module_names)
# What gives the same answer to the same question: no clock, randomness, sockets, files, environment, threads, logging.
PURE = {
    *("__future__", "base64", "bisect", "calendar", "collections", "dataclasses", "datetime", "email.utils", "enum"),
    *(
        "fnmatch",
        "functools",
        "hashlib",
        "heapq",
        "hmac",
        "itertools",
        "struct",
        "json",
        "math",
        "operator",
        "re",
        "string",
        "types",
    ),
    *("typing", "unicodedata", "urllib.parse", "zlib"),
}
IMPORT_NAMES = {"pyyaml": "yaml"}
DECLARED = {
    IMPORT_NAMES.get(name, name)
    for requirement in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    for name in re.findall(r"^[a-z]+", requirement)
}
GENERATOR = {"codegen", "jinja2", "jsonschema", "datamodel_code_generator"}

# The longest matching place of a file decides.
MAY_IMPORT = {
    "codegen": STANDARD | GENERATOR | {"msgspec", "yaml", "runtime.core.located", "runtime.core.diagnostic"},
    "generated": {"__future__", "collections.abc", "typing", "msgspec", "generated"}
    | {f"runtime.core.{module}" for module in ("primitives", "context", "wire", "partial", "items")},
    "runtime/core": PURE | {"msgspec", "generated", "runtime.core"},
    "runtime/core/located.py": PURE | {"msgspec", "yaml", "runtime.core"},
    "runtime/shell": STANDARD | DECLARED | {"runtime.core", "runtime.shell", "generated"},
    "runtime/shell/upstream.py": STANDARD | DECLARED | {"runtime.core", "runtime.shell", "generated"},
    "runtime/shell/redis_store.py": STANDARD | DECLARED | {"runtime.core", "runtime.shell", "generated"},
    "runtime/shell/usage.py": STANDARD | DECLARED | {"runtime.core", "runtime.shell", "generated"},
    "runtime/shell/tokens.py": STANDARD | DECLARED | {"runtime.core", "runtime.shell", "generated"},
    "runtime/shell/credentials.py": STANDARD | DECLARED | {"runtime.core", "runtime.shell", "generated"},
    "runtime/__main__.py": STANDARD | {"runtime.core", "runtime.shell", "generated", "msgspec"},
    "runtime/core/catalogue.py": PURE | {"msgspec", "generated", "runtime.core", "importlib.import_module"},
    "runtime/__init__.py": set(),
}
# The exceptions: imported inside a function, for the commands that need the generator and the accounts behind SOCKS.
INSIDE_FUNCTIONS = {
    "runtime/__main__.py": {"codegen"},
    "runtime/shell/upstream.py": {"aiohttp_socks"},
    "runtime/shell/redis_store.py": {"redis"},
    "runtime/shell/usage.py": {"psycopg"},
    "runtime/shell/tokens.py": {"tiktoken"},
    "runtime/shell/credentials.py": {"azure.identity", "botocore", "google.auth", "google.oauth2"},
}
SOURCES = sorted(file for package in ("codegen", "generated", "runtime") for file in (ROOT / package).rglob("*.py"))


def imports(tree: ast.AST, inside: bool = False) -> Iterator[tuple[str, int, bool]]:
    """Each import's dotted name, line, and whether it stands inside a function. Names of `from` imports count whole."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno, inside) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports are written in full"
            yield from ((f"{node.module}.{alias.name}", node.lineno, inside) for alias in node.names)
        else:
            yield from imports(node, inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def allowed(name: str, prefixes: set[str]) -> bool:
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def place(file: Path) -> str:
    path = file.relative_to(ROOT).as_posix()
    return max((place for place in MAY_IMPORT if path == place or path.startswith(f"{place}/")), key=len)


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_imports(file: Path):
    prefixes = MAY_IMPORT[place(file)]
    lazily = INSIDE_FUNCTIONS.get(place(file), set())
    wrong = [
        f"{file.relative_to(ROOT)}:{line} imports {name}"
        for name, line, inside in imports(ast.parse(file.read_text()))
        if not allowed(name, prefixes | lazily if inside else prefixes)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_table_is_in_use():
    assert {place(file) for file in SOURCES} == set(MAY_IMPORT)


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("runtime/core", "import time"),
        ("runtime/core", "from os import environ"),
        ("runtime/core", "import urllib.request"),
        ("runtime/core", "from runtime.shell import app"),
        ("runtime/shell", "from codegen import load"),
        ("generated", "from runtime.core.pool import Pool"),
        ("codegen", "import generated.canonical"),
        ("codegen", "from runtime.core import pool"),
        ("runtime/__main__.py", "import codegen.pipeline"),
    ],
)
def test_the_table_refuses(place: str, line: str):
    [(name, _, inside)] = imports(ast.parse(line))
    assert not inside
    assert not allowed(name, MAY_IMPORT[place])


def test_the_core_asks_no_clock():
    """datetime is there to read and write dates; its clock is as forbidden as the module time."""
    clock = {"now", "utcnow", "today"}
    for file in (ROOT / "runtime/core").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in clock:
                owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
                assert owner not in ("datetime", "date"), f"{file.relative_to(ROOT)}:{node.lineno} asks the clock"


def test_what_the_core_imports_by_name_is_generated():
    """The dialects are many and most requests need two: `catalogue.py` alone imports them when they are asked for."""
    tree = ast.parse((ROOT / "runtime/core/catalogue.py").read_text())
    calls = [
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "import_module"
    ]
    assert calls
    assert [call for call in calls if not re.match(r"f?['\"]generated\.", ast.unparse(call.args[0]))] == []


def test_folders_are_at_most_four_deep():
    tops = ("specs", "codegen", "runtime", "generated", "tests", "requirements", ".ci")
    listed = subprocess.run(["git", "ls-files", *tops], cwd=ROOT, capture_output=True, text=True, check=True)
    assert listed.stdout
    assert [path for path in listed.stdout.splitlines() if path.count("/") > 4] == []


def test_serving_needs_no_generator(tmp_path: Path):
    """The gateway starts in an environment of `requirements/serve.lock` and nothing else."""
    python = required(VENVS / "serve", "run `make setup`") / "bin/python"
    probe = "import importlib.util as u; print([m for m in ('jinja2', 'jsonschema', 'datamodel_code_generator', 'black') if u.find_spec(m)])"
    assert subprocess.run([python, "-c", probe], capture_output=True, text=True).stdout == "[]\n"
    policy = tmp_path / "policy.yaml"
    policy.write_text(
        f"version: 1\nserver: {{host: 127.0.0.1, port: {(port := free_port())}}}\n"
        "pools: {main: {strategy: round_robin, accounts: [{name: echo, provider: echo}]}}\n"
        'models: [{name: "*", pool: main}]\n'
    )
    command = [python, "-m", "runtime", "serve", "--pool", policy]
    with running(command, f"http://127.0.0.1:{port}/healthz", tmp_path / "log"):
        pass


def test_an_installed_copy_checks_its_own_specs(tmp_path: Path):
    """The distribution carries all it needs: the command works away from the checkout."""
    source = tmp_path / "source"
    for part in ("codegen", "generated", "runtime", "specs"):
        shutil.copytree(ROOT / part, source / part, ignore=shutil.ignore_patterns("__pycache__"))
    for part in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / part, source)
    wheel = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*wheel, "--wheel-dir", tmp_path, source], check=True, timeout=120)
    [archive] = tmp_path.glob("isogloss-*.whl")
    installed = tmp_path / "installed"
    zipfile.ZipFile(archive).extractall(installed)
    env = {**os.environ, "PYTHONPATH": str(installed)}
    check = [sys.executable, "-m", "runtime", "check"]
    run = subprocess.run(check, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout + run.stderr
    (installed / "specs/dialects/openai_chat/mapping.yaml").write_text("not: a mapping\n")
    assert subprocess.run(check, cwd=tmp_path, env=env, capture_output=True, timeout=120).returncode == 1
