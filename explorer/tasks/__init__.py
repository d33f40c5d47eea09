"""What a network is trained to do: a kind of task is a module with a loss and a score, found by name.

Every module has
`loss(logits, targets) -> Tensor` (0-dim, mean over the batch),
`score(logits, targets) -> dict[str, Tensor]` (0-dim means over the batch, e.g. "accuracy"),
`outputs(classes) -> int` (how many logits the network must give for so many classes) and
`probabilities(logits) -> Tensor` ((B, classes), rows sum to 1).
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

from explorer.spec import SpecError, nearest


def names() -> tuple[str, ...]:
    """Return the kinds of task there are."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def get(kind: str) -> ModuleType:
    """Return the module that defines this kind of task; raises SpecError for an unknown one."""
    if kind not in names():
        raise SpecError(f"no kind of task is called '{kind}'; {nearest(kind, names())}")
    return importlib.import_module(f"{__name__}.{kind}")
