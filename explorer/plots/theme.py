"""The visual language for Plotly: tokens of both themes, colour maps, and one template for every figure."""

from __future__ import annotations

from typing import Literal

import plotly.graph_objects as go

from explorer.spec import Kind

Theme = Literal["light", "dark"]

TOKENS: dict[Theme, dict[str, str]] = {
    "light": {
        "bg": "#FCFBF8", "surface": "#FFFFFF", "sunken": "#F4F2EC", "line": "#E2DED4", "line2": "#B9B4A8",
        "control": "#8C867B", "text": "#1C1E21", "text2": "#53565C", "text3": "#6B6E75", "primary": "#2B3442",
        "hand": "#C5301A", "handsoft": "#FBE9E4", "live": "#2E7D46", "warn": "#8A5A00",
    },
    "dark": {
        "bg": "#15171B", "surface": "#1C1F24", "sunken": "#101215", "line": "#31363E", "line2": "#565D68",
        "control": "#747B87", "text": "#ECE9E2", "text2": "#B6B4AE", "text3": "#93928D", "primary": "#D8DCE3",
        "hand": "#FF8B70", "handsoft": "#3A231E", "live": "#6CC48A", "warn": "#E3B45C",
    },
}  # fmt: skip
KIND_COLOURS: dict[Theme, dict[Kind, str]] = {
    "light": dict(zip(Kind, (
        "#3F55B0", "#AE7F2C", "#9278ED", "#3C95A3", "#6E3401", "#163C73", "#3F7808", "#857577", "#96304F",
    ), strict=True)),
    "dark": dict(zip(Kind, (
        "#909FF9", "#E8C73A", "#9D75F7", "#4FCBD1", "#D29C85", "#3792B8", "#91A20B", "#D9DEDC", "#E2588C",
    ), strict=True)),
}  # fmt: skip
MAPS: dict[Theme, dict[str, tuple[str, ...]]] = {
    "light": {
        "magnitude": ("#FBFAF6", "#D5DCF0", "#9AAADB", "#5468C4", "#2A3A92", "#151C4E"),
        "signed": ("#8A4304", "#C67F2B", "#EBC58F", "#F6F3EC", "#A9B7E3", "#5468C4", "#22307F"),
        "attention": ("#FBFAF6", "#E3DAFB", "#B9A4F3", "#8A6BE6", "#5433B0", "#260F66"),
        "gradient": ("#FBF3DC", "#EBCB82", "#C9952F", "#8B5C12", "#432805"),
        "ink": ("#FBFAF6", "#1C1E21"),
    },
    "dark": {
        "magnitude": ("#15171B", "#262E57", "#4455A8", "#7F91EE", "#C3CEFF", "#F3F5FF"),
        "signed": ("#FFC987", "#D08A38", "#6E4A22", "#1C1F24", "#3A4A94", "#7387E8", "#C3CEFF"),
        "attention": ("#15171B", "#2D2155", "#573BA6", "#8E6BF0", "#C5B2FB", "#F4EFFF"),
        "gradient": ("#1B1810", "#4A3610", "#97691B", "#DBA63E", "#FFE9B0"),
        "ink": ("#101215", "#ECE9E2"),
    },
}
SANS, SERIF, CODE = '"Source Sans", sans-serif', '"Source Serif", Georgia, serif', '"Source Code Pro", monospace'
CONFIG = {"displaylogo": False, "modeBarButtons": [["toImage"]]}  # no mode bar but "download"


def colourscale(name: str, theme: Theme) -> list[list[float | str]]:
    """Return a colour map as Plotly takes it; raises KeyError for one that the visual language has not."""
    stops = MAPS[theme][name]
    return [[place / (len(stops) - 1), stop] for place, stop in enumerate(stops)]


def run_colours(theme: Theme) -> tuple[str, ...]:
    """Return the colours of runs laid over each other, in order: ink, loss, convolution, linear."""
    kinds = KIND_COLOURS[theme]
    return (TOKENS[theme]["text"], kinds[Kind.LOSS], kinds[Kind.CONVOLUTION], kinds[Kind.LINEAR])


def template(theme: Theme) -> go.layout.Template:
    """Return the template: horizontal hairlines only, an axis line below, no legend, no box."""
    tokens = TOKENS[theme]
    axis = {
        "title": {"font": {"size": 12, "color": tokens["text3"]}},
        "tickfont": {"size": 12, "color": tokens["text3"]},
        "zeroline": False,
        "automargin": True,
    }
    layout = go.Layout(
        font={"family": SANS, "size": 13, "color": tokens["text2"]},
        title={"font": {"family": SANS, "size": 14, "color": tokens["text"]}, "x": 0, "xanchor": "left"},
        paper_bgcolor=tokens["bg"],
        plot_bgcolor=tokens["bg"],
        colorway=run_colours(theme),
        showlegend=False,
        margin={"l": 48, "r": 16, "t": 32, "b": 36},
        hoverlabel={"bgcolor": tokens["surface"], "bordercolor": tokens["control"], "font": {"color": tokens["text"]}},
        xaxis={
            **axis,
            "showgrid": False,
            "showline": True,
            "linecolor": tokens["line2"],
            "ticks": "outside",
            "ticklen": 4,
        },
        yaxis={**axis, "showgrid": True, "gridcolor": tokens["line"], "showline": False},
    )
    return go.layout.Template(layout=layout)
