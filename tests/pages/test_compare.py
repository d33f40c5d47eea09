"""Compare: networks beside each other, the chart, and the squares, with the real engine behind them."""

from __future__ import annotations

import json
from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from explorer import catalog
from explorer.ui import compare, compare_chart
from explorer.ui.compare_address import everything, pairs
from tests.pages.conftest import everything as said
from tests.pages.conftest import sound

Page = Callable[..., AppTest]
LENETS = {"a": "cnn/lenet5-1998", "b": "cnn/lenet5-modern"}


def component(test: AppTest, key: str) -> dict:
    """Return what a component of the page was given."""
    found = [each.proto for each in test.get("bidi_component") if key in each.proto.id]
    assert found, [each.proto.id for each in test.get("bidi_component")]
    return json.loads(found[0].json)


def test_it_stands_without_any_choice(page: Page) -> None:
    test = page("compare")
    sound(test)
    assert not test.warning
    assert "Their numbers" in said(test)
    assert "Where they differ" in said(test)


def test_the_numbers_of_both_stand_in_one_table(page: Page) -> None:
    test = page("compare", **LENETS)
    sound(test)
    for figure in ("60,000", "61,706", "326,520", "416,520", "1.28 times", "Where they differ"):
        assert figure in said(test), figure


def test_a_selected_layer_is_found_in_the_other_network(page: Page) -> None:
    test = page("compare", **LENETS, node="a:C3")
    sound(test)
    assert "is what you chose" in said(test)
    assert "is its counterpart: the same module path, C3" in said(test)


def test_a_layer_that_is_not_there_is_said_and_the_page_stands(page: Page) -> None:
    test = page("compare", **LENETS, node="b:C9")
    sound(test)
    assert "There is no layer called C9 here" in said(test)


def test_four_networks_and_which_two_are_told_apart(page: Page) -> None:
    test = page("compare", **LENETS, c="perceptron/perceptron-2", d="feed_forward/mlp-xor", other="c")
    sound(test)
    assert test.selectbox(key="compare-d").value == "feed_forward/mlp-xor"
    assert "only in <b>LeNet-5, as published</b>" in said(test)
    test = page("compare", **LENETS, c="perceptron/perceptron-2", d="feed_forward/mlp-xor", arrangement="columns")
    sound(test)


def test_a_wrong_name_is_answered_with_the_nearest_and_nothing_is_lost(page: Page) -> None:
    test = page("compare", a="cnn/lenet5-1989", b="cnn/lenet5-modern", view="chart")
    sound(test)
    assert any("'cnn/lenet5-1989'" in each.value and "'cnn/lenet5-1998'" in each.value for each in test.warning)
    assert test.selectbox(key="compare-a").value == "cnn/lenet5-1998"
    assert test.selectbox(key="compare-b").value == "cnn/lenet5-modern"


def test_choosing_a_third_puts_it_into_the_address_and_emptying_takes_it_out(page: Page) -> None:
    test = page("compare", **LENETS, node="a:C1")
    test.selectbox(key="compare-c").set_value("perceptron/perceptron-2").run()
    sound(test)
    assert test.query_params["c"] == "perceptron/perceptron-2"
    assert "node" not in test.query_params
    test.selectbox(key="compare-c").set_value(None).run()
    sound(test)
    assert "c" not in test.query_params
    assert test.query_params["a"] == LENETS["a"]


def test_an_idea_passed_on_puts_both_beside_each_other(page: Page) -> None:
    first, later, idea = pairs()[0]
    test = page("compare", **LENETS)
    test.selectbox(key=compare.PAIR).set_value(f"{first.id} {later.id}").run()
    sound(test)
    assert (test.query_params["a"], test.query_params["b"]) == (first.id, later.id)
    assert f"{later.card.title} took from {first.card.title}:" in said(test)
    assert idea.split("'")[0] in said(test)


def test_the_chart_holds_every_network_and_marks_the_chosen(page: Page) -> None:
    test = page("compare", **LENETS, view="chart")
    sound(test)
    points = component(test, "compare-chart")["points"]
    assert {point["id"] for point in points} == {
        id for id, choice in everything().items() if choice.variant.macs is not None
    }
    assert {point["id"] for point in points if point["chosen"]} == set(LENETS.values())


def test_every_benchmark_of_the_chart_is_drawn(page: Page) -> None:
    for benchmark in compare_chart.benchmarks(tuple(everything().values())):
        test = page("compare", **LENETS, view="chart", benchmark=benchmark.name.lower())
        sound(test)
        assert not test.warning
        data = component(test, "compare-chart")
        assert len(data["points"]) >= 2
        assert all(point["value"] is not None and point["source"] for point in data["points"])


def test_an_unknown_benchmark_is_said(page: Page) -> None:
    test = page("compare", view="chart", benchmark="imagenet_top3")
    sound(test)
    assert any("imagenet_top" in each.value for each in test.warning)


def test_the_squares_are_the_chosen_and_known_ones(page: Page) -> None:
    test = page("compare", **LENETS, view="scale", scale="logarithm")
    sound(test)
    data = component(test, "compare-scale")
    assert data["scale"] == "logarithm"
    chosen = {square["id"]: square for square in data["squares"] if square["chosen"]}
    assert chosen["cnn/lenet5-1998"]["parameters"] == 60_840  # the fixed ones as well: they are there
    assert sum(band["parameters"] for band in chosen["cnn/lenet5-modern"]["bands"]) > 0.97 * 61_706
    largest = max(card.usual.parameters for card in catalog.cards())
    assert max(square["parameters"] for square in data["squares"]) >= largest
