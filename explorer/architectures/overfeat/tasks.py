"""What the small OverFeat is trained to do: find digits in scenes."""

from __future__ import annotations

from explorer import dials
from explorer.spec import Hyper, Knob, Metric, Scale, Target, Task

LOSSES = (
    Metric("loss", "loss of the part that learns", higher_is_better=False),
    Metric("test_class_loss", "loss of the classes, held out", held_out=True, higher_is_better=False),
    Metric("test_box_loss", "squared error of the edges, held out", held_out=True, higher_is_better=False),
)
SINGLE = (
    Metric("test_accuracy", "right classes, held out", percent=True, held_out=True),
    Metric("test_iou", "overlap with the true box, held out", percent=True, held_out=True),
    *LOSSES,
)
SEVERAL = (
    Metric("test_recall", "digits found, held out", percent=True, held_out=True),
    Metric("test_precision", "boxes that are right, held out", percent=True, held_out=True),
    *LOSSES,
)


def _task(
    key: str, title: str, kind: str, dataset: str, lead: str, metrics: tuple[Metric, ...], targets: tuple[Target, ...],
    references: tuple[tuple[str, str, float], ...], inside: tuple[str, ...],
) -> Task:  # fmt: skip
    return Task(
        key=key,
        title=title,
        kind=kind,
        dataset=dataset,
        lead=lead,
        hypers=(
            dials.learning_rate(0.01, 0.1),
            Hyper(
                "classify_until", "classify until step", 1100, 0, 5000, 50,
                help="Until then the classifier learns, with its features. Then these stand still and boxes learn.",
            ),
            Hyper("box_rate", "rate of the boxes", 0.003, 1e-5, 0.1, scale=Scale.LOG, help="Once it is their turn."),
            dials.batch_size(20),
            dials.weight_decay(0.01, 1.0),
            dials.dropout(0.0),
            Hyper("stretch", "stretch", 0.25, 0.0, 0.5, 0.05, help="Training scenes get wider or taller by so much."),
            Hyper("move", "move", 5, 0, 12, 1, help="… and are moved by up to so many pixels, boxes with them."),
        ),
        metrics=metrics,
        lenses=("boxes", "scene_map", "precision_recall"),
        inside=inside,
        knobs=(
            Knob("channels", "channels", (16, 40), 1, 64, help="Maps of the two feature layers."),
            Knob("hidden", "full layers", (80, 128), 4, 256, help="Units of the two that together read 4 × 4 cells."),
            Knob("hidden_box", "… of the regressor", 64, 4, 256, 4),
            Knob(
                "training", "training", "in turn", choices=("in turn", "at once"),
                help="in turn: as in the paper, features fixed while the boxes learn. at once: one loss for both.",
            ),
            Knob("box_steps", "steps for the boxes", 600, 50, 5000, 50, help="Until their rate has fallen to nothing."),
            Knob(
                "padding", "padding", "border", choices=("border", "every layer"),
                help="border: once around the scene. every layer: zeros around each map, and cut-out windows will "
                "answer otherwise than the whole scene.",
            ),
            dials.optimizer("adamw"),
            dials.schedule("linear")[0],
        ),
        targets=targets,
        references=references,
    )  # fmt: skip


TASKS = (
    _task(
        "single", "One digit in a scene", "localisation", "scenes.single",
        "A digit of any size among fragments and noise: first what it is, then where.",
        SINGLE,
        (Target("test_accuracy", 0.94, seconds=15), Target("test_iou", 0.70, seconds=15)),
        (("test_accuracy", "guessing: 10 %", 0.1),),
        ("inspect", "boxes", "scene_map", "offset_pooling", "precision_recall", "excites"),
    ),
    _task(
        "several", "One to three digits in a scene", "detection", "scenes.several",
        "No answer for the whole picture, but one at every place of it: a digit, or nothing.",
        SEVERAL,
        (Target("test_recall", 0.86, seconds=15), Target("test_precision", 0.83, seconds=15)),
        (), ("boxes", "scene_map", "offset_pooling", "precision_recall"),
    ),
)  # fmt: skip
