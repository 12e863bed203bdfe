"""Drives Instructor before OpenAI's SDK; called and answering as `common.py` says."""

import instructor
from common import HI, base_url, key, model, tell
from openai import OpenAI
from pydantic import BaseModel

by_tool, by_form = instructor.Mode.TOOLS, instructor.Mode.JSON_SCHEMA
client = OpenAI(base_url=f"{base_url}/v1", api_key=key, max_retries=0, timeout=30)


class Weather(BaseModel):
    """What the weather is like."""

    place: str
    degrees: int
    rain: bool


def ask(mode, named=model):
    asking = instructor.from_openai(client, mode=mode)
    found = asking.create(model=named, messages=HI, response_model=Weather, max_retries=0)
    return found.model_dump()


def ask_streamed():
    """The last of what there was at each piece, and how many there were."""
    asking = instructor.from_openai(client, mode=by_tool)
    pieces = list(asking.create_partial(model=model, messages=HI, response_model=Weather, max_retries=0))
    return {"structured": pieces[-1].model_dump(), "pieces": len(pieces)}


SCENARIOS = {
    "structured": lambda: ask(by_tool),
    "structured_streamed": ask_streamed,
    "structured_by_form": lambda: ask(by_form),
    "unknown_model": lambda: ask(by_tool, "no-such-model"),
}

tell(SCENARIOS)
