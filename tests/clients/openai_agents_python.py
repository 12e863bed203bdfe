"""Drives OpenAI's Agents SDK by its model of one PROTOCOL; called and answering as `common.py` says."""

import asyncio
import json
import os

from agents import (
    Agent,
    ModelSettings,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    Runner,
    ToolCallItem,
    function_tool,
    set_tracing_disabled,
)
from common import WEATHER_TOOL, base_url, key, model, tell
from openai import AsyncOpenAI
from pydantic import BaseModel

set_tracing_disabled(True)
speaks = {"openai-chat": OpenAIChatCompletionsModel, "openai-responses": OpenAIResponsesModel}[os.environ["PROTOCOL"]]


class Weather(BaseModel):
    """What the weather is like."""

    place: str
    degrees: int
    rain: bool


@function_tool(name_override=WEATHER_TOOL["name"], description_override=WEATHER_TOOL["description"])
def get_weather(city: str) -> str:
    return "sunny"


def agent(named=model, **settings):
    client = AsyncOpenAI(base_url=f"{base_url}/v1", api_key=key, max_retries=0, timeout=30)  # of one event loop
    counting = ModelSettings(include_usage=True)  # of a stream, which it does not ask for by itself
    return Agent(name="tester", model=speaks(named, openai_client=client), model_settings=counting, **settings)


def whole(run, **more):
    usage = run.context_wrapper.usage
    return {"text": run.final_output, "usage": [usage.input_tokens, usage.output_tokens], **more}


async def streamed():
    run, pieces = Runner.run_streamed(agent(), "Hi"), 0
    async for event in run.stream_events():
        pieces += event.type == "raw_response_event" and event.data.type == "response.output_text.delta"
    return whole(run, pieces=pieces)


def tools():
    """A call, run by the agent, and the answer to its result."""
    run = Runner.run_sync(agent(tools=[get_weather]), "Hi")
    (call,) = [item.raw_item for item in run.new_items if isinstance(item, ToolCallItem)]
    return whole(run, called=[call.name, json.loads(call.arguments)])


SCENARIOS = {
    "chat": lambda: whole(Runner.run_sync(agent(), "Hi")),
    "stream": lambda: asyncio.run(streamed()),
    "tools": tools,
    "structured": lambda: Runner.run_sync(agent(output_type=Weather), "Hi").final_output.model_dump(),
    "unknown_model": lambda: whole(Runner.run_sync(agent("no-such-model"), "Hi")),
}

tell(SCENARIOS)
