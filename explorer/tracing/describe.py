"""What a recorded operation is called in the drawing: its kind, its short name and one line of detail."""

from __future__ import annotations

from torch import nn

from explorer.blueprint import title_of
from explorer.spec import Kind
from explorer.tracing.recorder import INPUT, Event

KIND_WORDS: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    (Kind.LOSS, ("loss", "rbf")),
    (Kind.ATTENTION, ("attention",)),
    (Kind.RECURRENT, ("lstm", "gru", "rnn")),
    (Kind.POOLING, ("pool", "subsampl", "everysecond")),
    (Kind.CONVOLUTION, ("conv",)),
    (Kind.NORMALISATION, ("norm",)),
    (Kind.LINEAR, ("linear", "matmul", "bmm", "mm", "einsum", "embedding")),
    (
        Kind.ACTIVATION,
        ("relu", "tanh", "sigmoid", "softmax", "elu", "swish", "silu", "hardtanh", "threshold", "gt", "softplus"),
    ),
)
SIGNS = {
    "add": "+",
    "iadd": "+",
    "radd": "+",
    "mul": "×",
    "rmul": "×",
    "sub": "−",
    "rsub": "−",
    "truediv": "÷",
    "cat": "join",
}

PLAIN_NAMES = ("", "x", "input", "inputs", "args")


def kind_of(event: Event) -> Kind:
    """Return what the operation does, by the name of its layer or function, else by whether it multiplies weights."""
    name = event.op.lower()
    for kind, words in KIND_WORDS:
        if any(word in name for word in words):
            return kind
    return Kind.LINEAR if event.macs and event.parameters else Kind.RESHAPE


def label_of(event: Event) -> str:
    """Return the short name that stands in the node."""
    module = event.module
    if event.op == INPUT:
        return _input(event)
    if module is None:
        return SIGNS.get(event.op, "select" if event.op == "getitem" else event.op)
    if kind_of(event) is Kind.ACTIVATION and not event.parameters:
        return _plain(event)  # its name says less than what it computes
    return title_of(event.path)


def _input(event: Event) -> str:
    """Return what the network calls its input; names that say nothing are replaced."""
    if event.name in PLAIN_NAMES:
        return "image" if len(event.out_shape) == 3 else "input"
    return event.name.replace("_", " ")


def detail_of(event: Event) -> str:
    """Return one line that says what it is, e.g. `5×5, 6→16, /2`."""
    module = event.module
    if event.op == INPUT:
        return ""
    if isinstance(module, (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose2d)):
        return _convolution(module)
    if isinstance(module, nn.Linear):
        return f"{module.in_features}→{module.out_features}"
    if isinstance(module, (nn.MaxPool2d, nn.AvgPool2d)):
        word = "max" if isinstance(module, nn.MaxPool2d) else "average"
        return f"{word} {_size(module.kernel_size)}"
    if isinstance(module, nn.RNNBase):
        return f"{module.input_size}→{module.hidden_size}"
    if isinstance(module, nn.MultiheadAttention):
        return f"{module.num_heads} heads, {module.embed_dim}"
    if isinstance(module, nn.Embedding):
        return f"{module.num_embeddings}×{module.embedding_dim}"
    return _plain(event)


def _plain(event: Event) -> str:
    if event.module is None:
        return {"cat": "side by side", "getitem": "a part of it"}.get(event.op, "")
    words = {"ScaledTanh": "scaled tanh", "RBF": "distances", "ReLU": "ReLU"}
    return words.get(event.op, event.op if event.op[1:] != event.op[1:].lower() else event.op.lower())


def _convolution(module: nn.Conv1d | nn.Conv2d | nn.Conv3d | nn.ConvTranspose2d) -> str:
    stride = f", /{module.stride[-1]}" if module.stride[-1] > 1 else ""
    return f"{_size(module.kernel_size)}, {module.in_channels}→{module.out_channels}{stride}"


def _size(value: int | tuple[int, ...]) -> str:
    return f"{value}×{value}" if isinstance(value, int) else "×".join(str(side) for side in value)
