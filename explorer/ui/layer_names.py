"""Names for layers that people read: "stage 1 · convolution" for the module features.stage1.conv."""

from __future__ import annotations

import re

WORDS = {
    "conv": "convolution", "pool": "pooling", "act": "activation", "norm": "normalisation", "attn": "attention",
    "fc": "output layer", "output": "output layer", "hidden": "hidden layer",
}  # fmt: skip
SILENT = {"features", "layers", "net", "stages"}  # containers that say nothing about what is in them


def layer_name(path: str) -> str:
    """Return the words for a module path; a number counts from one, and the network itself is "the network"."""
    parts: list[str] = []
    for part in path.split("."):
        if part.isdigit() and parts:
            parts[-1] = f"{parts[-1]} {int(part) + 1}"
        elif part not in SILENT:
            parts.append(_words(part))
    return " · ".join(part for part in parts if part) or "the network"


def _words(part: str) -> str:
    """Return one name as words: stage1 → stage 1, conv → convolution, expand3x3 → expand 3×3."""
    sized = re.fullmatch(r"([a-z]+)_?(\d+)x(\d+)", part)
    if sized:
        return f"{WORDS.get(sized[1], sized[1])} {sized[2]}×{sized[3]}"
    name, number = re.fullmatch(r"(.*?)_?(\d*)", part).groups()  # type: ignore[union-attr]
    return f"{WORDS.get(name, name.replace('_', ' '))} {number}".strip()
