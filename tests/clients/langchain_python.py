"""Drives LangChain by its package of one PROTOCOL; called and answering as `common.py` says."""

import os

from common import WEATHER_TOOL, base_url, key, model, tell
from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_google_genai import ChatGoogleGenerativeAI
from langchain_openai import ChatOpenAI
from pydantic import BaseModel

OPENAI = {"base_url": f"{base_url}/v1", "stream_usage": True}
speaks, settings = {
    "anthropic-messages": (ChatAnthropic, {"base_url": base_url, "max_tokens": 500}),
    "gemini-generate": (ChatGoogleGenerativeAI, {"base_url": base_url}),
    "openai-chat": (ChatOpenAI, OPENAI),
    "openai-responses": (ChatOpenAI, {**OPENAI, "use_responses_api": True}),
}[os.environ["PROTOCOL"]]
connect = lambda name: speaks(model=name, api_key=key, max_retries=0, **settings)  # noqa: E731
chat = connect(model)


@tool(WEATHER_TOOL["name"], description=WEATHER_TOOL["description"])
def get_weather(city: str) -> str:
    return "sunny"


class Weather(BaseModel):
    """What the weather is like."""

    place: str
    degrees: int
    rain: bool


def whole(message):
    usage = message.usage_metadata
    return {"text": message.text, "usage": [usage["input_tokens"], usage["output_tokens"]]}


def ask_streamed():
    """What the package itself makes of the pieces, and how many carried text."""
    pieces = list(chat.stream("Hi"))
    message = pieces[0]
    for piece in pieces[1:]:
        message += piece
    return {**whole(message), "pieces": sum(bool(piece.text) for piece in pieces)}


def tools():
    """A call, run here, and the answer to its result."""
    bound = chat.bind_tools([get_weather])
    first = bound.invoke("Hi")
    (call,) = first.tool_calls
    result: ToolMessage = get_weather.invoke(call)
    return {"called": [call["name"], call["args"]], **whole(bound.invoke([HumanMessage("Hi"), first, result]))}


SCENARIOS = {
    "chat": lambda: whole(chat.invoke("Hi")),
    "stream": ask_streamed,
    "tools": tools,
    "structured": lambda: chat.with_structured_output(Weather, method="json_schema").invoke("Hi").model_dump(),
    "unknown_model": lambda: whole(connect("no-such-model").invoke("Hi")),
}

tell(SCENARIOS)
