"""Several processes that listen on one port: the kernel gives each connection to one of them."""

import fcntl
import os
import signal
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from typing import BinaryIO
from zlib import crc32

YOUNG_S = 5.0  # a worker that ends by itself before this cannot work at all, and nor can the next
PAUSE_S = 1.0  # before one that was killed so young is started again


class Kept:
    """A text that this process and those that it starts share: the last that one of them has put in, whole.

    It is in one of two files without a name, and the next one is written into the other: whoever dies while it writes
    spoils none.
    """

    def __init__(self) -> None:
        self._files = _nameless(), _nameless()

    def put(self, text: bytes) -> None:
        """Raises OSError where there is no room."""
        fcntl.lockf(self._files[0], fcntl.LOCK_EX)
        try:
            number, last = self._last()
            if text != last:
                record = (number + 1).to_bytes(8) + text
                file = self._files[(number + 1) % 2].fileno()
                os.ftruncate(file, 0)
                os.pwrite(file, crc32(record).to_bytes(4) + record, 0)
        finally:
            fcntl.lockf(self._files[0], fcntl.LOCK_UN)

    def get(self) -> bytes | None:
        return self._last()[1]

    def _last(self) -> tuple[int, bytes | None]:
        found: tuple[int, bytes | None] = (0, None)
        for file in self._files:
            whole = os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0)
            check, record = whole[:4], whole[4:]
            if len(record) >= 8 and crc32(record).to_bytes(4) == check:
                found = max(found, (int.from_bytes(record[:8]), record[8:]), key=lambda one: one[0])
        return found


def _nameless() -> BinaryIO:
    """A file without a name: in memory where the system has such, for there may be no place on disk that is writable."""
    if hasattr(os, "memfd_create"):
        return open(os.memfd_create("policy"), "r+b", buffering=0)
    return tempfile.TemporaryFile(buffering=0)


class Workers:
    """Runs `work(index, port, lifeline)` in `count` processes. `lifeline` reads as ended when this process is gone."""

    def __init__(self, count: int, work: Callable[[int, int, int], int]) -> None:
        self.count = count
        self._work = work
        self._running: dict[int, tuple[int, float]] = {}  # by process id: index, since when
        self._ending = False

    def run(self, host: str, port: int) -> int:
        """Until SIGTERM or SIGINT, or until one of them cannot work; gives the exit status. Raises OSError: no such port."""
        with _reserved(host, port) as place:
            self._port = place.getsockname()[1]
            self._lifeline, self._alive = os.pipe()
            signals = {signal.SIGTERM: self._end, signal.SIGINT: self._end, signal.SIGHUP: self._forward}
            before = {sign: signal.signal(sign, handler) for sign, handler in signals.items()}
            try:
                for index in range(self.count):
                    self._start(index)
                return self._watch()
            finally:
                for sign, handler in before.items():
                    signal.signal(sign, handler)
                os.close(self._alive)
                os.close(self._lifeline)

    def _start(self, index: int) -> None:
        # a signal between fork and the child's own handlers would be handled by the parent's in the child
        held = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTERM, signal.SIGINT, signal.SIGHUP))
        pid = None if self._ending else os.fork()
        if pid != 0:
            if pid is not None:
                self._running[pid] = (index, time.monotonic())
            signal.pthread_sigmask(signal.SIG_SETMASK, held)
            return
        status = 1
        try:
            os.setpgid(0, 0)  # the terminal's ^C is the parent's to pass on, once
            os.close(self._alive)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_SETMASK, held)
            status = self._work(index, self._port, self._lifeline)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def _watch(self) -> int:
        failed = 0
        while self._running:
            pid, state = os.waitpid(-1, 0)
            if pid not in self._running:
                continue
            index, since = self._running.pop(pid)
            status = os.waitstatus_to_exitcode(state)
            if self._ending:
                failed = failed or max(status, 0)
                continue
            young = time.monotonic() - since < YOUNG_S
            if young and status >= 0:
                failed = status or 1
                self._end()
                continue
            print(f"isogloss: worker {index} ended with {status} and is started again", file=sys.stderr)
            if young:
                time.sleep(PAUSE_S)
            self._start(index)
        return failed

    def _end(self, *_: object) -> None:
        self._ending = True
        self._forward(signal.SIGTERM)

    def _forward(self, sign: int, *_: object) -> None:
        for pid in self._running:
            os.kill(pid, sign)


def _reserved(host: str, port: int) -> socket.socket:
    """A socket that holds the port for the workers and takes no connection itself."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    with socket.socket(family, kind, protocol) as probe:  # workers of another gateway would share the port in silence
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)
    place = socket.socket(family, kind, protocol)
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        place.bind(address)
    except OSError:
        place.close()
        raise
    return place
