"""Makes a GGUF file of all-MiniLM-L6-v2 out of the Python package that carries its weights, and vectors to hold it against.

    python tests/python/minilm.py MODEL OUT

MODEL is the package's folder with `model.safetensors`, `config.json` and `vocab.txt`. OUT/minilm.gguf is the model as llama.cpp
reads it (matrices in eight bits, which WebAssembly multiplies faster than half-precision numbers), OUT/minilm.json a list of
sentences with their vectors. These are computed here, by numpy, from the original weights and the published architecture:
nothing of llama.cpp has a part in them. The file appears last, so that half of it is none.
"""

import json
import pathlib
import struct
import sys
import unicodedata

import gguf
import numpy as np

SENTENCES = [
    "A man is eating food.",
    "Someone is having a meal.",
    "The harbour before the tourists wake.",
    "A quiet port in the early morning.",
    "How to repair a bicycle tyre",
    "Fixing a flat on your bike",
    "The orchestra plays a symphony by Mahler.",
    "Crêpe vans behind the station: sweet & savoury, 5 stops!",
]

model, out = map(pathlib.Path, sys.argv[1:])
config = json.loads((model / "config.json").read_text())
vocabulary = (model / "vocab.txt").read_text(encoding="utf-8").splitlines()
number = {token: i for i, token in enumerate(vocabulary)}


def read_safetensors(path):
    raw = path.read_bytes()
    (size,) = struct.unpack("<Q", raw[:8])
    head = json.loads(raw[8 : 8 + size])
    for name, tensor in head.items():
        if name != "__metadata__" and tensor["dtype"] == "F32":
            begin, end = (8 + size + offset for offset in tensor["data_offsets"])
            yield name, np.frombuffer(raw[begin:end], dtype=np.float32).reshape(tensor["shape"])


weights = dict(read_safetensors(model / "model.safetensors"))

# --- The file ---------------------------------------------------------------------------------------------------------

OUTER = {
    "embeddings.word_embeddings": "token_embd",
    "embeddings.token_type_embeddings": "token_types",
    "embeddings.position_embeddings": "position_embd",
    "embeddings.LayerNorm": "token_embd_norm",
}
INNER = {
    "attention.self.query": "attn_q",
    "attention.self.key": "attn_k",
    "attention.self.value": "attn_v",
    "attention.output.dense": "attn_output",
    "attention.output.LayerNorm": "attn_output_norm",
    "intermediate.dense": "ffn_up",
    "output.dense": "ffn_down",
    "output.LayerNorm": "layer_output_norm",
}
NAMES = OUTER | {
    f"encoder.layer.{b}.{theirs}": f"blk.{b}.{ours}"
    for b in range(config["num_hidden_layers"])
    for theirs, ours in INNER.items()
}


def write_gguf(path):
    writer = gguf.GGUFWriter(path, "bert")
    writer.add_name("all-MiniLM-L6-v2")
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_layer_norm_eps(config["layer_norm_eps"])
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_tokenizer_model("bert")
    # llama.cpp marks the beginnings of words, BERT what goes on within one.
    special = [token.startswith("[") and token.endswith("]") for token in vocabulary]
    words = zip(vocabulary, special)
    writer.add_token_list([t if s else t[2:] if t.startswith("##") else "\u2581" + t for t, s in words])
    writer.add_token_types([gguf.TokenType.CONTROL if s else gguf.TokenType.NORMAL for s in special])
    writer.add_token_type_count(config["type_vocab_size"])
    writer.add_bos_token_id(number["[CLS]"])
    writer.add_eos_token_id(number["[SEP]"])
    writer.add_sep_token_id(number["[SEP]"])
    writer.add_unk_token_id(number["[UNK]"])
    writer.add_pad_token_id(number["[PAD]"])
    writer.add_mask_token_id(number["[MASK]"])
    for theirs, ours in NAMES.items():
        for part in ("weight", "bias"):
            if f"{theirs}.{part}" in weights:
                tensor = weights[f"{theirs}.{part}"]
                if tensor.ndim == 2 and ours not in ("token_types", "position_embd"):
                    eight = gguf.GGMLQuantizationType.Q8_0
                    writer.add_tensor(f"{ours}.{part}", gguf.quants.quantize(tensor, eight), raw_dtype=eight)
                else:
                    writer.add_tensor(f"{ours}.{part}", tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


# --- The vectors ------------------------------------------------------------------------------------------------------


def tokens(text):
    """BERT's tokens: lower case without accents, punctuation apart, then the longest known pieces from the left."""
    plain = unicodedata.normalize("NFD", text.lower())
    plain = "".join(c for c in plain if unicodedata.category(c) != "Mn")
    apart = "".join(f" {c} " if not c.isalnum() and not c.isspace() else c for c in plain)
    found = [number["[CLS]"]]
    for word in apart.split():
        pieces, start = [], 0
        while start < len(word):
            tries = (("##" if start else "") + word[start:end] for end in range(len(word), start, -1))
            piece = next((t for t in tries if t in number), None)
            if piece is None:
                pieces = [number["[UNK]"]]
                break
            pieces.append(number[piece])
            start += len(piece.removeprefix("##"))
        found += pieces
    return found + [number["[SEP]"]]


def linear(x, name):
    return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def norm(x, name):
    centred = x - x.mean(-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + config["layer_norm_eps"])
    return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def gelu(x):
    # Abramowitz and Stegun 7.1.26, within 1.5e-7 of erf.
    z = np.abs(x) / np.sqrt(2)
    t = 1 / (1 + 0.3275911 * z)
    p = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    return x * 0.5 * (1 + np.sign(x) * (1 - p * np.exp(-z * z)))


def vector(text):
    ids = tokens(text)
    heads = config["num_attention_heads"]
    x = weights["embeddings.word_embeddings.weight"][ids] + weights["embeddings.position_embeddings.weight"][: len(ids)]
    x = norm(x + weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    for b in range(config["num_hidden_layers"]):
        at = f"encoder.layer.{b}"
        q, k, v = (
            linear(x, f"{at}.attention.self.{name}").reshape(len(ids), heads, -1).transpose(1, 0, 2)
            for name in ("query", "key", "value")
        )
        scores = q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[-1])
        chances = np.exp(scores - scores.max(-1, keepdims=True))
        seen = (chances / chances.sum(-1, keepdims=True) @ v).transpose(1, 0, 2).reshape(len(ids), -1)
        x = norm(x + linear(seen, f"{at}.attention.output.dense"), f"{at}.attention.output.LayerNorm")
        inner = gelu(linear(x, f"{at}.intermediate.dense"))
        x = norm(x + linear(inner, f"{at}.output.dense"), f"{at}.output.LayerNorm")
    mean = x.mean(0)
    return mean / np.linalg.norm(mean)


out.mkdir(parents=True, exist_ok=True)
reference = [{"text": text, "vector": [round(float(x), 6) for x in vector(text)]} for text in SENTENCES]
(out / "minilm.json").write_text(json.dumps(reference))
part = out / "minilm.part"
write_gguf(part)
part.rename(out / "minilm.gguf")
