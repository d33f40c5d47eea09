"""Experiments with Network in Network's ideas: how maps become an answer, and what a 1 × 1 convolution is good for."""

from __future__ import annotations

from explorer.judging import always_above, figures, mean, percent
from explorer.spec import Arm, Experiment, Measured, Outcome, Settings, Verdict

Runs = tuple[Measured, ...]


# ---- read-outs -------------------------------------------------------------------------------------------------------

WORDS = {"average": "the mean", "max": "the largest cell", "cells": "a weight for each cell", "dense": "dense layers"}


def _judge_read_out(measured: Runs) -> Verdict:
    right, gaps, sizes = (
        {arm: figures(measured, arm, key) for arm in WORDS} for key in ("test_accuracy", "gap", "parameters")
    )
    told = "; ".join(
        f"{words}: {round(mean(sizes[arm])):,} parameters, {percent(right[arm])}, {100 * mean(gaps[arm]):.1f} points"
        for arm, words in WORDS.items()
    )
    text = f"Parameters, held-out pictures right, and how much oftener those learnt from: {told}."
    if always_above(right["dense"], right["average"]):
        return Verdict(Outcome.FAILS, text)
    narrower = always_above(gaps["dense"], gaps["average"])
    if narrower and always_above(right["average"], right["dense"]):
        return Verdict(Outcome.HOLDS, text)
    fewer = mean(sizes["average"]) < mean(sizes["dense"]) / 2
    return Verdict(Outcome.PARTLY if fewer else Outcome.OPEN, text)


def _right_read_out(measured: Runs) -> int:
    average, dense = (figures(measured, arm, "test_accuracy") for arm in ("average", "dense"))
    return 0 if always_above(average, dense) else 1 if always_above(dense, average) else 2


def _read_out_arm(read_out: str) -> Arm:
    hypers: Settings = {"batch_size": 32, "learning_rate": 0.01, "dropout": 0.0}
    knobs: Settings = {"read_out": read_out, "decay_steps": 600, "warmup_steps": 90}
    return Arm(read_out, WORDS[read_out], "fashion", knobs, hypers, {"pictures": 2000})


# ---- 1 × 1 convolutions ----------------------------------------------------------------------------------------------


def _judge_one(measured: Runs) -> Verdict:
    with_them, plain, wide = (figures(measured, arm, "test_accuracy") for arm in ("with", "plain", "wide"))
    sizes = [round(mean(figures(measured, arm, "parameters"))) for arm in ("with", "plain", "wide")]
    text = (
        f"With 1 × 1 layers ({sizes[0]:,} parameters): {percent(with_them)} of the held-out pictures right. Without "
        f"({sizes[1]:,}): {percent(plain)}. Without, but wider ({sizes[2]:,}): {percent(wide)}."
    )
    if always_above(with_them, plain) and always_above(with_them, wide):
        return Verdict(Outcome.HOLDS, text)
    if always_above(with_them, plain):
        return Verdict(Outcome.PARTLY, text)
    return Verdict(Outcome.FAILS if mean(plain) >= mean(with_them) else Outcome.OPEN, text)


def _right_one(measured: Runs) -> int:
    with_them, plain, wide = (figures(measured, arm, "test_accuracy") for arm in ("with", "plain", "wide"))
    if not always_above(with_them, plain):
        return 2
    return 0 if always_above(with_them, wide) else 1


def _one_arm(key: str, label: str, mlp_layers: int, channels: tuple[int, int, int]) -> Arm:
    knobs: Settings = {"mlp_layers": mlp_layers, "channels": channels, "decay_steps": 600, "warmup_steps": 90}
    return Arm(key, label, "fashion", knobs, {"batch_size": 32, "dropout": 0.0})


EXPERIMENTS = (
    Experiment(
        key="read_out",
        title="Means or dense layers",
        claim="Averaging each class's map needs fewer parameters than dense layers, over-fits less, and is right more "
        "often.",
        source="Lin et al. 2013, sec. 3.2 and 4.6, on CIFAR-10",
        question="2,000 pictures to learn from. Which read-out is right more often on new ones?",
        options=(
            "The mean of each map: it has nothing to learn by heart",
            "Dense layers: they have the most parameters",
            "No difference between these two that can be seen",
        ),
        right=_right_read_out,
        arms=tuple(_read_out_arm(each) for each in WORDS),
        steps=600,
        curve="test_accuracy",
        figure="gap",
        judge=_judge_read_out,
        small_print=(
            "The paper compared the mean with a weight for each cell of the class maps, with dropout and without. Two "
            "dense layers are what networks before it ended in.",
            "One learning rate for all, and no dropout. Each might do better at a rate of its own.",
            "The gap is the share right of the pictures learnt from, less the share right of the held-out ones.",
        ),
        probe="generalisation",
    ),
    Experiment(
        key="one",
        title="One by one",
        claim="1 × 1 layers after each convolution make a network right more often.",
        source="Lin et al. 2013, sec. 3.1: a perceptron at every place in a filter's place",
        question="A 1 × 1 convolution sees no neighbours. Does it help all the same?",
        options=(
            "Yes, and more than making the layers wider with as many parameters",
            "Yes, but no more than making the layers wider",
            "It makes no difference that can be seen",
        ),
        right=_right_one,
        arms=(
            _one_arm("with", "with 1 × 1 layers", 2, (16, 40, 48)),
            _one_arm("plain", "without", 0, (16, 40, 48)),
            _one_arm("wide", "without, but wider", 0, (20, 50, 59)),
        ),
        steps=600,
        curve="test_accuracy",
        figure="test_accuracy",
        judge=_judge_one,
        small_print=(
            "Equal in steps. Six more layers take more time, on a CPU more than their multiplications tell.",
            "All three end in a 1 × 1 convolution that makes the class maps.",
            "Each 1 × 1 layer adds a ReLU and a normalisation as well: depth helps, not the mixing of maps alone.",
        ),
        probe="generalisation",
    ),
)
