"""Embeds "Hi" and "there" with the SDK of this environment: `embed_python.py URL MODEL` prints the vectors, and the error
of a model that is not there."""

import importlib.util
import json
import sys

url, model = sys.argv[1:3]
TEXTS = ["Hi", "there"]


def openai():
    from openai import APIStatusError, OpenAI

    client = OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0, timeout=30)
    yield lambda model: [one.embedding for one in client.embeddings.create(model=model, input=TEXTS).data]
    yield APIStatusError, "status_code"


def cohere():
    from cohere import ClientV2
    from cohere.core.api_error import ApiError

    client = ClientV2(api_key="any", base_url=url, timeout=30)
    asked = {"texts": TEXTS, "input_type": "search_query", "embedding_types": ["float"]}
    yield lambda model: client.embed(model=model, **asked).embeddings.float_
    yield ApiError, "status_code"


def ollama():
    from ollama import Client, ResponseError

    client = Client(host=url, timeout=30)
    yield lambda model: client.embed(model=model, input=TEXTS).embeddings
    yield ResponseError, "status_code"


def google():
    """The Gemini API, which is asked for several texts at once."""
    from google import genai
    from google.genai.errors import APIError

    client = genai.Client(api_key="any", http_options={"base_url": url})
    asked = {"contents": TEXTS, "config": {"task_type": "RETRIEVAL_QUERY"}}
    yield lambda model: [one.values for one in client.models.embed_content(model=model, **asked).embeddings]
    yield APIError, "code"


def vertex():
    """Vertex, which is asked for each."""
    from google import genai
    from google.genai.errors import APIError

    client = genai.Client(vertexai=True, api_key="any", http_options={"base_url": url})
    one = lambda model, text: client.models.embed_content(model=model, contents=text).embeddings[0].values  # noqa: E731
    yield lambda model: [one(model, text) for text in TEXTS]
    yield APIError, "code"


FOUND = {"openai": openai, "cohere": cohere, "ollama": ollama, "google": google}
spoken = vertex if sys.argv[3:] else next(make for name, make in FOUND.items() if importlib.util.find_spec(name))
embed, (error, status) = spoken()
vectors = [list(vector) for vector in embed(model)]
try:
    embed(f"{model}-gone")
except error as problem:
    refused = getattr(problem, status)
print(json.dumps({"vectors": vectors, "refused": refused}))
