"""The nouns of Explorer: what an architecture, a task, a knob, a run and an experiment are.

Plain frozen dataclasses; this module knows neither torch nor Streamlit, so that every room of the house can import it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from explorer.knobs import (
    Hyper,
    Knob,
    Scale,
    Settings,
    SpecError,
    Value,
    float_of,
    int_of,
    nearest,
    widths_of,
)

__all__ = [
    "Ancestor", "Arm", "Benchmark", "Card", "Correction", "Experiment", "Family", "Hyper", "Kind", "Knob", "Lesson",
    "LessonStep", "Link", "Measured", "Metric", "Outcome", "Published", "Reference", "Result", "RunSpec", "Scale",
    "Sense", "Settings", "SpecError", "Target", "Task", "Value", "Variant", "Verdict", "float_of", "int_of", "nearest",
    "widths_of",
]  # fmt: skip

_T = TypeVar("_T")


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


class Benchmark(StrEnum):
    """What papers measure networks by: a data set and a score, all of them "the less the better" or the contrary."""

    IMAGENET_TOP1 = "ImageNet, top-1 error, %"
    IMAGENET_TOP5 = "ImageNet, top-5 error, %"
    CIFAR10 = "CIFAR-10, error, %"
    MNIST = "MNIST, error, %"
    VOC2012_IOU = "PASCAL VOC 2012, mean IU, %"
    WMT14_EN_DE = "WMT 2014 English–German, BLEU"
    GLUE = "GLUE, average score"
    WIKITEXT103 = "WikiText-103, perplexity"
    LAMBADA = "LAMBADA, accuracy, %"

    @property
    def less_is_better(self) -> bool:
        """Whether this is a measure of what goes wrong."""
        return "error" in self.value or "perplexity" in self.value


@dataclass(frozen=True)
class Result:
    """What the paper reports this very network to reach; only figures of the variant as published."""

    benchmark: Benchmark
    value: float  # in the benchmark's unit
    source: str  # the place in the paper and the terms, e.g. "Table 4, 10 crops, validation"


@dataclass(frozen=True)
class Link:
    """A tie that no data flow along and the picture should show: a copy, an average, a loop of agreement.

    Drawn dashed from one module path to another, with its text.
    """

    source: str
    target: str
    text: str  # two or three words, e.g. "momentum update"


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
    short: str = ""  # its name beside its siblings, e.g. "50"; empty: the title
    group: str = ""  # variants of one group stand together in the picker, e.g. "ImageNet"
    results: tuple[Result, ...] = ()
    links: tuple[Link, ...] = ()


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
    pace: float = 0.0  # steps a second that eyes can follow, for a network that takes thousands; 0: as fast as it goes
    references: tuple[tuple[str, str, float], ...] = ()  # (metric, label, value): lines in the curves, e.g. guessing

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

    def answered(self, measured: tuple[Measured, ...]) -> tuple[Verdict, int | None]:
        """Return the verdict, and the index of the option it supports; None where the measurements leave it open."""
        verdict = self.judge(measured)
        return verdict, None if verdict.outcome is Outcome.OPEN else self.right(measured)


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
    lesson: Lesson
    tasks: tuple[Task, ...] = ()
    knobs: tuple[Knob, ...] = ()  # structure at paper scale
    experiments: tuple[Experiment, ...] = ()
    ancestors: tuple[Ancestor, ...] = ()
    order: int = 0  # place in its family
    face: str = ""  # id of the variant that stands for it, on Home and where none is asked for; empty: the first
    since: int = 0  # year of its first paper, where `paper` names a later one too; 0: the paper's

    @property
    def usual(self) -> Variant:
        """The variant that stands for the architecture."""
        return self.variant(self.face) if self.face else self.variants[0]

    @property
    def year(self) -> int:
        """The year it came into the world, for orders and family trees."""
        return self.since or self.paper.year

    @property
    def first_task(self) -> Task:
        """The task that is meant where none is named; raises SpecError if its small network does not train here."""
        if not self.tasks:
            raise SpecError(f"{self.title} has no small network that trains live yet; its Structure and Learn are here")
        return self.tasks[0]

    def variant(self, id: str) -> Variant:
        return _pick(id, {variant.id: variant for variant in self.variants}, f"variant of {self.key}")

    def task(self, key: str) -> Task:
        known = {task.key: task for task in self.tasks} or {"": self.first_task}
        return _pick(key, known, f"task of {self.key}")

    def experiment(self, key: str) -> Experiment:
        return _pick(key, {each.key: each for each in self.experiments}, f"experiment of {self.key}")

    def settings(self, variant: Variant, chosen: Settings) -> dict[str, Value]:
        """Return every knob's value for this variant: default, the variant's own, what was chosen (checked)."""
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
