# Generated from specs/providers/. Edit the specs, then `make generate`.
# Provider facts by name: address, credential place, dialects in order of preference, capabilities of models.

PROVIDERS = {
    "anthropic": {
        "base_url": "https://api.anthropic.com",
        "auth": {"header": "x-api-key", "format": "{key}"},
        "env": {"key": "ANTHROPIC_API_KEY", "base_url": "ANTHROPIC_BASE_URL"},
        "headers": {"anthropic-version": "2023-06-01"},
        "models_path": "/v1/models",
        "dialects": {"anthropic-messages": {"path": "/v1/messages"}},
        "models": {
            "claude-3-5*|claude-3-opus*|claude-3-haiku*": {"reasoning": "none", "max_output": 4096},
            "claude-3-7*|claude-*-4|claude-*-4-0|claude-*-4-2025*": {"reasoning": "budget", "max_output": 32000},
            "claude-*-4-1*|claude-*-4-5*": {"reasoning": "budget", "sampling": "one", "max_output": 32000},
            "claude-*": {"reasoning": "adaptive", "sampling": "one", "prefill": False, "max_output": 64000},
            "*": {"reasoning": "budget"},
        },
        "differs": [],
    },
    "deepseek": {
        "base_url": "https://api.deepseek.com/v1",
        "auth": {"header": "authorization", "format": "Bearer {key}"},
        "env": {"key": "DEEPSEEK_API_KEY", "base_url": "DEEPSEEK_BASE_URL"},
        "models_path": "/models",
        "dialects": {"openai-chat": {"path": "/chat/completions"}},
        "models": {"*": {"reasoning": "effort", "reasoning_replay": True, "max_output": 65536}},
        "differs": ["openai-chat"],
    },
    "echo": {
        "base_url": "echo:",
        "auth": {"header": "authorization", "format": "{key}", "optional": True},
        "dialects": {"canonical": {"path": "/"}},
        "models": {"*": {"reasoning": "effort", "reasoning_replay": True, "developer_role": True, "prefill": True}},
        "differs": [],
    },
    "llamacpp": {
        "base_url": "http://127.0.0.1:8080/v1",
        "local_port": 8080,
        "auth": {"header": "authorization", "format": "Bearer {key}", "optional": True},
        "env": {"key": "LLAMA_API_KEY", "base_url": "LLAMA_BASE_URL"},
        "models_path": "/models",
        "dialects": {
            "openai-chat": {"path": "/chat/completions"},
            "openai-responses": {"path": "/responses"},
            "anthropic-messages": {"path": "/messages"},
        },
        "models": {"*": {"reasoning_replay": True, "top_k": True, "min_p": True}},
        "differs": ["anthropic-messages"],
        "refuse": {
            "anthropic-messages": {
                "output_config.format": "this endpoint of llama.cpp answers free text whatever the format"
            }
        },
    },
    "lmstudio": {
        "base_url": "http://127.0.0.1:1234/v1",
        "local_port": 1234,
        "auth": {"header": "authorization", "format": "Bearer {key}", "optional": True},
        "env": {"base_url": "LMSTUDIO_BASE_URL"},
        "models_path": "/models",
        "dialects": {"openai-chat": {"path": "/chat/completions"}},
        "models": {"*": {"reasoning_replay": True, "think_tags": True, "top_k": True, "min_p": True}},
        "differs": [],
    },
    "ollama": {
        "base_url": "http://127.0.0.1:11434",
        "local_port": 11434,
        "auth": {"header": "authorization", "format": "Bearer {key}", "optional": True},
        "env": {"key": "OLLAMA_API_KEY", "base_url": "OLLAMA_HOST"},
        "models_path": "/v1/models",
        "dialects": {"openai-chat": {"path": "/v1/chat/completions"}, "ollama-chat": {"path": "/api/chat"}},
        "models": {
            "*": {
                "reasoning": "effort",
                "effort_none": True,
                "top_k": False,
                "call_ids": True,
                "min_p_option": True,
                "strict_tools": False,
            }
        },
        "differs": [],
    },
    "openai": {
        "base_url": "https://api.openai.com/v1",
        "auth": {"header": "authorization", "format": "Bearer {key}"},
        "env": {"key": "OPENAI_API_KEY", "base_url": "OPENAI_BASE_URL"},
        "models_path": "/models",
        "dialects": {"openai-chat": {"path": "/chat/completions"}, "openai-responses": {"path": "/responses"}},
        "models": {
            "gpt-4*|chatgpt-*": {"reasoning": "none", "max_output": 16384, "developer_role": True},
            "*": {
                "reasoning": "effort",
                "effort_none": True,
                "max_output": 128000,
                "developer_role": True,
                "cache_marks": True,
            },
        },
        "differs": [],
    },
    "openai_compatible": {
        "base_url": "http://127.0.0.1:8000/v1",
        "auth": {"header": "authorization", "format": "Bearer {key}"},
        "models_path": "/models",
        "dialects": {"openai-chat": {"path": "/chat/completions"}},
        "models": {"*": {"reasoning_replay": True, "top_k": True, "min_p": True}},
        "differs": [],
    },
    "vllm": {
        "base_url": "http://127.0.0.1:8000/v1",
        "local_port": 8000,
        "auth": {"header": "authorization", "format": "Bearer {key}", "optional": True},
        "env": {"key": "VLLM_API_KEY", "base_url": "VLLM_BASE_URL"},
        "models_path": "/models",
        "dialects": {
            "openai-chat": {"path": "/chat/completions"},
            "openai-responses": {"path": "/responses"},
            "anthropic-messages": {"path": "/messages"},
        },
        "models": {
            "*": {"reasoning_replay": True, "think_tags": True, "top_k": True, "min_p": True, "reasoning": "effort"}
        },
        "differs": [],
    },
}
