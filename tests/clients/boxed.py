"""Runs a program where nothing is but loopback, and there one port: `boxed.py PORT COMMAND...`.

The program has a network of its own (Linux: `unshare`). Who connects to 127.0.0.1:PORT there is carried to the same
port here; no other address and no name can be reached. Ends as the program does.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import socket
import struct
import subprocess
import sys

SIOCSIFFLAGS, IFF_UP = 0x8914, 1


def inside(ours: int, port: int, command: list[str]) -> None:
    """In the new network: brings loopback up, hands a listener out by the socket `ours`, becomes the program."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
    with socket.create_server(("127.0.0.1", port)) as listener, socket.socket(fileno=ours) as out:
        socket.send_fds(out, [b"."], [listener.fileno()])
    os.execvp(command[0], command)


async def outside(port: int, command: list[str]) -> int:
    """Starts `inside`, carries its connections, gives the program's exit status."""
    ours, theirs = socket.socketpair()
    alone = ["unshare", "--net", *(["--map-root-user"] if os.geteuid() else [])]
    again = [*alone, sys.executable, __file__, "--inside", str(theirs.fileno()), str(port), *command]
    with ours, theirs:
        program = await asyncio.create_subprocess_exec(*again, pass_fds=[theirs.fileno()])
        theirs.close()
        _, handed, _, _ = await asyncio.to_thread(socket.recv_fds, ours, 1, 1)
    if not handed:
        return await program.wait()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pour(reader, back), pour(there, writer))

    async with await asyncio.start_server(carry, sock=socket.socket(fileno=handed[0])):
        return await program.wait()


async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while piece := await reader.read(1 << 16):
            writer.write(piece)
            await writer.drain()
    writer.close()


def possible() -> bool:
    """Whether this system lets us have a network of our own."""
    alone = ["unshare", "--net", *(["--map-root-user"] if os.geteuid() else []), "true"]
    with contextlib.suppress(OSError):
        return subprocess.run(alone, capture_output=True).returncode == 0
    return False


if __name__ == "__main__":
    if sys.argv[1] == "--inside":
        inside(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
    sys.exit(asyncio.run(outside(int(sys.argv[1]), sys.argv[2:])))
