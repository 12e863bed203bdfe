"""Voyage's SDK embeds and ranks through the running gateway, below one base URL, by real engines of another protocol."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from tests.conftest import CLIENT_KEY
from tests.servers import running_engine, running_gateway
from tests.test_sdk_clients import drive

pytestmark = pytest.mark.clients
POLICY = """\
clients: [{{name: tests, key: env:TEST_CLIENT_KEY}}]
pools:
  embed: {{accounts: [{{name: embed, provider: llamacpp, base_url: "{embed}/v1", dialects: [openai-embeddings]}}]}}
  rank: {{accounts: [{{name: rank, provider: llamacpp, base_url: "{rank}/v1", dialects: [cohere-rerank]}}]}}
models:
  - {{name: voyage-4, pool: embed, upstream_model: tiny}}
  - {{name: rerank-2.5, pool: rank, upstream_model: tiny}}
"""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    directories = {name: tmp_path_factory.mktemp(name) for name in ("embed", "rank", "gateway")}
    with (
        running_engine(directories["embed"], "embed") as embed,
        running_engine(directories["rank"], "rank") as rank,
        running_gateway(
            directories["gateway"], POLICY.format(embed=embed, rank=rank), TEST_CLIENT_KEY=CLIENT_KEY
        ) as url,
    ):
        yield url


def test_texts_are_embedded(gateway: str) -> None:
    seen = drive("voyageai-0.5.0", gateway, "voyage-4", CLIENT_KEY, "embed", "embed_unknown", "embed_long")
    first, second = seen["embed"]["vectors"]
    assert len(first) == len(second) > 1 and first != second and all(map(math.isfinite, first + second))
    assert seen["embed"]["tokens"] == 7
    assert seen["embed_unknown"]["status"] == 404 and "no-such-model" in seen["embed_unknown"]["message"]
    assert (seen["embed_long"]["raised"], seen["embed_long"]["status"]) == ("InvalidRequestError", 400)
    assert "output_dimension" in seen["embed_long"]["message"]


def test_texts_are_ranked(gateway: str) -> None:
    seen = drive("voyageai-0.5.0", gateway, "rerank-2.5", CLIENT_KEY, "rank", "rank_unknown")
    [(place, text, score)] = seen["rank"]["ranks"]
    assert text == ["Hi", "there"][place] and math.isfinite(score) and seen["rank"]["tokens"] > 0
    assert seen["rank_unknown"]["status"] == 404 and "no-such-model" in seen["rank_unknown"]["message"]


def test_a_key_is_asked_for(gateway: str) -> None:
    for model, scenario in (("voyage-4", "embed"), ("rerank-2.5", "rank")):
        refused = drive("voyageai-0.5.0", gateway, model, "another-key", scenario)[scenario]
        assert (refused["raised"], refused["status"]) == ("AuthenticationError", 401)
