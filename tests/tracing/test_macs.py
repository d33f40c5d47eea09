"""Multiply–adds by formula against those FlopCounterMode sees, and shapes by rule against torch's own."""

from __future__ import annotations

import importlib
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from explorer import catalog
from explorer.tracing import shapes
from explorer.tracing.macs import FORMULAS, FREE, counted
from explorer.tracing.recorder import name_of
from explorer.tracing.trace import META, inputs_of, traced, without_initialisation

VARIANTS = [pytest.param(card, one, id=one.id) for card in catalog.cards() for one in card.variants]


def oracle(model: nn.Module, *inputs: Tensor) -> int:
    """Return what FlopCounterMode counts, in multiply–adds."""
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model.eval()(*inputs)
    return counter.get_total_flops() // 2


class Call(nn.Module):
    """A function of one tensor as a network."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


def attention(query: Tensor, extra: bool = False) -> Tensor:
    layer = nn.MultiheadAttention(8, 2, batch_first=True, device="meta", add_bias_kv=extra, add_zero_attn=extra).eval()
    return layer(query, query[:, :3], query[:, :3], need_weights=False)[0]


def transformer(x: Tensor) -> Tensor:
    return nn.Transformer(8, 2, 2, 2, 16, batch_first=True, device="meta").eval()(x, x)


ZOO: dict[str, tuple[nn.Module, tuple[int, ...]]] = {
    "conv1d": (nn.Conv1d(4, 6, 3, stride=2, padding=1), (4, 9)),
    "conv2d grouped": (nn.Conv2d(4, 8, (3, 5), groups=2, dilation=2), (4, 12, 14)),
    "conv2d depthwise": (nn.Conv2d(4, 8, 3, groups=4, bias=False), (4, 6, 6)),
    "conv3d": (nn.Conv3d(2, 3, 3, padding="same"), (2, 4, 5, 6)),
    "transposed 1d": (nn.ConvTranspose1d(4, 6, 3, stride=2), (4, 9)),
    "transposed 2d grouped": (nn.ConvTranspose2d(4, 6, 4, stride=2, padding=1, groups=2), (4, 5, 7)),
    "transposed 3d": (nn.ConvTranspose3d(2, 3, 2, stride=2), (2, 3, 3, 3)),
    "linear": (nn.Linear(7, 5), (7,)),
    "linear on a sequence": (nn.Linear(7, 5, bias=False), (3, 4, 7)),
    "matmul": (Call(lambda x: x @ x.mT), (3, 4, 7)),
    "matmul broadcast": (Call(lambda x: x @ torch.ones(7, 2, device=META)), (3, 4, 7)),
    "bmm": (Call(lambda x: torch.bmm(x, x.mT)), (4, 7)),
    "mm": (Call(lambda x: torch.mm(x[0], x[0].T)), (4, 7)),
    "addmm": (Call(lambda x: torch.addmm(torch.ones(4, device=META), x[0], x[0].T)), (4, 7)),
    "baddbmm": (Call(lambda x: torch.baddbmm(torch.ones(4, device=META), x, x.mT)), (4, 7)),
    "einsum": (Call(lambda x: torch.einsum("bij, bkj -> bik", x, x)), (4, 7)),
    "einsum, a list": (Call(lambda x: torch.einsum("bij,bkj->bik", [x, x])), (4, 7)),
    "einsum, heads": (Call(lambda x: torch.einsum("bhld,bhsd->bhls", x, x)), (2, 4, 7)),
    "einsum without a sum": (Call(lambda x: torch.einsum("bi,bj->bij", x, x)), (4,)),
    "einsum summed in one factor": (Call(lambda x: torch.einsum("bij,bk->bjk", x, x[:, 0])), (4, 7)),
    "einsum of three": (Call(lambda x: torch.einsum("bij,bjk,bkl->bil", x, x, x)), (5, 5)),
    "einsum with dots": (Call(lambda x: torch.einsum("...ij,...kj->...ik", x, x)), (3, 4, 7)),
    "dot attention": (Call(lambda x: F.scaled_dot_product_attention(x, x[..., :3, :], x[..., :3, :])), (2, 5, 4)),
    "dot attention, causal": (Call(lambda x: F.scaled_dot_product_attention(x, x, x, is_causal=True)), (2, 5, 4)),
    "attention": (Call(attention), (5, 8)),
    "attention with extra keys": (Call(lambda x: attention(x, extra=True)), (5, 8)),
    "encoder layer": (nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), (5, 8)),
    "transformer": (Call(transformer), (5, 8)),
    "lstm": (nn.LSTM(4, 6, 2, batch_first=True, bidirectional=True), (5, 4)),
    "lstm, projected": (nn.LSTM(4, 6, proj_size=3, batch_first=True), (5, 4)),
    "gru": (nn.GRU(4, 6, 2, batch_first=True), (5, 4)),
    "rnn": (nn.RNN(4, 6, batch_first=True, nonlinearity="relu"), (5, 4)),
    "lstm cell": (Call(lambda x: nn.LSTMCell(4, 6, device="meta")(x)[0]), (4,)),
    "gru cell": (nn.GRUCell(4, 6), (4,)),
    "rnn cell": (nn.RNNCell(4, 6), (4,)),
    "bilinear, by no formula": (nn.Bilinear(4, 4, 3), (4,)),
    "cdist, by no formula": (Call(lambda x: torch.cdist(x, x)), (30, 4)),
}  # fmt: skip


@pytest.mark.parametrize("name", ZOO)
def test_formulas_count_what_flop_counter_mode_sees(name: str) -> None:
    model, shape = ZOO[name]
    model = model.to(META)
    if name.startswith("bilinear"):
        layer = model
        model = Call(lambda x: layer(x, x))
    assert traced(model, (shape,)).macs == oracle(model, torch.empty(1, *shape, device=META))


@pytest.mark.parametrize(("card", "variant"), VARIANTS)
def test_every_variant_has_the_oracles_count_and_what_it_adds_up_by_hand(card, variant) -> None:
    settings = card.settings(variant, {})
    module = importlib.import_module(f"explorer.architectures.{card.key}.model")
    with without_initialisation(), META:
        model = module.build(settings)
        given = inputs_of(module, variant, settings)
        inputs = [each if isinstance(each, Tensor) else torch.empty(1, *each) for each in given]
    found = traced(model, tuple(inputs))
    summed = sum(node.macs for node in found.nodes if node.op == "RBF")  # squares summed up: no product of matrices
    assert found.macs - summed == oracle(model, *inputs)


def test_products_that_flop_counter_mode_leaves_out_count_too() -> None:
    vector = torch.empty(7, device=META)
    assert counted(torch.mv, "mv", lambda: torch.empty(4), (torch.empty(4, 7), vector), {})[1] == 28
    assert counted(torch.dot, "dot", lambda: torch.empty(()), (vector, vector), {})[1] == 7


def test_no_function_is_both_free_and_priced() -> None:
    assert not FREE & set(FORMULAS)


def shaped(function: Callable[..., object], *args: object, **options: object) -> object:
    return shapes.output(function, name_of(function), args, options)


PLAIN = torch.empty(1, 6, 4, 8, device=META)
SHORT = PLAIN[..., :3, :].contiguous()
SEQUENCE = torch.empty(5, 2, 8, device=META)


def of(length: int) -> Tensor:
    return torch.empty(length, device=META)


RULED: dict[str, tuple[Callable[..., object], tuple[object, ...], dict[str, object]]] = {
    "relu": (F.relu, (PLAIN,), {}),
    "relu in place": (F.relu, (PLAIN,), {"inplace": True}),
    "gelu": (F.gelu, (PLAIN,), {"approximate": "tanh"}),
    "add": (torch.add, (PLAIN, PLAIN), {}),
    "add, broadcast": (torch.add, (PLAIN, PLAIN[:, :1]), {}),
    "add a number": (torch.add, (PLAIN, 2.5), {}),
    "add, other type": (torch.add, (PLAIN, PLAIN.double()), {}),
    "whole numbers and a fraction": (torch.add, (PLAIN.long(), 2.5), {}),
    "batch norm": (F.batch_norm, (PLAIN, of(6), of(6), of(6), of(6)), {}),
    "layer norm": (F.layer_norm, (PLAIN, (8,)), {"weight": of(8), "bias": None}),
    "dot attention": (F.scaled_dot_product_attention, (PLAIN, SHORT, SHORT), {}),
    "linear": (F.linear, (PLAIN, torch.empty(5, 8, device=META), of(5)), {}),
    "linear on one": (F.linear, (of(8), torch.empty(5, 8, device=META)), {}),
    "add, one of fewer axes": (torch.add, (of(8), PLAIN), {}),
    "add, both stretched": (torch.add, (PLAIN[:, :1].contiguous(), PLAIN[:, :, :1].contiguous()), {}),
    "length": (torch.linalg.vector_norm, (PLAIN,), {"dim": -2}),
    "length, its axis kept": (torch.linalg.vector_norm, (PLAIN,), {"dim": 1, "keepdim": True}),
    "length along two axes": (torch.linalg.vector_norm, (PLAIN,), {"dim": (1, 2)}),
    "power": (torch.pow, (PLAIN, 0.5), {}),
    "power of a tensor": (torch.pow, (PLAIN, of(8)), {}),
    "response norm": (F.local_response_norm, (PLAIN, 3), {"alpha": 1e-4}),
    "softmax": (F.softmax, (PLAIN,), {"dim": -1}),
    "softmax, along the second": (torch.softmax, (PLAIN, 1), {}),
    "softmax, other type": (F.softmax, (PLAIN,), {"dim": -1, "dtype": torch.float64}),
}  # fmt: skip


@pytest.mark.parametrize("name", RULED)
def test_a_shape_by_rule_is_torchs_shape(name: str) -> None:
    function, args, options = RULED[name]
    ours, theirs = shaped(function, *args, **options), function(*args, **options)
    assert isinstance(ours, Tensor)
    assert isinstance(theirs, Tensor)
    assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)


def test_an_operation_in_place_keeps_its_tensor() -> None:
    def steps(x: Tensor) -> Tensor:
        y = x * 2
        y.relu_()
        y.unsqueeze_(1)
        return y + 1

    found = traced(Call(steps), ((6,),))
    assert [node.id for node in found.nodes] == ["input", ":mul", ":relu", ":add"]
    assert (":relu", ":add") in found.edges
    assert found.output_shape == (1, 6)


@pytest.mark.parametrize(("wanted", "mean"), [(False, True), (True, True), (True, False)])
def test_attention_gives_torchs_shapes(wanted: bool, mean: bool) -> None:
    layer = nn.MultiheadAttention(8, 2, device=META).eval()
    args = (
        SEQUENCE, SEQUENCE[:3], SEQUENCE[:3], 8, 2, layer.in_proj_weight, layer.in_proj_bias, None, None, False, 0.0,
        layer.out_proj.weight, layer.out_proj.bias,
    )  # fmt: skip
    ours = shaped(F.multi_head_attention_forward, *args, need_weights=wanted, average_attn_weights=mean)
    theirs = F.multi_head_attention_forward(*args, need_weights=wanted, average_attn_weights=mean)
    assert isinstance(ours, tuple)
    assert [getattr(each, "shape", None) for each in ours] == [getattr(each, "shape", None) for each in theirs]


@pytest.mark.parametrize(
    ("function", "args"),
    [
        (F.batch_norm, (PLAIN, of(5), of(5))),
        (F.layer_norm, (PLAIN, (7,))),
        (F.linear, (PLAIN, torch.empty(5, 7, device=META))),
        (F.linear, (PLAIN, torch.empty(5, 8, device=META), of(4))),
        (torch.add, (PLAIN, PLAIN[:, :5])),
        (F.scaled_dot_product_attention, (PLAIN, PLAIN[..., :7], PLAIN)),
        (torch.add, (of(7), PLAIN)),
        (F.local_response_norm, (SEQUENCE[0], 3)),
    ],
)
def test_sizes_that_do_not_fit_are_refused_by_torch(function, args) -> None:
    with pytest.raises((RuntimeError, ValueError)):
        shaped(function, *args)
