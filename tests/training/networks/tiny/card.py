"""A card for the tests of training: a small net on two clouds of points, with everything that can be turned."""

from __future__ import annotations

from explorer.spec import Card, Family, Hyper, Knob, Lesson, Metric, Reference, Sense, Target, Task, Variant

HYPERS = (
    Hyper("learning_rate", "Learning rate", 0.1, 0.0, 1e30),
    Hyper("momentum", "Momentum", 0.0, 0.0, 0.99),
    Hyper("weight_decay", "Weight decay", 0.0, 0.0, 0.1),
    Hyper("batch_size", "Batch size", 10, 2, 64),
    Hyper("dropout", "Dropout", 0.0, 0.0, 0.9),
    Hyper("noise", "Noise", 0.3, 0.0, 2.0),
)
KNOBS = (
    Knob("optimizer", "Optimiser", "sgd", choices=("sgd", "adam", "adamw", "muon")),
    Knob("schedule", "Schedule", "constant", choices=("constant", "linear", "cosine")),
    Knob("decay_steps", "Decay over", 0, 0, 10_000),
    Knob("warmup_steps", "Warm-up", 0, 0, 10_000),
    Knob("activation", "Activation", "relu", choices=("relu", "tanh")),
)
METRICS = (Metric("test_accuracy", "Accuracy, held out", percent=True, held_out=True),)


def _task(key: str, kind: str) -> Task:
    return Task(
        key, key.title(), kind, "blobs.blobs", "Two clouds.", HYPERS, METRICS, (), knobs=KNOBS,
        data_knobs=(Knob("points", "Points", 103, 10, 1000),),
        targets=(
            Target("test_accuracy", 0.9, 5.0),
            Target("test_accuracy", 1.5, 1.0, note="never"),
            Target("test_loss", 0.5, 5.0, Sense.AT_MOST),
        ),
    )  # fmt: skip


CARD = Card(
    "tiny", "Tiny", Family.STANDARD, "For tests.", Reference("None", "Nobody", 2000),
    (Variant("tiny-1", "Tiny", (2,), 33),), Lesson((), (), ()),
    (_task("two", "binary"), _task("three", "classification")),
)  # fmt: skip
