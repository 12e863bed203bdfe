"""SQLite files that several processes may share."""

import sqlite3
from collections.abc import Iterable


def opened(name: str, create: Iterable[str], *, waits: float, durable: bool) -> sqlite3.Connection:
    """The file, with what `create` says in it. It waits so many seconds for another process that writes.

    Without `durable` a machine that stops may lose what was written last; no reader does. Raises sqlite3.Error.
    """
    file = sqlite3.connect(name, timeout=waits, check_same_thread=False)
    try:
        file.execute("PRAGMA journal_mode = WAL")
        file.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        with file:
            for statement in create:
                file.execute(statement)
    except BaseException:
        file.close()
        raise
    return file
