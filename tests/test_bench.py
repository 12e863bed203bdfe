"""The programs of bench/ run, as far as they need neither a second core nor valgrind."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bench.cost import choice, key
from bench.picture import draw
from tests.servers import ROOT


@pytest.mark.parametrize(
    "work", ["chat-chat-small", "messages-chat-large", "chat-messages-burst", "messages-chat-paced"]
)
def test_the_gateway_is_driven_without_a_kernel(work: str):
    command = [sys.executable, "-m", "bench.drive", work, "2", "--profile"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert said.returncode == 0, said.stderr
    assert "%  runtime/" in said.stdout


def test_neither_accounts_nor_clients_make_a_request_dear():
    assert choice(10_000) < 20 * choice(100)
    assert key(10_000) < 20 * key(100)


def test_the_picture_has_a_bar_for_each_ratio():
    rows = [
        {"work": "a", "x aiohttp": 0.5, "aiohttp target": 0.4},
        {"work": "b", "x aiohttp": None, "aiohttp target": 1},
    ]
    assert draw(rows).count("<rect") == 2  # and the ground


def test_converters_are_loaded_when_they_are_needed():
    program = "import sys, runtime.shell.serve; print([m for m in sys.modules if m.startswith('generated.') and m.endswith(('request', 'response', 'stream', 'wire'))])"
    said = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert said.stdout == "[]\n", said
