"""Instructions for a request, by valgrind: the same on a busy machine as on an idle one.

python -m bench.count [WORK ...]     prints millions of instructions a request, for works of bench.drive

A run of few requests and one of more are told apart: what starting costs falls out. Hashes have a fixed seed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FEW, MORE = 5, 25
WORKS = [
    *("chat-chat-small", "messages-chat-small", "chat-messages-small"),
    *("chat-chat-burst", "messages-chat-burst", "chat-messages-burst", "messages-chat-paced", "messages-chat-large"),
]


def instructions(work: str) -> float:
    """Of one request. Raises SystemExit where valgrind is not there or the run fails."""
    if shutil.which("valgrind") is None:
        raise SystemExit("bench: valgrind is needed to count instructions")
    return (_counted(work, MORE) - _counted(work, FEW)) / (MORE - FEW)


def _counted(work: str, count: int) -> int:
    valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    python = [sys.executable, "-m", "bench.drive", work, str(count)]
    environ = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONMALLOC": "pymalloc"}
    said = subprocess.run([*valgrind, *python], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=600)
    found = re.search(r"Collected : (\d+)", said.stderr)
    if said.returncode or found is None:
        raise SystemExit(f"bench: {work} fails under valgrind:\n{said.stderr[-2000:]}")
    return int(found[1])


def main() -> None:
    for work in sys.argv[1:] or WORKS:
        print(f"{work}: {instructions(work) / 1e6:.3f} M", flush=True)


if __name__ == "__main__":
    main()
