"""Asks Cohere's SDK of this environment for an answer with citations, whole and streamed: `DRIVER BASE_URL MODEL KEY`.

Prints for each the texts of the answer, and of its citations the words they name, their places and their sources.
"""

import json

import cohere
from common import HI, base_url, key, model

client = cohere.ClientV2(api_key=key, base_url=base_url, timeout=30)


def cited(one):
    sources = [[source.type, source.document] for source in one.sources or ()]
    return {"part": one.content_index, "start": one.start, "end": one.end, "text": one.text, "sources": sources}


def whole():
    message = client.chat(messages=HI, model=model).message
    return {"texts": [part.text for part in message.content], "citations": [cited(one) for one in message.citations]}


def streamed():
    texts, citations = [], []
    for event in client.chat_stream(messages=HI, model=model):
        match event.type:
            case "content-start":
                texts.append("")
            case "content-delta":
                texts[event.index] += event.delta.message.content.text
            case "citation-start":
                citations.append(cited(event.delta.message.citations))
    return {"texts": texts, "citations": citations}


print(json.dumps({"whole": whole(), "streamed": streamed()}))
