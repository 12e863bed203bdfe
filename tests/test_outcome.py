"""Whose fault a failure is, and how long the account rests for it."""

import pytest

from generated import canonical as c
from runtime.core.outcome import LONGEST_REST, USUAL, Faults, Outcome, judge, retry_after, spent, wait_of

NOW = 1_763_000_000.0  # Thu, 13 Nov 2025 02:13:20 GMT


@pytest.mark.parametrize(
    ("status", "kind", "message", "outcome"),
    [
        (400, "invalid_request", "roles must alternate", Outcome.REQUEST),
        (400, "authentication", "incorrect key", Outcome.CREDENTIAL),
        (400, "quota", "credit balance is too low", Outcome.CREDENTIAL),
        (401, "invalid_request", "bad key", Outcome.CREDENTIAL),
        (402, "quota", "no money", Outcome.CREDENTIAL),
        (403, "permission", "not yours", Outcome.CREDENTIAL),
        (403, "not_found", "model gpt-9", Outcome.MODEL),
        (404, "not_found", "The model `gpt-9` does not exist", Outcome.MODEL),
        (404, "not_found", "no such file", Outcome.REQUEST),
        (408, "timeout", "", Outcome.VENDOR),
        (413, "too_large", "", Outcome.REQUEST),
        (422, "invalid_request", "", Outcome.REQUEST),
        (429, "rate_limit", "", Outcome.RATE),
        (429, "quota", "", Outcome.CREDENTIAL),
        (429, "overloaded", "", Outcome.VENDOR),
        (500, "internal", "", Outcome.VENDOR),
        (500, "rate_limit", "", Outcome.VENDOR),
        (503, "overloaded", "", Outcome.VENDOR),
        (529, "overloaded", "", Outcome.VENDOR),
        (302, "internal", "", Outcome.VENDOR),
        (None, "overloaded", "", Outcome.VENDOR),
        (None, "rate_limit", "", Outcome.RATE),
        (None, "invalid_request", "", Outcome.REQUEST),
        (None, "truncated", "", Outcome.TRANSPORT),
        (None, "a word of tomorrow", "", Outcome.VENDOR),
        (200, "authentication", "", Outcome.CREDENTIAL),
    ],
)
def test_outcome_of_an_error(status, kind, message, outcome):
    verdict, error = judge(c.Error(kind=kind, message=message, status=status), {}, NOW)
    assert verdict.outcome is outcome and error.kind == kind


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "Thu, 13 Nov 2025 02:13:50 GMT"}, 30),
        ({"retry-after": "Thu, 13 Nov 2025 01:00:00 GMT"}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "999999999"}, LONGEST_REST),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m30s"}, 90),
        ({"x-ratelimit-remaining-requests": "5", "x-ratelimit-reset-requests": "1m30s"}, None),
        ({"anthropic-ratelimit-tokens-remaining": "0", "anthropic-ratelimit-tokens-reset": "2025-11-13T02:13:25Z"}, 5),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1763000060"}, 60),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1763000060000"}, 60),
    ],
)
def test_retry_after_forms(headers, seconds):
    quotas = Faults(limits=[*USUAL, "anthropic-ratelimit-tokens-{}"]).quotas
    assert retry_after(headers, NOW, quotas) == (None if seconds is None else pytest.approx(seconds))


def test_the_longest_spent_quota_counts():
    headers = {
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "2s",
        "x-ratelimit-remaining-tokens": "0",
        "x-ratelimit-reset-tokens": "6m0s",
    }
    assert spent(headers, NOW) == 360


@pytest.mark.parametrize(
    ("text", "seconds"), [("12ms", 0.012), ("7.66s", 7.66), ("2h", 7200), ("1.2.3s", None), ("", None)]
)
def test_durations(text, seconds):
    assert wait_of(text, NOW) == (None if seconds is None else pytest.approx(seconds))


def test_only_failures_that_pass_carry_a_rest():
    told = {"retry-after": "7"}
    assert judge(c.Error(kind="rate_limit", message="", status=429), told, NOW)[0].rest == 7
    assert judge(c.Error(kind="overloaded", message="", status=503), told, NOW)[0].rest == 7
    assert judge(c.Error(kind="authentication", message="", status=401), told, NOW)[0].rest is None


def test_a_providers_words_decide_whatever_the_status():
    faults = Faults({"quota": ["1113", "insufficient balance", "402"], "invalid_request": ["context_length_exceeded"]})

    def said(**error):
        verdict, seen = judge(c.Error(**{"kind": "internal", "message": "", "status": 429} | error), {}, NOW, faults)
        return verdict.outcome, seen.kind

    assert said(code="1113") == (Outcome.CREDENTIAL, "quota")
    assert said(message="Your account has INSUFFICIENT balance.") == (Outcome.CREDENTIAL, "quota")
    assert said(status=402) == (Outcome.CREDENTIAL, "quota")
    assert said(native_kind="context_length_exceeded", status=500) == (Outcome.REQUEST, "invalid_request")
    assert said(code="1114", kind="rate_limit") == (Outcome.RATE, "rate_limit")
    assert said(message="the code 1113 within a sentence is none", kind="rate_limit") == (Outcome.RATE, "rate_limit")


@pytest.mark.parametrize(
    ("wait", "body", "seconds"),
    [
        ("try again in {}", b"Rate limit reached. Please try again in 5.289s.", 5.289),
        ("try again in {}", b"Please Try Again In 2m59.56s. Visit", 179.56),
        ("try again in {}", b"later", None),
        ('"retryDelay": "{}"', b'{"error": {"details": [{"retryDelay": "34s"}]}}', 34),
        ('"retryDelay": "{}"', b'{"error":{"details":[{"retryDelay":"26.5s"}]}}', 26.5),
    ],
)
def test_a_wait_in_the_body_of_an_error(wait, body, seconds):
    error = c.Error(kind="rate_limit", message="", status=429)
    assert judge(error, {}, NOW, Faults(wait=wait), body)[0].rest == (seconds and pytest.approx(seconds))
    assert judge(error, {"retry-after": "3"}, NOW, Faults(wait=wait), body)[0].rest == 3
