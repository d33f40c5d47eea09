"""Watches one forward pass: which operation ran in which module, on whose outputs, with which parameters.

Data flow is followed by the identity of tensors, so any Python control flow is fine. Functions are seen through a
function mode; modules without children, and attention, are recorded as one operation each.
"""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from explorer.tracing import shapes
from explorer.tracing.macs import counted
from explorer.tracing.receptive import Sight, see

OPAQUE = (nn.MultiheadAttention,)  # uses the weights of its children without calling them
TORCH = str(Path(torch.__file__).parent)
HERE = str(Path(__file__).parent)
VIEWS = frozenset((
    "flatten", "reshape", "view", "view_as", "reshape_as", "squeeze", "unsqueeze", "permute", "transpose", "swapaxes",
    "movedim", "t", "contiguous", "to", "float", "type_as", "expand", "expand_as", "chunk", "split", "unbind",
    "tensor_split", "detach", "clone", "requires_grad_", "__getitem__", "T", "mT", "unflatten",
))  # fmt: skip
CONSTANTS = frozenset((
    "zeros_like", "ones_like", "full_like", "empty_like", "new_zeros", "new_ones", "new_full", "new_empty",
))  # fmt: skip
PRODUCTS = frozenset(("square", "mul", "__mul__", "__rmul__"))
INPUT = "input"
SCALARS = frozenset((int, float, str, bool, type(None), slice, torch.dtype, torch.device))

Calls = tuple[tuple[str, int], ...]  # the modules around an operation that run again, and for which time


@dataclass
class Event:
    """One recorded operation."""

    id: str
    path: str
    op: str
    module: nn.Module | None
    inputs: tuple[str, ...]  # ids of the operations whose outputs it takes, in order
    in_shapes: tuple[tuple[int, ...], ...]
    out_shape: tuple[int, ...]
    parameters: int
    macs: int
    sight: Sight | None
    source: str
    code: str
    shared: str = ""  # id of the event that used one of its parameters before
    place: str = ""  # its place within one call of its module: the same in every call
    name: str = ""  # of an input: the parameter of forward that takes it
    calls: Calls = ()


@dataclass
class _Known:
    """What is known of a tensor; kept alive, so that its identity stays its own."""

    tensor: Tensor
    producers: tuple[str, ...] = ()
    product: bool = False  # holds products that a sum would add up
    unused: tuple[Tensor, ...] = ()  # parameters worked into a tensor that no data has reached yet
    sight: Sight | None = None
    shape: tuple[int, ...] = ()  # without the batch; asking a tensor for it would be one more call to record


@dataclass
class _Call:
    """A module that is being called as one operation."""

    path: str
    module: nn.Module
    inputs: tuple[Tensor, ...]
    macs: int
    place: tuple[str, str]


@dataclass
class Recorder(TorchFunctionMode):
    """Use as a context around one forward pass of `model` after `watch_input`."""

    model: nn.Module
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        TorchFunctionMode.__init__(self)
        self.macs = 0  # multiply–adds so far, products written out element by element and then summed among them
        self._owned = {id(each): each.numel() for each in self.model.parameters()}
        self._watched = [(path, module) for path, module in self.model.named_modules() if path]
        self._known: dict[int, _Known] = {}
        self._counted: dict[int, str] = {}  # parameter -> the event that used it first
        self._stack: list[tuple[str, Calls]] = [("", ())]
        self._times: dict[str, int] = {}  # how often each module that holds others was called
        self._call: _Call | None = None
        self._handles: list[Any] = []
        self._names: dict[str, int] = {}
        self._entered: set[str] = set()
        self._places: dict[str, int] = {}  # as _names, but counted anew in every call of a module

    @property
    def parameters(self) -> int:
        """Learnable numbers that took part, each once."""
        return sum(event.parameters for event in self.events)

    def __enter__(self) -> Recorder:
        for path, module in self._watched:
            if isinstance(module, OPAQUE) or next(module.children(), None) is None:
                self._handles.append(module.register_forward_pre_hook(self._before(path), with_kwargs=True))
                self._handles.append(module.register_forward_hook(self._after))
            else:
                self._handles.append(module.register_forward_pre_hook(lambda *_, path=path: self._go_in(path)))
                self._handles.append(module.register_forward_hook(lambda *_: self._leave()))
        super().__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        try:
            super().__exit__(*error)
        finally:
            for handle in self._handles:
                handle.remove()

    def watch_input(self, tensors: Iterable[Tensor], names: Iterable[str] = ()) -> None:
        """Record each tensor as an input of the network; `names`: what the network calls them."""
        for tensor, name in zip_longest(tensors, names):
            if tensor is None:
                return  # a parameter of forward that is left at its default
            id_ = self._name(INPUT)
            self.events.append(
                Event(id_, "", INPUT, None, (), (), shape_of(tensor), 0, 0, None, "", "", name=name or "")
            )
            sight = Sight() if tensor.dim() == 4 else None
            self._known[id(tensor)] = _Known(tensor, (id_,), sight=sight, shape=shape_of(tensor))

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        name, before = name_of(func), self.macs
        plain = name.strip("_") if name.endswith("__") else name.lstrip("_")  # in place, `relu_` keeps its mark
        result, macs = counted(func, plain, lambda: shapes.output(func, plain, args, kwargs), args, kwargs)
        self.macs += macs
        outputs = tensors_in(result)
        if outputs:
            self._record_call(name, args, kwargs, outputs, before)
        return result

    # ---- functions ---------------------------------------------------------------------------------------------------

    def _record_call(
        self,
        name: str,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        outputs: tuple[Tensor, ...],
        before: int,
    ) -> None:
        inputs = tensors_in((args, kwargs))
        if name.endswith("_") and (known := self._known.get(id(outputs[0]))) is not None:
            known.shape = shape_of(outputs[0])  # in place: the tensor may have taken another shape
        self._count_sum(name, inputs)
        sight = see(name, args, kwargs, [self._sight(each) for each in inputs], outputs[0])
        if self._call is not None:
            self._remember(outputs, self._sources(inputs), self._params(inputs), sight, name in PRODUCTS)
            return
        sources = self._sources(inputs) if name not in CONSTANTS else ()  # only the shape is taken of their inputs
        if not sources or self._is_view(name, inputs, outputs):
            self._remember(outputs, sources, self._params(inputs), sight)
            return
        params, macs = self._params(inputs), self.macs - before
        self._record(self._stack[-1][0], name.strip("_"), None, inputs, outputs, params, macs, sight, place())
        if name in PRODUCTS:
            self._known[id(outputs[0])].product = True

    def _count_sum(self, name: str, inputs: tuple[Tensor, ...]) -> None:
        known = self._known.get(id(inputs[0])) if inputs else None
        if name == "sum" and known is not None and known.product:
            self.macs += inputs[0].numel()

    def _is_view(self, name: str, inputs: tuple[Tensor, ...], outputs: tuple[Tensor, ...]) -> bool:
        """Tell whether only the shape changes: such steps are not drawn, unless they leave data away."""
        kept = sum(each.numel() for each in outputs) >= inputs[0].numel()
        return (name in VIEWS or name[:-1] in VIEWS) and (kept or name in ("expand", "unbind"))

    # ---- modules -----------------------------------------------------------------------------------------------------

    def _before(self, path: str) -> Callable[..., None]:
        def enter(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
            if self._call is None:
                self._begin(path)
                self._call = _Call(path, module, tensors_in((args, kwargs)), self.macs, place())

        return enter

    def _after(self, module: nn.Module, args: Any, output: Any) -> None:
        call = self._call
        if call is None or call.module is not module:
            return
        self._call = None
        outputs = tensors_in(output)
        macs = self.macs - call.macs
        sight = self._sight(outputs[0]) if outputs else None
        if isinstance(module, nn.Identity) and outputs:
            return
        if outputs:
            used = tuple(module.parameters())
            self._record(call.path, type(module).__name__, module, call.inputs, outputs, used, macs, sight, call.place)

    def _go_in(self, path: str) -> None:
        times = self._times[path] = self._times.get(path, 0) + 1
        around = self._stack[-1][1]
        self._stack.append((path, (*around, (path, times)) if times > 1 else around))
        self._begin(path)

    def _begin(self, path: str) -> None:
        if path not in self._entered:
            self._entered.add(path)
            return
        for each in [each for each in self._places if each == path or each.startswith((f"{path}.", f"{path}:"))]:
            del self._places[each]

    def _leave(self) -> None:
        self._stack.pop()

    # ---- both --------------------------------------------------------------------------------------------------------

    def _record(
        self, path: str, op: str, module: nn.Module | None, inputs: tuple[Tensor, ...], outputs: tuple[Tensor, ...],
        used: tuple[Tensor, ...], macs: int, sight: Sight | None, where: tuple[str, str],
    ) -> None:  # fmt: skip
        stem = path if module is not None else f"{path}:{op}"
        name = self._name(stem)
        self._places[stem] = self._places.get(stem, 0) + 1
        known = [found for each in inputs if (found := self._known.get(id(each))) is not None and found.producers]
        sources = tuple(dict.fromkeys(source for each in known for source in each.producers))
        shapes = tuple(each.shape for each in known)
        shared = next((self._counted[id(each)] for each in used if id(each) in self._counted), "")
        self.events.append(
            Event(
                name, path, op, module, sources, shapes, self._shape(outputs[0]), self._count(used, name), macs, sight,
                *where, shared, f"{stem}~{self._places[stem]}", calls=self._stack[-1][1],
            )
        )  # fmt: skip
        self._remember(outputs, (name,), (), sight)

    def _name(self, stem: str) -> str:
        self._names[stem] = self._names.get(stem, 0) + 1
        return stem if self._names[stem] == 1 else f"{stem}~{self._names[stem]}"

    def _remember(
        self, outputs: tuple[Tensor, ...], producers: tuple[str, ...], unused: tuple[Tensor, ...],
        sight: Sight | None, product: bool = False,
    ) -> None:  # fmt: skip
        for each in outputs:
            if id(each) not in self._owned:
                self._known[id(each)] = _Known(each, producers, product, unused, sight, self._shape(each))

    def _sources(self, tensors: Iterable[Tensor]) -> tuple[str, ...]:
        found = (source for each in tensors if id(each) in self._known for source in self._known[id(each)].producers)
        return tuple(dict.fromkeys(found))

    def _params(self, tensors: Iterable[Tensor]) -> tuple[Tensor, ...]:
        found: list[Tensor] = []
        for each in tensors:
            if id(each) in self._owned:
                found.append(each)
            elif id(each) in self._known:
                found.extend(self._known[id(each)].unused)
        return tuple(found)

    def _count(self, used: Iterable[Tensor], name: str) -> int:
        fresh = {id(each): name for each in used if id(each) not in self._counted}
        self._counted.update(fresh)
        return sum(self._owned[each] for each in fresh)

    def _shape(self, tensor: Tensor) -> tuple[int, ...]:
        known = self._known.get(id(tensor))
        return known.shape if known is not None else shape_of(tensor)

    def _sight(self, tensor: Tensor) -> Sight | None:
        known = self._known.get(id(tensor))
        return known.sight if known else None


def shape_of(tensor: Tensor) -> tuple[int, ...]:
    """Return the shape without the batch."""
    return tuple(tensor.shape)[1:]


def name_of(func: Callable[..., Any]) -> str:
    """Return the function's name; a property such as `x.T` goes by its own."""
    if getattr(func, "__name__", "") == "__get__":
        return str(getattr(getattr(func, "__self__", None), "__name__", "get"))
    return str(getattr(func, "__name__", type(func).__name__))


def tensors_in(value: Any) -> tuple[Tensor, ...]:
    """Return every tensor in nested tuples, lists and dicts, in order."""
    if type(value) is Tensor:
        return (value,)  # by far the most frequent case
    return tuple(_walk(value)) if isinstance(value, (Tensor, tuple, list, dict)) else ()


def _walk(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _walk(each)
    elif isinstance(value, (tuple, list)):
        for each in value:
            if type(each) is Tensor:
                yield each
            elif type(each) not in SCALARS:
                yield from _walk(each)


def place() -> tuple[str, str]:
    """Return "file.py:42" and that line, of the nearest caller outside torch and this package."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith((TORCH, HERE, "<")):
        frame = frame.f_back
    if frame is None:
        return "", ""
    file, line = frame.f_code.co_filename, frame.f_lineno
    return f"{os.path.basename(file)}:{line}", linecache.getline(file, line).strip()
