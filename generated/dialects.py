# Generated from specs/dialects/. Edit the specs, then `make generate`.
# Dialect id -> the package of its generated modules, the canonical type of what it asks, and how it goes over HTTP.
# All that is needed before somebody speaks a dialect: its modules load when somebody does.

DIALECTS = {
    "anthropic-messages": {
        "package": "anthropic_messages",
        "asks": "Request",
        "http": {
            "prefix": "/anthropic",
            "generate": {"method": "POST", "path": "/v1/messages"},
            "count": {
                "method": "POST",
                "path": "/v1/messages/count_tokens",
                "takes": [
                    "model",
                    "messages",
                    "billing_policy",
                    "cache_control",
                    "compaction",
                    "context_management",
                    "mcp_servers",
                    "output_config",
                    "output_format",
                    "speed",
                    "system",
                    "thinking",
                    "tool_choice",
                    "tools",
                    "user_profile_id",
                    "workspace_id",
                ],
                "fill": {"max_tokens": 1},
            },
            "forms": {
                "invoke": {
                    "generate": {"method": "POST", "path": "/model/{model}/invoke"},
                    "stream": {"method": "POST", "path": "/model/{model}/invoke-with-response-stream"},
                    "framing": "chunks",
                    "headers": {"anthropic-version": "text", "anthropic-beta": "list"},
                    "errors": "bedrock-converse",
                },
                "predict": {
                    "generate": {
                        "method": "POST",
                        "path": "/v1/projects/{project}/locations/{location}/publishers/anthropic/models/{model}:rawPredict",
                    },
                    "stream": {
                        "method": "POST",
                        "path": "/v1/projects/{project}/locations/{location}/publishers/anthropic/models/{model}:streamRawPredict",
                    },
                    "count": {
                        "method": "POST",
                        "path": "/v1/projects/{project}/locations/{location}/publishers/anthropic/models/count-tokens:rawPredict",
                    },
                    "headers": {"anthropic-version": "text", "anthropic-beta": "list"},
                },
            },
            "models": {"method": "GET", "path": "/v1/models"},
            "model": {"method": "GET", "path": "/v1/models/{model}"},
            "recognise": {"header": "anthropic-version"},
            "version": {"header": "anthropic-version", "default": "2023-06-01"},
            "forward": ["anthropic-beta"],
            "mistaken": {
                "input": "a Responses request; send it to /v1/responses",
                "contents": "a Gemini request; send it to /v1beta/models/MODEL:generateContent",
            },
        },
    },
    "bedrock-converse": {
        "package": "bedrock_converse",
        "asks": "Request",
        "http": {
            "prefix": "/bedrock",
            "generate": {"method": "POST", "path": "/model/{model}/converse"},
            "stream": {"method": "POST", "path": "/model/{model}/converse-stream"},
            "recognise": {"header": "x-amz-date"},
            "error_type": {"header": "x-amzn-errortype", "field": "__type"},
        },
    },
    "bedrock-titan-embed": {
        "package": "bedrock_titan_embed",
        "asks": "EmbedRequest",
        "http": {
            "prefix": "/titan",
            "apart": True,
            "generate": {"method": "POST", "path": "/model/{model}/invoke"},
            "error_type": {"header": "x-amzn-errortype", "field": "__type"},
        },
    },
    "cohere-chat": {
        "package": "cohere_chat",
        "asks": "Request",
        "http": {
            "prefix": "/cohere",
            "generate": {"method": "POST", "path": "/v2/chat"},
            "models": {"method": "GET", "path": "/v1/models"},
            "model": {"method": "GET", "path": "/v1/models/{model}"},
            "recognise": {"header": "x-fern-sdk-name"},
            "mistaken": {
                "message": "a request of version 1; write messages",
                "chat_history": "a request of version 1; write messages",
            },
        },
    },
    "cohere-embed": {
        "package": "cohere_embed",
        "asks": "EmbedRequest",
        "http": {"prefix": "/cohere", "generate": {"method": "POST", "path": "/v2/embed"}},
    },
    "cohere-rerank": {
        "package": "cohere_rerank",
        "asks": "RerankRequest",
        "http": {"prefix": "/cohere", "generate": {"method": "POST", "path": "/v2/rerank", "also": ["/v1/rerank"]}},
    },
    "gemini-embed": {
        "package": "gemini_embed",
        "asks": "EmbedRequest",
        "http": {
            "prefix": "/gemini",
            "generate": {
                "method": "POST",
                "path": "/v1beta/models/{model}:embedContent",
                "also": [
                    "/v1/models/{model}:embedContent",
                    "/v1alpha/models/{model}:embedContent",
                    "/v1beta1/publishers/google/models/{model}:embedContent",
                    "/v1/publishers/google/models/{model}:embedContent",
                    "/v1beta1/projects/{project}/locations/{location}/publishers/google/models/{model}:embedContent",
                    "/v1/projects/{project}/locations/{location}/publishers/google/models/{model}:embedContent",
                ],
            },
            "mistaken": {
                "requests": "several requests; send them to :batchEmbedContents",
                "contents": "a request of another operation; one content is embedded here",
            },
        },
    },
    "gemini-embed-batch": {
        "package": "gemini_embed_batch",
        "asks": "EmbedRequest",
        "http": {
            "prefix": "/gemini",
            "generate": {
                "method": "POST",
                "path": "/v1beta/models/{model}:batchEmbedContents",
                "also": [
                    "/v1/models/{model}:batchEmbedContents",
                    "/v1alpha/models/{model}:batchEmbedContents",
                    "/v1beta1/publishers/google/models/{model}:batchEmbedContents",
                    "/v1/publishers/google/models/{model}:batchEmbedContents",
                    "/v1beta1/projects/{project}/locations/{location}/publishers/google/models/{model}:batchEmbedContents",
                    "/v1/projects/{project}/locations/{location}/publishers/google/models/{model}:batchEmbedContents",
                ],
            },
            "mistaken": {"content": "one request; send it to :embedContent"},
            "named": ["requests", "model"],
        },
    },
    "gemini-generate": {
        "package": "gemini_generate",
        "asks": "Request",
        "http": {
            "prefix": "/gemini",
            "generate": {
                "method": "POST",
                "path": "/v1beta/models/{model}:generateContent",
                "also": [
                    "/v1/models/{model}:generateContent",
                    "/v1alpha/models/{model}:generateContent",
                    "/v1beta1/publishers/google/models/{model}:generateContent",
                    "/v1/publishers/google/models/{model}:generateContent",
                    "/v1beta1/projects/{project}/locations/{location}/publishers/google/models/{model}:generateContent",
                    "/v1/projects/{project}/locations/{location}/publishers/google/models/{model}:generateContent",
                ],
            },
            "stream": {
                "method": "POST",
                "path": "/v1beta/models/{model}:streamGenerateContent",
                "also": [
                    "/v1/models/{model}:streamGenerateContent",
                    "/v1alpha/models/{model}:streamGenerateContent",
                    "/v1beta1/publishers/google/models/{model}:streamGenerateContent",
                    "/v1/publishers/google/models/{model}:streamGenerateContent",
                    "/v1beta1/projects/{project}/locations/{location}/publishers/google/models/{model}:streamGenerateContent",
                    "/v1/projects/{project}/locations/{location}/publishers/google/models/{model}:streamGenerateContent",
                ],
            },
            "count": {
                "method": "POST",
                "path": "/v1beta/models/{model}:countTokens",
                "also": [
                    "/v1/models/{model}:countTokens",
                    "/v1alpha/models/{model}:countTokens",
                    "/v1beta1/publishers/google/models/{model}:countTokens",
                    "/v1/publishers/google/models/{model}:countTokens",
                    "/v1beta1/projects/{project}/locations/{location}/publishers/google/models/{model}:countTokens",
                    "/v1/projects/{project}/locations/{location}/publishers/google/models/{model}:countTokens",
                ],
                "whole": ["generateContentRequest", "generate_content_request"],
                "model": "models/{model}",
                "takes": ["contents", "systemInstruction", "tools", "generationConfig", "model"],
                "fill": {"contents": []},
            },
            "forms": {"array": {"unless": "alt=sse", "framing": "json_array"}},
            "models": {"method": "GET", "path": "/v1beta/models", "also": ["/v1/models", "/v1alpha/models"]},
            "model": {
                "method": "GET",
                "path": "/v1beta/models/{model}",
                "also": ["/v1/models/{model}", "/v1alpha/models/{model}"],
            },
            "recognise": {"header": "x-goog-api-key"},
            "mistaken": {
                "messages": "a chat request; send it to /v1/chat/completions or /v1/messages",
                "input": "a Responses request; send it to /v1/responses",
            },
        },
    },
    "llamacpp-infill": {
        "package": "llamacpp_infill",
        "asks": "Request",
        "http": {
            "prefix": "/llamacpp",
            "generate": {"method": "POST", "path": "/infill"},
            "mistaken": {
                "suffix": "a request of completions; send it to /v1/completions or /v1/fim/completions",
                "messages": "a chat; send it to /v1/chat/completions",
            },
        },
    },
    "mistral-chat": {
        "package": "mistral_chat",
        "asks": "Request",
        "http": {
            "prefix": "/mistral",
            "apart": True,
            "generate": {"method": "POST", "path": "/v1/chat/completions"},
            "models": {"method": "GET", "path": "/v1/models"},
            "model": {"method": "GET", "path": "/v1/models/{model}"},
            "mistaken": {
                "prompt": "a text to complete; send it to /v1/fim/completions",
                "input": "a Responses request; send it to /v1/responses",
            },
        },
    },
    "mistral-fim": {
        "package": "mistral_fim",
        "asks": "Request",
        "http": {
            "prefix": "/mistral",
            "generate": {"method": "POST", "path": "/v1/fim/completions"},
            "mistaken": {
                "messages": "a chat; send it to /v1/chat/completions",
                "input_prefix": "a request of llama.cpp; send it to /infill",
            },
        },
    },
    "ollama-chat": {
        "package": "ollama_chat",
        "asks": "Request",
        "http": {
            "prefix": "/ollama",
            "generate": {"method": "POST", "path": "/api/chat"},
            "models": {"method": "GET", "path": "/api/tags"},
            "look_up": {"method": "POST", "path": "/api/show"},
            "running": {"method": "GET", "path": "/api/ps"},
            "fixed": {
                "version": {"method": "GET", "path": "/api/version", "type": "Version", "answer": {"version": "0.12.6"}}
            },
            "mistaken": {
                "prompt": "a request without messages; send it to /api/generate",
                "input": "a Responses request; send it to /v1/responses",
            },
        },
    },
    "ollama-embed": {
        "package": "ollama_embed",
        "asks": "EmbedRequest",
        "http": {"prefix": "/ollama", "generate": {"method": "POST", "path": "/api/embed"}},
    },
    "ollama-generate": {
        "package": "ollama_generate",
        "asks": "Request",
        "http": {
            "prefix": "/ollama-generate",
            "generate": {"method": "POST", "path": "/api/generate"},
            "mistaken": {
                "messages": "a conversation; send it to /api/chat",
                "input": "a Responses request; send it to /v1/responses",
            },
        },
    },
    "openai-chat": {
        "package": "openai_chat",
        "asks": "Request",
        "http": {
            "prefix": "/openai",
            "generate": {
                "method": "POST",
                "path": "/v1/chat/completions",
                "also": [
                    "/v1/projects/{project}/locations/{location}/endpoints/openapi/chat/completions",
                    "/v1beta1/projects/{project}/locations/{location}/endpoints/openapi/chat/completions",
                ],
            },
            "forms": {
                "deployment": {"generate": {"method": "POST", "path": "/openai/deployments/{model}/chat/completions"}}
            },
            "models": {"method": "GET", "path": "/v1/models"},
            "model": {"method": "GET", "path": "/v1/models/{model}"},
            "recognise": {"header": "authorization"},
            "mistaken": {
                "input": "a Responses request; send it to /v1/responses",
                "contents": "a Gemini request; send it to /v1beta/models/MODEL:generateContent",
            },
        },
    },
    "openai-completions": {
        "package": "openai_completions",
        "asks": "Request",
        "http": {
            "prefix": "/openai",
            "generate": {"method": "POST", "path": "/v1/completions"},
            "forms": {
                "deployment": {"generate": {"method": "POST", "path": "/openai/deployments/{model}/completions"}}
            },
            "mistaken": {
                "messages": "a chat; send it to /v1/chat/completions",
                "input": "a Responses request; send it to /v1/responses",
            },
        },
    },
    "openai-embeddings": {
        "package": "openai_embeddings",
        "asks": "EmbedRequest",
        "http": {
            "prefix": "/openai",
            "generate": {"method": "POST", "path": "/v1/embeddings"},
            "forms": {
                "deployment": {"generate": {"method": "POST", "path": "/openai/deployments/{model}/embeddings"}},
                "voyage": {"generate": {"method": "POST", "path": "/voyage/v1/embeddings"}, "errors": "voyage-rerank"},
            },
        },
    },
    "openai-responses": {
        "package": "openai_responses",
        "asks": "Request",
        "http": {
            "prefix": "/openai-responses",
            "under": "/openai",
            "generate": {"method": "POST", "path": "/v1/responses"},
            "count": {
                "method": "POST",
                "path": "/v1/responses/input_tokens",
                "drop": {"personality": "a tone of one vendor's models"},
                "takes": [
                    "model",
                    "input",
                    "instructions",
                    "conversation",
                    "parallel_tool_calls",
                    "previous_response_id",
                    "reasoning",
                    "text",
                    "tool_choice",
                    "tools",
                    "truncation",
                ],
                "fill": {},
            },
            "models": {"method": "GET", "path": "/v1/models"},
            "model": {"method": "GET", "path": "/v1/models/{model}"},
            "recognise": {"header": "authorization"},
            "passed": {
                "compact": {
                    "method": "POST",
                    "path": "/v1/responses/compact",
                    "request": "CompactRequest",
                    "answer": "CompactedResponse",
                }
            },
            "kept": {
                "path": "/v1/responses/{id}",
                "items": {"path": "/v1/responses/{id}/input_items", "type": "ItemList"},
                "cancel": {"path": "/v1/responses/{id}/cancel", "refused": "Cannot cancel a synchronous response."},
                "deleted": {"object": "response", "deleted": True},
                "unknown": "Response with id '{id}' not found.",
                "unless": "store",
                "states": {"status": ["completed", "incomplete"]},
                "previous": {
                    "field": "previous_response_id",
                    "unknown": "Previous response with id '{id}' not found.",
                    "code": "previous_response_not_found",
                },
                "reference": {"type": "item_reference", "unknown": "Item with id '{id}' not found."},
                "asked": "input",
                "answered": "output",
                "bare": {"role": "user", "content": "{}"},
                "item": {"id": "msg_{id}", "type": "message", "status": "completed"},
                "texts": {"assistant": "output_text", "*": "input_text"},
            },
            "mistaken": {
                "messages": "a chat request; send it to /v1/chat/completions",
                "contents": "a Gemini request; send it to /v1beta/models/MODEL:generateContent",
            },
        },
    },
    "tei-rerank": {
        "package": "tei_rerank",
        "asks": "RerankRequest",
        "http": {"prefix": "/tei", "apart": True, "generate": {"method": "POST", "path": "/rerank"}, "bare": "results"},
    },
    "voyage-rerank": {
        "package": "voyage_rerank",
        "asks": "RerankRequest",
        "http": {"prefix": "/voyage", "apart": True, "generate": {"method": "POST", "path": "/v1/rerank"}},
    },
}

# And the canonical model itself.
NATIVE = {
    "canonical": {
        "package": "native",
        "asks": "Request",
        "http": {
            "prefix": "/canonical",
            "generate": {"method": "POST", "path": "/v1/canonical"},
            "count": {"method": "POST", "path": "/v1/canonical/count", "takes": [], "fill": {}},
            "models": {"method": "GET", "path": "/v1/models"},
            "model": {"method": "GET", "path": "/v1/models/{model}"},
            "recognise": {"header": "isogloss-protocol"},
            "mistaken": {
                "messages": "a chat request; send it to /v1/chat/completions or /v1/messages",
                "input": "a Responses request; send it to /v1/responses",
                "contents": "a Gemini request; send it to /v1beta/models/MODEL:generateContent",
            },
        },
    }
}
