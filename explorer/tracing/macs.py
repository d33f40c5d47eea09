"""Multiply–adds of one call of a function, by the closed formula of the operation.

`counted` runs functions that have neither a formula nor a place among the free ones under FlopCounterMode, which sees
the matrix products inside them: exact as well, but it makes torch take every operation apart in Python.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

Formula = Callable[[Sequence[Any], Mapping[str, Any], Any], int | None]

# Functions that multiply no matrices, as torch names them, without the underscores in front and of operators.
NAMES = """
abs absolute adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d adaptive_max_pool2d add
addcdiv addcmul all alpha_dropout amax amin any arange argmax argmin argsort as_strided as_tensor atleast_2d avg_pool1d
avg_pool2d avg_pool3d batch_norm bernoulli bernoulli_ binary_cross_entropy binary_cross_entropy_with_logits
broadcast_tensors broadcast_to cat ceil celu chunk clamp clamp_ clamp_max clamp_min clip clone concat concatenate
contiguous copy_ cos cosine_similarity cross_entropy cummax cumprod cumsum data detach detach_ device diag diagonal
diff dim div div_ dropout dropout1d dropout2d dropout3d dropout_ dsplit dtype elu elu_ embedding embedding_bag empty
empty_like eq erf exp exp_ expand expand_as expm1 eye fill_ flatten flip float floor floor_divide fmod fold full
full_like gather ge gelu get getitem glu grad_fn group_norm gt half hardshrink hardsigmoid hardswish hardtanh heaviside
hsplit huber_loss iadd imag imul index_add index_copy index_fill index_select instance_norm int interpolate invert
is_complex is_cuda is_floating_point is_leaf is_nested is_sparse isinf isnan isub itruediv kl_div kthvalue l1_loss
layer_norm layout le leaky_relu leaky_relu_ lerp linalg_norm linalg_vecdot linalg_vector_norm linspace
local_response_norm log log10 log1p log2 log_softmax logical_and logical_not logical_or logsigmoid logsumexp long
lp_pool1d lp_pool2d lp_pool3d lt masked_fill masked_fill_ masked_select max max_pool1d max_pool2d
max_pool2d_with_indices max_pool3d maximum mean meshgrid min minimum mish mode moveaxis movedim mse_loss mT mul mul_
multinomial multiply names nan_to_num narrow ndim ne neg negative new_empty new_full new_ones new_tensor new_zeros
nll_loss nonzero norm normal_ normalize numel one_hot ones ones_like pad permute pixel_shuffle pixel_unshuffle polar
positive pow prelu prod quantile radd rand rand_like randint randn randn_like randperm ravel real reciprocal relu relu6
relu_ remainder repeat repeat_interleave requires_grad requires_grad_ reshape reshape_as rms_norm rmul roll rot90 round
rpow rrelu rsqrt rsub rtruediv scatter scatter_ scatter_add scatter_add_ select selu shape sigmoid sigmoid_ sign silu
sin size smooth_l1_loss softmax softmin softplus softshrink softsign sort split sqrt sqrt_ square squeeze stack std
std_mean stride sub sub_ subtract sum swapaxes swapdims T t take take_along_dim tan tanh tanh_ tanhshrink tensor_split
threshold threshold_ tile to topk transpose tril triu true_divide truediv truediv_ type type_as unbind unflatten unfold
uniform_ unique unsqueeze upsample upsample_bilinear upsample_nearest var var_mean view view_as view_as_complex
view_as_real vsplit where zero_ zeros zeros_like
"""
FREE = frozenset(NAMES.split())


def counted(
    func: Callable[..., Any],
    name: str,
    act: Callable[[], Any],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
) -> tuple[Any, int]:
    """Return what `act`, which calls the function, gives, and its multiply–adds; `name` is as in FREE."""
    if name in FREE:
        return act(), 0
    formula = FORMULAS.get(name)
    if formula is not None:
        result = act()
        macs = formula(args, kwargs, result)
        if macs is not None:
            return result, macs
    with FlopCounterMode(display=False) as counter:
        result = func(*args, **kwargs)
    return result, counter.get_total_flops() // 2


def _argument(args: Sequence[Any], kwargs: Mapping[str, Any], place: int, name: str, usual: Any = None) -> Any:
    return args[place] if len(args) > place else kwargs.get(name, usual)


def _convolution(args: Sequence[Any], kwargs: Mapping[str, Any], result: Tensor) -> int:
    """Every weight once for each place of an output map, for each picture."""
    return _over(result, _argument(args, kwargs, 1, "weight"))


def _transposed(args: Sequence[Any], kwargs: Mapping[str, Any], result: Tensor) -> int:
    """Every weight once for each place of an input map, for each picture."""
    return _over(_argument(args, kwargs, 0, "input"), _argument(args, kwargs, 1, "weight"))


def _over(maps: Tensor, weight: Tensor) -> int:
    sides = weight.dim() - 2
    pictures = maps.shape[0] if maps.dim() == weight.dim() else 1
    return pictures * math.prod(maps.shape[-sides:]) * weight.numel()


def _linear(args: Sequence[Any], kwargs: Mapping[str, Any], result: Tensor) -> int:
    return result.numel() * int(_argument(args, kwargs, 0, "input").shape[-1])


def _product(first: int, name: str) -> Formula:
    """Every output is a sum over the last axis of the factor at place `first`."""
    return lambda args, kwargs, result: result.numel() * int(_argument(args, kwargs, first, name).shape[-1])


def _reflected(args: Sequence[Any], kwargs: Mapping[str, Any], result: Tensor) -> int:
    """`__rmatmul__`: the second argument stands on the left."""
    return result.numel() * int(args[1].shape[-1])


def _einsum(args: Sequence[Any], kwargs: Mapping[str, Any], result: Tensor) -> int | None:
    """Two factors: the product of all sides that are not summed away inside one factor; None for other forms."""
    factors = args[1:] if len(args) > 2 else tuple(args[1]) if len(args) == 2 else ()
    if len(factors) != 2 or not isinstance(args[0], str) or "->" not in args[0] or "." in args[0]:
        return None
    ins, out = args[0].replace(" ", "").split("->")
    left, right = ins.split(",")
    if len({*left}) < len(left) or len({*right}) < len(right):
        return None  # a diagonal
    sides = dict(zip(left + right, (*factors[0].shape, *factors[1].shape), strict=True))
    shared = {*left} & {*right}
    if not shared - {*out}:
        return 0  # products without a sum
    return math.prod(sides[each] for each in shared | {*out})


def _dot_attention(args: Sequence[Any], kwargs: Mapping[str, Any], result: Tensor) -> int:
    """Scores and the mix of values, for every query: keys · (width of a key + width of a value)."""
    query, key, value = (_argument(args, kwargs, i, name) for i, name in enumerate(("query", "key", "value")))
    queries = query.numel() // query.shape[-1]
    return queries * key.shape[-2] * (query.shape[-1] + value.shape[-1])


def _attention(args: Sequence[Any], kwargs: Mapping[str, Any], result: Any) -> int | None:
    """Projections of query, key and value, scores, mix, and the projection out."""
    query, key, value, width = args[:4]
    if kwargs.get("static_k") is not None or kwargs.get("static_v") is not None or len(args) < 10:
        return None
    batch = query.shape[1] if query.dim() == 3 else 1
    keys = key.shape[0] + (args[7] is not None) + bool(args[9])  # learned and zero keys are put in after projecting
    projections = (query.numel() + key.numel() + value.numel() + query.numel()) * width
    return projections + 2 * batch * query.shape[0] * keys * width


def _recurrent(args: Sequence[Any], kwargs: Mapping[str, Any], result: Any) -> int | None:
    """Every weight matrix once for each step of each sequence."""
    if len(args) < 3 or not isinstance(args[2], (tuple, list)):
        return None  # packed sequences
    inputs = args[0]
    steps = inputs.numel() // inputs.shape[-1]
    return steps * sum(each.numel() for each in args[2] if each.dim() == 2)


def _cell(args: Sequence[Any], kwargs: Mapping[str, Any], result: Any) -> int:
    inputs, hidden, over, around = args[0], args[1], args[2], args[3]
    state = hidden[0] if isinstance(hidden, (tuple, list)) else hidden
    return inputs.numel() * over.shape[0] + state.numel() * around.shape[0]


FORMULAS: dict[str, Formula] = {
    "conv1d": _convolution, "conv2d": _convolution, "conv3d": _convolution,
    "conv_transpose1d": _transposed, "conv_transpose2d": _transposed, "conv_transpose3d": _transposed,
    "linear": _linear,
    "matmul": _product(0, "input"), "mm": _product(0, "input"), "bmm": _product(0, "input"),
    "mv": _product(0, "input"), "dot": _product(0, "input"), "rmatmul": _reflected,
    "addmm": _product(1, "mat1"), "baddbmm": _product(1, "batch1"),
    "einsum": _einsum,
    "scaled_dot_product_attention": _dot_attention, "multi_head_attention_forward": _attention,
    "lstm": _recurrent, "gru": _recurrent, "rnn_tanh": _recurrent, "rnn_relu": _recurrent,
    "lstm_cell": _cell, "gru_cell": _cell, "rnn_tanh_cell": _cell, "rnn_relu_cell": _cell,
}  # fmt: skip
