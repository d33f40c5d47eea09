"""What a recorded operation is called in the drawing: its kind, its short name and one line of detail."""

from __future__ import annotations

from functools import cache

from torch import nn

from explorer.blueprint import title_of, words_of
from explorer.spec import Kind
from explorer.tracing.recorder import INPUT, Event

Convolution = nn.Conv1d | nn.Conv2d | nn.Conv3d
Transposed = nn.ConvTranspose1d | nn.ConvTranspose2d | nn.ConvTranspose3d
PLAIN_NAMES = ("", "x", "input", "inputs", "args")  # of inputs: they say nothing

# What functions are called in the drawing; one that is not here goes by its own name.
FUNCTIONS = {
    "add": "+", "iadd": "+", "radd": "+", "mul": "×", "rmul": "×", "imul": "×", "multiply": "×",
    "sub": "−", "rsub": "−", "isub": "−", "neg": "−", "truediv": "÷", "div": "÷", "rtruediv": "÷",
    "pow": "power",
    "cat": "join", "concat": "join", "stack": "join", "getitem": "select", "narrow": "select", "index_select": "select",
    "unbind": "select", "gather": "select", "masked_fill": "mask", "tril": "mask", "triu": "mask", "where": "choose",
    "matmul": "product", "rmatmul": "product", "bmm": "product", "baddbmm": "product", "mm": "product",
    "einsum": "product", "amax": "max", "max": "max", "maximum": "max", "amin": "min", "minimum": "min",
    "linalg_vector_norm": "norm", "linalg_norm": "norm", "interpolate": "upsample", "upsample": "upsample",
    "max_pool2d": "max", "max_pool2d_with_indices": "max", "avg_pool2d": "average", "adaptive_avg_pool2d": "average",
    "max_unpool2d": "unpool", "local_response_norm": "LRN", "layer_norm": "norm", "batch_norm": "norm", "relu": "ReLU",
    "gelu": "GELU", "one_hot": "one-hot", "log_softmax": "log softmax", "scaled_dot_product_attention": "attention",
    "expand": "expand", "repeat": "repeat", "pad": "pad", "flip": "reverse", "roll": "shift",
}  # fmt: skip
KINDS = {
    **dict.fromkeys(("amax", "max", "maximum", "square", "sqrt"), Kind.ACTIVATION),
    **dict.fromkeys(("argmax", "one_hot", "pad", "topk", "where", "masked_fill", "getitem", "permute"), Kind.RESHAPE),
    **dict.fromkeys(("mm", "addmm"), Kind.LINEAR),
}
KIND_WORDS: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    (Kind.LOSS, ("loss", "rbf", "cross_entropy")),
    (Kind.ATTENTION, ("attention",)),
    (Kind.RECURRENT, ("lstm", "gru", "rnn", "cell")),
    (Kind.POOLING, ("pool", "subsampl", "everysecond")),
    (Kind.CONVOLUTION, ("conv",)),
    (Kind.NORMALISATION, ("norm",)),
    (Kind.LINEAR, ("linear", "matmul", "bmm", "einsum", "embedding")),
    (
        Kind.ACTIVATION,
        (
            "relu", "tanh", "sigmoid", "softmax", "elu", "swish", "silu", "threshold", "softplus", "squash", "maxout",
        ),
    ),
)  # fmt: skip


def kind_of(event: Event) -> Kind:
    """Return what the operation does, by the name of its layer or function, else by whether it multiplies weights."""
    return kind_by_name(event.op) or (Kind.LINEAR if event.macs and event.parameters else Kind.RESHAPE)


@cache
def kind_by_name(op: str) -> Kind | None:
    """Return the kind that the name of a class or function tells, if it tells one."""
    if op in KINDS:
        return KINDS[op]
    name = op.lower()
    return next((kind for kind, words in KIND_WORDS if any(word in name for word in words)), None)


def label_of(event: Event) -> str:
    """Return the short name that stands in the node."""
    module = event.module
    if event.op == INPUT:
        return _input(event)
    if module is None:
        return FUNCTIONS.get(event.op, event.op.replace("_", " "))
    if kind_of(event) is Kind.ACTIVATION and not event.parameters:
        return words_of(event.op)  # its name says less than what it computes
    return _short(module) or title_of(event.path)


def _input(event: Event) -> str:
    """Return what the network calls its input; names that say nothing are replaced."""
    if event.name in PLAIN_NAMES:
        return "image" if len(event.out_shape) == 3 else "input"
    return event.name.replace("_", " ")


def _short(module: nn.Module) -> str:
    """Return what a layer without weights does, for those whose names in networks say less; "" for all others."""
    match module:
        case nn.MaxPool2d() | nn.AdaptiveMaxPool2d():
            return "max"
        case nn.AvgPool2d() | nn.AdaptiveAvgPool2d():
            return "average"
        case nn.LocalResponseNorm():
            return "LRN"
        case nn.Dropout() | nn.Dropout2d():
            return "dropout"
        case nn.Upsample():
            return "upsample"
        case nn.MaxUnpool2d():
            return "unpool"
    return ""


def detail_of(event: Event) -> str:
    """Return one line that says what it is, e.g. `5×5, 6→16, /2`."""
    module = event.module
    if event.op == INPUT:
        return ""
    if module is None:
        return _function(event)
    if isinstance(module, Convolution):
        return _convolution(module)
    if isinstance(module, Transposed):
        return _transposed(module)
    return _layer(module) or words_of(event.op)


def _function(event: Event) -> str:
    first, out = event.in_shapes[0] if event.in_shapes else (), event.out_shape
    if FUNCTIONS.get(event.op) == "product" and len(first) > 1 and len(out) > 1 and event.op != "einsum":
        return f"{first[-2]}×{first[-1]} · {first[-1]}×{out[-1]}"
    return {"cat": "side by side", "getitem": "a part of it"}.get(event.op, event.op.replace("_", " "))


def _layer(module: nn.Module) -> str:
    """Return the sizes of a layer of torch's own; "" for any other."""
    match module:
        case nn.Linear():
            return f"{number(module.in_features)}→{number(module.out_features)}"
        case nn.MaxPool2d() | nn.AvgPool2d() | nn.MaxUnpool2d():
            word = "average" if isinstance(module, nn.AvgPool2d) else "max"
            return f"{word} {_size(module.kernel_size)}{_stride(module.stride)}"
        case nn.AdaptiveAvgPool2d() | nn.AdaptiveMaxPool2d():
            whole = module.output_size in (1, (1, 1))
            return "over the whole map" if whole else f"to {_size(module.output_size)}"
        case nn.BatchNorm1d() | nn.BatchNorm2d() | nn.BatchNorm3d():
            return f"batch norm, {number(module.num_features)}"
        case nn.LayerNorm():
            return f"layer norm, {'×'.join(map(number, module.normalized_shape))}"
        case nn.LocalResponseNorm():
            return f"over {module.size} maps"
        case nn.RNNBase() | nn.RNNCellBase():
            return f"{number(module.input_size)}→{number(module.hidden_size)}"
        case nn.MultiheadAttention():
            return f"{module.num_heads} heads, {number(module.embed_dim)}"
        case nn.Embedding():
            return f"{number(module.num_embeddings)}×{number(module.embedding_dim)}"
        case nn.Dropout() | nn.Dropout2d():
            return f"leaves {100 * (1 - module.p):g} %"
    return ""


def _convolution(module: Convolution) -> str:
    depthwise = module.groups == module.in_channels > 1
    stride = f", /{module.stride[-1]}" if module.stride[-1] > 1 else ""
    holes = f", dilated {module.dilation[-1]}" if module.dilation[-1] > 1 else ""
    if depthwise:
        return f"{_size(module.kernel_size)} depthwise, {number(module.out_channels)}{stride}{holes}"
    groups = f", groups {module.groups}" if module.groups > 1 else ""
    return f"{_size(module.kernel_size)}, {_channels(module)}{stride}{groups}{holes}"


def _transposed(module: Transposed) -> str:
    larger = f", ×{module.stride[-1]}" if module.stride[-1] > 1 else ""
    return f"{_size(module.kernel_size)} transposed, {_channels(module)}{larger}"


def _channels(module: Convolution | Transposed) -> str:
    return f"{number(module.in_channels)}→{number(module.out_channels)}"


def _stride(stride: object) -> str:
    side = stride[-1] if isinstance(stride, tuple) else stride
    return f", /{side}" if isinstance(side, int) and side > 1 else ""


def number(value: int) -> str:
    """Return a size as people write it: with a comma only where it has five digits or more."""
    return f"{value:,}" if value >= 10_000 else str(value)


def _size(value: object) -> str:
    return "×".join(map(str, value)) if isinstance(value, tuple) else f"{value}×{value}"
