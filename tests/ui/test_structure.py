"""What the Structure view says, writes and draws, without a browser."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from dataclasses import replace

import pytest

from explorer.blueprint import Blueprint, full_name
from explorer.plots.dot import dot, shape_text
from explorer.plots.theme import KIND_COLOURS, colourscale, template
from explorer.plots.treemap import ROOT, summary, tiles
from explorer.spec import Kind
from explorer.tracing.trace import blueprint
from explorer.ui.structure import table_csv
from explorer.ui.structure_layers import REST, around, formula, rows_of, words


@pytest.fixture(scope="module")
def lenet() -> Blueprint:
    return blueprint("cnn", "lenet5-1998", {})


def test_csv_has_a_row_for_every_layer(lenet: Blueprint) -> None:
    rows = list(csv.DictReader(io.StringIO(table_csv(lenet))))
    assert len(rows) == len(lenet.layers)
    assert next(row for row in rows if row["path"] == "C1") == {
        "path": "C1", "type": "Conv2d", "kind": "convolution", "depth": "0", "output": "6x28x28",
        "parameters": "156", "macs": "117600",
    }  # fmt: skip


def test_dot_escapes_what_it_is_given(lenet: Blueprint) -> None:
    nasty = 'a "quoted" \\N <b>&amp;</b>'
    changed = replace(lenet, nodes=tuple(replace(node, label=nasty, detail="") for node in lenet.nodes))
    text = dot(changed)
    assert '\\"quoted\\"' in text
    assert "\\\\N" in text
    assert text.count("->") == len(lenet.edges)


def test_formula_multiplies_to_the_count(lenet: Blueprint) -> None:
    nodes = {node.id: node for node in lenet.nodes}
    assert formula(nodes["C1"]) == "156 = 6·1·5·5 + 6"
    assert formula(nodes["F6"]) == "10,164 = 84·120 + 84"
    assert formula(nodes["S2"]) == "12"


def test_treemap_adds_up(lenet: Blueprint) -> None:
    found = tiles(lenet)
    values = {ROOT: lenet.parameters} | {tile.id: tile.parameters for tile in found}
    for id in {tile.parent for tile in found}:
        assert values[id] == sum(tile.parameters for tile in found if tile.parent == id)
    assert summary(lenet) == "79 % of the parameters are in C5."


def test_blocks_around_a_node(lenet: Blueprint) -> None:
    assert around(lenet, "C3.maps.0") == ["C3.maps", "C3"]
    assert around(lenet, "C1") == []


def test_a_name_says_what_it_is_in(lenet: Blueprint) -> None:
    assert full_name(lenet, "C3.maps.2") == "C3 · maps · map 3"
    assert full_name(lenet, "C5") == "C5"


def test_what_a_layer_does_is_said_in_words(lenet: Blueprint) -> None:
    nodes = {node.id: node for node in lenet.nodes}
    assert [words(nodes[id]) for id in ("C1", "F6", "f_C1")] == ["convolution 5×5, 1→6", "linear 120→84", "scaled tanh"]


def test_shapes_read_as_people_write_them() -> None:
    assert [shape_text(shape) for shape in ((6, 28, 28), (3, 4, 5), (84,), ())] == ["6·28²", "3·4·5", "84", "1"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_theme_has_every_kind_and_map(theme) -> None:
    assert set(KIND_COLOURS[theme]) == set(Kind)
    assert colourscale("signed", theme)[3] == [0.5, {"light": "#F6F3EC", "dark": "#1C1F24"}[theme]]
    assert template(theme).to_plotly_json()["layout"]["showlegend"] is False


def test_command_line_refuses_wrong_names_with_the_nearest() -> None:
    for line in (["cnn", "--variant", "lenet5-1989"], ["cnnn"], ["cnn", "--knob", "kernel=3"]):
        done = subprocess.run(
            [sys.executable, "-m", "explorer", "blueprint", *line], capture_output=True, text=True, check=False
        )
        assert done.returncode == 2, done.stderr
        assert "did you mean" in done.stderr or "known" in done.stderr


def test_many_equal_blocks_stand_under_one_line_that_adds_them_up() -> None:
    gpt = blueprint("gpt", "gpt3-175b", {})
    rows = {row.id: row for row in rows_of(gpt)}
    first, rest = rows["blocks.0"], rows["blocks.1" + REST]
    assert (rest.name, rest.depth, rest.parameters, rest.macs) == (
        "block 2–96", first.depth, 95 * first.parameters, 95 * first.macs,
    )  # fmt: skip
    assert rows["blocks.95"].depth == first.depth + 1
    assert rows["blocks.95.attention"].depth == rows["blocks.0.attention"].depth + 1


def test_the_embedding_is_called_so() -> None:
    gpt = blueprint("gpt", "gpt2-small", {})
    assert words(next(node for node in gpt.nodes if node.id == "token_embedding")) == "embedding 50,257×768"
