"""What recurrent networks are trained to do here; RNN and LSTM share the tasks, each with settings of its own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from explorer import dials
from explorer.spec import Hyper, Knob, Metric, Sense, Settings, Target, Task

NATS = Metric("test_loss", "loss (nats a character), held out", held_out=True, higher_is_better=False)
GRADIENT = Metric("gradient_norm", "gradient before clipping", higher_is_better=False)
TEXT = (
    NATS,
    Metric("loss", "loss (nats a character)", higher_is_better=False),
    Metric("test_accuracy", "next character right, held out", percent=True, held_out=True),
    Metric("accuracy", "next character right", percent=True),
    GRADIENT,
)
SERIES = (
    Metric("test_nrmse", "error over spread (NRMSE), one step, held out", held_out=True, higher_is_better=False),
    Metric("nrmse", "error over spread (NRMSE)", higher_is_better=False),
    Metric("test_nrmse_free", "NRMSE running free, held out", held_out=True, higher_is_better=False),
    Metric("loss", "loss (squared error)", higher_is_better=False),
    GRADIENT,
)
SUMS = (
    Metric("test_loss", "loss (squared error), held out", held_out=True, higher_is_better=False),
    Metric("loss", "loss (squared error)", higher_is_better=False),
    GRADIENT,
)
COPIES = (
    Metric("test_accuracy", "letters right, held out", percent=True, held_out=True),
    Metric("accuracy", "letters right", percent=True),
    Metric("loss", "loss (nats a letter)", higher_is_better=False),
    Metric("test_loss", "loss (nats a letter), held out", held_out=True, higher_is_better=False),
    GRADIENT,
)


@dataclass(frozen=True)
class Recipe:
    """How one architecture learns one task: rate, batch, size of its layer, structural knobs that differ, target."""

    rate: float
    hidden_size: int
    targets: tuple[Target, ...] = ()
    batch: int = 32
    clip: float = 1.0
    decay_steps: int = 0
    knobs: Settings = field(default_factory=dict)


def clip(default: float) -> Hyper:
    return Hyper(
        "clip", "clip gradient at", default, 0.0, 10.0, 0.1,
        help="A gradient longer than this is shortened to it, its direction kept. 0: never.",
    )  # fmt: skip


def _hypers(recipe: Recipe, *more: Hyper) -> tuple[Hyper, ...]:
    return (
        dials.learning_rate(recipe.rate, 10.0),
        clip(recipe.clip),
        dials.batch_size(recipe.batch, 256),
        *more,
        dials.momentum(0.0),
    )


@dataclass(frozen=True)
class Maker:
    """Makes the tasks of one architecture: its structural knobs, its lenses, and a recipe for each task."""

    knobs: tuple[Knob, ...]  # beside the size of the layer, which comes first
    lenses: tuple[str, ...]  # that look at states, common to all tasks
    recipes: Mapping[str, Recipe]

    def characters(self, lead: str) -> Task:
        recipe = self.recipes["characters"]
        back = Hyper(
            "steps_back", "steps back", 64, 4, 256, 4,
            help="How many characters errors are carried back through. The state itself goes on for ever.",
        )  # fmt: skip
        lenses = ("next_character", "hidden_states", *self.lenses, "state_space", "gradient_through_time")
        return self._task(
            "characters", "Next character of Austen", "next_token", "characters.austen", lead, recipe, (back,), TEXT,
            lenses,
            references=(("test_loss", "counting pairs", 2.45), ("test_loss", "counting triples", 1.89)),
        )  # fmt: skip

    def sines(self, lead: str) -> Task:
        recipe = self.recipes["sines"]
        lenses = ("forecast", "hidden_states", *self.lenses, "state_space", "gradient_through_time")
        return self._task(
            "sines", "Two noisy sines", "regression", "series.sines", lead, recipe, (dials.noise(0.1),), SERIES, lenses,
            references=(("test_nrmse", "the last value once more", 0.5),),
        )  # fmt: skip

    def sunspots(self, lead: str) -> Task:
        recipe = self.recipes["sunspots"]
        lenses = ("forecast", "hidden_states", *self.lenses, "state_space", "gradient_through_time")
        return self._task(
            "sunspots", "Yearly sunspots", "regression", "series.sunspots", lead, recipe, (), SERIES, lenses,
            references=(
                ("test_nrmse", "the last year once more", 0.63), ("test_nrmse", "a linear rule on nine years", 0.36),
            ),
        )  # fmt: skip

    def adding(self, lead: str) -> Task:
        recipe = self.recipes["adding"]
        length = Knob(
            "length", "length", 100, 10, 200, 10, help="Steps of a sequence; the first mark is in its first half."
        )
        lenses = ("recall", "gradient_through_time", "hidden_states", *self.lenses, "state_space")
        return self._task(
            "adding", "Adding two numbers", "regression", "memory.adding", lead, recipe, (), SUMS, lenses,
            data_knobs=(length,), references=(("test_loss", "always answering 1", 1 / 6),),
        )  # fmt: skip

    def copying(self, lead: str) -> Task:
        recipe = self.recipes["copying"]
        data_knobs = (
            Knob("letters", "letters", 3, 1, 10, 1, help="So many are to be remembered, each one of eight."),
            Knob("delay", "delay", 10, 1, 150, 1, help="Steps between the last letter and the question."),
        )  # fmt: skip
        lenses = ("recall", "gradient_through_time", "hidden_states", *self.lenses, "state_space")
        return self._task(
            "copying", "Copying after a delay", "next_token", "memory.copying", lead, recipe, (), COPIES, lenses,
            data_knobs=data_knobs,
            references=(("test_accuracy", "guessing", 1 / 8), ("loss", "guessing", math.log(8))),
        )  # fmt: skip

    def _task(
        self, key: str, title: str, kind: str, dataset: str, lead: str, recipe: Recipe, more: tuple[Hyper, ...],
        metrics: tuple[Metric, ...], lenses: tuple[str, ...], data_knobs: tuple[Knob, ...] = (),
        references: tuple[tuple[str, str, float], ...] = (),
    ) -> Task:  # fmt: skip
        return Task(
            key=key,
            title=title,
            kind=kind,
            dataset=dataset,
            lead=lead,
            hypers=_hypers(recipe, *more),
            metrics=metrics,
            lenses=lenses,
            inside=lenses,
            knobs=self._knobs(recipe),
            data_knobs=data_knobs,
            targets=recipe.targets,
            references=references,
        )

    def _knobs(self, recipe: Recipe) -> tuple[Knob, ...]:
        size = Knob(
            "hidden_size", "hidden units", recipe.hidden_size, 1, 256, 1,
            help="How many numbers are carried from step to step.",
        )  # fmt: skip
        own = tuple(_with_default(knob, recipe.knobs) for knob in self.knobs)
        schedule = dials.schedule("linear" if recipe.decay_steps else "constant", recipe.decay_steps)
        return (size, *own, dials.optimizer("adam"), *schedule)


def _with_default(knob: Knob, defaults: Settings) -> Knob:
    return replace(knob, default=defaults[knob.name]) if knob.name in defaults else knob


def at_most(metric: str, value: float, seconds: float, note: str = "") -> Target:
    return Target(metric, value, seconds, Sense.AT_MOST, note)
