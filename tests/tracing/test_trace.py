"""Traces of small networks made for the purpose, against counts worked out by hand."""

from __future__ import annotations

import re
from collections import OrderedDict
from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer import catalog
from explorer.blueprint import Blueprint, BlueprintError, Node, folded, from_json, title_of, to_json
from explorer.plots.dot import dot
from explorer.runspec import make_spec
from explorer.spec import Link, Settings, SpecError, int_of
from explorer.tracing.trace import META, blueprint, inputs_of, linked, small_blueprint, traced, without_numbers

MOST_AT_FIRST = 60  # boxes in the picture with every block closed
VARIANTS = [pytest.param(card, one, id=one.id) for card in catalog.cards() for one in card.variants]


def node(traced_network: Blueprint, id: str) -> Node:
    return next(each for each in traced_network.nodes if each.id == id)


@pytest.mark.parametrize(("card", "variant"), VARIANTS)
def test_every_variant_has_the_numbers_on_its_card(card, variant) -> None:
    found = blueprint(card.key, variant.id, {})
    assert (found.trainable, found.fixed) == (variant.parameters, variant.fixed)
    assert sum(each.parameters for each in found.nodes) == found.parameters
    assert sum(each.macs for each in found.nodes) == found.macs
    assert variant.macs in (None, found.macs)
    assert from_json(to_json(found)) == found


@pytest.mark.parametrize(("card", "variant"), VARIANTS)
def test_every_variant_can_be_seen_at_a_glance_and_written_as_dot(card, variant) -> None:
    found = blueprint(card.key, variant.id, {})
    assert len(folded(found)) <= MOST_AT_FIRST
    text = dot(found)
    assert text.count("label=") >= len(found.nodes)
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", text)
    assert bare.count("{") == bare.count("}") == len(found.groups)
    assert bare.count("->") == len(found.edges) + len(found.links)


@pytest.mark.parametrize("card", catalog.cards(), ids=lambda card: card.key)
def test_every_live_network_is_traced_and_random_numbers_stay_as_they_were(card) -> None:
    for task in card.tasks:
        torch.manual_seed(3)
        expected = torch.random.get_rng_state()
        found = small_blueprint(make_spec(card, task.key))
        assert torch.equal(torch.random.get_rng_state(), expected)
        assert len(found.nodes) > 2


class Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.conv(x) + x)


def test_a_skip_connection_adds_the_input_and_identical_blocks_fold() -> None:
    found = traced(nn.Sequential(nn.Conv2d(3, 4, 1), *(Residual(4) for _ in range(5))), ((3, 8, 8),))
    assert ("0", "1:add") in found.edges
    assert ("1.conv", "1:add") in found.edges
    folded = next(group for group in found.groups if group.path == "1")
    assert folded.repeats == ("2", "3", "4", "5")
    assert found.receptive_field == 11  # five 3×3 at stride 1
    assert found.macs == 64 * (3 * 4 + 5 * 4 * 4 * 9)


def test_strides_widen_what_a_unit_sees_and_the_widest_branch_counts() -> None:
    class Branches(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.stem = nn.Conv2d(1, 2, 3, stride=2, padding=1)
            self.narrow, self.wide = nn.Conv2d(2, 2, 1), nn.Conv2d(2, 2, 5, padding=2)

        def forward(self, x: Tensor) -> Tensor:
            x = self.stem(x)
            return torch.cat([self.narrow(x), self.wide(x)], dim=1)

    found = traced(Branches(), ((1, 16, 16),))
    assert node(found, "narrow").receptive_field == 3
    assert node(found, "wide").receptive_field == node(found, ":cat").receptive_field == 3 + 4 * 2
    assert found.output_shape == (4, 8, 8)


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(11, 6)
        self.head = nn.Linear(6, 11, bias=False)
        self.head.weight = self.embed.weight
        self.register_buffer("mask", torch.zeros(5))

    def forward(self, tokens: Tensor) -> Tensor:
        return self.head(self.embed(tokens.long()))


def test_tied_weights_count_once_at_their_first_use_and_buffers_apart() -> None:
    found = traced(Tied(), ((4,),))
    assert (found.parameters, found.buffers) == (66, 5)
    assert (node(found, "embed").parameters, node(found, "head").parameters) == (66, 0)
    assert node(found, "head").shared == "embed"
    assert found.macs == 4 * 6 * 11


class Loop(nn.Module):
    """A cell over the steps of a sequence, and the last state read out."""

    def __init__(self, cell: nn.Module) -> None:
        super().__init__()
        self.cell, self.out = cell, nn.Linear(5, 2)

    def forward(self, x: Tensor) -> Tensor:  # B T 5
        h = torch.zeros_like(x[:, 0])
        for step in range(x.shape[1]):
            h = self.cell(x[:, step], h)
        return self.out(h)


class Cell(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.over, self.around = nn.Linear(5, 5), nn.Linear(5, 5)

    def forward(self, x: Tensor, h: Tensor) -> Tensor:
        return torch.tanh(self.over(x) + self.around(h))


def test_a_module_called_at_every_step_is_one_node_with_a_loop() -> None:
    found = traced(Loop(nn.RNNCell(5, 5)).to("meta"), ((7, 5),))
    assert [each.id for each in found.nodes] == ["input", "cell", "out"]
    assert (node(found, "cell").times, node(found, "cell").parameters) == (7, 60)
    assert ("cell", "cell") in found.edges
    assert ("input", "cell") in found.edges  # the steps of the sequence are not drawn one by one
    assert found.macs == 7 * 50 + 10


def test_a_block_called_at_every_step_keeps_its_operations_once() -> None:
    found = traced(Loop(Cell()).to("meta"), ((7, 5),))
    assert [each.id for each in found.nodes if each.times == 7] == ["cell.over", "cell.around", "cell:add", "cell:tanh"]
    assert ("cell:tanh", "cell.around") in found.edges
    assert found.macs == sum(each.macs for each in found.nodes) == 7 * 50 + 10


def test_unrolled_every_step_is_a_block_of_its_own_and_the_state_goes_along() -> None:
    found = traced(Loop(Cell()).to("meta"), ((4, 5),), unrolled=True)
    blocks = {group.path: group for group in found.groups}
    assert blocks[""].members == ("input", "cell", "cell~2", "cell~3", "cell~4", "out")
    assert [blocks[path].title for path in ("cell", "cell~2", "cell~4")] == [
        "cell, step 1",
        "cell, step 2",
        "cell, step 4",
    ]
    assert not any(group.repeats for group in found.groups)
    assert {("cell:tanh", "cell.around~2"), ("cell:tanh~3", "cell.around~4"), ("input", "cell.over~4")} <= set(
        found.edges
    )
    assert node(found, "cell.over~3").shared == "cell.over"
    assert (found.parameters, found.macs) == (72, 4 * 50 + 10)


def test_unrolled_layers_of_equal_shape_do_not_fold() -> None:
    class Stacked(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cells = nn.ModuleList([Cell(), Cell()])

        def forward(self, x: Tensor) -> Tensor:
            low = high = torch.zeros_like(x[:, 0])
            for step in range(x.shape[1]):
                low = self.cells[0](x[:, step], low)
                high = self.cells[1](low, high)
            return high

    found = traced(Stacked().to("meta"), ((3, 5),), unrolled=True)
    assert found.groups[0].members[1:] == ("cells.0", "cells.1", "cells.0~2", "cells.1~2", "cells.0~3", "cells.1~3")
    assert not any(group.repeats for group in found.groups)


def test_a_block_called_for_each_of_two_views_is_drawn_twice_and_folds_inside() -> None:
    class Views(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = nn.Sequential(nn.Linear(5, 5), *(Cells() for _ in range(3)))

        def forward(self, one: Tensor, other: Tensor) -> Tensor:
            return self.encoder(one) * self.encoder(other)

    class Cells(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.up, self.down = nn.Linear(5, 5), nn.Linear(5, 5)

        def forward(self, x: Tensor) -> Tensor:
            return self.down(self.up(x))

    found = traced(Views().to("meta"), ((5,), (5,)))
    blocks = {group.path: group for group in found.groups}
    assert blocks[""].members == ("input", "input~2", "encoder", "encoder~2", ":mul")
    assert (blocks["encoder"].title, blocks["encoder~2"].title) == ("encoder, call 1", "encoder, call 2")
    assert blocks["encoder.1~2"].title == "encoder 2"
    assert blocks["encoder.1~2"].repeats == ("encoder.2~2", "encoder.3~2")
    assert (blocks["encoder~2"].parameters, blocks["encoder~2"].macs) == (0, blocks["encoder"].macs)


LINKS = (Link("conv", "conv", "in a loop"),)


def test_links_are_carried_and_have_to_name_what_runs() -> None:
    found = traced(Residual(3), ((3, 8, 8),))
    assert linked(found, LINKS).links == (("conv", "conv", "in a loop"),)
    assert from_json(to_json(linked(found, LINKS))) == linked(found, LINKS)
    with pytest.raises(SpecError, match=r"'covn'.*did you mean 'conv'"):
        linked(found, (Link("covn", "conv", ""),))


def test_a_layer_used_twice_stays_two_nodes_and_is_counted_once() -> None:
    layer = nn.Linear(5, 5)
    found = traced(nn.Sequential(OrderedDict(first=layer, act=nn.ReLU(), again=layer)).to("meta"), ((5,),))
    assert [(each.id, each.parameters, each.shared) for each in found.nodes] == [
        ("input", 0, ""), ("first", 30, ""), ("act", 0, ""), ("first~2", 0, "first"),
    ]  # fmt: skip
    assert found.macs == 50


def test_layers_of_a_list_that_read_the_same_make_one_block() -> None:
    found = blueprint("cnn", "lenet5-1998", {})
    maps = next(group for group in found.groups if group.path == "C3.maps")
    assert (maps.alike, maps.parameters, len(maps.members)) == (16, 1516, 16)
    assert next(group for group in found.groups if group.path == "C3").members == ("C3.maps", "C3:cat")
    assert not [each for each in found.nodes if each.op == "getitem"]
    assert node(found, "C3.maps.6").in_shapes == ((4, 14, 14),)


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("hidden.0", "hidden layer 1"), ("features.stage1", "stage 1"), ("C3.maps.15", "map 16"),
        ("fc", "output layer"), ("layers.3.conv", "convolution"),
        ("3", "part 4"), ("C1", "C1"), ("bn1", "bn1"), ("f_C1", "f C1"), ("", ""),
        ("a.class.2", "class 3"), ("inception.conv3x3", "3×3 convolution"), ("a.self_attention", "self-attention"),
    ],
)  # fmt: skip
def test_titles_are_words_and_count_from_one(path: str, title: str) -> None:
    assert title_of(path) == title


def test_a_block_of_layers_keeps_the_name_that_papers_give_a_stage() -> None:
    titles = {group.path: group.title for group in blueprint("resnet", "resnet50", {}).groups}
    assert titles["conv2"] == "conv2"
    assert titles["conv2.block1"] == "block 1"


def test_parameters_used_without_a_module_and_unused_ones_are_told() -> None:
    class Scaled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale, self.idle = nn.Parameter(torch.ones(3)), nn.Parameter(torch.ones(7))

        def forward(self, x: Tensor) -> Tensor:
            return x * self.scale[None]

    found = traced(Scaled().to("meta"), ((3,),))
    assert node(found, ":mul").parameters == 3
    assert found.parameters == 10
    assert "7 parameters" in found.notes[0]


LAYERS = {
    "lstm": nn.LSTM(4, 6, batch_first=True),
    "attention": nn.TransformerEncoderLayer(8, 2, 16, batch_first=True),
    "encoder": nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 3),
}


@pytest.mark.parametrize("name", LAYERS)
def test_recurrent_and_attention_layers_are_traced_with_all_their_parameters(name: str) -> None:
    model = nn.Sequential(OrderedDict(body=LAYERS[name])).to("meta")
    found = traced(model, ((5, 4 if name == "lstm" else 8),))
    assert sum(each.parameters for each in found.nodes) == sum(each.numel() for each in model.parameters())
    assert found.macs > 0


def test_multiply_adds_of_a_transposed_and_a_grouped_convolution() -> None:
    found = traced(nn.Sequential(nn.Conv2d(4, 8, 3, groups=2), nn.ConvTranspose2d(8, 2, 2, stride=2)), ((4, 6, 6),))
    assert node(found, "0").macs == 8 * 4 * 4 * 2 * 9
    assert node(found, "1").macs == 8 * 4 * 4 * 2 * 4


def test_modes_and_hooks_are_put_back_even_when_the_forward_pass_fails() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(5, 6))
    with pytest.raises(RuntimeError):
        traced(model.to("meta"), ((3,),))
    assert model.training
    assert all(not each._forward_hooks and not each._forward_pre_hooks for each in model.modules())


def test_a_deep_network_is_folded() -> None:
    layers = [nn.TransformerEncoderLayer(64, 4, 128, batch_first=True, device="meta") for _ in range(48)]
    found = traced(nn.Sequential(*layers), ((16, 64),))
    assert len(next(group for group in found.groups if group.path == "0").repeats) == 47


def test_settings_that_cannot_be_built_are_refused_with_the_sum() -> None:
    with pytest.raises(SpecError, match="Try"):
        blueprint("cnn", "lenet5-modern", {"kernel_size": 4})


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"architecture": 3}'])
def test_what_is_no_blueprint_is_refused(text: str) -> None:
    with pytest.raises(BlueprintError):
        from_json(text)


def test_a_field_of_another_type_is_refused_by_its_name() -> None:
    text = to_json(blueprint("perceptron", "perceptron-2", {}))
    with pytest.raises(BlueprintError, match=r"blueprint\.parameters"):
        from_json(text.replace('"parameters": 3, "trainable"', '"parameters": "3", "trainable"'))
    with pytest.raises(BlueprintError, match=r"blueprint\.nodes\[1\]\.macs = 2\.0 is not of type int"):
        from_json(text.replace('"parameters": 3, "macs": 2,', '"parameters": 3, "macs": 2.0,'))


class Translator(nn.Module):
    """Two sequences of tokens, of which the second is read with the first."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.out = nn.Embedding(11, 6), nn.Linear(6, 11)

    def forward(self, source: Tensor, target: Tensor, mask: Tensor | None = None) -> Tensor:
        read = self.embed(source).mean(1, keepdim=True)
        return self.out(self.embed(target) + read)


def test_inputs_may_be_whole_numbers_and_bear_the_names_that_forward_gives_them() -> None:
    tokens = torch.zeros(1, 4, dtype=torch.long), torch.zeros(1, 3, dtype=torch.long)
    found = traced(Translator(), tokens)
    inputs = [each for each in found.nodes if each.op == "input"]
    assert [(each.id, each.label, each.out_shape) for each in inputs] == [
        ("input", "source", (4,)), ("input~2", "target", (3,)),
    ]  # fmt: skip
    assert (found.input_shape, found.output_shape) == ((4,), (3, 11))
    assert {("input", "embed"), ("input~2", "embed~2")} <= set(found.edges)


@pytest.mark.parametrize(("shape", "label"), [((3, 8, 8), "image"), ((5,), "input")])
def test_an_input_called_x_is_named_after_what_it_is(shape: tuple[int, ...], label: str) -> None:
    assert traced(Residual(3) if len(shape) == 3 else nn.Linear(5, 2), (shape,)).nodes[0].label == label


def test_a_models_own_example_takes_the_place_of_the_cards_shape() -> None:
    def example(settings: Settings) -> tuple[Tensor, ...]:
        return (torch.zeros(1, int_of(settings, "context"), dtype=torch.long),)

    variant = catalog.get("cnn").variants[0]
    with META:
        (given,) = inputs_of(SimpleNamespace(example=example), variant, {"context": 7})
    assert isinstance(given, Tensor)
    assert (given.is_meta, tuple(given.shape), given.dtype) == (True, (1, 7), torch.long)
    assert inputs_of(SimpleNamespace(), variant, {}) == (variant.input_shape,)


def test_the_steps_of_a_leaky_reservoir_are_one_block_in_the_picture() -> None:
    found = small_blueprint(make_spec(catalog.get("esn"), "mackey_glass"))
    blocks = {group.path: group for group in found.groups if group.path.startswith("reservoir")}
    assert len([path for path in folded(found) if path in blocks]) == 1


def test_a_live_network_on_meta_keeps_its_ties() -> None:
    tied = Tied()
    assert without_numbers(tied).get_parameter("head.weight").is_meta
    assert sum(each.numel() for each in without_numbers(tied).parameters()) == 66
    assert not tied.embed.weight.is_meta
