"""Goes on from answers that are kept, by this environment's OpenAI SDK: `stored_python.py URL MODEL KEY OTHER_MODEL [ID]`.

Prints what came of each step as JSON. With an ID it only asks for that answer and goes on from it; with CLOUD=azure it is
the SDK's client of that.
"""

import json
import os

import openai
from common import CITY, WEATHER_TOOL, base_url, chosen, key, model

other_model, *kept = chosen
patience = {"max_retries": 0, "timeout": 30}
if os.environ.get("CLOUD") == "azure":
    client = openai.AzureOpenAI(azure_endpoint=base_url, api_version="2025-04-01-preview", api_key=key, **patience)
else:
    client = openai.OpenAI(base_url=f"{base_url}/v1", api_key=key, **patience)
responses = client.responses
TOOL = {"type": "function", **WEATHER_TOOL, "parameters": CITY, "strict": False}


def refused(ask, *arguments, **settings):
    try:
        return {"answered": str(ask(*arguments, **settings))}
    except openai.APIStatusError as error:
        return {
            "raised": type(error).__name__,
            "status": error.status_code,
            "message": error.message,
            "code": error.code,
        }


def told(answer):
    return {"id": answer.id, "text": answer.output_text, "read": answer.usage.input_tokens, "status": answer.status}


def says(answer, **about):
    return {**told(answer), "previous": answer.previous_response_id, **about}


def again(id):
    return {
        "got": told(responses.retrieve(id)),
        "on": says(responses.create(model=model, input="And?", previous_response_id=id)),
    }


def life():
    first = responses.create(model=model, input="Hi", instructions="Be short.")
    second = responses.create(model=model, input=[{"role": "user", "content": "And?"}], previous_response_id=first.id)
    *_, last = responses.create(model=model, input="More?", previous_response_id=second.id, stream=True)
    streamed = last.response
    listed = [item.to_dict() for item in responses.input_items.list(streamed.id, limit=2, order="asc")]
    found = {
        "first": told(first),
        "got": told(responses.retrieve(first.id)),
        "same": responses.retrieve(first.id).to_dict() == first.to_dict(),
        "second": says(second),
        "streamed": says(streamed),
        "got_streamed": told(responses.retrieve(streamed.id)),
        "listed": [[item["role"], item["content"][0]["text"]] for item in listed],
        "ids": len({item["id"] for item in listed}),
        "last": [item.to_dict()["content"][0]["text"] for item in responses.input_items.list(streamed.id).data[:1]],
        "cancelled": refused(responses.cancel, first.id),
    }
    responses.delete(first.id)
    asked = {"model": model, "input": "On?", "previous_response_id": first.id}
    found["gone"] = refused(responses.retrieve, first.id)
    found["gone_items"] = refused(responses.input_items.list, first.id)
    found["gone_on"] = refused(responses.create, **asked)
    found["gone_streamed"] = refused(responses.create, **asked, stream=True)
    found["deleted_twice"] = refused(responses.delete, first.id)
    found["still"] = told(responses.retrieve(second.id))
    return found


def tools():
    """A call, its result and a question, to two upstreams by turns; only what is new is sent."""
    called = responses.create(model=model, input="Hi", tools=[TOOL])
    call = next(item for item in called.output if item.type == "function_call")
    result = [{"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}]
    answered = responses.create(model=other_model, input=result, tools=[TOOL], previous_response_id=called.id)
    on = responses.create(model=model, input="And?", tools=[TOOL], previous_response_id=answered.id)
    return {"call": call.name, "answered": says(answered), "on": says(on)}


def thinking():
    first = responses.create(model=model, input="Think first.")
    second = responses.create(model=other_model, input="And?", previous_response_id=first.id)
    listed = responses.input_items.list(second.id, order="asc").data
    return {"kinds": [item.type for item in listed], "second": says(second)}


def unkept():
    first = responses.create(model=model, input="Hi", store=False)
    kept = responses.create(model=model, input="Hi")
    on = responses.create(model=model, input="And?", previous_response_id=kept.id, store=False)
    return {"got": refused(responses.retrieve, first.id), "on": told(on), "got_on": refused(responses.retrieve, on.id)}


def counted():
    """Tokens of what is new, and of that with all that was said before it."""
    first = responses.create(model=model, input="Hi")
    ask = {"model": model, "input": "And?"}
    count = responses.input_tokens.count
    return [count(**ask).input_tokens, count(**ask, previous_response_id=first.id).input_tokens]


if kept:
    print(json.dumps(again(*kept)))
else:
    steps = [life, tools, thinking, unkept, *([counted] if hasattr(responses, "input_tokens") else [])]
    print(json.dumps({step.__name__: step() for step in steps}))
