"""What the Compare page reads, matches, counts and tells apart, without a browser."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer import catalog
from explorer.blueprint import Blueprint
from explorer.spec import Benchmark, Kind
from explorer.tracing.trace import blueprint
from explorer.ui.compare_address import (
    PLACES,
    Address,
    Arrangement,
    Ladder,
    Scale,
    View,
    everything,
    pairs,
    read,
    write,
)
from explorer.ui.compare_chart import benchmarks, points
from explorer.ui.compare_difference import Change, Row, difference
from explorer.ui.compare_match import counterpart, ordinal, weight_depth
from explorer.ui.compare_numbers import rows, table, times
from explorer.ui.compare_scale import RUNGS, bands, ladder
from explorer.ui.compare_words import listed, said
from explorer.ui.text import in_bytes, large

ALL = everything()


@cache
def drawn(id: str) -> Blueprint:
    key, variant = id.split("/")
    return blueprint(key, variant, {})


def changes(first: str, second: str, keep: Callable[[Row], bool] = lambda row: True) -> list[tuple[str, str, Change]]:
    found = difference(drawn(first), drawn(second)).rows
    return [
        (row.first.id if row.first else "", row.second.id if row.second else "", row.change)
        for row in found
        if keep(row)
    ]


def weighted(row: Row) -> bool:
    return any(part.parameters for part in (row.first, row.second) if part)


# ---- the address


@given(
    st.lists(st.sampled_from(sorted(ALL)), min_size=2, max_size=4), st.sampled_from(View), st.sampled_from(Arrangement),
    st.sampled_from(Scale), st.sampled_from(Ladder), st.sampled_from([None, *Benchmark]), st.integers(0, 1),
    st.text(min_size=1, max_size=20),
)  # fmt: skip
def test_an_address_is_read_back_as_it_was_written(
    ids: list[str], view: View, arrangement: Arrangement, scale: Scale, ladder: Ladder, benchmark: Benchmark | None,
    place: int, node: str,
) -> None:  # fmt: skip
    choices = tuple(ALL[id] for id in ids)
    address = Address(choices, view, arrangement, place, node, len(ids) - 1, benchmark, scale, ladder)
    assert read(write(address)) == (address, ())


@given(st.dictionaries(st.sampled_from([*PLACES, "view", "node", "other", "benchmark", "scale", "ladder"]), st.text()))
def test_nothing_that_is_typed_fails(params: dict[str, str]) -> None:
    address, _ = read(params)
    assert 2 <= len(address.choices) <= 4


def test_a_wrong_name_is_answered_with_the_nearest_and_the_others_stay() -> None:
    address, notes = read(
        {"a": "cnn/lenet5-1989", "b": "perceptron/perceptron-2", "view": "chrt", "scale": "logarithm"}
    )
    assert [choice.id for choice in address.choices] == ["cnn/lenet5-1998", "perceptron/perceptron-2"]
    assert "'cnn/lenet5-1989'" in notes[0]
    assert "'cnn/lenet5-1998'" in notes[0]
    assert "did you mean 'chart'" in notes[1]
    assert address.scale is Scale.LOGARITHM


def test_an_architecture_or_a_variant_alone_is_enough() -> None:
    address, notes = read({"a": "cnn", "b": "lenet5-modern"})
    assert [choice.id for choice in address.choices] == [f"cnn/{catalog.get('cnn').usual.id}", "cnn/lenet5-modern"]
    assert notes == ()


def test_without_a_choice_two_that_learnt_from_each_other_are_shown() -> None:
    first, second = read({})[0].choices
    assert (first.id, second.id) in [(earlier.id, later.id) for earlier, later, _ in pairs()]


def test_a_single_network_is_put_beside_what_it_took_from() -> None:
    first, second = read({"a": "cnn/lenet5-modern"})[0].choices
    assert (first.id, second.card.key) == ("cnn/lenet5-modern", "feed_forward")


def test_a_layer_belongs_to_a_network() -> None:
    assert read({"a": "cnn/lenet5-1998", "b": "cnn/lenet5-modern", "node": "b:C3.maps"})[0].place == 1
    address, notes = read({"node": "C3"})
    assert address.node == ""
    assert "a:C3" in notes[0]


# ---- counterparts


def test_the_same_path_is_the_counterpart_even_of_another_kind_of_layer() -> None:
    first, second = drawn("cnn/lenet5-1998"), drawn("cnn/lenet5-modern")
    for id in ("C1", "C3", "C5", "F6"):
        found = counterpart(first, id, second)
        assert (found.id, found.rule) == (id, f"the same module path, {id}")


def test_without_the_same_path_the_place_among_its_kind_decides() -> None:
    first, second = drawn("cnn/lenet5-modern"), drawn("feed_forward/mlp-784-300-100-10")
    linear = [node.id for node in second.nodes if node.kind is Kind.LINEAR]
    found = counterpart(first, "F6", second)
    assert (found.id, found.rule) == (linear[1], "the same place: second linear layer in both")


def test_layers_side_by_side_count_as_one() -> None:
    """C3 of LeNet-5 is sixteen convolutions that read S2 together: C5 is the third convolution, not the eighteenth."""
    found = counterpart(drawn("cnn/lenet5-1998"), "C5", drawn("vgg/vgg16"))
    assert found.rule == "the same place: third convolution in both"
    inner = counterpart(drawn("cnn/lenet5-1998"), "C3.maps.4", drawn("vgg/vgg16"))
    assert inner.rule == "the same place: second convolution in both"


def test_a_layer_without_a_counterpart_says_why() -> None:
    found = counterpart(drawn("cnn/lenet5-modern"), "C3", drawn("feed_forward/mlp-784-300-10"))
    assert (found.id, found.rule) == ("", "it has no convolutions, and this is the second")
    assert "no layer called nothing" in counterpart(drawn("vgg/vgg16"), "nothing", drawn("vgg/vgg16")).rule


def test_a_path_with_weights_does_not_match_one_without() -> None:
    """S2 has coefficients of its own in 1998 and none today."""
    assert counterpart(drawn("cnn/lenet5-1998"), "S2", drawn("cnn/lenet5-modern")).id == ""


def test_blocks_of_one_type_are_matched_by_their_order() -> None:
    found = counterpart(drawn("bert/bert-base"), "encoder.layers.3.self_attention", drawn("gpt/gpt1"))
    assert found.id == "blocks.3.attention"
    assert found.rule == "the same place: fourth block of type Attention in both"


def test_a_stage_goes_by_how_small_it_leaves_the_picture() -> None:
    """Table 1 of ResNet: conv3_x leaves maps of 28 × 28; so does VGG's third stage."""
    found = counterpart(drawn("vgg/vgg16"), "stages.2", drawn("resnet/resnet50"))
    assert (found.id, found.rule) == ("conv3", "the same place: both leave the picture at 1⁄8 of its side")


def test_a_block_of_a_type_of_its_own_goes_by_its_first_layer() -> None:
    found = counterpart(drawn("vgg/vgg16"), "fc6", drawn("cnn/lenet5-modern"))
    assert (found.id, found.rule) == ("C5", "its first layer has the same place: first linear layer in both")


def test_places_are_written_as_words() -> None:
    assert [ordinal(number) for number in (1, 3, 10, 11, 12, 13, 21, 22, 112)] == [
        "first", "third", "tenth", "11th", "12th", "13th", "21st", "22nd", "112th",
    ]  # fmt: skip


# ---- numbers


@pytest.mark.parametrize(
    ("id", "depth"),
    [("cnn/lenet5-1998", 5), ("vgg/vgg16", 16), ("vgg/vgg19", 19), ("resnet/resnet18", 18), ("resnet/resnet50", 50),
     ("resnet/resnet152", 152), ("perceptron/perceptron-2", 1)],
)  # fmt: skip
def test_the_depth_is_the_number_in_the_name(id: str, depth: int) -> None:
    assert weight_depth(drawn(id)) == depth


def test_rows_say_how_many_times_and_what_is_the_same() -> None:
    found = {row.name: row for row in rows([drawn("vgg/vgg16"), drawn("resnet/resnet50")])}
    assert found["Parameters, trainable"].values == (138_357_544, 25_557_032)
    assert found["Parameters, trainable"].told == "5.41 times"
    assert found["Input → output"].told == "the same"
    assert found["Normalisation"].told == "not in all"
    assert found["Convolution"].words == ("13", "53")
    assert "Parameters, fixed" not in found  # neither has any


def test_the_table_marks_differences_with_signs() -> None:
    same = table(["One", "Other"], rows([drawn("vgg/vgg16")] * 2))
    assert "≠" not in same
    assert "≠" in table(["One", "Other"], rows([drawn("vgg/vgg16"), drawn("vgg/vgg19")]))


def test_numbers_are_written_in_their_units() -> None:
    assert [large(number) for number in (326_520, 999_999, 4_089_184_256)] == ["326,520", "1 M", "4.09 G"]
    assert [in_bytes(number) for number in (8, 3240, 115_000_000)] == ["8 bytes", "3.24 kB", "115 MB"]
    assert [times(ratio) for ratio in (1.2606, 5.0, 23.04, 2_916_667)] == [
        "1.26 times", "5 times", "23.0 times", "2,916,667 times",
    ]  # fmt: skip


# ---- differences


@pytest.mark.parametrize("id", ["cnn/lenet5-1998", "vgg/vgg16", "resnet/resnet50"])
def test_a_network_does_not_differ_from_itself(id: str) -> None:
    found = difference(drawn(id), drawn(id))
    assert found.alike
    assert found.shared == drawn(id).parameters


@pytest.mark.parametrize(
    ("first", "second"),
    [("cnn/lenet5-1998", "cnn/lenet5-modern"), ("vgg/vgg16", "resnet/resnet50"), ("vgg/vgg11", "vgg/vgg19_bn")],
)
def test_every_parameter_stands_in_one_row_of_each_side(first: str, second: str) -> None:
    found = difference(drawn(first), drawn(second)).rows
    for side, id in enumerate((first, second)):
        outer = [row for row in found if row.depth == 0]
        assert sum(part.parameters for row in outer if (part := (row.first, row.second)[side])) == drawn(id).parameters


def test_lenet_of_1998_and_of_today() -> None:
    found = changes("cnn/lenet5-1998", "cnn/lenet5-modern", weighted)
    assert found == [
        ("C1", "C1", Change.SAME), ("S2", "S2", Change.KIND), ("C3", "C3", Change.KIND), ("S4", "S4", Change.KIND),
        ("C5", "C5", Change.KIND), ("F6", "F6", Change.SAME), ("output", "output", Change.KIND),
    ]  # fmt: skip


def test_vgg_16_and_its_form_c_differ_in_three_kernels() -> None:
    """Table 1: the third convolution of the last three stages is 1 × 1 in C and 3 × 3 in D."""
    found = difference(drawn("vgg/vgg16"), drawn("vgg/vgg16-c"))
    sizes = [row for row in found.rows if row.change is Change.SIZE and not row.opened]
    assert [(row.first.what[:3], row.second.what[:3]) for row in sizes if row.first and row.second] == [
        ("3×3", "1×1")
    ] * 3
    assert found.count(Change.FIRST) == found.count(Change.SECOND) == found.count(Change.KIND) == 0


def test_resnet_34_is_resnet_18_with_more_blocks() -> None:
    found = difference(drawn("resnet/resnet18"), drawn("resnet/resnet34"))
    assert {row.change for row in found.rows if not row.opened} == {Change.SAME, Change.NUMBER}
    assert found.shared == drawn("resnet/resnet18").parameters
    counts = [
        (row.first.count, row.second.count)
        for row in found.rows
        if row.change is Change.NUMBER and row.first and row.second
    ]
    assert counts == [(2, 3), (1, 3), (1, 5), (1, 2)]


def test_a_layer_more_is_only_in_one() -> None:
    found = difference(drawn("feed_forward/mlp-784-300-10"), drawn("feed_forward/mlp-784-300-100-10"))
    assert [row.change for row in found.rows] == [Change.SAME, Change.SECOND, Change.SIZE]


def test_a_network_inside_another_is_found() -> None:
    """The encoder of SimCLR, and each of the two of MoCo, is ResNet-50 without its output layer."""
    output = next(node.parameters for node in drawn("resnet/resnet50").nodes if node.op == "Linear")
    for other in ("simclr/simclr-r50x1", "moco/moco_v2"):
        found = difference(drawn("resnet/resnet50"), drawn(other))
        assert found.shared == drawn("resnet/resnet50").parameters - output, other


def test_what_is_shared_inside_repeated_blocks_counts_as_often_as_it_is_there() -> None:
    first, second = drawn("bert/bert-base"), drawn("gpt/gpt1")
    layer = next(group for group in first.groups if group.type == "EncoderLayer")
    positions = 512 * 768  # a table of the same size in both
    assert difference(first, second).shared == 12 * layer.parameters + positions


def test_a_difference_is_said_in_words_with_the_share_that_is_alike() -> None:
    first, second = drawn("vgg/vgg16"), drawn("vgg/vgg16-c")
    found = difference(first, second)
    words = said(found, ("VGG-16", "VGG-16 <C>"), first, second)
    assert words.startswith("Three parts in both, in another size.")
    assert "&lt;C&gt;" in words
    assert f"{found.shared:,}" in words
    smaller, larger = drawn("resnet/resnet18"), drawn("resnet/resnet34")
    assert "all of <b>18</b> and 53.6" in said(difference(smaller, larger), ("18", "34"), smaller, larger)
    assert "the same: same operations" in said(difference(first, first), ("A", "B"), first, first)


def test_what_is_the_same_in_a_row_becomes_one_line() -> None:
    found = difference(drawn("vgg/vgg16"), drawn("vgg/vgg16-c"))
    html = listed(found, ("VGG-16", "VGG-16 C"))
    assert html.count("<tr") < len(found.rows)
    assert html.count("≠") == 6  # three kernels, and the three stages they are in


# ---- chart and squares


def test_the_chart_has_every_network_with_multiply_adds() -> None:
    found = {point.choice.id for point in points(tuple(ALL.values()), None)}
    assert found == {id for id, choice in ALL.items() if choice.variant.macs is not None}


def test_benchmarks_have_at_least_two_results() -> None:
    choices = tuple(ALL.values())
    for benchmark in Benchmark:
        found = points(choices, benchmark)
        assert (len(found) >= 2) == (benchmark in benchmarks(choices))
        assert all(point.result and point.result.benchmark is benchmark for point in found)


def test_errors_and_perplexity_are_the_better_the_less() -> None:
    less = {benchmark for benchmark in Benchmark if benchmark.less_is_better}
    assert {Benchmark.IMAGENET_TOP1, Benchmark.MNIST, Benchmark.WIKITEXT103} <= less
    assert not less & {Benchmark.VOC2012_IOU, Benchmark.WMT14_EN_DE, Benchmark.GLUE, Benchmark.LAMBADA}


def test_the_ladder_goes_from_the_smallest_to_the_largest() -> None:
    chosen = (ALL["cnn/lenet5-modern"], ALL["vgg/vgg16"])
    found = ladder(chosen)
    sizes = [choice.variant.parameters for choice in found]
    usual = [card.usual.parameters for card in catalog.cards() if card.usual.id not in ("vgg16",)]
    assert sizes == sorted(sizes)
    assert len(found) <= RUNGS
    assert (sizes[0], sizes[-1]) == (min(usual), max(usual))
    assert not {choice.id for choice in found} & {choice.id for choice in chosen}


def test_bands_are_what_the_layers_do() -> None:
    found = bands(drawn("vgg/vgg16"))
    assert [(kind, name) for kind, name, _ in found] == [(Kind.LINEAR, "linear"), (Kind.CONVOLUTION, "convolution")]
    assert sum(count for *_, count in found) == drawn("vgg/vgg16").parameters


def test_the_matrices_of_attention_are_attention() -> None:
    """GPT-3's attention is a third of each block: 4·d² of 12·d²."""
    width, blocks = 12_288, 96
    found = {name: count for _, name, count in bands(drawn("gpt/gpt3-175b"))}
    assert found["attention"] == blocks * (4 * width * width + 4 * width)
    assert found["linear"] == blocks * (8 * width * width + 5 * width)
