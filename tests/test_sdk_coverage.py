"""Our wire schemas against the vendors' own types: all that an SDK can say, and nothing that only we say.

Every SDK generation runs in a virtual environment of its own, `.venvs/PACKAGE-VERSION`, or below ISOGLOSS_SDK_VENVS.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.sdk.wire import Node, Wire
from tests.servers import VENVS

HERE = Path(__file__).parent
OPENAI = [("openai", "1.109.1"), ("openai", "2.54.0"), ("openai", "3.52.0")]
MISTRAL = [("mistralai", "1.12.4"), ("mistralai", "2.10.1"), ("mistralai", "3.7.0")]
COHERE = [("cohere", "5.21.1"), ("cohere", "7.3.1")]
GOOGLE = [("google-genai", "1.75.0"), ("google-genai", "2.34.0"), ("google-genai", "3.4.0")]
OLLAMA = [("ollama", "0.5.4"), ("ollama", "0.6.3")]
GENERATIONS = {
    "openai_chat": OPENAI,
    "openai_responses": OPENAI,
    "anthropic_messages": [("anthropic", "0.125.0"), ("anthropic", "1.17.0"), ("anthropic", "2.11.0")],
    "openai_completions": OPENAI,
    "openai_embeddings": OPENAI,
    "mistral_chat": MISTRAL,
    "mistral_fim": MISTRAL,
    "cohere_chat": COHERE,
    "cohere_embed": COHERE,
    "cohere_rerank": COHERE,
    "gemini_generate": GOOGLE,
    "gemini_embed": GOOGLE,
    "gemini_embed_batch": GOOGLE,
    "bedrock_converse": [("botocore", "1.43.127"), ("botocore", "1.44.5")],
    "ollama_chat": OLLAMA,
    "ollama_generate": OLLAMA,
    "ollama_embed": OLLAMA,
}
ROOTS = {
    "openai_chat": ["ChatRequest", "ChatCompletion", "ChatChunk", "ErrorEnvelope", "ModelList"],
    "openai_responses": [
        *("ResponsesRequest", "Response", "StreamEvent", "ErrorEnvelope", "ModelList"),
        *("ItemList", "InputTokensRequest", "InputTokensCount", "CompactRequest", "CompactedResponse"),
    ],
    "anthropic_messages": [
        *("MessagesRequest", "Message", "StreamEvent", "ErrorEnvelope", "ModelList"),
        *("CountTokensRequest", "TokensCount"),
    ],
    "openai_completions": ["CompletionRequest", "Completion", "CompletionChunk", "ErrorEnvelope"],
    "openai_embeddings": ["EmbeddingsRequest", "Embeddings", "ErrorEnvelope"],
    "mistral_chat": ["ChatRequest", "ChatCompletion", "ChatChunk", "ErrorEnvelope", "ModelList"],
    "mistral_fim": ["FimRequest", "FimCompletion", "FimChunk", "ErrorEnvelope"],
    "cohere_chat": ["ChatRequest", "ChatResponse", "StreamEvent", "ModelList"],
    "cohere_embed": ["EmbedRequest", "EmbedResponse"],
    "cohere_rerank": ["RerankRequest", "RerankResponse"],
    "gemini_generate": [
        *("GenerateContentRequest", "GenerateContentResponse", "CountTokensRequest", "CountTokensResponse"),
        *("ErrorEnvelope", "ModelList"),
    ],
    "gemini_embed": ["EmbedContentRequest", "EmbedContentResponse", "ErrorEnvelope"],
    "gemini_embed_batch": ["BatchEmbedContentsRequest", "BatchEmbedContentsResponse", "ErrorEnvelope"],
    "bedrock_converse": [
        *("ConverseRequest", "ConverseResponse", "StreamEvent", "ErrorEnvelope"),
        *("CountTokensRequest", "CountTokensResponse"),
    ],
    "ollama_chat": [
        *("ChatRequest", "ChatResponse", "ChatChunk", "ErrorEnvelope", "ModelList", "ShowRequest", "ShownModel"),
        "RunningModels",
    ],
    "ollama_embed": ["EmbedRequest", "EmbedResponse", "ErrorEnvelope"],
    "ollama_generate": ["GenerateRequest", "GenerateResponse", "GenerateChunk", "ErrorEnvelope"],
}
SERVED = {
    "openai_chat": {"POST /chat/completions", "GET /models", "GET /models/{model}"},
    "openai_responses": {
        *("POST /responses", "POST /responses/input_tokens", "POST /responses/compact"),
        *("GET /responses/{response_id}", "DELETE /responses/{response_id}", "POST /responses/{response_id}/cancel"),
        *("GET /responses/{response_id}/input_items", "GET /models", "GET /models/{model}"),
    },
    "anthropic_messages": {
        *("POST /v1/messages", "POST /v1/messages/count_tokens"),
        *("GET /v1/models", "GET /v1/models/{model_id}"),
    },
    "openai_completions": {"POST /completions", "GET /models", "GET /models/{model}"},
    "openai_embeddings": {"POST /embeddings"},
    "mistral_chat": {"POST /v1/chat/completions", "GET /v1/models", "GET /v1/models/{model_id}"},
    "mistral_fim": {"POST /v1/fim/completions", "GET /v1/models", "GET /v1/models/{model_id}"},
    "cohere_chat": {"POST /v2/chat", "GET /v1/models", "GET /v1/models/{model}"},
    "cohere_embed": {"POST /v2/embed"},
    "cohere_rerank": {"POST /v2/rerank"},
    "gemini_generate": {
        *("POST {model}:generateContent", "POST {model}:streamGenerateContent", "POST {model}:countTokens"),
        *("GET {models_url}", "GET {name}"),
    },
    "gemini_embed": {"POST {model}:embedContent"},
    "gemini_embed_batch": {"POST {model}:batchEmbedContents"},
    "bedrock_converse": {
        *("POST /model/{modelId}/converse", "POST /model/{modelId}/converse-stream"),
        "POST /model/{modelId}/count-tokens",
    },
    "ollama_chat": {"POST /api/chat", "POST /api/show", "GET /api/tags", "GET /api/ps"},
    "ollama_embed": {"POST /api/embed"},
    "ollama_generate": {"POST /api/generate"},
}

DIALECTS = [dialect for dialect in ROOTS if (HERE.parent / "specs" / "dialects" / dialect).exists()]

each_dialect = pytest.mark.parametrize("dialect", DIALECTS)
each_generation = pytest.mark.parametrize(
    ("dialect", "package", "number"),
    [(dialect, *generation) for dialect in DIALECTS for generation in GENERATIONS[dialect]],
)


@functools.cache
def sdk(dialect: str, package: str, number: str) -> Node:
    """What this generation of the SDK can say in a dialect, in the form that sdk/extract.py describes."""
    python = VENVS / f"{package}-{number}" / "bin" / "python"
    if not python.exists():
        why = f"{package} {number} is not installed in {VENVS}: run `make test`"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(why)
    run = subprocess.run([python, HERE / "sdk" / "extract.py", dialect], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    assert found["version"] == number
    return found


def wire(dialect: str) -> Wire:
    schema = HERE.parent / "specs" / "dialects" / dialect / "schema.yaml"
    return Wire(yaml.safe_load(schema.read_text())["$defs"])


def lines(found: list[str]) -> str:
    return "\n".join(["", *found])


@each_generation
def test_every_field_variant_and_word_of_the_sdk_is_in_our_schema(dialect: str, package: str, number: str) -> None:
    ours, roots = wire(dialect), sdk(dialect, package, number)["roots"]
    assert roots.keys() <= set(ROOTS[dialect])
    assert all(roots.values())
    lacking = [line for root, pointers in roots.items() for line in ours.lacking(root, pointers)]
    assert not lacking, lines(lacking)


# What the SDK may leave out, and without which an answer holds no embedding.
NONE_WITHOUT = {
    "gemini_embed": (
        "EmbedContentResponse : embedding may be left out",
        "EmbedContentResponse embedding: values may be left out",
    ),
    "gemini_embed_batch": (
        "BatchEmbedContentsResponse : embeddings may be left out",
        "BatchEmbedContentsResponse embeddings/*: values may be left out",
    ),
}


@each_generation
def test_we_require_nothing_that_the_sdk_may_leave_out(dialect: str, package: str, number: str) -> None:
    ours = wire(dialect)
    demanding = [
        line
        for root, pointers in sdk(dialect, package, number)["roots"].items()
        for line in ours.demanding(root, pointers)
        if line not in NONE_WITHOUT.get(dialect, ())
    ]
    assert not demanding, lines(demanding)


@each_dialect
def test_what_no_sdk_has_says_where_it_is_from(dialect: str) -> None:
    ours, roots = wire(dialect), set()
    for generation in GENERATIONS[dialect]:
        for root, pointers in sdk(dialect, *generation)["roots"].items():
            list(ours.lacking(root, pointers))
            roots.add(root)
    assert roots == set(ROOTS[dialect])
    invented = list(ours.invented(ROOTS[dialect]))
    assert not invented, lines(invented)


@each_dialect
def test_every_operation_of_the_sdks_is_served_or_waived(dialect: str) -> None:
    waivers = yaml.safe_load((HERE / "sdk" / "waivers.yaml").read_text()).get(dialect, {})
    known = {name for generation in GENERATIONS[dialect] for name in sdk(dialect, *generation)["operations"]}
    assert known - SERVED[dialect] - waivers.keys() == set(), "neither served nor waived"
    assert waivers.keys() - known == set(), "waived, but no SDK has it"
    assert waivers.keys() & SERVED[dialect] == set(), "waived, but served"
    assert all(isinstance(reason, str) and reason for reason in waivers.values())
