"""`isogloss explain`: every value of an output has its row, each row's place speaks of it, and what is said is so."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from codegen.explain import explain
from codegen.line import explain_line
from runtime.__main__ import main
from runtime.shell.translate_command import Asked, both_ways, translate, usual_provider
from tests.test_translate_command import STREAM, TO_CHAT, TO_MESSAGES

ROOT = Path(__file__).parents[1]
DIALECTS = ("openai-chat", "anthropic-messages")
CHAT = {
    "model": "gpt-5",
    "max_completion_tokens": 3000,
    "reasoning_effort": "low",
    "logit_bias": {"1": 2},
    "stop": "END",
    "messages": [
        {"role": "system", "content": "Be brief"},
        {"role": "user", "content": "Good morning"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1.50}'}}],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "18C"},
        {"role": "assistant", "content": "18 degrees"},
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBO"}}]},
    ],
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
    "parallel_tool_calls": False,
}
SPECS = {"openai-chat": "specs/dialects/openai_chat", "anthropic-messages": "specs/dialects/anthropic_messages"}


@cache
def lines(file: str) -> list[str]:
    return (ROOT / file).read_text().splitlines()


def place(dialect: str, lens: str, text: str) -> str:
    """file:line of the first line below a lens's header that begins with a text; of the header for an empty one."""
    file = f"{SPECS[dialect]}/mapping.yaml"
    header = next(n for n, line in enumerate(lines(file)) if re.fullmatch(rf" *{re.escape(lens)}:.*", line))
    found = next(n for n in range(header, len(lines(file))) if not text or lines(file)[n].lstrip().startswith(text))
    return f"{file}:{found + 1}"


def explained(source: str, target: str, kind: str, data: bytes) -> Any:
    asked = Asked(source, target, kind, usual_provider(target if kind == "request" else source), id="id", now=1)
    return explain(asked, data, lambda data: translate(asked, data)), translate(asked, data)


def row(found: Any, target: str) -> tuple[list[str], str, str]:
    """A row's sources, form and place."""
    [one] = [one for one in found.fields if one.target == target]
    return [source["path"] for source in one.sources], one.form, one.place


def test_a_request():
    found, _ = explained("openai-chat", "anthropic-messages", "request", json.dumps(CHAT).encode())
    written = {
        "model": (["model"], "said", ("MessagesRequest <-> Request", "model:")),
        "max_tokens": (["max_completion_tokens"], "said", ("MessagesRequest <-> Request", "max_tokens:")),
        "stop_sequences[0]": (["stop"], "said", ("MessagesRequest <-> Request", "stop_sequences:")),
        "system": (["messages[0].content"], "said", ("MessagesRequest <-> Request", "system:")),
        "messages[0].role": ([], "constant", ("UserMessage <-> blocks role=user", "")),
        "messages[0].content": (["messages[1].content"], "said", ("UserMessage <-> blocks role=user", "content:")),
        "messages[1].content[0].id": (["messages[2].tool_calls[0].id"], "said", ("ToolUseBlock <-> ToolCall", "id:")),
        "messages[1].content[0].input": (
            ["messages[2].tool_calls[0].function.arguments"],
            "said",
            ("ToolUseBlock <-> ToolCall", "input:"),
        ),
        "messages[2].content[0].tool_use_id": (
            ["messages[3].tool_call_id"],
            "said",
            ("ToolResultBlock <-> ToolResult", "tool_use_id:"),
        ),
        "messages[4].content[0].source.media_type": (
            ["messages[5].content[0].image_url.url"],
            "said",
            ("Base64Source <-> BytesSource", "media_type:"),
        ),
        "thinking.budget_tokens": (
            ["max_completion_tokens", "reasoning_effort"],
            "said",
            ("ThinkingEnabled <-> Reasoning mode=on", "budget_tokens:"),
        ),
        "tool_choice.disable_parallel_tool_use": (
            ["parallel_tool_calls"],
            "said",
            ("ToolChoice <-> ToolChoice", "every:"),
        ),
        "tools[0].input_schema": (
            ["tools[0].function.parameters"],
            "said",
            ("Tool type=custom|absent <-> FunctionTool", "input_schema:"),
        ),
    }
    for target, (sources, form, where) in written.items():
        assert row(found, target) == (sources, form, place("anthropic-messages", *where)), target
    read = {one.target: [source["place"] for source in one.sources] for one in found.fields}
    assert read["max_tokens"] == [place("openai-chat", "ChatRequest <-> Request", "max_completion_tokens:")]
    assert read["messages[1].content[0].input"] == [
        place("openai-chat", "FunctionCall <-> ToolCall", "function.arguments:")
    ]
    assert found.places["openai-chat:ChatRequest.logit_bias"] == place(
        "openai-chat", "ChatRequest <-> Request", "logit_bias:"
    )


def test_a_count_is_known_by_all_its_parts():
    usage = {
        "prompt_tokens": 9,
        "completion_tokens": 5,
        "total_tokens": 14,
        "prompt_tokens_details": {"cached_tokens": 4},
    }
    choice = {"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}
    answer = {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [choice],
        "usage": usage,
    }
    found, _ = explained("openai-chat", "anthropic-messages", "response", json.dumps(answer).encode())
    counts = row(found, "usage.input_tokens")[0]
    assert counts == ["usage.prompt_tokens", "usage.prompt_tokens_details.cached_tokens"]
    assert row(found, "usage.cache_read_input_tokens")[0] == ["usage.prompt_tokens_details.cached_tokens"]
    assert row(found, "stop_reason")[0] == ["choices[0].finish_reason"]


def test_what_has_no_source_is_named():
    answer = json.loads(STREAM.split("data: ")[1].splitlines()[0])["message"] | {"stop_reason": "end_turn"}
    found, _ = explained("anthropic-messages", "openai-chat", "response", json.dumps(answer).encode())
    assert row(found, "object")[:2] == ([], "constant")
    assert row(found, "created")[:2] == ([], "minted")
    asked = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
    found, _ = explained("openai-chat", "anthropic-messages", "request", json.dumps(asked).encode())
    assert row(found, "max_tokens")[:2] == ([], "supplied")


def test_a_stream():
    found, done = explained("anthropic-messages", "openai-chat", "stream", STREAM.encode())
    assert row(found, "[1].choices[0].delta.content")[0] == ["[2].delta.text"]
    assert row(found, "[2].choices[0].finish_reason")[0] == ["[4].delta.stop_reason"]
    assert {tuple(row(found, f"[{frame}].id")[0]) for frame in range(3)} == {("[0].message.id",)}
    assert row(found, "[1].choices[0].index")[:2] == ([], "counted")
    assert row(found, "[3]")[:2] == ([], "constant")
    back, _ = explained("openai-chat", "anthropic-messages", "stream", done.output)
    assert row(back, "[2].delta.text")[0] == ["[1].choices[0].delta.content"]


def test_what_stays_in_its_dialect(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch):
    asked = {"model": "m", "max_completion_tokens": 9, "store": True, "messages": [{"role": "user", "content": "Hi"}]}
    options = ("--from", "openai-chat", "--to", "openai-chat", "--provider", "deepseek", "--model", "other")
    status, seen, _ = run(asked, capsys, monkeypatch, *options, "--format", "json")
    rows = {one["target"]: one for one in seen["fields"]}
    overlay = lines("specs/providers/deepseek.yaml")
    renamed = next(n for n, line in enumerate(overlay, 1) if line.strip().startswith("rename:"))
    dropped = next(n for n, line in enumerate(overlay, 1) if line.strip().startswith("store:"))
    assert status == 0
    assert rows["messages[0].content"] | {"rule": ""} == {
        "target": "messages[0].content",
        "form": "passed",
        "rule": "",
        "place": "",
        "sources": [{"path": "messages[0].content", "rule": "", "place": ""}],
    }
    assert rows["max_tokens"]["sources"][0]["path"] == "max_completion_tokens"
    assert rows["max_tokens"]["place"] == f"specs/providers/deepseek.yaml:{renamed}"
    assert (rows["model"]["sources"], rows["model"]["form"]) == ([], "supplied")
    assert seen["places"] == {"deepseek:store": f"specs/providers/deepseek.yaml:{dropped}"}


def run(given: object, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch, *options: str):
    text = given if isinstance(given, str) else json.dumps(given)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    status = main(["explain", *options])
    out, err = capsys.readouterr()
    return status, json.loads(out) if "json" in options else out, err


def test_the_command(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch):
    asked = {"model": "m", "max_tokens": 9, "logit_bias": {"1": 2}, "messages": [{"role": "user", "content": "Hi"}]}
    status, out, err = run(asked, capsys, monkeypatch, *TO_MESSAGES)
    result, table = out.split("\n\n")
    read = place("openai-chat", "ChatRequest <-> Request", "model:")
    written = place("anthropic-messages", "MessagesRequest <-> Request", "model:")
    role = place("anthropic-messages", "UserMessage <-> blocks role=user", "")
    assert status == 0
    assert json.loads(result)["max_tokens"] == 9
    assert table.splitlines()[0].split() == ["model", "<-", "model", "Request.model", read, "->", written]
    assert table.splitlines()[1].split() == ["messages[0].role", "<-", "(constant)", "blocks", "role=user", role]
    lost = place("openai-chat", "ChatRequest <-> Request", "logit_bias:")
    assert err.endswith(f"(openai-chat:ChatRequest.logit_bias)  {lost}\n")


def test_a_refusal_says_where_it_is_written(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch):
    asked = {
        "model": "m",
        "max_tokens": 9,
        "functions": [{"name": "f"}],
        "messages": [{"role": "user", "content": "Hi"}],
    }
    status, out, err = run(asked, capsys, monkeypatch, *TO_MESSAGES)
    where = place("openai-chat", "ChatRequest <-> Request", "functions:")
    assert (status, out) == (1, "")
    assert err.splitlines()[-1] == f"  openai-chat:ChatRequest.functions  {where}"


# what programs have sent: every value is known, whatever it is


def documents(kind: str, name: str) -> Iterator[bytes]:
    """What programs sent or answered, each once."""
    seen = set()
    for path in sorted((ROOT / "tests/sdk/samples").glob("*.jsonl")):
        for sample in map(json.loads, path.read_text().splitlines()):
            text = json.dumps(sample["value"])
            if sample["dialect"].replace("_", "-") == name and sample["kind"] == kind and text not in seen:
                seen.add(text)
                yield text.encode()


@pytest.mark.parametrize("kind", ["request", "response", "error"])
@pytest.mark.parametrize(("source", "target"), [DIALECTS, DIALECTS[::-1]])
def test_every_value_has_a_row_and_every_row_a_place(kind: str, source: str, target: str):
    explained_some = 0
    for data in documents(kind, source):
        found, done = explained(source, target, kind, data)
        assert all(found.places.values()), found.places
        if done.refused is not None:
            assert found.fields == []
            continue
        explained_some += 1
        targets = [one.target for one in found.fields]
        assert len(targets) == len(set(targets))
        given = dict(flat(json.loads(data)))
        for path, value in flat(json.loads(done.output)):
            assert [one for one in targets if inside(path, one)], f"{path} has no row"
            assert value != {} or path.endswith(".parameters.properties"), "a row stands for a whole"
        for one in found.fields:
            assert one.rule and speaks(one.place, one.target), one
            for source_ in one.sources:
                assert speaks(source_["place"], source_["path"]), source_
                assert any(inside(path, source_["path"]) for path in given), source_
    assert explained_some


def flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each leaf's path and value; empty lists and mappings are leaves."""
    if isinstance(value, dict) and value:
        for name, sub in value.items():
            yield from flat(sub, f"{path}.{name}".removeprefix("."))
    elif isinstance(value, list) and value:
        for number, sub in enumerate(value):
            yield from flat(sub, f"{path}[{number}]")
    else:
        yield path, value


def inside(path: str, whole: str) -> bool:
    return path == whole or path.startswith((f"{whole}.", f"{whole}["))


def speaks(where: str, path: str) -> bool:
    """Whether a line of a spec names the end of a path; a lens's header or a table names a type or a word instead."""
    file, _, number = where.rpartition(":")
    line = lines(file)[int(number) - 1]
    names = re.sub(r"\[\d+\]", "", path).split(".")
    return " <-> " in line or "word:" in line or any(".".join(names[n:]) in line for n in range(len(names)))


def test_a_place_that_says_nothing_is_noticed():
    file = f"{SPECS['openai-chat']}/mapping.yaml"
    where = place("openai-chat", "ChatRequest <-> Request", "seed:")
    assert speaks(where, "seed") and not speaks(where, "messages[0].content")
    assert file in where


@pytest.mark.parametrize(("options", "given"), [(TO_MESSAGES, CHAT), (TO_CHAT, STREAM)])
def test_it_says_the_same_every_time(
    options: tuple[str, ...], given: object, capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    fixed = ("--now", "1")
    assert run(given, capsys, monkeypatch, *options, *fixed) == run(given, capsys, monkeypatch, *options, *fixed)


def test_it_runs_what_it_is_given():
    """The table tells what the translation does, not what the specs promise."""

    def upside_down(asked: Asked) -> Callable[[bytes], Any]:
        def other(data: bytes) -> Any:
            done = translate(asked, data)
            if done.refused is not None:
                return done
            text = json.loads(done.output)
            text["max_tokens"] = len(text["messages"][0]["content"])
            done.output = json.dumps(text).encode()
            return done

        return other

    asked = Asked("openai-chat", "anthropic-messages", "request", "anthropic", id="id", now=1)
    found = explain(asked, json.dumps(CHAT).encode(), upside_down(asked))
    assert row(found, "max_tokens")[0] == ["messages[1].content"]


# one line of a spec


def line_of(file: str, text: str, below: str = "") -> str:
    """FILE:LINE of the first line that begins with a text, below another."""
    numbered = list(enumerate(lines(file), 1))
    start = next(n for n, line in numbered if line.strip().startswith(below))
    return f"{file}:{next(n for n, line in numbered if n >= start and line.strip().startswith(text))}"


def explained_line(where: str) -> Any:
    return explain_line(where, both_ways)


CHAT_MAPPING, DEEPSEEK = f"{SPECS['openai-chat']}/mapping.yaml", "specs/providers/deepseek.yaml"


def test_a_mapped_line():
    found = explained_line(line_of(CHAT_MAPPING, "stop:", "ChatRequest <-> Request"))
    assert found.lens == "ChatRequest <-> Request"
    assert [(code.way, code.owner, code.text) for code in found.code] == [
        ("reads", "lift_chat_request", "stop=[wire.stop] if type(wire.stop) is str else wire.stop,"),
        (
            "writes",
            "lower_chat_request",
            "stop=value.stop[0] if value.stop and len(value.stop) == 1 else value.stop or None,",
        ),
        ("says", "ORIGIN", '"Request.stop": "stop",'),
    ]
    assert found.examples == [
        {"wire": {"stop": "text"}, "canonical": {"stop": ["text"]}, "again": {"stop": "text"}},
    ]


def test_the_code_stands_where_it_is_said_to_stand():
    """For lines of every section: what is shown is what is in generated/, there."""
    places = [
        line_of(CHAT_MAPPING, "prefix:", "http:"),
        line_of(CHAT_MAPPING, "spill:", "turns:"),
        line_of(CHAT_MAPPING, "lower:", "finish_reason:"),
        line_of(CHAT_MAPPING, "logit_bias:"),
        line_of(CHAT_MAPPING, "reasoning_content:", "AssistantMessage <-> blocks"),
        line_of(CHAT_MAPPING, "image_url.url:"),
        line_of(CHAT_MAPPING, "text:", "block:"),
        line_of(DEEPSEEK, "rename:"),
        line_of(DEEPSEEK, "store:"),
        line_of(DEEPSEEK, "'*':"),
    ]
    for where in places:
        found = explained_line(where)
        assert found.code, where
        for code in found.code:
            file, _, number = code.place.rpartition(":")
            assert lines(file)[int(number) - 1].strip() == code.text.splitlines()[0].strip(), code


def test_the_header_of_a_lens_shows_its_functions():
    found = explained_line(line_of(CHAT_MAPPING, "ImagePart <-> Image:"))
    assert [code.owner for code in found.code] == ["lift_image_part", "lower_image_part"]
    assert "data_url.lift(image_url.url)" in found.code[0].text


def test_rows_of_a_table_are_examples():
    found = explained_line(line_of(CHAT_MAPPING, "lift:", "finish_reason:"))
    assert found.examples == [{"wire": "function_call", "canonical": "tool_use", "again": "tool_calls"}]


@pytest.mark.parametrize(("dialect", "text"), [("openai-chat", "lenses:"), ("anthropic-messages", "end: MessageStop")])
def test_what_the_compiler_cannot_do_without(dialect: str, text: str):
    found = explained_line(line_of(f"{SPECS[dialect]}/mapping.yaml", text))
    assert (found.code, found.examples) == ([], [])
    assert found.shown().endswith(
        "\nNothing is written for this line alone: it is a section, or the compiler needs it to write anything.\n"
    )


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("mapping.yaml", "is no FILE:LINE, as in specs/dialects/openai_chat/mapping.yaml:80"),
        ("specs/none.yaml:1", "specs/none.yaml is no spec"),
        (f"{CHAT_MAPPING}:99999", f"has {len(lines(CHAT_MAPPING))} lines"),
        (f"{CHAT_MAPPING}:1", "says nothing by itself: # yaml-language-server"),
        ("specs/primitives.yaml:5", "specs/primitives.yaml is neither a mapping nor a provider"),
    ],
)
def test_no_such_line(where: str, words: str, capsys: pytest.CaptureFixture):
    assert main(["explain", "--line", where]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("isogloss explain: ") and words in err


def test_a_line_on_the_command_line(capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch):
    where = line_of(CHAT_MAPPING, "seed:")
    monkeypatch.chdir(ROOT / SPECS["openai-chat"])
    assert main(["explain", "--line", f"mapping.yaml:{where.rpartition(':')[2]}"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(
        f"{where}  ChatRequest <-> Request\n\n    seed: seed\n\nreads\n    generated/openai_chat/request.py:"
    )
    assert '    wire       {"seed": 1}\n    canonical  {"seed": 1}\n    again      {"seed": 1}\n' in text
    assert main(["explain", "--line", where, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["lens"] == "ChatRequest <-> Request"
