"""The glyphs of the kinds of layer for the parts of a page that Streamlit draws; kit.js holds the drawings."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from urllib.parse import quote

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


def mark(kind: Kind) -> str:
    """Return a glyph as HTML, hidden from screen readers: a word always stands beside it. `style` draws it."""
    return f'<span class="ex-glyph {kind.value}" aria-hidden="true"></span>'


def style() -> str:
    """Return the CSS of all glyphs; they are masks, since Streamlit takes SVG out of HTML."""
    rules = (
        f".ex-glyph.{kind} {{ {masked(drawing, 12)} background: var(--{kind}); }}"
        for kind, drawing in _drawings().items()
    )
    return ".ex-glyph { display: inline-block; width: 13px; height: 13px; flex: none; }\n" + "\n".join(rules)


def masked(drawing: str, side: int) -> str:
    """Return the CSS that cuts an element to a drawing in a square of `side`."""
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" color="black" stroke="black" '
        f'fill="black" stroke-width="1.2" stroke-linejoin="round" stroke-linecap="round">{drawing}</svg>'
    )
    url = f"url('data:image/svg+xml,{quote(picture)}')"
    return f"-webkit-mask: {url} center / contain no-repeat; mask: {url} center / contain no-repeat;"
