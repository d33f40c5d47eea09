"""What a benchmark hands back: figures with their references and goals, and the machine they were measured on."""

from __future__ import annotations

import math
import os
import platform
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import psutil

from explorer.engine.messages import Json


@dataclass(frozen=True)
class Effort:
    """How much work a benchmark does; a smaller effort gives the same report with less certain figures."""

    seconds: float  # of each measured stretch
    rounds: int  # repetitions of what is quick
    crowd: int  # learners at once
    networks: int  # to go through; 0: all


FULL = Effort(seconds=10.0, rounds=40, crowd=30, networks=0)
SMALL = Effort(seconds=0.3, rounds=2, crowd=2, networks=2)


class Judged(StrEnum):
    """Which number the goal is about."""

    VALUE = "value"
    RATIO = "ratio"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Figure:
    """One measured number. `goal` bounds the value or the ratio to the reference, from below or above."""

    what: str
    value: float
    unit: str
    reference: float = math.nan
    reference_what: str = ""
    judged: Judged = Judged.NOTHING
    at_least: float = -math.inf
    at_most: float = math.inf
    note: str = ""

    @property
    def ratio(self) -> float:
        """Value over reference; nan where there is no reference."""
        return self.value / self.reference if self.reference else math.nan

    @property
    def reached(self) -> bool | None:
        """Whether the goal is reached; None where there is no goal, or nothing to judge it by."""
        number = {Judged.VALUE: self.value, Judged.RATIO: self.ratio, Judged.NOTHING: math.nan}[self.judged]
        return None if math.isnan(number) else self.at_least <= number <= self.at_most

    @property
    def goal(self) -> str:
        if self.judged is Judged.NOTHING:
            return ""
        bound = f"≥ {self.at_least:g}" if self.at_least > -math.inf else f"≤ {self.at_most:g}"
        return f"{bound} × reference" if self.judged is Judged.RATIO else f"{bound} {self.unit}".rstrip()

    def json(self) -> dict[str, Json]:
        """Return the figure as JSON; what was not measured is null."""
        return {
            "what": self.what,
            "value": _number(self.value),
            "unit": self.unit,
            "reference": _number(self.reference),
            "reference_what": self.reference_what,
            "ratio": _number(self.ratio),
            "goal": self.goal,
            "reached": self.reached,
            "note": self.note,
        }


@dataclass(frozen=True)
class Report:
    name: str
    title: str
    machine: str
    figures: tuple[Figure, ...]

    def json(self) -> dict[str, Json]:
        return {
            "name": self.name,
            "title": self.title,
            "machine": self.machine,
            "figures": [figure.json() for figure in self.figures],
        }

    def text(self) -> str:
        """Return the report as a table for a terminal."""
        return "\n".join(
            [f"{self.title}  ({self.name}; {self.machine})", *(_line(figure) for figure in self.figures), ""]
        )


def percentile(values: list[float], share: float) -> float:
    """Return the value below which `share` (0 … 1) of the values lie (nearest rank); nan of nothing."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


@cache
def machine() -> str:
    """Return the processor, its cores, the memory and the versions that figures depend on, in one line."""
    from importlib.metadata import version

    memory = psutil.virtual_memory().total / 2**30
    parts = (_processor(), f"{os.cpu_count()} cores", f"{memory:.0f} GiB", platform.system())
    return ", ".join((*parts, f"Python {platform.python_version()}", f"torch {version('torch')}"))


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    if facts.is_file():
        for line in facts.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _number(value: float) -> float | None:
    return round(value, 6) if math.isfinite(value) else None


def _line(figure: Figure) -> str:
    against = (
        f"  {figure.ratio:.2f} × {figure.reference:,.4g} ({figure.reference_what})" if figure.reference_what else ""
    )
    verdict = {None: "", True: f"  goal {figure.goal}: reached", False: f"  goal {figure.goal}: NOT reached"}
    value = f"{figure.value:,.4g}" if math.isfinite(figure.value) else "not measured"
    note = f"  [{figure.note}]" if figure.note else ""
    return f"  {figure.what:<58} {value:>12} {figure.unit}{against}{verdict[figure.reached]}{note}"
