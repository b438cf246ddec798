"""Makes a tiny projector: the second file that lets a language model be shown pictures, as llama.cpp reads it.

    python tests/python/projector.py OUT

OUT/projector.gguf is LLaVA's architecture on a small scale: a picture is brought to 32 × 32 pixels, cut into 16 patches, taken
through one block of a transformer, and each patch becomes one token as wide as SmolLM2-135M's embeddings. The weights are
random numbers of a fixed seed. Nothing was trained, so a model makes no sense of what it is shown; that pictures reach it, as
how many tokens, and that their pixels count is what this file lets tests see. The file appears last, so that half of it is none.
"""

import pathlib
import sys

import gguf
import numpy as np

# What the language model's tokens have for numbers.
WIDTH = 576
# A picture's side and a patch's, pixels: (32 / 8)² = 16 tokens.
IMAGE, PATCH = 32, 8
# The transformer of patches.
INNER, HEADS, FEED = 64, 4, 128
# About how large a number of SmolLM2's embeddings is; a token of a picture is to be as loud as a word.
LOUDNESS = 0.14

(out,) = map(pathlib.Path, sys.argv[1:])
numbers = np.random.default_rng(1)


def matrix(to, *of):
    """Weights that keep the size of what goes through them."""
    return (numbers.standard_normal((to, *of)) / np.sqrt(np.prod(of))).astype(np.float32)


def tensors():
    yield "v.patch_embd.weight", matrix(INNER, 3, PATCH, PATCH)
    yield "v.position_embd.weight", matrix((IMAGE // PATCH) ** 2, INNER)
    for norm in ("ln1", "ln2"):
        yield f"v.blk.0.{norm}.weight", np.ones(INNER, np.float32)
        yield f"v.blk.0.{norm}.bias", np.zeros(INNER, np.float32)
    for part in ("attn_q", "attn_k", "attn_v", "attn_out"):
        yield f"v.blk.0.{part}.weight", matrix(INNER, INNER)
    yield "v.blk.0.ffn_up.weight", matrix(FEED, INNER)
    yield "v.blk.0.ffn_down.weight", matrix(INNER, FEED)
    yield "mm.0.weight", matrix(INNER, INNER)
    yield "mm.0.bias", np.zeros(INNER, np.float32)
    yield "mm.2.weight", LOUDNESS * matrix(WIDTH, INNER)
    yield "mm.2.bias", np.zeros(WIDTH, np.float32)


def write_gguf(path):
    writer = gguf.GGUFWriter(path, "clip")
    writer.add_name("A projector of random numbers")
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_bool("clip.has_vision_encoder", True)
    writer.add_string("clip.projector_type", "mlp")
    writer.add_bool("clip.use_gelu", True)
    writer.add_uint32("clip.vision.image_size", IMAGE)
    writer.add_uint32("clip.vision.patch_size", PATCH)
    writer.add_array("clip.vision.image_mean", [0.5, 0.5, 0.5])
    writer.add_array("clip.vision.image_std", [0.5, 0.5, 0.5])
    writer.add_uint32("clip.vision.embedding_length", INNER)
    writer.add_uint32("clip.vision.feed_forward_length", FEED)
    writer.add_uint32("clip.vision.projection_dim", WIDTH)
    writer.add_uint32("clip.vision.block_count", 1)
    writer.add_uint32("clip.vision.attention.head_count", HEADS)
    writer.add_float32("clip.vision.attention.layer_norm_epsilon", 1e-5)
    # After the only block: without this the last one is left out, as LLaVA does.
    writer.add_array("clip.vision.feature_layer", [1])
    for name, tensor in tensors():
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


out.mkdir(parents=True, exist_ok=True)
part = out / "projector.part"
write_gguf(part)
part.rename(out / "projector.gguf")
