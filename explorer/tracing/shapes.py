"""Outputs on meta, by shape alone, of the functions that torch takes apart in Python there: most of a trace's time.

A rule answers only where it is sure; for anything else, a wrong size above all, torch is asked and says what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import Tensor

Rule = Callable[[Sequence[Any], Mapping[str, Any]], Any]


def output(func: Callable[..., Any], name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Return what the function gives; `name` is the function's, as in `macs.FREE`."""
    rule = RULES.get(name)
    found = rule(args, kwargs) if rule is not None else None
    return func(*args, **kwargs) if found is None else found


def _plain(value: Any) -> bool:
    return isinstance(value, Tensor) and value.is_meta and value.is_floating_point() and value.is_contiguous()


def _fresh(like: Tensor, shape: Sequence[int]) -> Tensor:
    return like.new_empty(shape)


def _same(args: Sequence[Any], kwargs: Mapping[str, Any]) -> Tensor | None:
    """One output for each input."""
    if not args or not _plain(args[0]) or kwargs.get("inplace") or kwargs.get("out") is not None:
        return None
    return _fresh(args[0], args[0].shape)


def _activation(args: Sequence[Any], kwargs: Mapping[str, Any]) -> Tensor | None:
    return _same(args, kwargs) if len(args) == 1 else None  # a second argument may be `inplace`


def _arithmetic(args: Sequence[Any], kwargs: Mapping[str, Any]) -> Tensor | None:
    """A tensor and a number, or two tensors, the smaller of which goes into every place of the larger."""
    if len(args) != 2 or kwargs or not _plain(args[0]):
        return None
    first, second = args
    if type(second) in (int, float):
        return _fresh(first, first.shape)
    if not _plain(second) or second.dtype != first.dtype:
        return None
    large, small = (first, second) if first.dim() >= second.dim() else (second, first)
    fits = all(side in (1, whole) for side, whole in zip(reversed(small.shape), reversed(large.shape), strict=False))
    return _fresh(large, large.shape) if fits else None


def _power(args: Sequence[Any], kwargs: Mapping[str, Any]) -> Tensor | None:
    return _arithmetic(args, kwargs) if len(args) == 2 and type(args[1]) in (int, float) else None


def _softmax(args: Sequence[Any], kwargs: Mapping[str, Any]) -> Tensor | None:
    """Along one axis; another type may be asked for."""
    plain = all(type(each) is int for each in args[1:]) and not kwargs.keys() - {"dim", "_stacklevel", "dtype"}
    axis = kwargs.get("dim", args[1] if len(args) > 1 else None)
    if not plain or kwargs.get("dtype") is not None or type(axis) is not int or not args or not _plain(args[0]):
        return None
    return _same(args[:1], {}) if -args[0].dim() <= axis < args[0].dim() else None


def _length(args: Sequence[Any], kwargs: Mapping[str, Any]) -> Tensor | None:
    """A vector's length along one axis, which goes, or stays with one place."""
    axis = kwargs.get("dim")
    if len(args) != 1 or kwargs.keys() - {"dim", "keepdim"} or type(axis) is not int or not _plain(args[0]):
        return None
    shape = list(args[0].shape)
    if not -len(shape) <= axis < len(shape):
        return None
    axis %= len(shape)
    shape[axis : axis + 1] = [1] if kwargs.get("keepdim") else []
    return _fresh(args[0], shape)


def _response_norm(args: Sequence[Any], kwargs: Mapping[str, Any]) -> Tensor | None:
    return _same(args[:1], kwargs) if args and _plain(args[0]) and args[0].dim() >= 3 else None


def _linear(args: Sequence[Any], kwargs: Mapping[str, Any]) -> Tensor | None:
    if not 2 <= len(args) <= 3 or kwargs or not _plain(args[0]) or args[1].dim() != 2:
        return None
    inputs, weight = args[:2]
    bias = args[2] if len(args) == 3 else None
    fits = inputs.dim() and inputs.shape[-1] == weight.shape[1] and inputs.dtype == weight.dtype
    if not fits or (bias is not None and bias.shape != weight.shape[:1]):
        return None
    return _fresh(inputs, (*inputs.shape[:-1], weight.shape[0]))


def _batch_norm(args: Sequence[Any], kwargs: Mapping[str, Any]) -> Tensor | None:
    if len(args) < 3 or not _plain(args[0]) or args[1] is None:
        return None
    channels = args[0].shape[1]
    weight, bias = (args[place] if len(args) > place else None for place in (3, 4))
    parts = (args[1], args[2], weight, bias)
    return _same(args[:1], {}) if all(each is None or each.shape == (channels,) for each in parts) else None


def _layer_norm(args: Sequence[Any], kwargs: Mapping[str, Any]) -> Tensor | None:
    if len(args) < 2 or not _plain(args[0]) or not args[1]:
        return None
    shape = tuple(args[1])
    parts = (kwargs.get("weight"), kwargs.get("bias"), *args[2:4])
    fits = tuple(args[0].shape[-len(shape) :]) == shape
    fits = fits and all(each is None or tuple(each.shape) == shape for each in parts)
    return _same(args[:1], {}) if fits else None


def _dot_attention(args: Sequence[Any], kwargs: Mapping[str, Any]) -> Tensor | None:
    """Queries keep their places and take the values' width."""
    if len(args) < 3 or kwargs.get("enable_gqa") or not all(_plain(each) for each in args[:3]):
        return None
    query, key, value = args[:3]
    mask = args[3] if len(args) > 3 else kwargs.get("attn_mask")
    fits = query.shape[:-2] == key.shape[:-2] == value.shape[:-2] and query.shape[-1] == key.shape[-1]
    if not fits or key.shape[-2] != value.shape[-2] or query.dim() < 3:
        return None
    if mask is not None and tuple(mask.shape[-2:]) != (query.shape[-2], key.shape[-2]):
        return None
    return _fresh(query, (*query.shape[:-1], value.shape[-1]))


def _attention(args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Tensor, Tensor | None] | None:
    """Queries keep their shape; the weights, if asked for, are their mean over the heads or one table for each."""
    if len(args) < 13 or any(kwargs.get(name) is not None for name in ("static_k", "static_v", "attn_mask")):
        return None
    if kwargs.get("key_padding_mask") is not None or kwargs.get("is_causal") or args[7] is not None or args[9]:
        return None
    query, key, value, width, heads = args[:5]
    plain = all(isinstance(each, Tensor) and each.is_meta and each.dim() == 3 for each in (query, key, value))
    if not plain or query.shape[-1] != width or key.shape[:2] != value.shape[:2] or key.shape[1] != query.shape[1]:
        return None
    packed = not kwargs.get("use_separate_proj_weight")
    if width % heads or (packed and not key.shape[-1] == value.shape[-1] == width):
        return None
    length, batch, keys = query.shape[0], query.shape[1], key.shape[0]
    if not kwargs.get("need_weights", True):
        return _fresh(query, query.shape), None
    mean = kwargs.get("average_attn_weights", True)
    table = (batch, length, keys) if mean else (batch, heads, length, keys)
    return _fresh(query, query.shape), _fresh(query, table)


RULES: dict[str, Rule] = {
    **dict.fromkeys(("relu", "gelu", "silu", "tanh", "sigmoid", "hardswish", "softplus", "elu"), _activation),
    **dict.fromkeys(("exp", "square", "sqrt", "abs", "neg"), _activation),
    **dict.fromkeys(("add", "mul", "sub", "truediv", "radd", "rmul", "rsub", "multiply", "div"), _arithmetic),
    **dict.fromkeys(("softmax", "log_softmax"), _softmax),
    "pow": _power,
    "linalg_vector_norm": _length,
    "local_response_norm": _response_norm,
    "linear": _linear,
    "batch_norm": _batch_norm,
    "layer_norm": _layer_norm,
    "scaled_dot_product_attention": _dot_attention,
    "multi_head_attention_forward": _attention,
}  # fmt: skip
