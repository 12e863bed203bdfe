"""Several processes that listen on one port: the kernel gives each connection to one of them."""

import os
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable

YOUNG_S = 5.0  # a worker that ends before this cannot work at all, and nor can the next


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
        pid = os.fork()
        if pid:
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
            elif time.monotonic() - since < YOUNG_S:
                failed = status if status > 0 else 1
                self._end()
            else:
                print(f"isogloss: worker {index} ended with {status} and is started again", file=sys.stderr)
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
