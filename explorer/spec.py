"""The nouns of Explorer: what an architecture, a task, a knob, a run and an experiment are.

Plain frozen dataclasses; this module knows neither torch nor Streamlit, so that every room of the house can import it.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias, TypeVar

Value: TypeAlias = bool | int | float | str | tuple[int, ...]
Settings: TypeAlias = Mapping[str, Value]
_T = TypeVar("_T")


class SpecError(ValueError):
    """A name or value that the card does not allow; the message says what was expected and names the nearest right one."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` for the known name closest to `name`, or the list of all if none is close."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f"did you mean '{close[0]}'?" if close else f"known: {', '.join(names)}"


def int_of(settings: Settings, name: str) -> int:
    """Read a whole number from the settings."""
    return _as_int(settings[name])


def float_of(settings: Settings, name: str) -> float:
    """Read a number from the settings."""
    return _as_float(settings[name])


def widths_of(settings: Settings, name: str = "widths") -> tuple[int, ...]:
    """Read a list of whole numbers from the settings."""
    return _as_widths(settings[name])


class Family(StrEnum):
    STANDARD = "standard"
    RECURRENT = "recurrent"
    CONVOLUTIONAL = "convolutional"
    GENERATIVE = "generative"
    TRANSFORMER = "transformer"
    CONTRASTIVE = "contrastive"


class Kind(StrEnum):
    """What a layer does; each kind has a colour and a glyph in the visual language."""

    CONVOLUTION = "convolution"
    LINEAR = "linear"
    ATTENTION = "attention"
    NORMALISATION = "normalisation"
    ACTIVATION = "activation"
    POOLING = "pooling"
    RECURRENT = "recurrent"
    RESHAPE = "reshape"
    LOSS = "loss"


class Scale(StrEnum):
    LINEAR = "linear"
    LOG = "log"


@dataclass(frozen=True)
class Knob:
    """Something to choose before a network is built or a data set is made: a number in a range, one of some choices, or widths.

    A tuple default means a list of integers (layer widths), each within minimum..maximum.
    """

    name: str
    label: str
    default: Value
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    choices: tuple[Value, ...] = ()
    scale: Scale = Scale.LINEAR
    help: str = ""
    variants: tuple[str, ...] = ()  # the paper-scale variants that have this knob; empty: all

    def check(self, value: Value) -> Value:
        """Return `value` in the knob's own type; raise SpecError naming value and range if it does not fit."""
        value = self._typed(value)
        if self.choices and value not in self.choices:
            expected = ", ".join(str(choice) for choice in self.choices)
            raise SpecError(f"{self.name} = {value} is not one of {expected}")
        for number in value if isinstance(value, tuple) else (value,):
            self._check_range(number)
        return value

    def clamp(self, value: Value) -> Value:
        """Return the nearest allowed value; values that cannot be read as the knob's type become the default."""
        try:
            value = self._typed(value)
        except SpecError:
            return self.default
        if self.choices:
            return value if value in self.choices else self.default
        if isinstance(value, tuple):
            return tuple(int(self._into_range(number)) for number in value) or self.default
        if isinstance(value, (bool, str)):
            return value
        inside = self._into_range(value)
        return int(inside) if isinstance(self.default, int) else float(inside)

    def _typed(self, value: Value) -> Value:
        try:
            if isinstance(self.default, bool):
                return _as_bool(value)
            if isinstance(self.default, tuple):
                return _as_widths(value)
            if isinstance(self.default, int):
                return _as_int(value)
            if isinstance(self.default, float):
                return _as_float(value)
        except (TypeError, ValueError):
            wanted = {bool: "true or false", int: "a whole number", float: "a number", tuple: "whole numbers like 8-8-6"}
            raise SpecError(f"{self.name} = {value!r} is not {wanted[type(self.default)]}") from None
        return str(value)

    def _check_range(self, number: Value) -> None:
        if isinstance(number, (bool, str, tuple)):
            return
        low, high = self.minimum, self.maximum
        if (low is not None and number < low) or (high is not None and number > high):
            raise SpecError(f"{self.name} = {number} is outside {low} … {high}")

    def _into_range(self, number: float) -> float:
        low = number if self.minimum is None else max(number, self.minimum)
        return low if self.maximum is None else min(low, self.maximum)


@dataclass(frozen=True)
class Hyper(Knob):
    """A knob that may be turned while a run is training."""


def _as_bool(value: Value) -> bool:
    words = {"true": True, "false": False, "1": True, "0": False}
    if str(value).lower() not in words:
        raise ValueError
    return words[str(value).lower()]


def _as_float(value: Value) -> float:
    if isinstance(value, tuple):
        raise TypeError
    number = float(value)
    if not math.isfinite(number):
        raise ValueError
    return number


def _as_int(value: Value) -> int:
    number = _as_float(value)
    if number != int(number):
        raise ValueError
    return int(number)


def _as_widths(value: Value) -> tuple[int, ...]:
    if isinstance(value, str):
        return tuple(_as_int(part) for part in value.replace(",", "-").split("-") if part)
    if isinstance(value, (bool, int, float)):
        return (_as_int(value),)
    return tuple(_as_int(part) for part in value)


@dataclass(frozen=True)
class Reference:
    """A paper, book or page: where a fact comes from."""

    title: str
    authors: str
    year: int
    venue: str = ""
    link: str = ""  # doi:… or arXiv:…; shown, never fetched


@dataclass(frozen=True)
class Published:
    """What the paper itself prints, and where; `why` says why ours differs, if it does."""

    text: str  # as printed, e.g. "60,000 trainable free parameters"
    source: str  # the place, e.g. "sec. II.B"
    parameters: int | None = None
    why: str = ""


@dataclass(frozen=True)
class Variant:
    """One paper-scale network of an architecture; ids are the names used everywhere."""

    id: str
    title: str
    input_shape: tuple[int, ...]  # without batch
    parameters: int  # exact: all learnable, tied weights once
    settings: Settings = field(default_factory=dict)  # knob values that make this variant
    fixed: int = 0  # constants that belong to the design but are not trained
    macs: int | None = None
    published: Published | None = None
    note: str = ""


class Sense(StrEnum):
    AT_LEAST = "at least"
    AT_MOST = "at most"


@dataclass(frozen=True)
class Metric:
    key: str  # as in the run's scalars, e.g. "test_accuracy"
    label: str
    percent: bool = False
    held_out: bool = False
    higher_is_better: bool = True


@dataclass(frozen=True)
class Target:
    """A number this network reaches on one CPU thread within the seconds given: the page's promise."""

    metric: str
    value: float
    seconds: float
    sense: Sense = Sense.AT_LEAST
    note: str = ""

    def reached(self, value: float) -> bool:
        return value >= self.value if self.sense is Sense.AT_LEAST else value <= self.value


@dataclass(frozen=True)
class Task:
    """What a small network is trained to do: a data set, a loss, a score, and all that can be turned."""

    key: str
    title: str
    kind: str  # module of explorer.tasks that makes the loss and the score
    dataset: str  # module of explorer.data
    lead: str  # one sentence for the learner
    hypers: tuple[Hyper, ...]
    metrics: tuple[Metric, ...]  # the first is the one drawn biggest
    lenses: tuple[str, ...]  # keys of the lenses shown while it trains, the first the largest
    inside: tuple[str, ...] = ()  # keys of the lenses of "Look inside"
    knobs: tuple[Knob, ...] = ()  # structure of the small network: needs a new start
    data_knobs: tuple[Knob, ...] = ()  # the data: needs a new start
    targets: tuple[Target, ...] = ()
    references: tuple[tuple[str, str, float], ...] = ()  # (metric, label, value) lines drawn into the curves, e.g. guessing

    def hyper(self, name: str) -> Hyper:
        return _pick(name, {hyper.name: hyper for hyper in self.hypers}, "hyperparameter")


@dataclass(frozen=True)
class LessonStep:
    title: str
    text: str  # Markdown, may hold $LaTeX$
    layers: tuple[str, ...] = ()  # module paths in the variant's graph that this step points at
    variant: str = ""  # empty: the card's first


@dataclass(frozen=True)
class Correction:
    """What tutorials say, and what the paper says."""

    myth: str
    truth: str
    source: str


@dataclass(frozen=True)
class Lesson:
    steps: tuple[LessonStep, ...]
    equations: tuple[tuple[str, str], ...]  # (LaTeX, what it says)
    corrections: tuple[Correction, ...]
    reading: tuple[Reference, ...] = ()


@dataclass(frozen=True)
class Arm:
    """One side of an experiment: a way of setting up the run. Each arm is run once per seed."""

    key: str
    label: str
    task: str
    knobs: Settings = field(default_factory=dict)
    hypers: Settings = field(default_factory=dict)
    data: Settings = field(default_factory=dict)
    steps: int = 0  # 0: the experiment's


class Outcome(StrEnum):
    HOLDS = "Holds, here."
    PARTLY = "Holds in part."
    FAILS = "Does not hold, here."
    OPEN = "Not resolved."


@dataclass(frozen=True)
class Measured:
    """What one arm measured for one seed: final figures, and curves by step."""

    arm: str
    seed: int
    figures: Mapping[str, float]
    curves: Mapping[str, tuple[tuple[int, ...], tuple[float, ...]]]


@dataclass(frozen=True)
class Verdict:
    outcome: Outcome
    text: str  # what was measured, with figures


@dataclass(frozen=True)
class Experiment:
    """A claim, the runs that test it, and a rule that turns their measurements into a verdict."""

    key: str
    title: str
    claim: str
    source: str
    question: str  # asked before it runs
    options: tuple[str, ...]  # predictions to choose from
    right: Callable[[tuple[Measured, ...]], int]  # index of the option that the measurements support
    arms: tuple[Arm, ...]
    steps: int
    curve: str  # key of the curve drawn over steps
    figure: str  # key of the final figure drawn seed by seed
    judge: Callable[[tuple[Measured, ...]], Verdict]
    small_print: tuple[str, ...]
    probe: str = ""  # function of architectures/<key>/probes.py: measures more on each trained network
    seeds: int = 3


@dataclass(frozen=True)
class Ancestor:
    key: str
    idea: str  # what was taken over


@dataclass(frozen=True)
class Card:
    """All that Explorer knows of an architecture without building it."""

    key: str
    title: str
    family: Family
    lead: str  # one sentence
    paper: Reference
    variants: tuple[Variant, ...]
    tasks: tuple[Task, ...]
    lesson: Lesson
    knobs: tuple[Knob, ...] = ()  # structure at paper scale
    experiments: tuple[Experiment, ...] = ()
    ancestors: tuple[Ancestor, ...] = ()
    order: int = 0  # place in its family

    def variant(self, id: str) -> Variant:
        return _pick(id, {variant.id: variant for variant in self.variants}, f"variant of {self.key}")

    def task(self, key: str) -> Task:
        return _pick(key, {task.key: task for task in self.tasks}, f"task of {self.key}")

    def experiment(self, key: str) -> Experiment:
        return _pick(key, {each.key: each for each in self.experiments}, f"experiment of {self.key}")

    def settings(self, variant: Variant, chosen: Settings) -> dict[str, Value]:
        """Return every knob's value for this variant: default, then the variant's own, then what was chosen (checked)."""
        knobs = {knob.name: knob for knob in self.knobs if not knob.variants or variant.id in knob.variants}
        values: dict[str, Value] = {name: knob.default for name, knob in knobs.items()} | dict(variant.settings)
        for name, value in chosen.items():
            values[name] = _pick(name, knobs, f"knob of {variant.id}").check(value)
        return values


def _pick(name: str, known: Mapping[str, _T], what: str) -> _T:
    if name not in known:
        raise SpecError(f"no {what} is called '{name}'; {nearest(name, known)}")
    return known[name]


@dataclass(frozen=True)
class RunSpec:
    """All that decides a run: with its journal it replays bit-exactly on the same device."""

    architecture: str
    task: str
    seed: int
    device: str = "cpu"
    knobs: Settings = field(default_factory=dict)  # complete: every knob of the task
    hypers: Settings = field(default_factory=dict)  # complete: initial values
    data: Settings = field(default_factory=dict)  # complete: every data knob
    upload: str = ""  # id of the learner's own data in the store, if the task takes any
    steps: int = 0  # stop after so many steps; 0: until stopped
    probe: str = ""  # function of architectures/<key>/probes.py that measures more when the last step is done
