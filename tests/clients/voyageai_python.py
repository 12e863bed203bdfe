"""Embeds and ranks with the Voyage SDK of this environment; called and answering as `common.py` says."""

from common import base_url, key, model, tell
from voyageai import Client

client = Client(api_key=key, base_url=f"{base_url}/voyage/v1", timeout=30)
TEXTS = ["Hi", "there"]


def embed(model=model, **settings):
    said = client.embed(TEXTS, model=model, **settings)
    return {"vectors": said.embeddings, "tokens": said.total_tokens}


def rank(model=model, **settings):
    said = client.rerank("Where?", TEXTS, model=model, **settings)
    return {
        "ranks": [[one.index, one.document, one.relevance_score] for one in said.results],
        "tokens": said.total_tokens,
    }


SCENARIOS = {
    "embed": lambda: embed(input_type="query"),
    "embed_unknown": lambda: embed("no-such-model"),
    "embed_long": lambda: embed(output_dimension=8),
    "rank": lambda: rank(top_k=1),
    "rank_unknown": lambda: rank("no-such-model"),
}

tell(SCENARIOS, lambda error: {"status": error.http_status, "message": str(error)})
