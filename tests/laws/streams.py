"""Answers as their vendors stream them, in all the ways a vendor may cut them into frames; and what a stream must look like.

Written from the vendors' protocols, not from the mappings: these are the other side of the law that a stream says what
the whole answer says.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from runtime.core.framing import MessageReader, messages

Frame = tuple[str, str]  # event name, data
DONE = ("", "[DONE]")


def pieces(text: str, random: Random) -> list[str]:
    """A text in one to four parts; no part is empty."""
    cuts = sorted(random.sample(range(1, len(text)), min(random.randrange(4), len(text) - 1))) if len(text) > 1 else []
    return [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True) if text[a:b]]


# openai-chat

ORDER = ("role", "reasoning_content", "reasoning", "content", "annotations", "refusal", "tool_calls")
STREAMED = ("id", "created", "model", "service_tier", "usage", "choices")


def openai_answer(answer: dict[str, Any]) -> dict[str, Any]:
    """The part of an answer that a stream can say."""
    kept = {name: answer[name] for name in STREAMED if name in answer}
    kept["choices"] = [
        {
            "index": number,
            "finish_reason": choice.get("finish_reason") or "stop",
            "message": {name: value for name, value in choice["message"].items() if name in ORDER},
        }
        for number, choice in enumerate(answer["choices"])
    ]
    return kept


def openai_frames(answer: dict[str, Any], random: Random) -> list[Frame]:
    head = {k: v for k, v in answer.items() if k not in ("choices", "usage")} | {"object": "chat.completion.chunk"}
    tracks = [_openai_choice(choice, random) for choice in answer["choices"]]
    chunks = []
    while any(tracks):
        track = random.choice([track for track in tracks if track])
        chunks.append(head | {"choices": [track.pop(0)]})
    usage = answer.get("usage")
    if usage is not None and random.random() < 0.5 and chunks:
        chunks[-1]["usage"] = usage
    elif usage is not None:
        chunks.append(head | {"choices": [], "usage": usage})
    done = [DONE] if random.random() < 0.8 else []
    return [("", json.dumps(chunk)) for chunk in chunks] + done


def _openai_choice(choice: dict[str, Any], random: Random) -> list[dict[str, Any]]:
    """One choice's deltas; neighbours may share a frame, and the reason to stop comes with the last or alone."""
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": random.choice(["", None])}] * random.randrange(2)
    message = choice["message"]
    name = next((name for name in ("reasoning_content", "reasoning") if message.get(name)), None)
    for field in (name, "content", "annotations", "refusal"):
        if field == "annotations":
            deltas += [{field: [one]} for one in message.get(field) or ()]
        elif field:
            deltas += [{field: part} for part in pieces(message.get(field) or "", random)]
    for index, call in enumerate(message.get("tool_calls") or ()):
        deltas += _openai_call(index, call, random)
    merged: list[dict[str, Any]] = []
    for delta in deltas:
        fits = merged and max(map(ORDER.index, merged[-1])) < min(map(ORDER.index, delta))
        if fits and random.random() < 0.3:
            merged[-1] = merged[-1] | delta
        elif merged and "tool_calls" in delta and "tool_calls" in merged[-1] and random.random() < 0.3:
            merged[-1] = merged[-1] | {"tool_calls": merged[-1]["tool_calls"] + delta["tool_calls"]}
        else:
            merged.append(delta)
    frames = [{"index": choice["index"], "delta": delta, "finish_reason": None} for delta in merged]
    if not frames or random.random() < 0.6:
        frames.append({"index": choice["index"], "delta": {}})
    frames[-1]["finish_reason"] = choice["finish_reason"]
    return frames


def _openai_call(index: int, call: dict[str, Any], random: Random) -> Iterator[dict[str, Any]]:
    kind, text = ("function", "arguments") if call["type"] == "function" else ("custom", "input")
    parts = pieces(call[kind][text], random)
    first = parts.pop(0) if parts and random.random() < 0.5 else ""
    opening = {"index": index, "type": call["type"], kind: {"name": call[kind]["name"], text: first}}
    yield {"tool_calls": [opening | {name: call[name] for name in ("id", "extra_content") if name in call}]}
    for part in parts:
        yield {"tool_calls": [{"index": index, kind: {text: part}}]}


def openai_grammar(frames: list[Frame], usage: bool) -> None:
    """One head, who speaks first, calls counted from 0 with their names, one reason for each choice, the counts if asked."""
    assert frames[-1] == DONE and all(name == "" for name, _ in frames)
    chunks = [json.loads(data) for _, data in frames[:-1]]
    assert len({(c["id"], c["created"], c.get("model"), c["object"]) for c in chunks}) == 1
    counted = [chunk for chunk in chunks if "usage" in chunk]
    assert all(chunk["choices"] == [] for chunk in counted)
    assert len(counted) <= usage
    reasons: dict[int, str] = {}
    calls: dict[int, int] = {}
    spoken: set[int] = set()
    for chunk in chunks:
        for choice in chunk["choices"]:
            index = choice["index"]
            assert index not in reasons, "something after the reason to stop"
            assert (choice["delta"].get("role") == "assistant") == (index not in spoken)
            spoken.add(index)
            for call in choice["delta"].get("tool_calls", ()):
                kind = call.get("function") or call["custom"]
                if "id" in call:
                    assert call["index"] == calls.get(index, 0) and kind["name"] is not None
                    calls[index] = call["index"] + 1
                assert call["index"] < calls[index], "input for a call that was not opened"
            if choice["finish_reason"] is not None:
                reasons[index] = choice["finish_reason"]
    assert reasons.keys() == spoken


# anthropic-messages


def anthropic_answer(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer with everything that is always there."""
    return answer | {"stop_reason": answer.get("stop_reason") or "end_turn"}


def anthropic_frames(answer: dict[str, Any], random: Random) -> list[Frame]:
    usage = answer.get("usage")
    start = {k: v for k, v in answer.items() if k not in ("stop_reason", "stop_sequence")} | {"content": []}
    frames: list[dict[str, Any]] = [{"type": "message_start", "message": start}]
    for index, block in enumerate(answer["content"]):
        frames += [{"type": "ping"}] * (random.random() < 0.2)
        opened, deltas = _anthropic_block(block, random)
        frames.append({"type": "content_block_start", "index": index, "content_block": opened})
        frames += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
        frames.append({"type": "content_block_stop", "index": index})
    ended = {k: answer[k] for k in ("stop_reason", "stop_sequence") if k in answer}
    frames.append({"type": "message_delta", "delta": ended} | ({"usage": _counted(usage)} if usage is not None else {}))
    frames += [{"type": "message_stop"}] * (random.random() < 0.9)
    return [(frame["type"], json.dumps(frame)) for frame in frames]


def _counted(usage: dict[str, Any]) -> dict[str, Any]:
    """The counts at the end: those of the start, and what was written since."""
    names = (
        "input_tokens",
        "output_tokens",
        "cache_creation_input_tokens",
        "cache_read_input_tokens",
        "output_tokens_details",
    )
    return {name: usage[name] for name in names if name in usage}


def _anthropic_block(block: dict[str, Any], random: Random) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What a block opens with, and what is added to it."""
    match block["type"]:
        case "text":
            opened = {k: v for k, v in block.items() if k != "citations"} | {"text": ""}
            cited = [{"type": "citations_delta", "citation": one} for one in block.get("citations") or ()]
            return opened, cited + [{"type": "text_delta", "text": part} for part in pieces(block["text"], random)]
        case "thinking":
            signed = [
                {"type": "signature_delta", "signature": part} for part in pieces(block.get("signature", ""), random)
            ]
            said = [{"type": "thinking_delta", "thinking": part} for part in pieces(block["thinking"], random)]
            return {"type": "thinking", "thinking": "", **({"signature": ""} if signed else {})}, said + signed
        case "tool_use":
            text = json.dumps(block.get("input") or {})
            parts = [""] * random.randrange(2) + (pieces(text, random) if text != "{}" or random.random() < 0.5 else [])
            if text != "{}" and random.random() < 0.2:
                return block, []
            return block | {"input": {}}, [{"type": "input_json_delta", "partial_json": part} for part in parts]
    return block, []


def anthropic_grammar(frames: list[Frame], usage: bool) -> None:
    """One start, blocks one after another from 0, deltas of the block's own kind, one reason, one end."""
    names = [name for name, _ in frames if name != "ping"]
    events = [json.loads(data) for _, data in frames]
    assert all(name == event["type"] for (name, _), event in zip(frames, events, strict=True))
    assert names[0] == "message_start" and names[-2:] == ["message_delta", "message_stop"]
    assert names.count("message_start") == names.count("message_delta") == names.count("message_stop") == 1
    message = events[0]["message"]
    assert message["id"] and message["content"] == [] and message["role"] == "assistant" and message["usage"]
    assert message["stop_reason"] is None
    kinds = {
        "text": {"text_delta", "citations_delta"},
        "thinking": {"thinking_delta", "signature_delta"},
        "tool_use": {"input_json_delta"},
    }
    count, block = 0, None
    for event in events:
        match event["type"]:
            case "content_block_start":
                assert block is None and event["index"] == count
                block = event["content_block"]
                assert block.get("text", "") == block.get("thinking", "") == ""
                assert block["type"] != "tool_use" or block["input"] == {}
            case "content_block_delta":
                assert block is not None and event["index"] == count
                assert event["delta"]["type"] in kinds.get(block["type"], ())
            case "content_block_stop":
                assert block is not None and event["index"] == count
                block, count = None, count + 1
            case "message_delta":
                assert block is None and event["delta"]["stop_reason"] and event["usage"]["output_tokens"] is not None


def openai_heard(frames: list[Frame]) -> dict[str, Any]:
    """What a client has when it has read a stream: the whole answer, put together as SDKs do it."""
    heard: dict[str, Any] = {}
    choices: dict[int, dict[str, Any]] = {}
    for _, data in frames:
        chunk = json.loads(data) if data != "[DONE]" else {}
        heard |= {k: v for k, v in chunk.items() if k not in ("choices", "object")}
        for one in chunk.get("choices", ()):
            choice = choices.setdefault(one["index"], {"index": one["index"], "message": {}, "finish_reason": None})
            choice["finish_reason"] = one.get("finish_reason") or choice["finish_reason"]
            _added(choice["message"], one["delta"])
    return heard | {"choices": [choices[index] for index in sorted(choices)]}


def _added(whole: dict[str, Any], delta: dict[str, Any]) -> None:
    for key, value in delta.items():
        if key == "tool_calls":
            calls = whole.setdefault("tool_calls", [])
            for call in value:
                calls += [{}] * (call["index"] + 1 - len(calls))
                calls[call["index"]] = {**calls[call["index"]]}
                _added(calls[call["index"]], {k: v for k, v in call.items() if k != "index"})
        elif isinstance(value, dict):
            _added(whole.setdefault(key, {}), value)
        elif isinstance(value, str) and key not in ("role", "type", "id", "name"):
            whole[key] = (whole.get(key) or "") + value
        elif isinstance(value, list):
            whole[key] = [*whole.get(key, ()), *value]
        else:
            whole.setdefault(key, value)


def anthropic_heard(frames: list[Frame]) -> dict[str, Any]:
    """The same for this wire."""
    heard: dict[str, Any] = {}
    for _, data in frames:
        event = json.loads(data)
        match event["type"]:
            case "message_start":
                heard = event["message"]
            case "content_block_start":
                heard["content"].append(event["content_block"] | {"partial": ""})
            case "content_block_delta":
                _grown(heard["content"][event["index"]], event["delta"])
            case "content_block_stop":
                block = heard["content"][event["index"]]
                if partial := block.pop("partial"):
                    block["input"] = json.loads(partial)
            case "message_delta":
                heard |= event["delta"]
                heard["usage"] |= {k: v for k, v in event["usage"].items() if v is not None}
            case "error":
                heard["error"] = event["error"]
    return heard


def _grown(block: dict[str, Any], delta: dict[str, Any]) -> None:
    match delta["type"]:
        case "input_json_delta":
            block["partial"] += delta["partial_json"]
        case "citations_delta":
            block.setdefault("citations", []).append(delta["citation"])
        case kind:
            name = kind.removesuffix("_delta")
            block[name] = (block.get(name) or "") + delta[name]


# ollama-chat

OLLAMA_COUNTS = ("prompt_eval_count", "eval_count")


def ollama_answer(answer: dict[str, Any]) -> dict[str, Any]:
    """The part of an answer that a stream can say, with everything that is always there."""
    kept = {name: answer[name] for name in ("model", "created_at", *OLLAMA_COUNTS) if name in answer}
    message = {name: value for name, value in answer["message"].items() if name != "tool_name"}
    return kept | {"message": message, "done": True, "done_reason": answer.get("done_reason") or "stop"}


def ollama_frames(answer: dict[str, Any], random: Random) -> list[Frame]:
    """Pieces of text, pictures and whole calls, in order; the last frame may bear the last of them."""
    head = {name: answer[name] for name in ("model", "created_at") if name in answer}
    message, said = answer["message"], []
    for name in ("thinking", "content"):
        said += [{name: part} for part in pieces(message.get(name) or "", random)]
    said += [{"images": [one]} for one in message.get("images") or ()]
    said += [{"tool_calls": [one]} for one in message.get("tool_calls") or ()]
    empty: list[dict[str, Any]] = [{}]
    said = empty * random.randrange(2) + said + empty * (not said or random.random() < 0.6)
    frames = [head | {"message": {"role": "assistant", "content": ""} | one, "done": False} for one in said]
    counts = {name: answer[name] for name in OLLAMA_COUNTS if name in answer}
    frames[-1] |= {"done": True, "done_reason": answer["done_reason"]} | counts
    return [("", json.dumps(frame)) for frame in frames]


def ollama_grammar(frames: list[Frame], usage: bool) -> None:
    """Every line is of one answer and has a text; the last, and no other, is done, and has the reason and the counts."""
    lines = [json.loads(data) for _, data in frames]
    assert [line["done"] for line in lines] == [False] * (len(lines) - 1) + [True]
    assert len({(line["model"], line["created_at"]) for line in lines}) == 1
    for line in lines:
        message = line["message"]
        assert message["role"] == "assistant" and isinstance(message["content"], str)
        assert all(call["id"] and call["function"]["name"] is not None for call in message.get("tool_calls", ()))
        assert all(isinstance(call["function"]["arguments"], dict) for call in message.get("tool_calls", ()))
        assert ("done_reason" in line) == line["done"] and (line["done"] or "eval_count" not in line)


# bedrock-converse


def bedrock_answer(answer: dict[str, Any]) -> dict[str, Any]:
    """The part of an answer that a stream can say: text, with its citations, reasoning and calls."""
    message = answer.get("output", {}).get("message", {"content": []})
    spoken = {"text", "citationsContent", "reasoningContent", "toolUse"}
    said = [block for block in message["content"] if spoken & block.keys()]
    said = [block for block in said if "redactedReasoning" not in block.get("reasoningContent", {})]
    said = [block for block in said if block.get("toolUse", {}).get("type") is None]
    said.sort(key=lambda block: ("reasoningContent" not in block, "toolUse" in block))  # as models speak
    kept = {name: answer[name] for name in ("usage", "stopReason", "serviceTier") if name in answer}
    return {"output": {"message": {"role": "assistant", "content": said}}, **kept}


def bedrock_frames(answer: dict[str, Any], random: Random) -> list[Frame]:
    """Only calls have a frame at their start; every block has one at its end, and the counts come last."""
    frames: list[dict[str, Any]] = [{"event": "messageStart", "role": "assistant"}]
    for index, block in enumerate(answer["output"]["message"]["content"]):
        if call := block.get("toolUse"):
            start = {"toolUse": {"toolUseId": call["toolUseId"], "name": call["name"]}}
            frames.append({"event": "contentBlockStart", "start": start, "contentBlockIndex": index})
        at = {"contentBlockIndex": index} | ({"p": "abcd"} if random.random() < 0.3 else {})
        frames += [{"event": "contentBlockDelta", "delta": one, **at} for one in _bedrock_deltas(block, random)]
        frames.append({"event": "contentBlockStop", **at})
    frames.append({"event": "messageStop", "stopReason": answer["stopReason"]})
    told = {name: answer[name] for name in ("usage", "serviceTier") if answer.get(name) is not None}
    if told or random.random() < 0.9:
        frames.append({"event": "metadata", "metrics": {"latencyMs": 1}} | told)
    return [(frame["event"], json.dumps(frame, ensure_ascii=False)) for frame in frames]


def _bedrock_deltas(block: dict[str, Any], random: Random) -> list[dict[str, Any]]:
    if (text := block.get("text")) is not None:
        return [{"text": part} for part in pieces(text, random) or [""]]
    if (cited := block.get("citationsContent")) is not None:
        text = "".join(one.get("text", "") for one in cited.get("content", ()))
        said = [{"text": part} for part in pieces(text, random) or [""]]
        return [*said, *({"citation": one} for one in cited.get("citations", ()))]
    if call := block.get("toolUse"):
        text = json.dumps(call["input"], ensure_ascii=False)
        return [{"toolUse": {"input": part}} for part in ([] if text == "{}" else pieces(text, random))]
    reasoning = block["reasoningContent"]
    if (sealed := reasoning.get("redactedContent")) is not None:
        return [{"reasoningContent": {"redactedContent": sealed}}]
    said = reasoning["reasoningText"]
    parts = [{"text": part} for part in pieces(said["text"], random)]
    parts += [{"signature": part} for part in pieces(said.get("signature") or "", random)]
    return [{"reasoningContent": part} for part in parts or [{"text": ""}]]


def bedrock_grammar(frames: list[Frame], usage: bool) -> None:
    """One start, blocks one after another from 0, a call's with its name first, each with an end; a reason, the counts."""
    events = [json.loads(data) for _, data in frames]
    kinds = [event["event"] for event in events]
    assert kinds[0] == "messageStart" and kinds[-2:] == ["messageStop", "metadata"]
    assert kinds.count("messageStart") == kinds.count("messageStop") == kinds.count("metadata") == 1
    assert events[-2]["stopReason"] and {"inputTokens", "outputTokens", "totalTokens"} <= events[-1]["usage"].keys()
    count, kind = 0, ""
    for event in events[1:-2]:
        assert event["contentBlockIndex"] == count
        match event["event"]:
            case "contentBlockStart":
                assert kind == "" and event["start"]["toolUse"]["toolUseId"] and "name" in event["start"]["toolUse"]
                kind = "toolUse"
            case "contentBlockDelta":
                (grows,) = event["delta"]
                grows = "text" if grows == "citation" else grows
                assert kind in ("", grows) and (grows != "toolUse" or kind == "toolUse")
                kind = grows
            case "contentBlockStop":
                assert kind
                count, kind = count + 1, ""
    assert kind == ""


# gemini-generate


def gemini_answer(answer: dict[str, Any]) -> dict[str, Any]:
    """The part of an answer that a stream can say, with everything that is always there; a blocked prompt has no candidates."""
    candidates = [
        {"index": number, "finishReason": one.get("finishReason", "STOP")}
        | {name: one[name] for name in ("content", "citationMetadata") if name in one}
        for number, one in enumerate(answer.get("candidates", ()))
    ]
    kept = {
        name: answer[name] for name in ("modelVersion", "responseId", "createTime", "usageMetadata") if name in answer
    }
    blocked = {} if candidates else {"promptFeedback": {"blockReason": "SAFETY"}}
    return kept | ({"candidates": candidates} if candidates else {}) | blocked


def gemini_frames(answer: dict[str, Any], random: Random) -> list[Frame]:
    """Texts in pieces, other parts whole; the candidates' frames come mixed, and so may their last ones."""
    head = {name: answer[name] for name in ("modelVersion", "responseId", "createTime") if name in answer}
    usage = {"usageMetadata": answer["usageMetadata"]} if "usageMetadata" in answer else {}
    if "candidates" not in answer:
        return [("", json.dumps(head | {"promptFeedback": answer["promptFeedback"]} | usage))]
    tracks = [_gemini_candidate(one, random) for one in answer["candidates"]]
    chunks = []
    while any(tracks):
        track = random.choice([track for track in tracks if track])
        chunks.append(head | {"candidates": [track.pop(0)]})
    for chunk in chunks:
        chunk |= usage if chunk is chunks[-1] or random.random() < 0.3 else {}
    return [("", json.dumps(chunk)) for chunk in chunks]


GEMINI_WHOLE = {"functionCall", "functionResponse", "inlineData", "fileData"}


def _gemini_candidate(candidate: dict[str, Any], random: Random) -> list[dict[str, Any]]:
    content = candidate.get("content", {})
    said: list[dict[str, Any]] = []
    for part in content.get("parts", ()):
        if part.keys() & GEMINI_WHOLE or not part.get("text"):
            said.append(part)
        elif "text" in part:
            *some, last = pieces(part["text"], random)
            rest = {name: value for name, value in part.items() if name not in ("text", "thoughtSignature")}
            said += [rest | {"text": one} for one in some]
            said.append(part | {"text": last})
    role = {"role": content["role"]} if "role" in content else {}
    frames = [{"index": candidate["index"], "content": role | {"parts": [one]}} for one in said]
    if "citationMetadata" in candidate:  # with the last words; behind all where there are none
        spoken = [number for number, one in enumerate(said) if _words(one)]
        if not spoken:
            spoken = [len(frames)]
            frames.append({"index": candidate["index"]})
        frames[spoken[-1]]["citationMetadata"] = candidate["citationMetadata"]
    if not frames or random.random() < 0.4:
        frames.append({"index": candidate["index"]} | random.choice([{}, {"content": role | {"parts": []}}]))
    frames[-1]["finishReason"] = candidate["finishReason"]
    return frames


def _words(part: dict[str, Any]) -> bool:
    return bool(part.get("text")) and not part.get("thought") and not part.keys() & GEMINI_WHOLE


def gemini_grammar(frames: list[Frame], usage: bool) -> None:
    """Every frame is of one answer; each candidate says once why it stopped, with its last frame; the last has the counts."""
    answers = [json.loads(data) for _, data in frames]
    assert len({(one["responseId"], one.get("modelVersion")) for one in answers}) == 1
    assert all("usageMetadata" not in one for one in answers[:-1])
    assert all("finishReason" not in each for one in answers[:-1] for each in one["candidates"])
    assert all(each["finishReason"] for each in answers[-1]["candidates"])
    for one in answers[:-1]:
        assert all(each["content"]["role"] == "model" and each["content"]["parts"] for each in one["candidates"])


# openai-responses

UNSTREAMED = ("error", "output", "status", "incomplete_details", "metadata", "moderation")
PARTS = {"output_text": ("text", "output_text"), "refusal": ("refusal", "refusal")}


def responses_answer(answer: dict[str, Any]) -> dict[str, Any]:
    """The part of an answer that a stream can say."""
    kept = {name: value for name, value in answer.items() if name not in UNSTREAMED}
    kept["status"] = answer["status"] if answer.get("status") in ("completed", "incomplete") else "completed"
    if kept["status"] == "incomplete":
        kept["incomplete_details"] = answer.get("incomplete_details") or {"reason": "max_output_tokens"}
    kept["output"] = [_responses_item(number, item) for number, item in enumerate(answer.get("output") or ())]
    return kept


def _responses_item(number: int, item: dict[str, Any]) -> dict[str, Any]:
    """An item as it is streamed: with an id."""
    item = item | {"id": f"item_{number}"}
    if item["type"] == "message":
        parts = [part for part in item["content"] if part["type"] in PARTS]
        item["content"] = [{name: one for name, one in part.items() if name != "logprobs"} for part in parts]
    return item


def responses_frames(answer: dict[str, Any], random: Random) -> list[Frame]:
    """The life of an answer; some servers leave out what is said again."""
    started = {k: v for k, v in answer.items() if k not in ("usage", "incomplete_details")}
    started |= {"status": "in_progress", "output": []}
    frames: list[dict[str, Any]] = [{"type": "response.created", "response": started}]
    frames += [{"type": "response.in_progress", "response": started}] * (random.random() < 0.7)
    for number, item in enumerate(answer["output"]):
        frames += _responses_life(number, item, random)
    last = answer | ({"output": []} if answer["output"] and random.random() < 0.2 else {})
    frames.append({"type": f"response.{answer['status']}", "response": last})
    return [(f["type"], json.dumps(f | {"sequence_number": n})) for n, f in enumerate(frames)]


def _responses_life(number: int, item: dict[str, Any], random: Random) -> list[dict[str, Any]]:
    here = {"output_index": number, "item_id": item["id"]}
    done = {"type": "response.output_item.done", "output_index": number, "item": item}
    if random.random() < 0.1:  # a server that says only whole items
        return [done]
    empty: dict[str, Any] = {}
    grown: list[dict[str, Any]] = []
    match item["type"]:
        case "message":
            empty = {"content": []}
            for index, part in enumerate(item["content"]):
                grown += _responses_part(here | {"content_index": index}, part, random)
        case "reasoning":
            empty = {"summary": [], "encrypted_content": None} | ({"content": []} if "content" in item else {})
            for index, part in enumerate(item.get("summary") or ()):
                grown += _responses_summary(here | {"summary_index": index}, part, random)
            for index, part in enumerate([] if item.get("summary") else item.get("content") or ()):
                grown += _grown_text("reasoning_text", here | {"content_index": index}, "text", part["text"], random)
        case "function_call":
            empty = {"arguments": ""}
            grown = _grown_text("function_call_arguments", here, "arguments", item["arguments"], random)
        case "custom_tool_call":
            empty = {"input": ""}
            grown = _grown_text("custom_tool_call_input", here, "input", item["input"], random)
    opened = item | empty
    return [{"type": "response.output_item.added", "output_index": number, "item": opened}, *grown, done]


def _grown_text(kind: str, here: dict[str, Any], name: str, text: str, random: Random) -> list[dict[str, Any]]:
    found = [{"type": f"response.{kind}.delta", **here, "delta": part} for part in pieces(text, random)]
    said = [{"type": f"response.{kind}.done", **here, name: text}]
    return said if random.random() < 0.1 else found + said * (random.random() < 0.9)


def _responses_part(here: dict[str, Any], part: dict[str, Any], random: Random) -> list[dict[str, Any]]:
    name, kind = PARTS[part["type"]]
    opened = {"type": "response.content_part.added", **here, "part": {"type": part["type"], name: ""}}
    cited = [
        {"type": "response.output_text.annotation.added", **here, "annotation_index": index, "annotation": one}
        for index, one in enumerate(part.get("annotations") or ())
    ]
    grown = _grown_text(kind, here, name, part[name], random)
    return [
        opened,
        *grown,
        *cited * (random.random() < 0.7),
        {"type": "response.content_part.done", **here, "part": part},
    ]


def _responses_summary(here: dict[str, Any], part: dict[str, Any], random: Random) -> list[dict[str, Any]]:
    opened = {"type": "response.reasoning_summary_part.added", **here, "part": part | {"text": ""}}
    grown = _grown_text("reasoning_summary_text", here, "text", part["text"], random)
    return [opened, *grown, {"type": "response.reasoning_summary_part.done", **here, "part": part}]


def responses_grammar(frames: list[Frame], usage: bool) -> None:
    """Numbers from 0; a start, items one after another with their parts, an end that says all of it again."""
    events = [json.loads(data) for _, data in frames]
    assert [name for name, _ in frames] == [event["type"] for event in events]
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    kinds = [event["type"] for event in events]
    assert kinds[:2] == ["response.created", "response.in_progress"] and kinds.count("response.created") == 1
    assert kinds[-1] in ("response.completed", "response.incomplete")
    assert sum(kind in ("response.completed", "response.incomplete", "response.failed", "error") for kind in kinds) == 1
    last = events[-1]["response"]
    assert last["status"] == kinds[-1].removeprefix("response.") and last["usage"]["total_tokens"] is not None
    assert (last["status"] == "incomplete") == ("incomplete_details" in last)
    for event in (events[0], events[1], events[-1]):
        answer = event["response"]
        assert (
            answer["id"] == last["id"] and answer["object"] == "response" and answer["created_at"] == last["created_at"]
        )
        assert {"model", "output", "parallel_tool_calls", "tool_choice", "tools", "status"} <= answer.keys()
    assert events[0]["response"]["status"] == "in_progress" and events[0]["response"]["output"] == []
    done = [event["item"] for event in events if event["type"] == "response.output_item.done"]
    assert done == last["output"]
    item, texts = None, {}
    for event in events[2:-1]:
        kind = event["type"].removeprefix("response.")
        if kind == "output_item.added":
            assert item is None
            item, texts = event["item"], {}
            assert item.get("status", "in_progress") == "in_progress"
            assert not (item.get("content") or item.get("summary") or item.get("arguments") or item.get("input"))
            count = event["output_index"]
            continue
        assert item is not None and event["output_index"] == count
        if kind == "output_item.done":
            assert event["item"]["id"] == item["id"] and event["item"]["type"] == item["type"]
            assert all(closed for _, closed in texts.values())
            item, count = None, count + 1
            continue
        assert event["item_id"] == item["id"]
        part = event.get("content_index", event.get("summary_index", 0))
        if kind.endswith("part.added"):
            assert part == len(texts)
            texts[part] = [], False
        elif kind.endswith(".delta"):
            texts.setdefault(part, ([], False))[0].append(event["delta"])
        elif kind.endswith("part.done"):
            said = event["part"].get("text", event["part"].get("refusal"))
            assert said == "".join(texts[part][0])
            texts[part] = texts[part][0], True
        elif kind.endswith(".done"):
            (said,) = [event[name] for name in ("text", "refusal", "arguments", "input") if name in event]
            texts.setdefault(part, ([], False))
            assert said == "".join(texts[part][0])
            texts[part] = texts[part][0], "arguments" in event or "input" in event
    assert item is None


# ollama-generate: the same lines, with what is said in them themselves


def generate_answer(answer: dict[str, Any]) -> dict[str, Any]:
    """The part of an answer that a stream can say, with everything that is always there."""
    kept = {name: answer[name] for name in ("model", "created_at", *OLLAMA_COUNTS, "thinking") if name in answer}
    said = {"response": answer.get("response") or "", "done": True, "done_reason": answer.get("done_reason") or "stop"}
    return kept | said


def generate_frames(answer: dict[str, Any], random: Random) -> list[Frame]:
    message = {"thinking": answer.get("thinking"), "content": answer["response"]}
    frames = [json.loads(data) for _, data in ollama_frames(answer | {"message": message}, random)]
    said = [(frame.pop("message"), frame) for frame in frames]
    parts = [{"response": one["content"]} | {k: v for k, v in one.items() if k == "thinking"} for one, _ in said]
    return [("", json.dumps(frame | part)) for (_, frame), part in zip(said, parts, strict=True)]


def generate_grammar(frames: list[Frame], usage: bool) -> None:
    """Every line is of one answer and has a text; the last, and no other, is done, and has the reason and the counts."""
    lines = [json.loads(data) for _, data in frames]
    assert [line["done"] for line in lines] == [False] * (len(lines) - 1) + [True]
    assert len({(line["model"], line["created_at"]) for line in lines}) == 1
    for line in lines:
        assert isinstance(line["response"], str) and "message" not in line
        assert ("done_reason" in line) == line["done"] and (line["done"] or "eval_count" not in line)


# wires that complete one prompt


def completions_answer(answer: dict[str, Any]) -> dict[str, Any]:
    """The part of an answer that a stream can say."""
    names = ("index", "text")
    choices = [
        {name: choice[name] for name in names if name in choice}
        | {"index": number, "finish_reason": choice.get("finish_reason") or "stop"}
        for number, choice in enumerate(answer["choices"])
    ]
    return {name: answer[name] for name in STREAMED if name in answer and name != "service_tier"} | {"choices": choices}


def completions_frames(answer: dict[str, Any], random: Random) -> list[Frame]:
    """Pieces of each choice's text, the choices mixed; the reason comes with the last piece or alone, so do the counts."""
    head = {k: v for k, v in answer.items() if k not in ("choices", "usage")} | {"object": "text_completion"}
    tracks = []
    for choice in answer["choices"]:
        said = [{"text": part} for part in pieces(choice.get("text") or "", random)]
        said += [{"text": ""}] * (not said or random.random() < 0.6)
        track = [{"index": choice["index"], "finish_reason": None} | one for one in said]
        track[-1]["finish_reason"] = choice["finish_reason"]
        tracks.append(track)
    return _mixed(head, tracks, answer.get("usage"), random)


def _mixed(head: dict[str, Any], tracks: list[list[Any]], usage: Any, random: Random) -> list[Frame]:
    chunks = []
    while any(tracks):
        track = random.choice([track for track in tracks if track])
        chunks.append(head | {"choices": [track.pop(0)]})
    if usage is not None and random.random() < 0.5 and chunks:
        chunks[-1]["usage"] = usage
    elif usage is not None:
        chunks.append(head | {"choices": [], "usage": usage})
    return [("", json.dumps(chunk)) for chunk in chunks] + ([DONE] if random.random() < 0.8 else [])


def completions_grammar(frames: list[Frame], usage: bool) -> None:
    """One head, a text in every choice, one reason for each, the counts if asked."""
    assert frames[-1] == DONE and all(name == "" for name, _ in frames)
    chunks = [json.loads(data) for _, data in frames[:-1]]
    assert len({(c["id"], c["created"], c.get("model"), c["object"]) for c in chunks}) == 1
    counted = [chunk for chunk in chunks if "usage" in chunk]
    assert all(chunk["choices"] == [] for chunk in counted) and len(counted) <= usage
    ended: set[int] = set()
    for choice in (choice for chunk in chunks for choice in chunk["choices"]):
        assert choice["index"] not in ended and isinstance(choice["text"], str)
        if choice["finish_reason"] is not None:
            ended.add(choice["index"])
    assert ended == {choice["index"] for chunk in chunks for choice in chunk["choices"]}


def fim_answer(answer: dict[str, Any]) -> dict[str, Any]:
    """The part of an answer that a stream can say: text, whole or in parts."""
    choices = []
    for number, choice in enumerate(answer["choices"]):
        message = choice.get("message") or {"role": "assistant", "content": ""}
        message = {name: message[name] for name in ("role", "content") if name in message}
        reason = choice.get("finish_reason") or "stop"
        choices.append({"index": number, "message": message, "finish_reason": reason})
    return {name: answer[name] for name in STREAMED if name in answer} | {"choices": choices}


def fim_frames(answer: dict[str, Any], random: Random) -> list[Frame]:
    head = {k: v for k, v in answer.items() if k not in ("choices", "usage")} | {"object": "chat.completion.chunk"}
    tracks = [_fim_choice(choice, random) for choice in answer["choices"]]
    return _mixed(head, tracks, answer.get("usage"), random)


def _fim_choice(choice: dict[str, Any], random: Random) -> list[dict[str, Any]]:
    """A choice's frames: its text in pieces or part by part; the reason to stop with the last or alone."""
    content = choice["message"].get("content") or ""
    parts = [[part] for part in content] if isinstance(content, list) else pieces(content, random)
    said: list[dict[str, Any]] = [{"role": "assistant", "content": ""}] * random.randrange(2)
    said += [{"content": part} for part in parts]
    said += [{}] * (not said or random.random() < 0.6)
    track = [{"index": choice["index"], "delta": delta, "finish_reason": None} for delta in said]
    track[-1]["finish_reason"] = choice["finish_reason"]
    return track


def fim_grammar(frames: list[Frame], usage: bool) -> None:
    """One head, who speaks first, one reason for each choice; the frame of the last has the counts."""
    assert frames[-1] == DONE and all(name == "" for name, _ in frames)
    chunks = [json.loads(data) for _, data in frames[:-1]]
    assert len({(c["id"], c["created"], c.get("model"), c["object"]) for c in chunks}) == 1
    assert all("usage" not in chunk for chunk in chunks[:-1]) and all(len(c["choices"]) == 1 for c in chunks)
    spoken: set[int] = set()
    ended: set[int] = set()
    for (choice,) in (chunk["choices"] for chunk in chunks):
        index = choice["index"]
        assert index not in ended and (choice["delta"].get("role") == "assistant") == (index not in spoken)
        spoken.add(index)
        if choice["finish_reason"] is not None:
            ended.add(index)
    assert ended == spoken


def mistral_answer(answer: dict[str, Any]) -> dict[str, Any]:
    """The part of an answer that a stream can say: text, whole or in parts, and calls, each with an id of its own."""
    said = fim_answer(answer)
    for number, (choice, whole) in enumerate(zip(said["choices"], answer["choices"], strict=True)):
        if calls := (whole.get("message") or {}).get("tool_calls"):
            numbered = [call | {"id": f"call{number}{place:04}"} for place, call in enumerate(calls)]
            choice["message"]["tool_calls"] = numbered
    return said


def mistral_frames(answer: dict[str, Any], random: Random) -> list[Frame]:
    head = {k: v for k, v in answer.items() if k not in ("choices", "usage")} | {"object": "chat.completion.chunk"}
    tracks = []
    for choice in answer["choices"]:
        track = _fim_choice(choice, random)
        calls = [
            {"delta": {"tool_calls": [call | {"index": number}]}, "finish_reason": None, "index": choice["index"]}
            for number, call in enumerate(choice["message"].get("tool_calls") or ())
        ]
        if calls:  # each call comes whole; the reason to stop with the last thing that is said
            track[-1]["finish_reason"] = None
            track += calls
            track[-1]["finish_reason"] = choice["finish_reason"]
        tracks.append(track)
    return _mixed(head, tracks, answer.get("usage"), random)


def mistral_grammar(frames: list[Frame], usage: bool) -> None:
    """As in the middle of a text; and calls come whole, counted from 0."""
    fim_grammar(frames, usage)
    calls: dict[int, int] = {}
    for _, data in frames[:-1]:
        (choice,) = json.loads(data)["choices"]
        for call in choice["delta"].get("tool_calls", ()):
            assert call["index"] == calls.get(choice["index"], 0)
            calls[choice["index"]] = call["index"] + 1
            assert call["id"] and call["function"]["name"] is not None
            assert isinstance(json.loads(call["function"]["arguments"]), dict)


INFILL_COUNTS = ("tokens_evaluated", "tokens_predicted")


def infill_answer(answer: dict[str, Any]) -> dict[str, Any]:
    """The part of an answer that a stream can say, with everything that is always there."""
    kept = {name: answer[name] for name in ("model", "content", "stopping_word", *INFILL_COUNTS) if name in answer}
    return kept | {"stop": True, "stop_type": answer.get("stop_type") or "eos"}


def infill_frames(answer: dict[str, Any], random: Random) -> list[Frame]:
    """Pieces, each with what was counted so far; the last frame has none, and all that is known."""
    frames: list[dict[str, Any]] = [
        {"index": 0, "content": part, "stop": False, "tokens_predicted": number, "tokens_evaluated": 5}
        for number, part in enumerate(pieces(answer["content"], random), 1)
    ]
    if any(name not in answer or answer[name] is None for name in INFILL_COUNTS):
        frames = [{k: v for k, v in frame.items() if k not in INFILL_COUNTS} for frame in frames]
    frames = [frame | {"model": answer["model"]} if "model" in answer else frame for frame in frames]
    return [("", json.dumps(frame)) for frame in [*frames, answer | {"index": 0, "content": ""}]]


def infill_grammar(frames: list[Frame], usage: bool) -> None:
    """Every frame has a text; the last, and no other, has stopped and says why."""
    answers = [json.loads(data) for _, data in frames]
    assert [one["stop"] for one in answers] == [False] * (len(answers) - 1) + [True]
    assert all(isinstance(one["content"], str) and ("stop_type" in one) == one["stop"] for one in answers)


# cohere-chat

COHERE_STREAMED = ("content", "tool_plan", "tool_calls", "citations")


def cohere_answer(answer: dict[str, Any]) -> dict[str, Any]:
    """The part of an answer that a stream can say, with a reason to stop."""
    kept = {name: answer[name] for name in ("id", "usage") if name in answer}
    said = {name: answer["message"][name] for name in COHERE_STREAMED if answer["message"].get(name)}
    if "tool_calls" in said:  # those that are calls of something
        payloads = [call.get("function") or {} for call in said["tool_calls"]]
        whole = [one.get("name") is not None and one.get("arguments") is not None for one in payloads]
        said["tool_calls"] = [call for call, kept in zip(said["tool_calls"], whole, strict=True) if kept]
    reason = answer.get("finish_reason") or "COMPLETE"
    return kept | {"message": {"role": "assistant"} | said, "finish_reason": reason}


def cohere_frames(answer: dict[str, Any], random: Random) -> list[Frame]:
    """Content, its citations, the plan and the calls, each counted by itself; the last frame has reason and counts."""
    message, frames = answer["message"], [{"type": "message-start", "delta": {"message": {"role": "assistant"}}}]
    frames[0] |= {"id": answer["id"]} if "id" in answer else {}
    content = message.get("content", [])
    last = max((index for index, part in enumerate(content) if part["type"] == "text"), default=None)
    cited: dict[int | None, list[dict[str, Any]]] = {}
    for index, citation in enumerate(message.get("citations", ())):
        of = citation.get("content_index")
        there = of is not None and of < len(content)
        cited.setdefault(of if there else None if message.get("tool_plan") else last, []).extend(
            (
                {"type": "citation-start", "index": index, "delta": {"message": {"citations": citation}}},
                {"type": "citation-end", "index": index},
            )
        )
    for index, part in enumerate(content):
        kind = part["type"]
        words = [{"type": kind, kind: ""}, *({kind: piece} for piece in pieces(part[kind], random))]
        names = ["content-start", *["content-delta"] * (len(words) - 1)]
        grown = [
            {"type": name, "index": index, "delta": {"message": {"content": word}}}
            for name, word in zip(names, words, strict=True)
        ]
        here, early = cited.get(index, []), random.random() < 0.5
        frames += [*grown, *(here if early else []), {"type": "content-end", "index": index}, *([] if early else here)]
    plan = [{"message": {"tool_plan": piece}} for piece in pieces(message.get("tool_plan", ""), random)]
    frames += [{"type": "tool-plan-delta", "delta": delta} for delta in plan]
    frames += cited.get(None, [])
    for index, call in enumerate(message.get("tool_calls", ())):
        parts = pieces(call["function"].get("arguments") or "", random)
        first = parts.pop(0) if parts and random.random() < 0.2 else ""
        begun = call | {"function": call["function"] | {"arguments": first}}
        words = [begun, *({"function": {"arguments": part}} for part in parts)]
        names = ["tool-call-start", *["tool-call-delta"] * len(parts)]
        frames += [
            {"type": name, "index": index, "delta": {"message": {"tool_calls": word}}}
            for name, word in zip(names, words, strict=True)
        ]
        frames.append({"type": "tool-call-end", "index": index})
    counts = {"usage": answer["usage"]} if "usage" in answer else {}
    frames.append({"type": "message-end", "delta": {"finish_reason": answer["finish_reason"]} | counts})
    return [(frame["type"], json.dumps(frame)) for frame in frames] + [DONE] * (random.random() < 0.2)


def cohere_grammar(frames: list[Frame], usage: bool) -> None:
    """One start with an id, what opens is closed, each counted from 0 by itself, one end with reason and counts."""
    events = [json.loads(data) for _, data in frames]
    assert [name for name, _ in frames] == [event["type"] for event in events]
    assert events[0]["type"] == "message-start" and events[0]["id"] and events[-1]["type"] == "message-end"
    assert events[0]["delta"]["message"]["role"] == "assistant"
    assert events[-1]["delta"]["finish_reason"] and events[-1]["delta"]["usage"]["tokens"].keys() == {
        "input_tokens",
        "output_tokens",
    }
    counts: dict[str, int] = {}
    open_: list[tuple[str, int]] = []
    for event in events[1:-1]:
        track, _, step = event["type"].rpartition("-")
        if step == "start":
            assert event["index"] == counts.get(track, 0) and (not open_ or track == "citation")
            counts[track] = event["index"] + 1
            open_.append((track, event["index"]))
        else:
            assert open_[-1] == (track, event["index"])
            open_ = open_[:-1] if step == "end" else open_
    assert not open_


ANSWERS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "openai-chat": openai_answer,
    "anthropic-messages": anthropic_answer,
    "cohere-chat": cohere_answer,
    "ollama-chat": ollama_answer,
    "bedrock-converse": bedrock_answer,
    "gemini-generate": gemini_answer,
    "openai-responses": responses_answer,
    "ollama-generate": generate_answer,
    "openai-completions": completions_answer,
    "mistral-chat": mistral_answer,
    "mistral-fim": fim_answer,
    "llamacpp-infill": infill_answer,
}
FRAMES: dict[str, Callable[[dict[str, Any], Random], list[Frame]]] = {
    "openai-chat": openai_frames,
    "anthropic-messages": anthropic_frames,
    "cohere-chat": cohere_frames,
    "ollama-chat": ollama_frames,
    "bedrock-converse": bedrock_frames,
    "gemini-generate": gemini_frames,
    "openai-responses": responses_frames,
    "ollama-generate": generate_frames,
    "openai-completions": completions_frames,
    "mistral-chat": mistral_frames,
    "mistral-fim": fim_frames,
    "llamacpp-infill": infill_frames,
}
GRAMMARS: dict[str, Callable[[list[Frame], bool], None]] = {
    "openai-chat": openai_grammar,
    "anthropic-messages": anthropic_grammar,
    "cohere-chat": cohere_grammar,
    "ollama-chat": ollama_grammar,
    "bedrock-converse": bedrock_grammar,
    "gemini-generate": gemini_grammar,
    "openai-responses": responses_grammar,
    "ollama-generate": generate_grammar,
    "openai-completions": completions_grammar,
    "mistral-chat": mistral_grammar,
    "mistral-fim": fim_grammar,
    "llamacpp-infill": infill_grammar,
}
LINES = ("ollama-chat", "ollama-generate")  # whose frames are lines of JSON

HEARD: dict[str, Callable[[list[Frame]], dict[str, Any]]] = {
    "openai-chat": openai_heard,
    "anthropic-messages": anthropic_heard,
}


def written(frames: list[Frame], random: Random | None = None, name: str = "") -> bytes:
    """Frames as a dialect's server-sent events or lines, in one of the ways in which they may be spelled."""
    if name == "bedrock-converse":
        return messages([(event.encode(), _tagged(data)) for event, data in frames])
    if name in LINES:
        end = random.choice(["\n", "\r\n", "\n\n"]) if random else "\n"
        return "".join(data + end for _, data in frames).encode()
    end, space = (random.choice(["\n", "\r\n", "\r"]), random.choice([" ", ""])) if random else ("\n", " ")
    out = ""
    for name, data in frames:
        out += f":{space}keep-alive{end}{end}" if random and random.random() < 0.1 else ""
        out += f"event:{space}{name}{end}" if name else ""
        out += f"data:{space}{data}{end}{end}"
    return out.encode()


def _tagged(data: str) -> bytes:
    """JSON that begins with its event as a frame's does."""
    event, rest = data.removeprefix('{"event":').lstrip(' "').split('"', 1)
    return f'{{"event":"{event}"{rest}'.encode()


def frames_of(data: bytes, name: str = "") -> list[Frame]:
    """The frames of a dialect's stream that we wrote: one spelling only."""
    if name == "bedrock-converse":
        return [(name.decode(), data.decode()) for name, data in MessageReader().feed(data)]
    if name in LINES:
        return [("", line) for line in data.decode().split("\n")[:-1]]
    found = []
    for part in data.decode().split("\n\n")[:-1]:
        lines = part.split("\n")
        name = lines.pop(0).removeprefix("event: ") if lines[0].startswith("event: ") else ""
        assert len(lines) == 1 and lines[0].startswith("data: "), part
        found.append((name, lines[0].removeprefix("data: ")))
    return found
