"""Reads what RecoWorld exports with the libraries that others read it with.

    python tests/python/read_back.py policy.safetensors pairs.jsonl transitions.jsonl

The weights are read by `safetensors` (which the tests install), the lines as TRL's DPOTrainer takes them: every row has the
same columns, `prompt`, `chosen` and `rejected` among them, all text, none empty, and no pair with both sides alike.
"""

import json
import math
import sys

from safetensors import safe_open
from safetensors.numpy import load_file

weights, pairs, transitions = sys.argv[1:]

arrays = load_file(weights)
with safe_open(weights, framework="numpy") as file:
    words = file.metadata()
policy = {name: array for name, array in arrays.items() if name.startswith("policy.")}
assert policy and all(array.dtype == "float32" for array in arrays.values()), arrays
assert all(math.isfinite(float(array.sum())) for array in arrays.values())
assert any(array.ndim == 2 for array in policy.values()), {name: array.shape for name, array in policy.items()}
sizes = {name: int(words[name]) for name in ("observation", "features", "candidates", "slate", "hidden")}


def rows(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


columns = None
preferences = rows(pairs)
for row in preferences:
    assert columns in (None, row.keys()), "every row has the same columns"
    columns = row.keys()
    assert all(isinstance(row[name], str) and row[name] for name in ("prompt", "chosen", "rejected")), row
    assert row["chosen"] != row["rejected"] and row["chosen_reward"] >= row["rejected_reward"], row
    assert 0.5 <= row["certainty"] <= 1.0, row

steps = rows(transitions)
for step in steps:
    assert len(step["observation"]) == sizes["observation"] and len(step["slate"]) == sizes["slate"], step
    assert all(len(features) == sizes["features"] for features in step["candidates"]), step
    assert len(set(step["slate"])) == sizes["slate"] and max(step["slate"]) < len(step["candidates"]), step
    assert step["log_prob"] <= 0.0, step
episodes = [[s for s in steps if s["episode"] == n] for n in range(steps[-1]["episode"] + 1)]
for episode in episodes:
    assert [s["step"] for s in episode] == list(range(len(episode)))
    assert [s["terminated"] or s["truncated"] for s in episode] == [False] * (len(episode) - 1) + [True]

parameters = sum(array.size for array in policy.values())
print(json.dumps({"parameters": parameters, "algorithm": words["algorithm"], "pairs": len(preferences), "episodes": len(episodes)}))
