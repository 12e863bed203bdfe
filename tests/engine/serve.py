"""llama.cpp's own HTTP server, in this process: `serve.py MODEL PORT [embed|rank]` serves on loopback until stdin ends."""

import sys

import xllamacpp

settings = xllamacpp.CommonParams()
settings.model.path = sys.argv[1]
settings.model_alias = {"tiny"}
settings.hostnames = ["127.0.0.1"]
settings.port = int(sys.argv[2])
settings.n_ctx = 2 * 131072  # shared by the two slots: an agent's prompt has 90,000 bytes, each a token
settings.n_parallel = 2
settings.cpuparams.n_threads = 1
settings.use_jinja = True
settings.warmup = False
settings.offline = True
settings.ui = False
if sys.argv[3:]:  # a context for embeddings or ranks writes no text
    kinds = xllamacpp.llama_pooling_type
    settings.embedding = True
    settings.n_parallel = 1  # two texts in one batch have other vectors than alone
    settings.pooling_type = {"embed": kinds.LLAMA_POOLING_TYPE_MEAN, "rank": kinds.LLAMA_POOLING_TYPE_RANK}[sys.argv[3]]
    settings.n_ctx = settings.n_batch = settings.n_ubatch = 2048
server = xllamacpp.Server(settings)
sys.stdin.read()
