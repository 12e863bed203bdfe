"""Credentials of accounts without a key: by the library of Google, Microsoft or Amazon, each an extra.

The libraries wait for the network, so they run in threads; what they give is kept until shortly before its end. Nothing
here is ever logged: an Unavailable says what the library said, and no library puts a secret into that.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import UTC
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from yarl import URL

EARLY_S = 300.0  # before its end a token is asked for anew
AGAIN_S = 30.0  # after a failure, while the old one still holds
LOOKED_AT_S = 60.0  # botocore renews what it has by itself, and is asked for it this often
LONGEST_REASON = 300  # characters of what a library says

Clock = Callable[[], float]  # seconds since the epoch
T = TypeVar("T")


class Unavailable(Exception):
    """There are no credentials. The text says why."""


class Kept(Generic[T]):
    """What `fetch` gives in a thread, with the time from which it is asked again; one call at a time, whoever waits."""

    def __init__(self, fetch: Callable[[], tuple[T, float, float]], clock: Clock) -> None:
        self._fetch, self._clock = fetch, clock
        self._value: T | None = None
        self._stale = self._end = 0.0
        self._asking: asyncio.Task[None] | None = None

    async def get(self) -> T:
        """Raises Unavailable."""
        now = self._clock()
        if (now >= self._stale or now >= self._end) and self._asking is None:
            self._asking = asyncio.create_task(self._ask())
        if now >= self._end:
            await asyncio.shield(self._asking)
        return self._value

    async def _ask(self) -> None:
        try:
            self._value, self._stale, self._end = await asyncio.to_thread(self._fetch)
        except Exception as problem:
            self._stale = self._clock() + AGAIN_S
            if self._clock() >= self._end:
                reason = " ".join(str(problem).split())[:LONGEST_REASON] or type(problem).__name__
                raise Unavailable(f"no credentials could be had: {reason}") from None
        finally:
            self._asking = None


class Token:
    """A bearer token of Google or Microsoft."""

    def __init__(self, fetch: Callable[[], tuple[str, float]], clock: Clock) -> None:
        def lasting() -> tuple[str, float, float]:
            token, end = fetch()
            return token, end - EARLY_S, end

        self._kept = Kept(lasting, clock)

    async def headers(self, method: str, url: URL, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
        """The headers that let a request in. Raises Unavailable."""
        return {"authorization": f"Bearer {await self._kept.get()}"}


class Signature:
    """A request signed for Amazon. The headers that are signed must arrive as they are."""

    def __init__(self, service: str, region: str, profile: str | None, clock: Clock) -> None:
        from botocore.session import Session

        session = Session(profile=profile)
        found: list[Any] = []  # looked for once, in a thread: it may be on the network

        def fetch() -> tuple[Any, float, float]:
            if not found:
                found.append(session.get_credentials())
            if found[0] is None:
                found.clear()
                raise Unavailable("neither the environment nor a file or a role of this machine has any")
            until = clock() + LOOKED_AT_S
            return found[0].get_frozen_credentials(), until, until

        self._service, self._region, self._kept = service, region, Kept(fetch, clock)

    async def headers(self, method: str, url: URL, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
        """The headers that let a request in. Raises Unavailable."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest

        signed = {name: value for name, value in headers.items() if name == "content-type" or name.startswith("x-amz")}
        request = AWSRequest(method=method, url=str(url), headers=dict(signed), data=body)
        SigV4Auth(await self._kept.get(), self._service, self._region).add_auth(request)
        return {name.lower(): value for name, value in request.headers.items() if name.lower() not in signed}


def credentials(wanted: Mapping[str, str], settings: Mapping[str, str], clock: Clock = time.time) -> Token | Signature:
    """What a provider's `auth.keyless` asks for, with an account's settings. Raises Unavailable without the library."""
    library, extra, make = _KINDS[wanted["by"]]
    if not _there(library):
        raise Unavailable(f"without a key it needs a library more: pip install 'isogloss[{extra}]'")
    return make(wanted, settings, clock)


def _there(library: str) -> bool:
    try:
        return find_spec(library) is not None
    except ModuleNotFoundError:  # not even the package around it
        return False


def _google(wanted: Mapping[str, str], settings: Mapping[str, str], clock: Clock) -> Token:
    import google.auth
    from google.auth.transport.requests import Request
    from google.oauth2.service_account import Credentials

    found: list[Any] = []

    def fetch() -> tuple[str, float]:
        if not found:
            file, scopes = settings.get("credentials"), [wanted["scope"]]
            # a file named by a policy is that of a service account: it names no other address to send a secret to
            account = Credentials.from_service_account_file
            found.append(account(file, scopes=scopes) if file else google.auth.default(scopes)[0])
        found[0].refresh(Request())
        end = found[0].expiry  # without a zone, and UTC
        return found[0].token, clock() + EARLY_S if end is None else end.replace(tzinfo=UTC).timestamp()

    return Token(fetch, clock)


def _azure_ad(wanted: Mapping[str, str], settings: Mapping[str, str], clock: Clock) -> Token:
    from azure.identity import DefaultAzureCredential

    found = DefaultAzureCredential()

    def fetch() -> tuple[str, float]:
        token = found.get_token(wanted["scope"])
        return token.token, float(token.expires_on)

    return Token(fetch, clock)


def _sigv4(wanted: Mapping[str, str], settings: Mapping[str, str], clock: Clock) -> Signature:
    return Signature(wanted["service"], settings["region"], settings.get("profile"), clock)


_KINDS = {
    "google": ("google.auth", "google", _google),
    "azure_ad": ("azure.identity", "azure", _azure_ad),
    "sigv4": ("botocore", "aws", _sigv4),
}
