"""Keeps a file and a batch with the vendor of this environment's SDK: `kept_python.py URL`; prints what came back as JSON."""

import importlib.util
import json
import sys

url, TEXT = sys.argv[1], b"line\n" * 20000
given = ("a.jsonl", TEXT, "application/jsonl")
if importlib.util.find_spec("openai"):
    import openai

    client = openai.OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0, timeout=30)
    file = client.files.create(file=given, purpose="batch")
    content = client.files.content(file.id).read()
    settings = {"endpoint": "/v1/chat/completions", "completion_window": "24h"}
    batch = client.batches.create(input_file_id=file.id, **settings)
else:
    import anthropic

    client = anthropic.Anthropic(base_url=url, api_key="any", max_retries=0, timeout=30)
    files = client.beta.files
    file = files.upload(file=given)
    content = files.download(file.id).read()
    asked = {"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": "Hi"}]}
    batch = client.messages.batches.create(requests=[{"custom_id": "one", "params": asked}])
print(json.dumps({"file": file.id, "content": content.decode(), "batch": batch.id}))
