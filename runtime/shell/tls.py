"""By what the gateway shows that it is itself."""

import ssl
from pathlib import Path

from generated.policy import Tls
from runtime.shell.snapshot import Missing


def server_context(tls: Tls, live: ssl.SSLContext | None = None) -> ssl.SSLContext:
    """For a server; `live` is one that serves, and shows the files as they are now from the next connection on.

    Raises Missing where the files are no certificate and its key; `live` is then as it was.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    _load(context, tls)
    if live is None:
        return context
    _load(live, tls)
    return live


def _load(context: ssl.SSLContext, tls: Tls) -> None:
    cert, key = Path(tls.cert).expanduser(), Path(tls.key).expanduser()
    for path in (cert, key):
        try:
            path.read_bytes()
        except OSError as problem:
            raise Missing(f"{path} cannot be read: {problem.strerror}") from None
    try:
        context.load_cert_chain(cert, key, password="")  # else it would ask the terminal for one
    except (ssl.SSLError, ValueError) as problem:
        reason = (getattr(problem, "reason", None) or "no PEM").replace("_", " ").lower()
        raise Missing(f"{cert} and {key} are no certificate and its key without a password: {reason}") from None
