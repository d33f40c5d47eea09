"""Benchmarks: each measures one promise of Explorer beside a reference measured in the same run, where one exists."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator

from explorer.bench.report import FULL, Effort, Report, machine
from explorer.spec import SpecError, nearest

NAMES = (
    "startup",
    "views",
    "blueprints",
    "watching",
    "controls",
    "thirty_runs",
    "thirty_browsers",
    "playground",
    "recovery",
)


def run(names: Iterable[str] = (), effort: Effort = FULL) -> Iterator[Report]:
    """Run the named benchmarks (all, if none is named) one after the other; raises SpecError for an unknown name."""
    chosen = tuple(names) or NAMES
    for name in chosen:
        if name not in NAMES:
            raise SpecError(f"no benchmark is called '{name}'; {nearest(name, NAMES)}")
    for name in chosen:
        module = importlib.import_module(f"explorer.bench.{name}")
        yield Report(name, module.TITLE, machine(), tuple(module.measure(effort)))
