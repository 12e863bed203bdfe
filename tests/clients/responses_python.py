"""Drives the Responses of this environment's OpenAI SDK: called and answering as openai_python.py."""

import json
import sys

import openai
from pydantic import BaseModel

base_url, model, key = sys.argv[1:4]
client = openai.OpenAI(base_url=f"{base_url}/v1", api_key=key, max_retries=0, timeout=30)
HI = [{"role": "user", "content": "Hi"}]
THINK = [{"role": "user", "content": "Think first."}]
TOOL = {
    "type": "function",
    "name": "get_weather",
    "description": "Weather of a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    "strict": False,
}
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


class Weather(BaseModel):
    place: str
    degrees: int
    rain: bool


def whole(answer):
    thoughts = [item for item in answer.output if item.type == "reasoning"]
    calls = [[item.call_id, item.name, item.arguments] for item in answer.output if item.type == "function_call"]
    return {
        "text": answer.output_text,
        "thinking": "".join(part.text for item in thoughts for part in [*item.summary, *(item.content or ())]),
        "calls": calls,
        "finish": answer.incomplete_details.reason if answer.incomplete_details else answer.status,
        "usage": [answer.usage.input_tokens, answer.usage.output_tokens],
        "items": [item.to_dict() for item in answer.output],
    }


def ask(messages="Hi", **settings):
    return whole(client.responses.create(model=model, input=messages, **settings))


def ask_streamed(messages="Hi", **settings):
    """The answer that the SDK makes of the stream, how many frames carried text, and what was in order."""
    kinds, numbers = [], []
    with client.responses.stream(model=model, input=messages, **settings) as stream:
        for event in stream:
            kinds.append(event.type.removeprefix("response."))
            numbers.append(event.sequence_number)
        answer = whole(stream.get_final_response())
    assert numbers == list(range(len(numbers))), numbers
    return {**answer, "pieces": kinds.count("output_text.delta"), "kinds": list(dict.fromkeys(kinds))}


def tools(ask):
    """Both turns of a tool's round trip: the call, and the answer once its result is given beside all that was said."""
    first = ask(HI, tools=[TOOL])
    result = {"type": "function_call_output", "call_id": first["calls"][0][0], "output": "sunny"}
    return {"first": first, "second": ask([*HI, *first["items"], result], tools=[TOOL])}


def structured():
    return client.responses.parse(model=model, input="Hi", text_format=Weather).output_text


def image():
    picture = {"type": "input_image", "image_url": f"data:image/png;base64,{PIXEL}", "detail": "auto"}
    return ask([{"role": "user", "content": [{"type": "input_text", "text": "What is this?"}, picture]}])


SCENARIOS = {
    "chat": ask,
    "stream": ask_streamed,
    "system": lambda: ask(instructions="Be short."),
    "thinking": lambda: ask(THINK),
    "thinking_streamed": lambda: ask_streamed(THINK),
    "cut_short": lambda: ask(max_output_tokens=3),
    "tools": lambda: tools(ask),
    "tools_streamed": lambda: tools(ask_streamed),
    "structured": structured,
    "image": image,
    "models": lambda: sorted(entry.id for entry in client.models.list()),
    "unknown_model": lambda: ask(extra_body={"model": "no-such-model"}),
    "unknown_model_streamed": lambda: ask_streamed(extra_body={"model": "no-such-model"}),
    "bad_request": lambda: ask(extra_body={"model": 5}),
}


def outcome(scenario):
    try:
        return scenario()
    except openai.APIStatusError as error:
        return {"raised": type(error).__name__, "status": error.status_code, "message": error.message}
    except Exception as error:
        return {"raised": type(error).__name__, "status": None, "message": str(error)}


chosen = sys.argv[4:] or SCENARIOS
print(json.dumps({name: outcome(SCENARIOS[name]) for name in chosen}))
