"""The glyphs of the kinds of layer for the parts of a page that Streamlit draws; kit.js holds the drawings."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from explorer.spec import Family, Kind

FRONTEND = Path(__file__).parent / "frontend"
WORN = {  # a family wears the glyph of the layer that made it
    Family.STANDARD: Kind.LINEAR,
    Family.RECURRENT: Kind.RECURRENT,
    Family.CONVOLUTIONAL: Kind.CONVOLUTION,
    Family.GENERATIVE: Kind.LOSS,
    Family.TRANSFORMER: Kind.ATTENTION,
    Family.CONTRASTIVE: Kind.NORMALISATION,
}


@cache
def _drawings() -> dict[str, str]:
    return dict(re.findall(r"^  (\w+): '(<.*>)',$", (FRONTEND / "kit.js").read_text("utf-8"), re.MULTILINE))


def svg(kind: Kind, size: int = 13) -> str:
    """Return a glyph as an SVG that is hidden from screen readers: a word always stands beside it."""
    return (
        f'<svg width="{size}" height="{size}" viewBox="0 0 12 12" aria-hidden="true" stroke="currentColor" '
        f'stroke-width="1.2" stroke-linejoin="round" stroke-linecap="round" style="color:var(--{kind})">'
        f"{_drawings()[kind]}</svg>"
    )
