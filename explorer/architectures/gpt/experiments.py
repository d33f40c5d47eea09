"""Experiments with small GPTs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from explorer.judging import always_above, figures, mean, percent, spread
from explorer.spec import Arm, Experiment, Measured, Outcome, Verdict

Runs = tuple[Measured, ...]
SHAPES = ("shallow", "middle", "deep")
WIDTHS = ("12", "24", "48", "96")
STRAIGHT = 0.95  # R² from which points are called roughly straight


def _losses(measured: Runs, arms: Sequence[str]) -> dict[str, tuple[float, ...]]:
    return {arm: figures(measured, arm, "test_loss") for arm in arms}


def _listed(losses: dict[str, tuple[float, ...]], names: Sequence[str]) -> str:
    return ", ".join(f"{name} {spread(values)}" for name, values in zip(names, losses.values(), strict=True))


def _judge_context(measured: Runs) -> Verdict:
    losses = _losses(measured, ("16", "64", "128"))
    at = {place: mean(figures(measured, "64", f"loss_at_{place}")) for place in ("1", "4", "16", "end")}
    text = (
        f"Nats a character, held out, after as many characters read: {_listed(losses, ('16 tokens', '64', '128'))}. "
        f"Within the net of 64: {at['1']:.2f} at the first place, {at['4']:.2f} at the fourth, {at['16']:.2f} at the "
        f"sixteenth, {at['end']:.2f} over the last quarter."
    )
    if always_above(losses["16"], losses["128"]):
        return Verdict(Outcome.HOLDS, text)
    return Verdict(Outcome.FAILS if always_above(losses["128"], losses["16"]) else Outcome.OPEN, text)


def _right_context(measured: Runs) -> int:
    losses = _losses(measured, ("16", "64", "128"))
    if always_above(losses["16"], losses["128"]):
        return 0
    return 1 if always_above(losses["128"], losses["16"]) else 2


def _judge_deep(measured: Runs) -> Verdict:
    losses = _losses(measured, SHAPES)
    sizes = [round(mean(figures(measured, arm, "block_parameters"))) for arm in SHAPES]
    text = (
        f"Blocks of {min(sizes):,} to {max(sizes):,} parameters. Nats a character, held out: "
        f"{_listed(losses, ('one block', 'two', 'four'))}."
    )
    if always_above(losses["shallow"], losses["deep"]):
        return Verdict(Outcome.HOLDS, text)
    return Verdict(Outcome.FAILS if always_above(losses["deep"], losses["shallow"]) else Outcome.OPEN, text)


def _right_deep(measured: Runs) -> int:
    losses = _losses(measured, SHAPES)
    if always_above(losses["shallow"], losses["deep"]):
        return 0
    return 1 if always_above(losses["deep"], losses["shallow"]) else 2


def line(sizes: Sequence[float], losses: Sequence[float]) -> tuple[float, float]:
    """Return slope and R² of the straight line through log loss over log size."""
    x, y = [math.log(each) for each in sizes], [math.log(each) for each in losses]
    dx, dy = [each - mean(x) for each in x], [each - mean(y) for each in y]
    slope = sum(a * b for a, b in zip(dx, dy, strict=True)) / sum(a * a for a in dx)
    left = sum((b - slope * a) ** 2 for a, b in zip(dx, dy, strict=True))
    return slope, 1 - left / max(sum(b * b for b in dy), 1e-30)


def _falling(measured: Runs) -> tuple[bool, float, float]:
    """Return whether every size beats all smaller ones, and slope and R² through all runs' means."""
    losses = list(_losses(measured, WIDTHS).values())
    sizes = [mean(figures(measured, arm, "block_parameters")) for arm in WIDTHS]
    falls = all(mean(small) > mean(large) for small, large in pairwise(losses))
    return (falls, *line(sizes, [mean(each) for each in losses]))


def _judge_scaling(measured: Runs) -> Verdict:
    falls, slope, straight = _falling(measured)
    sizes = [f"{round(mean(figures(measured, arm, 'block_parameters'))):,}" for arm in WIDTHS]
    text = (
        f"Nats a character, held out, by parameters of the blocks: {_listed(_losses(measured, WIDTHS), sizes)}. "
        f"The line on log axes has the slope {slope:.3f}".replace("-", "−")
        + f" and R² {straight:.2f}."
    )
    ends = _losses(measured, (WIDTHS[0], WIDTHS[-1]))
    if not always_above(ends[WIDTHS[0]], ends[WIDTHS[-1]]):
        return Verdict(Outcome.FAILS if always_above(ends[WIDTHS[-1]], ends[WIDTHS[0]]) else Outcome.OPEN, text)
    return Verdict(Outcome.HOLDS if falls and straight >= STRAIGHT else Outcome.PARTLY, text)


def _right_scaling(measured: Runs) -> int:
    falls, _, straight = _falling(measured)
    return 2 if not falls else 0 if straight >= STRAIGHT else 1


def _judge_copying(measured: Runs) -> Verdict:
    one, two = figures(measured, "one", "test_accuracy"), figures(measured, "two", "test_accuracy")
    looks, before = figures(measured, "two", "induction"), figures(measured, "two", "previous")
    text = (
        f"Of the repeated symbols, one block foretells {percent(one)}, two blocks {percent(two)}. With two, some head "
        f"gives {percent(looks)} of its attention to what followed last time, and some head {percent(before)} to the "
        f"token before; with one block the first figure is {percent(figures(measured, 'one', 'induction'))}."
    )
    if always_above(two, one, 0.3):
        return Verdict(Outcome.HOLDS if max(one) < 0.5 else Outcome.PARTLY, text)
    return Verdict(Outcome.FAILS if not always_above(two, one) and min(one) > 0.9 else Outcome.OPEN, text)


def _right_copying(measured: Runs) -> int:
    one, two = figures(measured, "one", "test_accuracy"), figures(measured, "two", "test_accuracy")
    if always_above(two, one, 0.3):
        return 1
    return 0 if min(one) > 0.9 else 2


def _reading(context: int) -> Arm:
    knobs, hypers, data = {"decay_steps": 300}, {"batch_size": 1024 // context}, {"context": context}
    return Arm(str(context), f"{context} characters", "characters", knobs, hypers, data)


def _shape(key: str, layers: int, width: int, steps: int, rate: float) -> Arm:
    label = f"{layers} × {width}"
    knobs = {"num_layers": layers, "embed_dim": width, "decay_steps": steps}
    return Arm(key, label, "characters", knobs, {"learning_rate": rate})


EXPERIMENTS = (
    Experiment(
        key="copying",
        title="Two heads that copy",
        claim="Looking up what followed last time takes two layers of attention: one layer cannot do it.",
        source="Elhage et al. 2021, “A Mathematical Framework for Transformer Circuits”; Olsson et al. 2022",
        question="Random symbols, then the same again. How many blocks does a GPT need to foretell the repetition?",
        options=("One: attention can look anywhere", "Two", "Neither learns it in so short a time"),
        right=_right_copying,
        arms=(
            Arm("one", "one block", "repeats", {"num_layers": 1}),
            Arm("two", "two blocks", "repeats", {"num_layers": 2}),
        ),
        steps=800,
        curve="test_accuracy",
        figure="test_accuracy",
        judge=_judge_copying,
        small_print=(
            "Tokens and places start large here (0.7). At the other tasks' spread, 0.1, two blocks had not found it "
            "after 700 steps: how the places begin decides when the heads form.",
            "One block has half the parameters of two, and no wider one was tried. That one look cannot do it is an "
            "argument from what attention computes, not from this run.",
        ),
        probe="heads",
    ),
    Experiment(
        key="context",
        title="How far back",
        claim="The further back a language model can look, the better it foretells.",
        source="Brown et al. 2020 read 2,048 tokens, GPT-1 512; Kaplan et al. 2020, sec. 3.2.2, measure loss by place",
        question=(
            "Three nets read equally many characters in each step, in windows of 16, 64 and 128. Which is best after "
            "300 steps?"
        ),
        options=("The one with 128", "The one with 16", "No clear difference"),
        right=_right_context,
        arms=tuple(_reading(context) for context in (16, 64, 128)),
        steps=300,
        curve="test_loss",
        figure="test_loss",
        judge=_judge_context,
        small_print=(
            "A few seconds of training. What is far away is of use only once words and phrases are learnt; large "
            "models that train for long gain from longer windows.",
            "Within one net more context does help: the loss falls from place to place, steeply over the first few.",
            "Windows are scored whole, so the first characters, with little before them, weigh more in short ones.",
        ),
        probe="places",
    ),
    Experiment(
        key="shape",
        title="Deep or wide",
        claim="With as many parameters, a deep network beats a wide one.",
        source="a common reading of “deep learning”; Kaplan et al. 2020, sec. 3.1, find that shape hardly matters",
        question="Blocks with 112,000 parameters: one wide, two, or four narrow ones. Which is best after 200 steps?",
        options=("Four blocks", "One block", "No clear difference"),
        right=_right_deep,
        arms=(
            _shape("shallow", 1, 96, 200, 0.01),
            _shape("middle", 2, 68, 200, 0.01),
            _shape("deep", 4, 48, 200, 0.01),
        ),
        steps=200,
        curve="test_loss",
        figure="test_loss",
        judge=_judge_deep,
        small_print=(
            "The first seconds of training, at one learning rate for all three. A deep net takes longer to get going.",
            "Deep is also slower here: the same multiply–adds in more and smaller pieces.",
            "See “Two heads that copy”: there a second block is worth everything.",
        ),
        probe="size",
    ),
    Experiment(
        key="scaling",
        title="A small scaling law",
        claim="The loss falls with the number of parameters along a straight line on logarithmic axes.",
        source="Kaplan et al. 2020, fig. 1; Hoffmann et al. 2022 on what changes when the amount of work is fixed",
        question="Four widths, 12 to 96, trained for as many steps. How does the held-out loss fall?",
        options=(
            "Roughly along a straight line on log axes",
            "It falls, but not along a line",
            "A smaller one is best",
        ),
        right=_right_scaling,
        arms=tuple(_shape(each, 2, int(each), 300, 0.01) for each in WIDTHS),
        steps=300,
        curve="test_loss",
        figure="test_loss",
        judge=_judge_scaling,
        small_print=(
            "Four points fit almost any law: call it roughly straight, not a measured exponent.",
            "Equal steps are not equal work: the largest takes several times as long. With seven seconds each, in one "
            "trial, a width of 48 did best.",
            "One learning rate for all sizes.",
        ),
        probe="size",
    ),
)
