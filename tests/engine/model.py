"""A language model of one megabyte whose every answer is known beforehand.

It is a real model, as a GGUF file or as a folder of safetensors: llama architecture, one layer, one attention head,
byte-level BPE. Its weights are set by hand.

- An embedding is one-hot, so the output matrix is a table "after this token, that token": a bigram model.
- Its head looks for marks in the prompt and adds one hint: a tool was offered, a tool has answered, or thinking is
  wanted. The hint decides how the answer begins.

Asked anything, it says `ANSWER`; asked to "think first", it thinks `THOUGHT` before; offered a tool, it calls one; given
a tool's result, it says `AFTER_TOOL`. Where a grammar forbids all of that, it takes the shortest way to the end; a string
is then `ANSWER` too.
"""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import gguf
import numpy as np

END, TURN = "<|im_end|>", "<|im_start|>"
CONTROL = [END, TURN, "<|think|>"]
GAP = ["<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"]  # what stands before and behind, and then the text between
MARKUP = ["<tools>", "<tool_response>", "<tool_call>", "</tool_call>", "<think>", "</think>"]

# é is left to its two bytes: the engine has to hold back half a character.
SPOKEN_ANSWER = [b"Hello", b" from", b" a", b" small", b" caf", b"\xc3", b"\xa9", b"."]
SPOKEN_AFTER_TOOL = [b"Thank", b" you", b",", b" tool", b"!"]
SPOKEN_THOUGHT = [b"Let", b" me", b" see", b";"]
ANSWER, AFTER_TOOL, THOUGHT = (b"".join(words).decode() for words in (SPOKEN_ANSWER, SPOKEN_AFTER_TOOL, SPOKEN_THOUGHT))
CHAINS: list[list[str | bytes]] = [
    [*SPOKEN_ANSWER, END],
    [*SPOKEN_AFTER_TOOL, END],
    ["<think>", *SPOKEN_THOUGHT, "</think>", SPOKEN_ANSWER[0]],
    ["<tool_call>", "\n"],
]
# Under a grammar: best first, so that a value is short and an open bracket soon closed.
SHORTEST = ['"', "}", "]", ":", ",", "1", "t", "{", "["]

TEMPLATE = r"""
{%- set asked = messages[-1].content -%}
{%- if asked is string and 'hink first' in asked -%}{{ '<|think|>' }}{%- endif -%}
{%- if tools -%}
{{ '<|im_start|>system\nTools to call:\n<tools>' }}
{%- for tool in tools -%}{{ '\n' + (tool | tojson) }}{%- endfor -%}
{{ '\n</tools>\nA call is written so:\n<tool_call>\n{"name": <name>, "arguments": <object>}\n</tool_call><|im_end|>\n' }}
{%- endif -%}
{%- for message in messages -%}
{%- if message.role == 'tool' -%}
{{ '<|im_start|>user\n<tool_response>\n' + message.content + '\n</tool_response><|im_end|>\n' }}
{%- else -%}
{{ '<|im_start|>' + message.role + '\n' }}
{%- if message.reasoning_content -%}{{ '<think>' + message.reasoning_content + '</think>' }}{%- endif -%}
{%- if message.content -%}{{ message.content }}{%- endif -%}
{%- for call in message.tool_calls or [] -%}
{{ '\n<tool_call>\n{"name": "' + call.function.name + '", "arguments": ' }}
{{- (call.function.arguments | tojson) + '}\n</tool_call>' }}
{%- endfor -%}
{{ '<|im_end|>\n' }}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\n' }}{%- endif -%}
"""


def printable_bytes() -> list[str]:
    """How byte-level BPE spells each of the 256 bytes: as itself where it prints, else as a letter from 256 up."""
    plain = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = iter(range(256, 512))
    return [chr(byte if byte in plain else next(others)) for byte in range(256)]


class Vocabulary:
    """Tokens by number: the bytes, every prefix of every spoken word, the control words, the markup."""

    def __init__(self, words: Iterable[str | bytes]):
        self.spelling = printable_bytes()
        self.tokens = list(self.spelling)
        self.merges: list[str] = []
        special = [*CONTROL, *MARKUP, *GAP]
        for word in map(self.spell, (word for word in words if word not in special)):
            for end in range(1, len(word)):
                if word[: end + 1] not in self.tokens:
                    self.merges.append(f"{word[:end]} {word[end]}")
                    self.tokens.append(word[: end + 1])
        kinds = gguf.TokenType
        self.kinds = [kinds.NORMAL] * len(self.tokens) + [kinds.CONTROL] * len(CONTROL)
        self.kinds += [kinds.USER_DEFINED] * len(MARKUP) + [kinds.CONTROL] * len(GAP)
        self.tokens += special
        self.number = {token: number for number, token in enumerate(self.tokens)}

    def spell(self, word: str | bytes) -> str:
        return "".join(self.spelling[byte] for byte in (word.encode() if isinstance(word, str) else word))

    def __getitem__(self, word: str | bytes) -> int:
        return self.number[word] if word in self.number else self.number[self.spell(word)]

    def __len__(self) -> int:
        return len(self.tokens)


def weights(vocabulary: Vocabulary, width: int, head: int) -> dict[str, np.ndarray]:
    """Tensors by their GGUF name. `width` is the embedding's, with room for one dimension per hint after the tokens."""
    size = len(vocabulary)

    def zeros(*shape: int) -> np.ndarray:
        return np.zeros(shape, np.float32)

    score = zeros(size, width)  # [next token, token now or hint]
    score[:, :size] = -0.3
    for rank, word in enumerate(SHORTEST):
        score[vocabulary[word], :size] = 0.1 - 0.01 * rank
    digits = [vocabulary[digit] for digit in "0123456789"]
    score[vocabulary["1"], digits] = -0.2  # one digit is a number
    score[vocabulary[END], :size] = 0.2
    score[vocabulary[SPOKEN_ANSWER[0]], :size] = 0.4  # whatever was said, the answer may begin
    for chain in CHAINS:
        for now, after in pairwise(chain):
            score[vocabulary[SPOKEN_ANSWER[0]], vocabulary[now]] = -0.3
            score[vocabulary[after], vocabulary[now]] = 1.0
    closed = vocabulary["</tool_call>"]
    score[closed, [vocabulary["}"], vocabulary["]"]]] = 0.3
    score[:, closed] = -0.3
    score[vocabulary[END], closed] = 1.0  # one call is enough

    # The head: the same question at every token; the strongest mark in the prompt wins; it writes its hint.
    scale = width**0.5  # a one-hot embedding after RMSNorm
    query, key, value, out = zeros(head, width), zeros(head, width), zeros(head, width), zeros(width, head)
    query[-1, :] = 1 / scale  # the last dimension: the one that position turns least
    marks = [
        ("<tools>", 35, "<tool_call>"),
        ("<tool_response>", 50, SPOKEN_AFTER_TOOL[0]),
        ("<|think|>", 25, "<think>"),
    ]
    for hint, (mark, strength, opening) in enumerate(marks):
        key[-1, vocabulary[mark]] = strength * head**0.5 / scale
        value[hint, vocabulary[mark]] = 1 / scale
        out[size + hint, hint] = 1.0
        score[vocabulary[opening], vocabulary["\n"]] = 0.3  # a turn's head ends in a line break
        score[vocabulary[opening], size + hint] = 0.35

    score *= 30  # no temperature makes it say anything else
    ones = np.ones(width, np.float32)
    return {
        "token_embd": np.eye(size, width, dtype=np.float32),
        "output_norm": ones,
        "output": score,
        "blk.0.attn_norm": ones,
        "blk.0.attn_q": query,
        "blk.0.attn_k": key,
        "blk.0.attn_v": value,
        "blk.0.attn_output": out,
        "blk.0.ffn_norm": ones,
        "blk.0.ffn_gate": zeros(head, width),
        "blk.0.ffn_up": zeros(head, width),
        "blk.0.ffn_down": zeros(width, head),
    }


HEAD = 32
ROPE_BASE = 1e10  # slow enough that position does not matter
EPSILON = 1e-6


def made() -> tuple[Vocabulary, int, dict[str, np.ndarray]]:
    """The vocabulary, the embedding's width, the tensors."""
    vocabulary = Vocabulary(word for chain in CHAINS for word in chain)
    width = -(-(len(vocabulary) + 3) // 32) * 32
    return vocabulary, width, weights(vocabulary, width, HEAD)


def write(path: Path, context: int = 131072) -> Path:
    """Writes the model; `context` is the number of tokens it is said to read."""
    vocabulary, width, tensors = made()
    file = gguf.GGUFWriter(path, "llama")
    file.add_name("tiny")
    file.add_context_length(context)
    file.add_embedding_length(width)
    file.add_block_count(1)
    file.add_feed_forward_length(HEAD)
    file.add_head_count(1)
    file.add_head_count_kv(1)
    file.add_key_length(HEAD)
    file.add_value_length(HEAD)
    file.add_rope_dimension_count(HEAD)
    file.add_rope_freq_base(ROPE_BASE)
    file.add_layer_norm_rms_eps(EPSILON)
    file.add_vocab_size(len(vocabulary))
    file.add_file_type(gguf.LlamaFileType.ALL_F32)
    file.add_tokenizer_model("gpt2")
    file.add_tokenizer_pre("gpt-2")
    file.add_token_list(vocabulary.tokens)
    file.add_token_types(vocabulary.kinds)
    file.add_token_merges(vocabulary.merges)
    file.add_bos_token_id(vocabulary[TURN])
    file.add_eos_token_id(vocabulary[END])
    file.add_add_bos_token(False)
    for place, token in zip(("PRE", "SUF", "MID"), GAP, strict=True):
        file.add_uint32(getattr(gguf.Keys.Tokenizer, f"FIM_{place}_ID"), vocabulary[token])
    file.add_chat_template(TEMPLATE)
    for name, tensor in tensors.items():
        file.add_tensor(f"{name}.weight", tensor)
    file.write_header_to_file()
    file.write_kv_data_to_file()
    file.write_tensors_to_file()
    file.close()
    return path


# A tensor's name in GGUF -> in a folder
NAMES = {
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "output": "lm_head",
    "blk.0.attn_norm": "model.layers.0.input_layernorm",
    "blk.0.attn_q": "model.layers.0.self_attn.q_proj",
    "blk.0.attn_k": "model.layers.0.self_attn.k_proj",
    "blk.0.attn_v": "model.layers.0.self_attn.v_proj",
    "blk.0.attn_output": "model.layers.0.self_attn.o_proj",
    "blk.0.ffn_norm": "model.layers.0.post_attention_layernorm",
    "blk.0.ffn_gate": "model.layers.0.mlp.gate_proj",
    "blk.0.ffn_up": "model.layers.0.mlp.up_proj",
    "blk.0.ffn_down": "model.layers.0.mlp.down_proj",
}


def write_folder(path: Path, context: int = 131072) -> Path:
    """Writes the model as Hugging Face's libraries read it. Only a dimension of the head that rope turns alike in both
    layouts is used, so the tensors are those of the file."""
    vocabulary, width, tensors = made()
    numbers = {"bos_token_id": vocabulary[TURN], "eos_token_id": vocabulary[END]}
    config = numbers | {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": len(vocabulary),
        "hidden_size": width,
        "intermediate_size": HEAD,
        "num_hidden_layers": 1,
        "num_attention_heads": 1,
        "num_key_value_heads": 1,
        "head_dim": HEAD,
        "max_position_embeddings": context,
        "rms_norm_eps": EPSILON,
        "rope_theta": ROPE_BASE,
        "rope_parameters": {"rope_type": "default", "rope_theta": ROPE_BASE},
        "tie_word_embeddings": False,
        "torch_dtype": "float32",
    }
    special = [*CONTROL, *MARKUP, *GAP]
    splitting = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": True}
    tokenizer = {
        "version": "1.0",
        "added_tokens": [
            {"id": vocabulary[word], "content": word, "special": word not in MARKUP, "normalized": False}
            | dict.fromkeys(("single_word", "lstrip", "rstrip"), False)
            for word in special
        ],
        "pre_tokenizer": splitting,
        "decoder": splitting,
        "model": {
            "type": "BPE",
            "vocab": {token: number for token, number in vocabulary.number.items() if token not in special},
            "merges": vocabulary.merges,
        },
    }
    reading = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": TURN,
        "eos_token": END,
        "model_max_length": context,
        "clean_up_tokenization_spaces": False,
        "chat_template": TEMPLATE,
    }
    path.mkdir(exist_ok=True)
    files = {"config": config, "generation_config": numbers, "tokenizer": tokenizer, "tokenizer_config": reading}
    for name, value in files.items():
        (path / f"{name}.json").write_text(json.dumps(value))
    head, body = {"__metadata__": {"format": "pt"}}, b""
    for name, tensor in tensors.items():
        place = [len(body), len(body) + tensor.nbytes]
        head[f"{NAMES[name]}.weight"] = {"dtype": "F32", "shape": tensor.shape, "data_offsets": place}
        body += tensor.tobytes()
    said = json.dumps(head).encode()
    (path / "model.safetensors").write_bytes(struct.pack("<Q", len(said)) + said + body)
    return path


if __name__ == "__main__":
    write(Path(sys.argv[1]))
