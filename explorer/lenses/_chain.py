"""A network's layers as they ran: each weighted sum or pooling, with the cell-by-cell layers that follow it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from torch import Tensor, nn

from explorer.lenses._looking import is_activation
from explorer.spec import Kind

DROPOUTS = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout)
NORMALISATIONS = (nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm, nn.LocalResponseNorm)


@dataclass
class Link:
    """One layer: what it saw, what it summed to, and what left it after those that follow it cell by cell."""

    path: str
    module: nn.Module
    seen: Tensor
    summed: Tensor
    left: Tensor
    sources: tuple[int, ...] = ()  # the layers whose output it saw; none: the network's input
    follows: list[str] = field(default_factory=list)  # names of the modules that were applied cell by cell

    @property
    def kind(self) -> Kind:
        """What the layer does, for its colour and glyph."""
        if isinstance(self.module, (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose2d)):
            return Kind.CONVOLUTION
        if isinstance(self.module, nn.Linear):
            return Kind.LINEAR
        if isinstance(self.module, NORMALISATIONS):
            return Kind.NORMALISATION
        if is_activation(self.module):
            return Kind.ACTIVATION
        shrinks = self.left.dim() == self.seen.dim() == 4 and self.left.shape[2:] != self.seen.shape[2:]
        return Kind.POOLING if shrinks else Kind.RESHAPE


@contextmanager
def recording(model: nn.Module) -> Iterator[list[Link]]:
    """Inside, a forward pass fills the list, in the order in which the layers ran; hooks are gone at the end."""
    links: list[Link] = []
    made_by: dict[int, int] = {}  # id of an output tensor -> place in `links`
    alive: list[Tensor] = []  # keeps those ids from being given out again
    handles = [
        module.register_forward_hook(_hook(path, links, made_by, alive))
        for path, module in model.named_modules()
        if not any(True for _ in module.children())
    ]
    try:
        yield links
    finally:
        for handle in handles:
            handle.remove()


def _hook(
    path: str, links: list[Link], made_by: dict[int, int], alive: list[Tensor]
) -> Callable[[nn.Module, tuple[object, ...], object], None]:
    def caught(module: nn.Module, inputs: tuple[object, ...], output: object) -> None:
        if not inputs or not isinstance(inputs[0], Tensor) or not isinstance(output, Tensor):
            return
        source = made_by.get(id(inputs[0]), -1)
        if source >= 0 and _cell_by_cell(module, inputs[0], output):
            _join(links[source], module, output)
        else:
            source = len(links)
            before = tuple(made_by[id(each)] for each in inputs if id(each) in made_by)
            links.append(Link(path, module, inputs[0].clone(), output.clone(), output.clone(), before))
        made_by[id(output)] = source
        alive.extend((inputs[0], output))

    return caught


def _join(link: Link, module: nn.Module, output: Tensor) -> None:
    link.left = output.clone()
    if not isinstance(module, (*DROPOUTS, nn.Identity)):
        link.follows.append(type(module).__name__)


def _cell_by_cell(module: nn.Module, seen: Tensor, output: Tensor) -> bool:
    """Whether the module changes each cell by itself: activations, normalisation, dropout, thresholds."""
    return seen.shape == output.shape and (
        is_activation(module)
        or isinstance(module, (*DROPOUTS, *NORMALISATIONS))
        or (not any(True for _ in module.parameters()) and not type(module).__name__.endswith(("Pool2d", "Flatten")))
    )
