"""What a layer is called on a sheet."""

from __future__ import annotations

from explorer.blueprint import title_of


def named(path: str) -> str:
    """Return a layer's name with the block around it: `features.stage1.conv` → `stage 1 · convolution`."""
    parts = path.split(".")
    return " · ".join(title_of(".".join(parts[: n + 1])) for n in range(max(0, len(parts) - 2), len(parts)))
