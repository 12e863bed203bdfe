"""Drives Pydantic AI by its model of one PROTOCOL; called and answering as `common.py` says."""

import asyncio
import os

from common import WEATHER_TOOL, base_url, key, model, tell
from pydantic import BaseModel
from pydantic_ai import Agent, Tool
from pydantic_ai.messages import ToolCallPart
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.google import GoogleProvider
from pydantic_ai.providers.openai import OpenAIProvider

speaks, provider, root = {
    "anthropic-messages": (AnthropicModel, AnthropicProvider, base_url),
    "gemini-generate": (GoogleModel, GoogleProvider, base_url),
    "openai-chat": (OpenAIChatModel, OpenAIProvider, f"{base_url}/v1"),
    "openai-responses": (OpenAIResponsesModel, OpenAIProvider, f"{base_url}/v1"),
}[os.environ["PROTOCOL"]]
connect = lambda name: speaks(name, provider=provider(base_url=root, api_key=key))  # noqa: E731
chat = connect(model)


class Weather(BaseModel):
    """What the weather is like."""

    place: str
    degrees: int
    rain: bool


def get_weather(city: str) -> str:
    return "sunny"


def whole(run, **more):
    return {"text": run.output, "usage": [run.usage.input_tokens, run.usage.output_tokens], **more}


async def streamed():
    async with Agent(chat).run_stream("Hi") as run:
        pieces = [piece async for piece in run.stream_text(delta=True, debounce_by=None)]
        return {
            "text": "".join(pieces),
            "usage": [run.usage.input_tokens, run.usage.output_tokens],
            "pieces": sum(bool(piece) for piece in pieces),
        }


def tools():
    """A call, run by the agent, and the answer to its result."""
    run = Agent(chat, tools=[Tool(get_weather, **WEATHER_TOOL)]).run_sync("Hi")
    parts = [part for message in run.all_messages() for part in message.parts]
    (call,) = [part for part in parts if isinstance(part, ToolCallPart)]
    return whole(run, called=[call.tool_name, call.args_as_dict()])


SCENARIOS = {
    "chat": lambda: whole(Agent(chat).run_sync("Hi")),
    "stream": lambda: asyncio.run(streamed()),
    "tools": tools,
    "structured": lambda: Agent(chat, output_type=Weather).run_sync("Hi").output.model_dump(),
    "unknown_model": lambda: whole(Agent(connect("no-such-model")).run_sync("Hi")),
}

tell(SCENARIOS)
