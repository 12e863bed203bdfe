"""`make bench-peers`: what the field's best-known gateways cost, in the same runs as this one. Reported, never gated.

LiteLLM runs in the best of its setups that were found: production mode, log level ERROR, no database, no retries, no
telemetry, messages to chat completions by its own switch, under granian. Portkey runs warm: V8 needs thousands of
requests first. Both come from the registries, into .venvs/peers.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from statistics import median

from bench import __main__ as bench
from bench import bodies

PEERS = bench.ROOT / ".venvs" / "peers"
WARM = {"litellm": 200, "portkey": 5000}
WORKS = [
    work
    for work in bench.WORKS
    if work.name
    in (
        *("same protocol", "converting, Anthropic client", "converting, OpenAI client", "large body, same protocol"),
        *("burst stream, same protocol", "burst stream, Anthropic client", "burst stream, OpenAI client"),
    )
]
UNABLE = {"portkey": {("messages", "chat")}}  # client and upstream


def _litellm(upstream: str) -> tuple[list[str], int, dict[str, str]]:
    port, config = bench._free_port(), bench.BUILD / "litellm.json"  # JSON is YAML
    params = {"gpt": ("openai", f"http://{upstream}/v1"), "claude": ("anthropic", f"http://{upstream}")}
    models = [
        {
            "model_name": f"{name}-{pace}",
            "litellm_params": {"model": f"{vendor}/{name}-{pace}", "api_base": base, "api_key": "sk-bench"},
        }
        for name, (vendor, base) in params.items()
        for pace in bodies.PACES
    ]
    settings = {
        "litellm_settings": {
            "num_retries": 0,
            "telemetry": False,
            "use_chat_completions_url_for_anthropic_messages": True,
        },
        "general_settings": {"master_key": bench.KEY, "disable_spend_logs": True, "disable_error_logs": True},
    }
    config.write_text(json.dumps({"model_list": models, **settings}))
    environ = {"LITELLM_MODE": "PRODUCTION", "LITELLM_LOG": "ERROR", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    command = [str(PEERS / "bin" / "litellm"), "--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
    return [*command, "--num_workers", "1", "--telemetry", "False", "--run_granian"], port, environ


def _portkey(upstream: str) -> tuple[list[str], int, dict[str, str]]:
    port = bench._free_port()
    start = PEERS / "node_modules" / "@portkey-ai" / "gateway" / "build" / "start-server.js"
    return (
        [os.environ.get("NODE", "node"), str(start), f"--port={port}", "--headless"],
        port,
        {"TRUSTED_CUSTOM_HOSTS": "127.0.0.1"},
    )


def _portkey_headers(upstream: str, address: str) -> dict[str, str]:
    host = {"chat": f"http://{address}/v1", "messages": f"http://{address}/v1"}[upstream]
    return {"x-portkey-provider": {"chat": "openai", "messages": "anthropic"}[upstream], "x-portkey-custom-host": host}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.0)
    asked = parser.parse_args()
    bench.PROGRAMS |= {"litellm": _litellm, "portkey": _portkey}
    bench.HEADERS["portkey"] = _portkey_headers
    there = {"litellm": PEERS / "bin" / "litellm", "portkey": PEERS / "node_modules" / "@portkey-ai"}
    names = ["isogloss", *(name for name, path in there.items() if Path(path).exists())]
    events = bodies.write(bench.BUILD)
    first, *_, last = sorted(os.sched_getaffinity(0)) * 2
    cores = [["taskset", "-c", str(first)], ["taskset", "-c", str(last)]]
    found: dict[str, dict[str, list[float]]] = {name: {} for name in names}
    ends = bench.Ends(cores[1])
    try:
        for number in range(asked.rounds):
            for name in names:
                print(f"round {number + 1}: {name}", file=sys.stderr)
                with bench.running(name, ends, cores[0]) as program:
                    ends.run(program, WORKS[0], WARM.get(name, 200), 30)
                    for work in WORKS:
                        if (work.client, work.upstream) not in UNABLE.get(name, ()):
                            value = bench.measure(program, ends, work, asked.seconds, events)["value"]
                            found[name].setdefault(work.name, []).append(value)
    finally:
        ends.close()
    print(f"| work | unit | {' | '.join(names)} | x this |\n|---|---|{'---|' * (len(names) + 1)}")
    for work in WORKS:
        values = [median(found[name][work.name]) if work.name in found[name] else None for name in names]
        told = ["-" if value is None else f"{value:.1f}" for value in values]
        times = ["-" if value is None else f"{value / values[0]:.0f}" for value in values[1:]]
        unit = "us an event" if work.per_event else "us"
        print(f"| {work.name} | {unit} | {' | '.join(told)} | {' / '.join(times)} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
