"""Has OpenAI's SDK of this environment offer a free-text tool, whole and streamed: `DRIVER BASE_URL MODEL KEY GRAMMAR`.

The stream goes on from the whole answer's call. Prints the calls of each, and of the stream what their input grew to.
"""

import json
import sys

import openai
from common import HI, base_url, key, model

client = openai.OpenAI(base_url=f"{base_url}/v1", api_key=key, max_retries=0, timeout=30)
FORM = {"type": "grammar", "syntax": "lark", "definition": sys.argv[4]}
TOOL = {"type": "custom", "name": "apply_patch", "description": "Edits files.", "format": FORM}


def calls(answer):
    return [[item.name, item.input] for item in answer.output if item.type == "custom_tool_call"]


first = client.responses.create(model=model, input=HI, tools=[TOOL])
results = [
    {"type": "custom_tool_call_output", "call_id": item.call_id, "output": "Done."}
    for item in first.output
    if item.type == "custom_tool_call"
]
said, grown, last = [*HI, *[item.to_dict() for item in first.output], *results], "", None
for event in client.responses.create(model=model, input=said, tools=[TOOL], stream=True):
    if event.type == "response.custom_tool_call_input.delta":
        grown += event.delta
    elif event.type == "response.completed":
        last = event.response
print(json.dumps({"whole": {"calls": calls(first)}, "streamed": {"calls": calls(last), "grown": grown}}))
