"""What an attempt came to: whose fault it was, and how long the account shall rest for it.

All of it is table: an outcome by the answer's status, refined by what the vendor says beside it, or by the error's kind
where no status exists (an error within a stream). Times are seconds; `now` is seconds since the epoch.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

import msgspec

from generated import canonical as c


class Outcome(StrEnum):
    """The failure classes; each has one rule in `Pool.report` and one in `Exchange`."""

    OK = "ok"
    REQUEST = "request"  # wrong with every account: answered at once
    RATE = "rate"  # too many for this account now
    CREDENTIAL = "credential"  # the key is refused, or its balance is gone
    MODEL = "model"  # this account does not have this model
    VENDOR = "vendor"  # the vendor is down or busy: not the key's fault
    TRANSPORT = "transport"  # no answer, or a cut one
    CLIENT = "client"  # the client left


class Verdict(msgspec.Struct, frozen=True):
    """An outcome, and the rest the vendor asked for in seconds, if it did."""

    outcome: Outcome
    rest: float | None = None


BY_STATUS = {
    401: Outcome.CREDENTIAL,
    402: Outcome.CREDENTIAL,
    403: Outcome.CREDENTIAL,
    404: Outcome.MODEL,
    408: Outcome.VENDOR,
    409: Outcome.VENDOR,
    425: Outcome.VENDOR,
    429: Outcome.RATE,
    498: Outcome.VENDOR,
    499: Outcome.VENDOR,
}

BY_KIND = {
    "invalid_request": Outcome.REQUEST,
    "too_large": Outcome.REQUEST,
    "authentication": Outcome.CREDENTIAL,
    "permission": Outcome.CREDENTIAL,
    "quota": Outcome.CREDENTIAL,
    "not_found": Outcome.MODEL,
    "rate_limit": Outcome.RATE,
    "overloaded": Outcome.VENDOR,
    "timeout": Outcome.VENDOR,
    "truncated": Outcome.TRANSPORT,
    "internal": Outcome.VENDOR,
}

# Where the status alone would blame the wrong one: some vendors say 400 for a bad key, 429 for an empty balance.
REFINED = {
    (Outcome.REQUEST, "authentication"): Outcome.CREDENTIAL,
    (Outcome.REQUEST, "quota"): Outcome.CREDENTIAL,
    (Outcome.REQUEST, "rate_limit"): Outcome.RATE,
    (Outcome.REQUEST, "overloaded"): Outcome.VENDOR,
    (Outcome.RATE, "quota"): Outcome.CREDENTIAL,
    (Outcome.RATE, "overloaded"): Outcome.VENDOR,
    (Outcome.CREDENTIAL, "rate_limit"): Outcome.RATE,
    (Outcome.CREDENTIAL, "overloaded"): Outcome.VENDOR,
    (Outcome.CREDENTIAL, "not_found"): Outcome.MODEL,
    (Outcome.VENDOR, "authentication"): Outcome.CREDENTIAL,
}

LONGEST_REST = 24 * 3600.0  # no header is believed beyond this

USUAL = ("x-ratelimit-{}", "x-ratelimit-{}-requests", "x-ratelimit-{}-tokens")  # rate-limit headers of nearly everybody
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:([\d.]+)s)?(?:([\d.]+)ms)?")


class Faults:
    """What errors and headers of one provider mean.

    `errors` is canonical kind to words of its errors; `limits` are its headers, {} for `remaining` and `reset`; `wait` is
    what stands before a wait in an error's body, and {} for that.
    """

    def __init__(
        self, errors: Mapping[str, Iterable[str]] | None = None, limits: Iterable[str] = USUAL, wait: str | None = None
    ) -> None:
        self.words = {word.lower(): kind for kind, words in (errors or {}).items() for word in words}
        self.phrases = {word: kind for word, kind in self.words.items() if " " in word}
        self.quotas = tuple((one.replace("{}", "remaining"), one.replace("{}", "reset")) for one in limits)
        wait = wait and re.escape(wait).replace(r"\{\}", r"([\w.]*\w)").replace(r"\ ", r"\s*")
        self.wait = wait and re.compile(wait, re.IGNORECASE)

    def kind(self, error: c.Error) -> str | None:
        """The kind that the provider's overlay says an error is."""
        for word in (error.code, error.native_kind, error.status and str(error.status)):
            if word and (kind := self.words.get(word.lower())) is not None:
                return kind
        said = error.message.lower() if self.phrases else ""
        return next((kind for phrase, kind in self.phrases.items() if phrase in said), None)

    def rest(self, headers: Mapping[str, str], body: bytes, now: float) -> float | None:
        """Seconds the vendor asks us to stay away, by its headers, else by its words; None if it is silent."""
        told = retry_after(headers, now, self.quotas)
        if told is None and self.wait and (found := self.wait.search(body.decode("utf-8", "replace"))):
            told = wait_of(found[1], now)
        return told if told is None else _bounded(told)


_USUAL = Faults()


def judge(
    error: c.Error, headers: Mapping[str, str], now: float, faults: Faults = _USUAL, body: bytes = b""
) -> tuple[Verdict, c.Error]:
    """The verdict on an error answer or an error event, and the error with its kind as the provider's overlay has it.

    `headers` answers to lower-case names; empty for an event. `body` is what the answer said.
    """
    if (kind := faults.kind(error)) is not None:  # the overlay decides, whatever the status
        outcome = BY_KIND[kind]
        error = msgspec.structs.replace(error, kind=kind)
    else:
        outcome = _outcome(error)
    if outcome is Outcome.RATE or outcome is Outcome.VENDOR:
        return Verdict(outcome, faults.rest(headers, body, now)), error
    return Verdict(outcome), error


def _outcome(error: c.Error) -> Outcome:
    status = error.status
    if status is None or status < 300:  # an error event, or an error in a 200 answer
        return BY_KIND.get(error.kind, Outcome.VENDOR)
    if status >= 500 or status < 400:  # a redirect is no answer of an API
        return Outcome.VENDOR
    outcome = BY_STATUS.get(status, Outcome.REQUEST)
    outcome = REFINED.get((outcome, error.kind), outcome)
    if outcome is Outcome.MODEL and status == 404 and not _about_model(error):
        return Outcome.REQUEST  # the path, a file or a stored answer is not there: the same with every account
    return outcome


def _about_model(error: c.Error) -> bool:
    return any(text and "model" in text.lower() for text in (error.code, error.param, error.message))


def retry_after(
    headers: Mapping[str, str], now: float, quotas: Iterable[tuple[str, str]] = _USUAL.quotas
) -> float | None:
    """Seconds the vendor asks us to stay away, by its Retry-After headers, else by a spent quota; None if it is silent."""
    told = headers.get("retry-after-ms")
    if told is not None and (ms := _number(told)) is not None:
        return _bounded(ms / 1000)
    told = headers.get("retry-after")
    if told is not None and (wait := wait_of(told, now)) is not None:
        return _bounded(wait)
    return spent(headers, now, quotas)


def spent(headers: Mapping[str, str], now: float, quotas: Iterable[tuple[str, str]] = _USUAL.quotas) -> float | None:
    """Seconds until every quota that the vendor's headers show at zero is filled again; None if none is at zero."""
    longest = None
    for remaining, reset in quotas:
        if headers.get(remaining) == "0" and (wait := wait_of(headers.get(reset, ""), now)) is not None:
            longest = wait if longest is None else max(longest, wait)
    return None if longest is None else _bounded(longest)


def wait_of(text: str, now: float) -> float | None:
    """Seconds from now that a header value means: seconds, `6m0s`, epoch seconds or ms, HTTP date, RFC 3339."""
    text = text.strip()
    if (number := _number(text)) is not None:
        if number >= 1e11:
            return number / 1000 - now
        return number - now if number >= 1e9 else number
    if text and (match := _DURATION.fullmatch(text)):
        try:
            hours, minutes, seconds, ms = (float(part or 0) for part in match.groups())
        except ValueError:
            return None
        return hours * 3600 + minutes * 60 + seconds + ms / 1000
    try:
        return datetime.fromisoformat(text).timestamp() - now if text[4:5] == "-" else _http_date(text) - now
    except (ValueError, OverflowError):
        return None


def _http_date(text: str) -> float:
    return parsedate_to_datetime(text).timestamp()


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number < 1e15 else None  # neither a NaN nor infinity


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), LONGEST_REST)
