"""A small network for the engine's tests that can be told to get into trouble at a step."""

from __future__ import annotations

from explorer.spec import (
    Arm,
    Card,
    Experiment,
    Family,
    Hyper,
    Knob,
    Lesson,
    Measured,
    Metric,
    Outcome,
    Reference,
    Task,
    Variant,
    Verdict,
)

TROUBLES = ("none", "raise", "exit", "kill", "stop", "memory")
HYPERS = (
    Hyper("learning_rate", "Learning rate", 0.1, 0.0, 1e30),
    Hyper("batch_size", "Batch size", 10, 1, 64),
    Hyper("dropout", "Dropout", 0.2, 0.0, 0.9),
)
KNOBS = (
    Knob("trouble", "Trouble", "none", choices=TROUBLES),
    Knob("at", "At step", 50, 1, 1_000_000),
)
TASK = Task(
    "points", "Points", "binary", "plane.circles", "Two classes of points.", HYPERS,
    (Metric("test_accuracy", "Accuracy, held out", percent=True, held_out=True),), (), knobs=KNOBS,
    data_knobs=(Knob("points", "Points", 100, 20, 200), Knob("test_points", "Held out", 100, 20, 200)),
)  # fmt: skip


def judge(measured: tuple[Measured, ...]) -> Verdict:
    slow = [one.figures["test_loss"] for one in measured if one.arm == "still"]
    fast = [one.figures["test_loss"] for one in measured if one.arm == "moving"]
    holds = max(fast) < min(slow)
    return Verdict(Outcome.HOLDS if holds else Outcome.FAILS, f"{max(fast):.2f} against {min(slow):.2f}")


LEARNS = Experiment(
    "learns", "Learns", "A learning rate above zero learns.", "None", "Does it?", ("yes", "no"),
    lambda measured: 0 if judge(measured).outcome is Outcome.HOLDS else 1,
    (
        Arm("still", "rate 0", "points", hypers={"learning_rate": 0.0}),
        Arm("moving", "rate 0.3", "points", hypers={"learning_rate": 0.3}),
    ),
    300, "test_loss", "test_loss", judge, (), seeds=2,
)  # fmt: skip
BROKEN = Experiment(
    "broken", "Broken", "It runs.", "None", "Does it?", ("yes", "no"), lambda measured: 0,
    (Arm("raises", "raises", "points", knobs={"trouble": "raise"}),), 100, "loss", "loss", judge, (), seeds=1,
)  # fmt: skip

CARD = Card(
    "fragile", "Fragile", Family.STANDARD, "For tests.", Reference("None", "Nobody", 2000),
    (Variant("fragile-1", "Fragile", (2,), 33),), Lesson((), (), ()), (TASK,), experiments=(LEARNS, BROKEN),
)  # fmt: skip
