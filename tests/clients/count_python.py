"""Counts the tokens of "Hi" with the SDK of this environment: `count_python.py URL MODEL`."""

import importlib.util
import sys

url, model = sys.argv[1:3]
if importlib.util.find_spec("openai"):
    import openai

    client = openai.OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0, timeout=30)
    print(client.responses.input_tokens.count(model=model, input="Hi").input_tokens)
else:
    from google import genai

    client = genai.Client(api_key="any", http_options={"base_url": url})
    print(client.models.count_tokens(model=model, contents="Hi").total_tokens)
