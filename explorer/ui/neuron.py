"""The neuron's own page: one neuron to drag, a layer by hand, and backpropagation through three neurons."""

from __future__ import annotations

import streamlit as st
from streamlit.components.v2 import component

from explorer.ui.frame import open_page
from explorer.ui.header import head

PARTS = (
    (
        "one",
        "One neuron",
        "Each input is weighed, the weighted inputs and the bias are added, and a function bends the sum.",
    ),
    (
        "layer",
        "A layer is a matrix",
        "Several neurons that read the same inputs: each row of the matrix is one neuron. Build the layers up by hand.",
    ),
    (
        "backward",
        "Three neurons learn",
        "Forward to a loss, backward by the chain rule, one small step down: number by number.",
    ),
)
EQUATIONS = {
    "one": r"y = f(z), \qquad z = w_1 x_1 + w_2 x_2 + b",
    "layer": r"y = f(Wx + b), \qquad z_i = \sum_j W_{ij}\, x_j + b_i",
    "backward": r"\frac{\partial L}{\partial w} = \frac{\partial L}{\partial \hat y}\,"
    r"\frac{\partial \hat y}{\partial z}\,\frac{\partial z}{\partial w}, "
    r"\qquad w \leftarrow w - \eta\,\frac{\partial L}{\partial w}",
}


def show() -> None:
    """Draw the page."""
    head(
        "The neuron",
        "Everything here is built from one small sum. Drag its numbers and see what it can say.",
        "copy-neuron",
    )
    for part, title, lead in PARTS:
        st.html(f'<h2 class="ex-section">{title}</h2><p class="ex-body" style="margin:0">{lead}</p>')
        st.latex(EQUATIONS[part], width="content")
        toy = component("explorer.neuron", css="neuron.css", js="neuron.js")
        toy(key=f"neuron-{part}", data={"part": part})
    if st.button("Train one: open the perceptron", type="primary"):
        open_page("perceptron", {"view": "train"})
