"""Provider overlays: short, the same whether a request was converted or passes through, and all of them at work.

Each is sent a request that says all there is to say, through the gateway to a server on loopback; the snapshot is what
arrives differently there. Each of its errors is read as what it says they are.
"""

import asyncio
import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from codegen import inherit
from codegen.load import nodes, sources
from codegen.pipeline import check
from generated.providers import PROVIDERS
from runtime.core import tolerant
from runtime.core.catalogue import dialect, faults
from runtime.core.located import load
from runtime.core.outcome import BY_KIND, judge
from runtime.core.policy import parse
from runtime.core.translate import Outgoing, Refused, Translation
from runtime.shell import snapshot as shell
from runtime.shell.discover import candidates
from runtime.shell.snapshot import from_policy
from tests.scripted import Reply, Upstream
from tests.test_app import running

ROOT = Path(__file__).parents[1]
NAMED = sorted(name for name in PROVIDERS if name != "echo")
SECRET = "sk-of-the-account"

TOOLS = [{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}]
CALL = {"id": "call_A", "type": "function", "function": {"name": "get_weather", "arguments": '{"city": "Paris"}'}}


def translation(client: str, provider: str, model: str) -> Translation:
    dialect = next(iter(PROVIDERS[provider]["dialects"]))
    ids = count()
    return Translation(client, dialect, provider, model, now=0, new_id=lambda: f"id{next(ids)}")


def sent(client: str, provider: str, body: dict) -> tuple[dict, Translation]:
    one = translation(client, provider, "deepseek-reasoner")
    outgoing: Outgoing = one.request(json.dumps(body).encode())
    return json.loads(outgoing.body), one


# ---- what arrives


def words(field: str, schema: Any) -> Any:
    """A value that a request's schema takes: its first word, or something of its type."""
    plain = schema if isinstance(schema, dict) else {}
    if (options := plain.get("anyOf") or plain.get("oneOf")) is not None:
        return words(field, options[0])
    if "x-words" in plain:
        return plain["x-words"][0]
    kinds = plain.get("type", "object")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    return {"string": "text", "integer": 2, "number": 1.5, "boolean": True, "array": []}.get(kind, {})


SAID = {
    "openai-chat": {
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "One."}, {"type": "text", "text": "Two."}]},
            {"role": "assistant", "content": None, "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "call_A", "content": [{"type": "text", "text": "18C"}]},
            {"role": "assistant", "content": "Well.", "tool_calls": []},
            {"role": "user", "content": "And then?"},
        ],
        "tools": [{"type": "function", "function": {**TOOLS[0]["function"], "strict": True}}],
        "tool_choice": "required",
        "reasoning_effort": "low",
        "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}}},
        "stop": ["END"],
        "stream": False,
        "metadata": {"a": "b"},
        "prediction": {"type": "content", "content": "x"},
        "audio": {"voice": "v", "format": "wav"},
        "logit_bias": {"1": 2},
    },
    "anthropic-messages": {
        "messages": [{"role": "user", "content": "Hi."}],
        "tools": [{"name": "get_weather", "input_schema": {"type": "object"}}],
        "tool_choice": {"type": "any"},
        "thinking": {"type": "disabled"},
        "output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}},
        "stop_sequences": ["END"],
        "system": "Be brief.",
        "stream": False,
    },
}
UNSAID = {
    "openai-chat": {
        "functions",
        "function_call",
        "max_tokens",
        "user",
        "reasoning",
        "thinking",
        "chat_template_kwargs",
    },
    "anthropic-messages": set(),
}
ANSWERS = {
    "openai-chat": {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4},
    },
    "anthropic-messages": {
        "id": "m",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [{"type": "text", "text": "Hi"}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 3, "output_tokens": 1},
    },
}


def everything(name: str) -> dict[str, Any]:
    """A request with every field of a dialect."""
    schema = ROOT / "specs" / "dialects" / name.replace("-", "_") / "schema.yaml"
    node, _ = load(schema.read_text(), str(schema))
    request = {"openai-chat": "ChatRequest", "anthropic-messages": "MessagesRequest"}[name]
    fields = node.plain()["$defs"][request]["properties"]
    body = {field: words(field, one) for field, one in fields.items() if field not in UNSAID[name]}
    return {**body, **SAID[name], "model": "some/model"}


def changed(before: Any, after: Any) -> Any:
    """What is other in a body: a field that is gone is None."""
    return {
        field: after.get(field)
        for field in sorted(before.keys() | after.keys())
        if before.get(field) != after.get(field)
    }


@pytest.mark.parametrize("name", NAMED)
async def test_what_arrives(name: str, snapshot: Any) -> None:
    facts, seen = PROVIDERS[name], []
    own = {"key", "base_url", "credentials"}
    settings = {one: f"the-{one}" for one in facts.get("env", {}) if one not in own}
    spoken = [one for one in facts["dialects"] if one in ANSWERS]
    if not spoken:
        pytest.skip("its dialects are looked at elsewhere")
    replies = {one: Reply(body=json.dumps(ANSWERS[one]).encode()) for one in spoken}
    for one in spoken:
        async with Upstream([replies[one]]) as upstream:
            text = (
                f"pools: {{main: {{accounts: [{{name: a, provider: {name}, key: 'env:KEY', base_url: '{upstream.url}',"
                f" settings: {json.dumps(settings)}, dialects: [{one}]}}]}}}}\n"
                "models: [{name: '*', pool: main}]\n"
            )
            known = {name: list(facts["dialects"])}
            policy, found = parse(text, "policy.yaml", known, {"KEY": SECRET})
            assert policy is not None, found
            gateway, problems = from_policy(policy, {"KEY": SECRET})
            assert not problems
            path = dialect(one).http["generate"]["path"]
            async with running(gateway) as served:
                sent, refused = everything(one), {}
                while True:
                    async with served.post(path, sent) as answer:
                        said = await answer.json()
                    if answer.status == 200:
                        break
                    field = (said["error"].get("param") or said["error"]["message"].split(": ")[1]).split(".")[0]
                    assert answer.status == 400 and field in sent, said
                    refused[field] = sent.pop(field)
            arrived = upstream.asked[0]
            plain = {
                "host",
                "user-agent",
                "accept",
                "accept-encoding",
                "content-type",
                "content-length",
                "x-request-id",
            }
            other = changed(sent, arrived.json)
            told = {one.strip().partition(";")[0] for one in answer.headers.get("isogloss-loss", "").split(",")}
            gone = [field for field, value in other.items() if value is None]
            lists = {"refused": refused, "gone": gone, "told, and not gone": sorted(told - {*gone, ""})}
            seen += [
                f"{one} {arrived.path}",
                *(f"  {header}: {value}" for header, value in arrived.headers.items() if header not in plain),
                *(f"  {what}: {' '.join(names)}" for what, names in lists.items() if names),
                *(f"  {field} = {json.dumps(value)}" for field, value in other.items() if value is not None),
            ]
            untold = {*gone} - told
            assert len(untold) <= len([field for field in other if field not in sent]) + len({"model"} & untold), untold
    assert "\n".join(seen) == snapshot


# ---- errors


def bodies(word: str) -> Iterator[tuple[int, dict[str, str], dict[str, Any]]]:
    """The forms in which errors come: status, headers and body."""
    if " " in word:
        yield 429, {}, {"error": {"message": f"Sorry: {word.upper()}.", "type": "t"}}
        yield 403, {}, {"message": f"Sorry: {word}."}
    elif word.isdigit() and len(word) == 3:
        yield int(word), {}, {"error": {"message": "no"}}
    else:
        yield 429, {}, {"error": {"message": "no", "type": "t", "code": int(word) if word.isdigit() else word}}
        yield 400, {}, {"message": "no", "type": "t", "code": word}
        yield 500, {"x-amzn-errortype": f"{word}:http://internal"}, {"message": "no"}
        yield (
            403,
            {},
            {"code": 403, "reason": word, "message": "no"} if not word.isdigit() else {"error": {"code": word}},
        )
        yield 200, {}, {"base_resp": {"status_code": int(word) if word.isdigit() else word, "status_msg": "no"}}


@pytest.mark.parametrize("name", NAMED)
def test_errors_are_what_the_overlay_says(name: str) -> None:
    wrong = []
    for spoken in PROVIDERS[name]["dialects"]:
        if spoken not in ANSWERS:
            continue
        for kind, said in PROVIDERS[name].get("errors", {}).items():
            for word in said:
                for status, headers, body in bodies(word):
                    one = Translation("anthropic-messages", spoken, name, "m", now=0, new_id=lambda: "x")
                    error = one.error(status, headers, json.dumps(body).encode())
                    verdict, error = judge(error, headers, 0.0, faults(name))
                    if (verdict.outcome, error.kind) != (BY_KIND[kind], kind):
                        wrong.append((spoken, kind, word, status, verdict.outcome.value, error))
    assert not wrong


@pytest.mark.parametrize("name", NAMED)
def test_a_spent_quota_is_seen_in_its_headers(name: str) -> None:
    known = faults(name)
    for remaining, reset in known.quotas:
        error = one_error = Translation("openai-chat", "openai-chat", "openai", "m", now=0, new_id=lambda: "x").error(
            429, {}, b"{}"
        )
        verdict, _ = judge(one_error, {remaining: "0", reset: "12"}, 0.0, known)
        assert verdict.rest == 12, (remaining, error)
    if known.wait:
        wait = PROVIDERS[name]["wait"].replace("{}", "7s").encode()
        assert judge(one_error, {}, 0.0, known, b"Sorry, " + wait + b".")[0].rest == 7


async def test_an_error_that_comes_with_a_good_status_moves_to_the_next_account() -> None:
    """MiniMax says 200 where the balance is gone."""
    gone = {"choices": None, "usage": None, "base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}}
    for client, path in (("openai-chat", "/v1/chat/completions"), ("anthropic-messages", "/v1/messages")):
        replies = [Reply(body=json.dumps(gone).encode()), Reply(body=json.dumps(ANSWERS["openai-chat"]).encode())]
        async with Upstream(replies) as upstream:
            accounts = "".join(
                f"{{name: {n}, provider: minimax, key: 'env:KEY', base_url: '{upstream.url}', dialects: [openai-chat]}},"
                for n in "ab"
            )
            text = f"pools: {{main: {{accounts: [{accounts}]}}}}\nmodels: [{{name: '*', pool: main}}]\n"
            policy, _ = parse(text, "policy.yaml", {"minimax": list(PROVIDERS["minimax"]["dialects"])}, {"KEY": SECRET})
            gateway, _ = from_policy(policy, {"KEY": SECRET})
            async with running(gateway) as served:
                body = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi."}]}
                async with served.post(path, body) as answer:
                    assert answer.status == 200 and b"Hi" in await answer.read(), client
                await asyncio.sleep(0)
                [line] = [one for one in served.log() if one.get("attempts")]
                assert [one["outcome"] for one in line["attempts"]] == ["credential", "ok"]


# ---- extras


def with_extras(name: str, value: Any, paths: list[str]) -> tuple[Any, list[str]]:
    """An answer with an extra at each path that leads into it, and those paths."""
    put = []
    for path in paths:
        *above, last = path.split(".")
        places = [value]
        for step in above:
            places = [one[step] for one in places if step in one]
            places = [item for one in places for item in (one if isinstance(one, list) else [one])]
        for place in places:
            place[last] = {"extra": 1}
            put.append(path)
    return value, put


@pytest.mark.parametrize("name", [name for name in NAMED if PROVIDERS[name].get("adds")])
def test_extras_are_read_at_once_and_reported(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tolerant, "_Cleaning", None)  # the second walk
    for spoken, paths in PROVIDERS[name]["adds"].items():
        chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        frame = {**chunk, "choices": [{"index": 0, "delta": {"content": "Hi"}}], "usage": {**ANSWERS[spoken]["usage"]}}
        whole, in_answer = with_extras(name, json.loads(json.dumps(ANSWERS[spoken])), paths)
        frame, in_frame = with_extras(name, frame, paths)
        assert {*in_answer, *in_frame} == {*paths}
        one = Translation("anthropic-messages", spoken, name, "m", now=0, new_id=lambda: "x")
        one.answer(json.dumps(whole).encode())
        reported = {loss.path.replace("[0]", "") for loss in one.losses if loss.rule == f"{name}:adds"}
        assert reported == {*in_answer}
        one = Translation("anthropic-messages", spoken, name, "m", now=0, new_id=lambda: "x")
        one.request(json.dumps({"model": "m", "max_tokens": 9, "messages": [], "stream": True}).encode())
        assert b"Hi" in one.stream().feed(b"data: %b\n\n" % json.dumps(frame).encode())
        reported = {loss.path.replace("[0]", "") for loss in one.losses if loss.rule == f"{name}:adds"}
        assert reported == {*in_frame}
        one = Translation(spoken, spoken, name, "m", now=0, new_id=lambda: "x")
        assert one.answer(json.dumps(whole).encode()) == json.dumps(whole).encode() and not one.losses


# ---- what is wrong with one

BASE = (ROOT / "specs" / "providers" / "openai_compatible.yaml").read_text()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("extends: openai_compatibel", "there is no provider `openai_compatibel`"),
        ("extends: acme", "`acme` extends itself"),
        ("extends: open_models", "acme and what it extends do not say base_url"),
        ("extends: openai_compatible\ndiffers: {openai-chat: {takes: [seed]}}", "`seed` is taken anyway"),
        ("extends: openai_compatible\nenv: {region: REGION}", "no address has a `region` in it"),
        ("extends: openai_compatible\nbase_url: 'https://{region}.example'", "from where `region` is filled"),
        ("extends: llamacpp\nlocal_port: 8080", "port 8080 is that of"),
        (
            "extends: openai_compatible\ndiffers: {openai-chat: {words: {reasoning_effort: {lo: high}}}}",
            "has no word `lo`",
        ),
        ("extends: openai_compatible\ndiffers: {openai-chat: {refuse: {tool_choice=must: why}}}", "has no word `must`"),
        ("extends: openai_compatible\ndiffers: {openai-chat: {clamp: {temperature: [2, 1]}}}", "within these bounds"),
        ("extends: openai_compatible\ndiffers: {openai-chat: {adds: [usage.zork.deep]}}", "has a `usage.zork`"),
        (
            "extends: openai_compatible\ndiffers: {openai-chat: {adds: [usage.prompt_tokens]}}",
            "knows `usage.prompt_tokens`",
        ),
        ("extends: openai_compatible\ndiffers: {openai-chat: {without: [max_completion_tokens]}}", "must be honoured"),
        ("extends: openai_compatible\ndiffers: {openai-chat: {without: [sed]}}", "has no field `sed`"),
    ],
)
def test_what_is_wrong_is_told(text: str, message: str) -> None:
    file = "specs/providers/acme.yaml"
    texts = sources(ROOT) | {file: f"provider: acme\n{text}\n"}
    said = [one for one in check(texts).diagnostics if one.file == file]
    assert len(said) == 1 and message in said[0].message, said


def test_what_is_extended_is_taken_over() -> None:
    roots, _ = nodes(
        {
            "specs/providers/a.yaml": BASE.replace("openai_compatible", "a")
            + "env: {key: A}\nerrors: {quota: [x]}\ndiffers: {openai-chat: {without: [store, seed], rename: {n: m}}}\n",
            "specs/providers/b.yaml": "provider: b\nextends: a\nmodels: {'x*': {vision: false}}\nerrors: {quota: [y]}\n"
            "differs: {openai-chat: {takes: [seed], without: {top_p: why}}}\n",
            "specs/providers/c.yaml": "provider: c\nextends: b\nmodels: {'*': {}}\n",
        }
    )
    found, problems = inherit.whole(roots)
    b, c = (found[f"specs/providers/{name}.yaml"].plain() for name in "bc")
    assert not problems
    assert list(b["models"]) == ["x*", "*"] and list(c["models"]) == ["*"]
    assert b["errors"] == {"quota": ["y", "x"]} and "env" not in b
    assert b["differs"]["openai-chat"]["without"] == {"top_p": "why", "store": inherit.UNKNOWN}
    assert c["differs"] == b["differs"] and c["base_url"] == b["base_url"]


@pytest.mark.parametrize(
    "client, body",
    [
        pytest.param(
            "openai-chat",
            {
                "model": "m",
                "max_completion_tokens": 100,
                "seed": 7,
                "tools": TOOLS,
                "messages": [
                    {"role": "user", "content": "Weather?"},
                    {"role": "assistant", "content": None, "reasoning_content": "Let me look.", "tool_calls": [CALL]},
                    {"role": "tool", "tool_call_id": "call_A", "content": "18C"},
                    {"role": "assistant", "content": "18C."},
                    {"role": "user", "content": "And Rome?"},
                ],
            },
            id="same dialect",
        ),
        pytest.param(
            "anthropic-messages",
            {
                "model": "m",
                "max_tokens": 100,
                "tools": [{"name": "get_weather", "input_schema": {"type": "object"}}],
                "messages": [
                    {"role": "user", "content": "Weather?"},
                    {
                        "role": "assistant",
                        "content": [
                            {"type": "thinking", "thinking": "Let me look.", "signature": "s"},
                            {"type": "tool_use", "id": "call_A", "name": "get_weather", "input": {"city": "Paris"}},
                        ],
                    },
                    {
                        "role": "user",
                        "content": [{"type": "tool_result", "tool_use_id": "call_A", "content": "18C"}],
                    },
                    {"role": "assistant", "content": "18C."},
                    {"role": "user", "content": "And Rome?"},
                ],
            },
            id="converted",
        ),
    ],
)
def test_deepseek_gets_the_reasoning_of_every_turn_back(client: str, body: dict) -> None:
    upstream, one = sent(client, "deepseek", body)
    said = [message.get("reasoning_content") for message in upstream["messages"] if message["role"] == "assistant"]
    assert said == ["Let me look.", " "], "a turn without reasoning gets the least that is taken"
    assert upstream["max_tokens"] == 100 and "max_completion_tokens" not in upstream
    assert "seed" not in upstream
    assert [loss.path for loss in one.losses] == (
        ["seed"] if client == "openai-chat" else ["messages[1].content[0].signature"]
    )


def test_deepseek_without_tool_calls_is_left_alone() -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
    upstream, _ = sent("openai-chat", "deepseek", body)
    assert upstream["messages"] == body["messages"]


def test_a_request_that_needs_no_edit_keeps_its_bytes() -> None:
    body = b'{ "model":"gpt-5" , "messages":[ {"role":"user","content":"hi"} ], "temperature": 1.0, "zork": [1e2] }'
    one = Translation("openai-chat", "openai-chat", "openai", "gpt-5", now=0, new_id=lambda: "x")
    assert one.request(body).body == body


# ---- found in the environment


def test_accounts_are_found_by_any_of_their_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell, "credentials", lambda wanted, settings: object())
    environ = {
        "HUGGINGFACE_API_KEY": SECRET,
        "AZURE_OPENAI_API_KEY": SECRET,
        "AZURE_OPENAI_ENDPOINT": "https://mine.openai.azure.com/",
        "GOOGLE_APPLICATION_CREDENTIALS": "/account.json",
        "GOOGLE_CLOUD_PROJECT": "p",
        "GOOGLE_CLOUD_LOCATION": "eu",
        "CLOUDFLARE_API_TOKEN": SECRET,
    }
    keyed, local, problems = candidates(environ, ("127.0.0.1", 7070))
    found = {one.found.name: one for one in keyed}
    assert {"huggingface", "azure_openai", "vertex_openai"} <= found.keys() and "workers_ai" not in found
    assert found["azure_openai"].line.base_url == "https://mine.openai.azure.com"
    assert found["azure_openai"].line.credentials is None, "a key comes first"
    vertex = found["vertex_openai"].line
    path = vertex.url(PROVIDERS["vertex_openai"]["dialects"]["openai-chat"]["path"])
    assert (
        vertex.credentials is not None and path.host == "eu-aiplatform.googleapis.com" and "/projects/p/" in path.path
    )
    assert found["vertex_openai"].source.startswith("GOOGLE_APPLICATION_CREDENTIALS, at ")
    assert any(said.startswith("workers_ai: ") and "account_id" in said for said in problems)
    ports = [PROVIDERS[one.found.name]["local_port"] for one in local]
    assert len({*ports}) == len(ports) >= 12


# ---- models that cannot


@pytest.mark.parametrize(
    ("provider", "model", "body", "refused"),
    [
        (
            "deepseek",
            "deepseek-v4-pro",
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [
                            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}}
                        ],
                    }
                ]
            },
            "this model sees no images",
        ),
        (
            "perplexity",
            "sonar",
            {
                "messages": [{"role": "user", "content": "Hi."}],
                "tools": [{"name": "f", "input_schema": {"type": "object"}}],
            },
            "this model calls no tools",
        ),
    ],
)
def test_what_a_model_is_known_to_lack_is_refused(provider: str, model: str, body: dict, refused: str) -> None:
    one = Translation("anthropic-messages", "openai-chat", provider, model, now=0, new_id=lambda: "x")
    with pytest.raises(Refused, match=refused):
        one.request(json.dumps({"model": "m", "max_tokens": 9, **body}).encode())
    other = Translation("anthropic-messages", "openai-chat", "groq", model, now=0, new_id=lambda: "x")
    assert other.request(json.dumps({"model": "m", "max_tokens": 9, **body}).encode()).body
