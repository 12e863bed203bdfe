"""What the drivers of Python SDKs share. Each is called as `DRIVER BASE_URL MODEL KEY [SCENARIO ...]` and prints one JSON object.

It has one entry per scenario, in a form that all drivers share: what the SDK parsed, or
`{"raised": exception class, "status", "message"}`.
"""

import json
import sys

base_url, model, key, *chosen = sys.argv[1:]
HI = [{"role": "user", "content": "Hi"}]
THINK = [{"role": "user", "content": "Think first."}]
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER_TOOL = {"name": "get_weather", "description": "Weather of a city"}
CHAT_TOOL = {"type": "function", "function": {**WEATHER_TOOL, "parameters": CITY}}  # as OpenAI's Chat has it, and many
WEATHER = {
    "type": "object",
    "properties": {"place": {"type": "string"}, "degrees": {"type": "integer"}, "rain": {"type": "boolean"}},
    "required": ["place", "degrees", "rain"],
    "additionalProperties": False,
}
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def tell(scenarios, refusal=lambda error: {}):
    """Prints what each chosen scenario came to; `refusal` says of an error what `{raised, status, message}` are."""
    seen = {}
    for name in chosen or scenarios:
        try:
            seen[name] = scenarios[name]()
        except Exception as error:
            status, message = getattr(error, "status_code", None), getattr(error, "message", str(error))
            seen[name] = {"raised": type(error).__name__, "status": status, "message": message, **refusal(error)}
    print(json.dumps(seen))
