"""Credentials of accounts without a key, by the vendors' own libraries: what they send, when they ask again, what is said."""

import asyncio
import hashlib
import hmac
import json
import time
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from yarl import URL

from generated.providers import PROVIDERS
from runtime.core.policy import parse
from runtime.shell import credentials as module
from runtime.shell.credentials import Kept, Unavailable, credentials
from runtime.shell.snapshot import from_policy
from tests.scripted import Reply, Upstream
from tests.test_app import running
from tests.test_providers import ANSWERS

BODY = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi."}]}


@asynccontextmanager
async def gateway(provider: str, url: str, settings: dict[str, str]):
    accounts = f"{{name: a, provider: {provider}, base_url: '{url}', settings: {json.dumps(settings)}}}"
    text = f"pools: {{main: {{accounts: [{accounts}], retries: 0}}}}\nmodels: [{{name: '*', pool: main}}]\n"
    policy, found = parse(text, "policy.yaml", {provider: list(PROVIDERS[provider]["dialects"])}, {})
    assert policy is not None, found
    snapshot, problems = from_policy(policy, {})
    assert not problems
    async with running(snapshot) as served:
        yield served


def service_account(folder: Path, token_uri: str) -> str:
    """A file such as Google's console gives out, with a key made here."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "account.json"
    facts = {"type": "service_account", "project_id": "p", "private_key_id": "k", "private_key": key.decode()}
    facts |= {"client_email": "a@p.example", "client_id": "1", "token_uri": token_uri}
    file.write_text(json.dumps(facts))
    return str(file)


async def test_google(tmp_path: Path) -> None:
    token = Reply(
        body=json.dumps({"access_token": "ya29.made-here", "expires_in": 3600, "token_type": "Bearer"}).encode()
    )
    answer = Reply(body=json.dumps(ANSWERS["anthropic-messages"]).encode())
    async with Upstream([token]) as issuer, Upstream([answer]) as vertex:
        settings = {"location": "eu", "project": "p", "credentials": service_account(tmp_path, f"{issuer.url}/token")}
        async with gateway("vertex_anthropic", vertex.url, settings) as served:
            for _ in range(3):
                async with served.post("/v1/messages", BODY) as said:
                    assert said.status == 200
            log = json.dumps(served.log())
    assert [one.path for one in vertex.asked] == [
        "/projects/p/locations/eu/publishers/anthropic/models/m:rawPredict"
    ] * 3
    assert {one.headers["authorization"] for one in vertex.asked} == {"Bearer ya29.made-here"}
    assert len(issuer.asked) == 1 and b"assertion=" in issuer.asked[0].body, "kept until its end comes near"
    assert "ya29" not in log


async def test_microsoft(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a managed identity, which is the one that speaks plain HTTP."""
    token = {"access_token": "eyJ.made-here", "expires_on": str(int(time.time()) + 3600), "token_type": "Bearer"}
    answer = Reply(body=json.dumps(ANSWERS["openai-chat"]).encode())
    async with Upstream([Reply(body=json.dumps(token).encode())]) as identity, Upstream([answer]) as azure:
        monkeypatch.setenv("IDENTITY_ENDPOINT", f"{identity.url}/msi/token")
        monkeypatch.setenv("IDENTITY_HEADER", "h")
        monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential")
        async with gateway("azure_openai", azure.url, {"resource": "r"}) as served:
            status, _ = await served.chat(BODY)
    assert status == 200
    assert azure.asked[0].path == "/openai/v1/chat/completions"
    assert azure.asked[0].headers["authorization"] == "Bearer eyJ.made-here"
    assert "resource=https://cognitiveservices.azure.com" in identity.asked[0].path


def signature(secret: str, asked, service: str, region: str, host: str) -> str:
    """Signature Version 4 as its definition says, by hand."""
    fields = dict(part.strip().split("=", 1) for part in asked.headers["authorization"].split(" ", 1)[1].split(","))
    names, date = fields["SignedHeaders"].split(";"), asked.headers["x-amz-date"]
    headers = "".join(f"{name}:{host if name == 'host' else asked.headers[name]}\n" for name in names)
    whole = [asked.method, asked.path, "", headers, ";".join(names), hashlib.sha256(asked.body).hexdigest()]
    scope = f"{date[:8]}/{region}/{service}/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{date}\n{scope}\n{hashlib.sha256(chr(10).join(whole).encode()).hexdigest()}"
    key = f"AWS4{secret}".encode()
    for part in (date[:8], region, service, "aws4_request", text):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    assert fields["Credential"].partition("/")[2] == scope
    assert key.hex() == fields["Signature"]
    return fields["Credential"].partition("/")[0]


async def test_amazon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDMADEHERE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-made-here")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session-made-here")
    answer = Reply(body=json.dumps(ANSWERS["anthropic-messages"]).encode())
    async with Upstream([answer]) as aws, gateway("bedrock_mantle", aws.url, {"region": "eu-west-1"}) as served:
        async with served.post("/v1/messages", BODY) as said:
            assert said.status == 200
        log = json.dumps(served.log())
    [asked] = aws.asked
    assert asked.path == "/anthropic/v1/messages" and asked.headers["x-amz-security-token"] == "session-made-here"
    host = asked.headers["host"]
    assert signature("secret-made-here", asked, "bedrock-mantle", "eu-west-1", host) == "AKIDMADEHERE"
    assert "made-here" not in log and "MADEHERE" not in log


async def test_without_any_the_account_rests(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    async with Upstream([Reply()]) as aws, gateway("bedrock_mantle", aws.url, {"region": "eu-west-1"}) as served:
        async with served.post("/v1/messages", BODY) as said:
            assert said.status == 503
            assert "no credentials could be had" in (await said.json())["error"]["message"]
        [line] = [one for one in served.log() if one.get("attempts")]
        assert line["attempts"][0]["outcome"] == "credential"
    assert not aws.asked


def test_what_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "pools: {main: {accounts: [{name: a, provider: bedrock_mantle}]}}\nmodels: [{name: '*', pool: main}]\n"
    policy, _ = parse(text, "policy.yaml", {"bedrock_mantle": ["anthropic-messages"]}, {})
    _, problems = from_policy(policy, {})
    assert problems == [
        "account a of pool main is left out: its provider needs to know more, as in settings: {region: ...}"
    ]
    monkeypatch.setattr(module, "_there", lambda library: False)
    with pytest.raises(Unavailable, match=r"pip install 'isogloss\[google\]'"):
        credentials({"by": "google", "scope": "s"}, {})


class Fetch:
    """Gives tokens that last 1000 s and are stale after 700; fails when asked to."""

    def __init__(self) -> None:
        self.now, self.asked, self.fails = 0.0, 0, False

    def __call__(self) -> tuple[str, float, float]:
        self.asked += 1
        if self.fails:
            raise OSError("the network is down")
        return f"token {self.asked}", self.now + 700, self.now + 1000


async def test_tokens_are_renewed_beside_the_requests() -> None:
    fetch = Fetch()
    kept = Kept(fetch, lambda: fetch.now)
    assert await asyncio.gather(*(kept.get() for _ in range(9))) == ["token 1"] * 9 and fetch.asked == 1
    fetch.now = 800.0
    assert await kept.get() == "token 1", "nobody waits for the new one"
    while fetch.asked < 2:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    assert await kept.get() == "token 2"
    fetch.now, fetch.fails = 1600.0, True
    assert await kept.get() == "token 2"
    await asyncio.sleep(0.1)
    assert await kept.get() == "token 2" and fetch.asked == 3, "a failure is no reason to ask again at once"
    fetch.now = 1900.0
    with pytest.raises(Unavailable, match="the network is down"):
        await kept.get()
    fetch.fails = False
    assert await kept.get() == "token 5"


async def test_a_signature_is_of_what_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    one = credentials({"by": "sigv4", "service": "bedrock"}, {"region": "us-east-1"})
    url = URL("https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude-3%3A0/invoke")
    first = await one.headers("POST", url, {"content-type": "application/json", "user-agent": "u"}, b"{}")
    second = await one.headers("POST", url, {"content-type": "application/json", "user-agent": "v"}, b"{ }")
    assert "SignedHeaders=content-type;host;x-amz-date" in first["authorization"]
    assert first["authorization"] != second["authorization"]
