"""`isogloss translate`: results on standard output, losses and refusals on standard error, and what is wrong input."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from generated.dialects import DIALECTS
from runtime.__main__ import main
from runtime.shell.translate_command import kind_of, usual_provider

ROOT = Path(__file__).parents[1]
CHAT = {
    "model": "gpt-5",
    "max_completion_tokens": 100,
    "logit_bias": {"1": 2},
    "messages": [{"role": "system", "content": "Be brief"}, {"role": "user", "content": "Good morning"}],
}
COMPLETION = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "gpt-5",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4},
}
TO_MESSAGES = ("--from", "openai-chat", "--to", "anthropic-messages")
TO_CHAT = ("--from", "anthropic-messages", "--to", "openai-chat")
STREAM = """\
event: message_start
data: {"type": "message_start", "message": {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude", \
"content": [], "stop_reason": null, "stop_sequence": null, "usage": {"input_tokens": 3, "output_tokens": 1}}}

event: content_block_start
data: {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}

event: content_block_delta
data: {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hello"}}

event: content_block_stop
data: {"type": "content_block_stop", "index": 0}

event: message_delta
data: {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": null}, "usage": {"output_tokens": 1}}

event: message_stop
data: {"type": "message_stop"}

"""


class Command:
    """Runs `isogloss translate` on some input."""

    def __init__(self, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch):
        self.capsys, self.monkeypatch = capsys, monkeypatch

    def __call__(self, given: object, *options: str) -> tuple[int, str, str]:
        text = given if isinstance(given, str) else json.dumps(given)
        self.monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        status = main(["translate", *options])
        return status, *self.capsys.readouterr()


@pytest.fixture
def translate(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Command:
    return Command(capsys, monkeypatch)


def test_a_request(translate: Command):
    status, out, err = translate(CHAT, *TO_MESSAGES)
    assert status == 0
    assert out == (
        '{\n  "model": "gpt-5",\n  "messages": [\n    {\n      "role": "user",\n      "content": "Good morning"\n    }\n'
        '  ],\n  "max_tokens": 100,\n  "system": "Be brief"\n}\n'
    )
    why = "token ids mean something to one tokenizer only (openai-chat:ChatRequest.logit_bias)"
    assert err == f"lost: logit_bias: {why}\n"


def test_from_a_file(translate: Command, tmp_path: Path):
    file = tmp_path / "request.json"
    file.write_text(json.dumps(CHAT))
    assert translate("", str(file), *TO_MESSAGES) == translate(CHAT, "-", *TO_MESSAGES)


def test_one_object_for_programs(translate: Command):
    status, out, err = translate(CHAT, *TO_MESSAGES, "--format", "json")
    seen = json.loads(out)
    assert (status, err) == (0, "")
    assert (seen["kind"], seen["result"]["system"], seen["refused"]) == ("request", "Be brief", None)
    assert [loss["path"] for loss in seen["losses"]] == ["logit_bias"]


def test_a_number_keeps_its_spelling(translate: Command):
    schema = '{"type": "object", "maximum": 1.50, "minimum": 9007199254740993}'
    tool = '{"type": "function", "function": {"name": "f", "parameters": ' + schema + "}}"
    _, out, _ = translate('{"model": "m", "messages": [], "tools": [' + tool + "]}", *TO_MESSAGES)
    assert '"maximum": 1.50' in out
    assert "9007199254740993" in out


def test_a_refusal(translate: Command):
    words = "this request cannot be honoured by anthropic-messages: functions: use tools (openai-chat:ChatRequest.functions)"
    asked = CHAT | {"functions": [{"name": "f"}]}
    del asked["logit_bias"]
    assert translate(asked, *TO_MESSAGES) == (1, "", f"refused: {words}\n")
    status, out, err = translate(asked, *TO_MESSAGES, "--format", "json")
    assert (status, err, json.loads(out)) == (
        1,
        "",
        {"kind": "request", "result": None, "losses": [], "refused": words},
    )


@pytest.mark.parametrize(
    ("given", "words"), [("{", "the body is not JSON"), ({"messages": []}, "a model name is needed")]
)
def test_no_request_at_all(translate: Command, given: object, words: str):
    status, out, err = translate(given, *TO_MESSAGES)
    assert (status, out) == (1, "")
    assert words in err


def test_a_response_and_its_minted_id(translate: Command):
    asked = {key: value for key, value in COMPLETION.items() if key != "id"}
    status, out, _ = translate(asked, *TO_MESSAGES, "--kind", "response", "--id", "test")
    answer = json.loads(out)
    assert status == 0
    assert (answer["id"], answer["content"]) == ("msg_test1", [{"type": "text", "text": "Hello"}])
    other = json.loads(translate(asked, *TO_MESSAGES, "--kind", "response")[1])["id"]
    assert other.startswith("msg_") and other != "msg_test1"


def test_the_time_is_given(translate: Command):
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude",
        "content": [{"type": "text", "text": "Hello"}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }
    assert json.loads(translate(message, *TO_CHAT, "--now", "1000")[1])["created"] == 1000


def test_an_unreadable_response_is_refused(translate: Command):
    status, out, err = translate({"choices": "none"}, *TO_MESSAGES, "--kind", "response")
    assert (status, out) == (1, "")
    assert err.startswith("refused: the upstream's answer cannot be read: ")


def test_an_error(translate: Command):
    given = {"error": {"type": "rate_limit_error", "message": "slow down", "code": None, "param": None}}
    status, out, _ = translate(given, *TO_MESSAGES)
    assert status == 0
    assert json.loads(out) == {"type": "error", "error": {"type": "rate_limit_error", "message": "slow down"}}
    bare = {"error": {"message": "too many"}}
    assert json.loads(translate(bare, *TO_MESSAGES, "--status", "429")[1])["error"]["type"] == "rate_limit_error"


def test_a_stream_as_it_is_sent(translate: Command):
    status, out, _ = translate(STREAM, *TO_CHAT, "--now", "7")
    frames = out.removesuffix("\n\n").split("\n\n")
    assert status == 0
    assert frames[-1] == "data: [DONE]"
    chunks = [json.loads(frame.removeprefix("data: ")) for frame in frames[:-1]]
    assert {(chunk["id"], chunk["created"], chunk["model"]) for chunk in chunks} == {("msg_1", 7, "claude")}
    assert "".join(c["delta"].get("content") or "" for chunk in chunks for c in chunk["choices"]) == "Hello"


def test_a_cut_stream_ends_with_the_error_frame(translate: Command):
    _, out, _ = translate(STREAM.partition("event: message_delta")[0], *TO_CHAT)
    assert '"error":{"message":"the upstream\'s stream ended before the answer was complete"' in out


def test_an_answer_knows_its_request(translate: Command, tmp_path: Path):
    """Usage at the end of a stream is sent to those who asked for it."""
    file = tmp_path / "request.json"
    file.write_text(json.dumps(CHAT | {"stream": True, "stream_options": {"include_usage": True}}))
    assert '"usage":{' not in translate(STREAM, *TO_CHAT)[1]
    status, out, err = translate(STREAM, *TO_CHAT, "--request", str(file))
    assert status == 0
    assert '"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}' in out
    assert "logit_bias" not in err


def test_the_provider_decides(translate: Command):
    options = ("--from", "openai-chat", "--to", "openai-chat", "--provider", "deepseek", "--model", "deepseek-chat")
    status, out, err = translate(CHAT | {"store": True}, *options)
    assert status == 0
    assert (json.loads(out)["max_tokens"], json.loads(out)["model"]) == (100, "deepseek-chat")
    assert err == "lost: store: no such field (deepseek:store)\nlost: logit_bias: no such field (deepseek:logit_bias)\n"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--to", "openai-chat"), f"--from: the dialect is needed; there are {', '.join(DIALECTS)}"),
        (
            ("--from", "openai-chat", "--to", "anthropic-message"),
            "--to: there is no dialect `anthropic-message`; did you mean `anthropic-messages`?",
        ),
        ((*TO_MESSAGES, "--provider", "antropic"), "--provider: there is no `antropic`; did you mean `anthropic`?"),
        (
            (*TO_MESSAGES, "--provider", "deepseek"),
            "--provider: deepseek does not speak anthropic-messages; it speaks openai-chat, openai-completions",
        ),
        (("no-such-file", *TO_MESSAGES), "no-such-file: No such file or directory"),
    ],
)
def test_wrong_input(translate: Command, options: tuple[str, ...], words: str):
    assert translate(CHAT, *options) == (2, "", f"isogloss translate: {words}\n")


def test_the_kind_is_seen():
    assert kind_of("openai-chat", json.dumps(CHAT).encode()) == "request"
    assert kind_of("openai-chat", json.dumps(COMPLETION).encode()) == "response"
    assert kind_of("openai-chat", b'{"error": {"message": "no"}}') == "error"
    assert kind_of("anthropic-messages", STREAM.encode()) == "stream"
    assert kind_of("openai-chat", b"{") == "request"


def test_a_dialect_belongs_to_its_vendor():
    assert usual_provider("openai-chat") == "openai"
    assert usual_provider("anthropic-messages") == "anthropic"


def without(module: str, *arguments: str) -> subprocess.CompletedProcess:
    """Runs the command where a module cannot be imported."""
    code = (
        f"import sys; sys.modules[{module!r}] = None; from runtime.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=ROOT, input=json.dumps(CHAT), capture_output=True, text=True, timeout=60)


def test_it_needs_no_generator():
    done = without("codegen", "translate", *TO_MESSAGES)
    assert (done.returncode, json.loads(done.stdout)["system"]) == (0, "Be brief")


@pytest.mark.parametrize(
    "command", [["explain"], ["explain", "--line", "a:1"], ["new", "provider", "a", "--dialect", "b"]]
)
def test_what_needs_the_generator_says_so(command: list[str]):
    options = TO_MESSAGES if command == ["explain"] else ()
    done = without("codegen" if command[0] == "new" else "jinja2", *command, *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"isogloss {command[0]} needs the generator: pip install 'isogloss[generator]' (")
