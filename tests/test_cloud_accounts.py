"""Accounts of clouds without a key, through two running gateways to a real engine.

A client's SDK asks the first gateway; what that sends, the cloud's own library checks; the second gateway stands in for
the cloud, whose protocol it speaks, and has the engine answer.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cryptography.hazmat.primitives import serialization
from google.auth import jwt

from runtime.core import catalogue
from tests.engine.model import AFTER_TOOL, ANSWER
from tests.servers import running_gateway
from tests.test_credentials import service_account
from tests.test_sdk_clouds import drive

AUDIENCE = "https://oauth2.googleapis.com/token"  # whatever the address
REGION, SECRET = "eu-west-1", "secret-made-here"
PROFILE = f"arn:aws:bedrock:{REGION}:123456789012:inference-profile/eu.anthropic.claude-haiku-4-5-20251001-v1:0"
# provider -> what its base URL ends in, the model, who asks: an SDK, and which of its clients
PROVIDERS = {
    "vertex_anthropic": ("/v1", "claude-haiku-4-5@20251001", [("anthropic-2.11.0", "vertex"), ("openai-3.52.0", "")]),
    "vertex_gemini": ("", "gemini-3-flash", [("google-genai-3.4.0", "vertex"), ("anthropic-2.11.0", "vertex")]),
    "vertex_openai": (
        "",
        "meta/llama-4-scout-17b-16e-instruct-maas",
        [("openai-3.52.0", ""), ("google-genai-3.4.0", "")],
    ),
    "bedrock_anthropic": ("", PROFILE, [("anthropic-2.11.0", "bedrock"), ("botocore-1.44.5", "")]),
    "bedrock": ("", PROFILE, [("botocore-1.44.5", ""), ("openai-3.52.0", "")]),
}
POLICY = """\
pools: {{main: {{retries: 0, accounts: [{{name: cloud, provider: {provider}, base_url: "{base_url}", settings: {settings}}}]}}}}
models: [{{name: asked-for, pool: main, upstream_model: "{model}"}}]
"""
BEHIND = """\
pools: {{main: {{accounts: [{{name: engine, provider: llamacpp, base_url: "{engine}/v1", dialects: [openai-chat]}}]}}}}
models: [{{name: "*", pool: main, upstream_model: tiny}}]
"""


class Cloud(ThreadingHTTPServer):
    """Gives tokens to who has the key of its service account, lets in who bears one or has signed with `SECRET`, and has
    the gateway at `behind` answer those."""

    def __init__(self, behind: str, directory: Path) -> None:
        super().__init__(("127.0.0.1", 0), Door)
        self.url, self.behind = f"http://127.0.0.1:{self.server_port}", behind.removeprefix("http://")
        self.account = service_account(directory, f"{self.url}/token")
        facts = json.loads(Path(self.account).read_text())
        private = serialization.load_pem_private_key(facts["private_key"].encode(), None)
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        self.email, self.key = (
            facts["client_email"],
            private.public_key().public_bytes(serialization.Encoding.PEM, form),
        )
        self.tokens: set[str] = set()
        self.let_in: list[str] = []  # paths, as they were asked for

    def token(self, form: bytes) -> str:
        """Raises ValueError where the assertion is of another key, for another use, or too old."""
        [assertion] = parse_qs(form.decode())["assertion"]
        claims = jwt.decode(assertion, certs=self.key, audience=AUDIENCE)
        if (claims["iss"], claims["scope"]) != (self.email, "https://www.googleapis.com/auth/cloud-platform"):
            raise ValueError(f"not asked as it should be: {claims}")
        self.tokens.add(token := secrets.token_urlsafe())
        return token

    def knows(self, request: BaseHTTPRequestHandler, body: bytes) -> bool:
        kind, _, proof = request.headers["authorization"].partition(" ")
        return (
            proof in self.tokens
            if kind == "Bearer"
            else self.signed(request, body) == proof.rpartition("Signature=")[2]
        )

    def signed(self, request: BaseHTTPRequestHandler, body: bytes) -> str:
        """The signature that botocore comes to for what has arrived."""
        names = request.headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
        headers = {name: request.headers[name] for name in names}
        one = AWSRequest(request.command, f"http://{headers.pop('host')}{request.path}", headers, body)
        one.context["timestamp"] = request.headers["x-amz-date"]
        signer = SigV4Auth(Credentials("AKIDMADEHERE", SECRET), "bedrock", REGION)
        return signer.signature(signer.string_to_sign(one, signer.canonical_request(one)), one)


class Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Cloud

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/token":
            try:
                self.tell(200, {"access_token": self.server.token(body), "expires_in": 3600, "token_type": "Bearer"})
            except ValueError as problem:
                self.tell(400, {"error": "invalid_grant", "error_description": str(problem)})
        elif self.server.knows(self, body):
            self.server.let_in.append(self.path)
            self.pass_on(body)
        else:
            self.tell(
                403, {"message": "The request signature we calculated does not match the signature you provided."}
            )

    def tell(self, status: int, said: Any) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def pass_on(self, body: bytes) -> None:
        """What is behind, piece by piece as it comes."""
        connection = HTTPConnection(self.server.behind, timeout=30)
        connection.request("POST", self.path, body, {"content-type": "application/json"})
        answer = connection.getresponse()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("content-length", "transfer-encoding", "connection", "date", "server"):
                self.send_header(name, value)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        while piece := answer.read1():
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")
        connection.close()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def cloud(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    directory = tmp_path_factory.mktemp("behind")
    with running_gateway(directory, BEHIND.format(engine=engine)) as behind, Cloud(behind, directory) as served:
        Thread(target=served.serve_forever, daemon=True).start()
        yield served
        served.shutdown()


@contextmanager
def gateway_before(
    cloud: Cloud, provider: str, directory: Path, account: str = "", secret: str = SECRET
) -> Iterator[str]:
    """Base URL of a gateway with an account of the provider; without others, the credentials are those that the cloud knows."""
    base, model, _ = PROVIDERS[provider]
    settings = {"region": REGION}
    if provider.startswith("vertex"):
        settings = {"location": "eu", "project": "p", "credentials": account or cloud.account}
    policy = POLICY.format(provider=provider, base_url=cloud.url + base, settings=json.dumps(settings), model=model)
    with running_gateway(directory, policy, AWS_ACCESS_KEY_ID="AKIDMADEHERE", AWS_SECRET_ACCESS_KEY=secret) as url:
        yield url


@pytest.fixture(scope="module", params=PROVIDERS)
def known(
    request: pytest.FixtureRequest, cloud: Cloud, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """A provider, and the base URL of a gateway that the cloud knows."""
    with gateway_before(cloud, request.param, tmp_path_factory.mktemp(request.param)) as url:
        yield request.param, url


@pytest.mark.parametrize("place", range(2))
def test_the_cloud_lets_it_in(known: tuple[str, str], cloud: Cloud, place: int) -> None:
    provider, url = known
    sdk, client = PROVIDERS[provider][2][place]
    cloud.let_in.clear()
    seen = drive(sdk, client, url, "asked-for", "any-key", "chat", "stream", "tools_streamed")
    assert (seen["chat"].get("text"), seen["chat"].get("usage")) == (ANSWER, [21, 9]), seen["chat"]
    assert (seen["stream"]["text"], seen["stream"]["pieces"]) == (ANSWER, 7)
    [(_, name, arguments)] = seen["tools_streamed"]["first"]["calls"]
    assert (name, json.loads(arguments)) == ("get_weather", {"city": ANSWER})
    assert seen["tools_streamed"]["second"]["text"] == AFTER_TOOL
    paths, *_ = catalogue.provider(provider).dialects.values()
    assert len(cloud.let_in) == 4 and len(set(cloud.let_in)) == len({"path", "stream_path"} & paths.keys())


def test_one_token_is_enough(cloud: Cloud, tmp_path: Path) -> None:
    cloud.tokens.clear()
    with gateway_before(cloud, "vertex_anthropic", tmp_path) as url:
        for _ in range(2):
            seen = drive("anthropic-2.11.0", "vertex", url, "asked-for", "any-key", "chat", "stream")
            assert seen["chat"]["text"] == seen["stream"]["text"] == ANSWER
    assert len(cloud.tokens) == 1


def test_a_key_that_google_does_not_know(cloud: Cloud, tmp_path: Path) -> None:
    other = service_account(tmp_path, f"{cloud.url}/token")
    with gateway_before(cloud, "vertex_anthropic", tmp_path, account=other) as url:
        refused = drive("anthropic-2.11.0", "vertex", url, "asked-for", "any-key", "chat")["chat"]
    assert refused["status"] == 503 and "no credentials could be had: ('invalid_grant" in refused["message"]


def test_a_secret_that_amazon_does_not_know(cloud: Cloud, tmp_path: Path) -> None:
    with gateway_before(cloud, "bedrock_anthropic", tmp_path, secret="another") as url:
        refused = drive("anthropic-2.11.0", "bedrock", url, "asked-for", "any-key", "chat")["chat"]
    assert (refused["raised"], refused["status"]) == ("PermissionDeniedError", 403)
    assert "signature we calculated" in refused["message"]
