"""Experiments with VGG's ideas: three small windows for a large one, and what makes many layers trainable."""

from __future__ import annotations

from explorer.judging import always_above, figures, mean, percent
from explorer.spec import Arm, Experiment, Measured, Outcome, Settings, Verdict

Runs = tuple[Measured, ...]
CLEAR = 0.02  # of accuracy: what counts as a difference
HARDLY = 0.6  # of accuracy, where 0.8 can be had: what counts as hardly trained


# ---- three windows of 3 × 3 against one of 7 × 7 ---------------------------------------------------------------------


def _judge_windows(measured: Runs) -> Verdict:
    three, seven, narrow = (figures(measured, arm, "test_accuracy") for arm in ("three", "seven", "narrow"))
    sizes = [round(mean(figures(measured, arm, "convolution_parameters"))) for arm in ("three", "seven", "narrow")]
    sees = round(mean(figures(measured, "three", "sees"))), round(mean(figures(measured, "seven", "sees")))
    text = (
        f"Threes of 3 × 3: {sizes[0]:,} parameters in the convolutions, and {percent(three)} of the held-out pictures "
        f"right. Single 7 × 7: {sizes[1]:,}, and {percent(seven)}; narrowed to fewer maps, "
        f"{sizes[2]:,}: {percent(narrow)}. At the first stage's end a cell sees {sees[0]} and {sees[1]} pixels a side."
    )
    fewer = sizes[0] < sizes[1]
    if fewer and always_above(three, seven):
        return Verdict(Outcome.HOLDS, text)
    if fewer and not always_above(seven, three):
        return Verdict(Outcome.PARTLY, text)
    return Verdict(Outcome.FAILS, text)


def _right_windows(measured: Runs) -> int:
    three, seven = (figures(measured, arm, "test_accuracy") for arm in ("three", "seven"))
    return 0 if always_above(three, seven) else 1 if always_above(seven, three) else 2


def _windows_arm(key: str, label: str, convolutions: int, kernel_size: int, channels: tuple[int, int]) -> Arm:
    knobs: Settings = {
        "convolutions": (convolutions, convolutions), "channels": channels, "kernel_size": kernel_size,
        "decay_steps": 500, "warmup_steps": 75,
    }  # fmt: skip
    return Arm(key, label, "fashion", knobs, {"batch_size": 32, "dropout": 0.0})


# ---- batch normalisation at depth ------------------------------------------------------------------------------------

NORM, PLAIN = "norm", "plain"


def _judge_norm(measured: Runs) -> Verdict:
    right = {
        (norm, weights): figures(measured, f"{norm}_{weights}", "test_accuracy")
        for norm in (NORM, PLAIN)
        for weights in ("he", "default")
    }
    text = (
        f"Twelve convolutions, He's first weights: {percent(right[NORM, 'he'])} with batch normalisation, "
        f"{percent(right[PLAIN, 'he'])} without. The smaller weights that torch draws: "
        f"{percent(right[NORM, 'default'])} with, {percent(right[PLAIN, 'default'])} without."
    )
    better = [always_above(right[NORM, each], right[PLAIN, each], CLEAR) for each in ("he", "default")]
    if all(better) and _hardly(measured):
        return Verdict(Outcome.HOLDS, text)
    if any(better):
        return Verdict(Outcome.PARTLY, text)
    ahead = [mean(right[PLAIN, each]) > mean(right[NORM, each]) - CLEAR for each in ("he", "default")]
    return Verdict(Outcome.FAILS if all(ahead) else Outcome.OPEN, text)


def _hardly(measured: Runs) -> bool:
    """Whether no network without batch normalisation got far, whatever its first weights."""
    return max(max(figures(measured, f"{PLAIN}_{each}", "test_accuracy")) for each in ("he", "default")) < HARDLY


def _right_norm(measured: Runs) -> int:
    pairs = [
        [figures(measured, f"{norm}_{each}", "test_accuracy") for norm in (NORM, PLAIN)] for each in ("he", "default")
    ]
    better = [always_above(norm, plain, CLEAR) for norm, plain in pairs]
    return 0 if all(better) and _hardly(measured) else 1 if any(better) else 2


def _norm_arm(norm: str, weights: str, rate: float) -> Arm:
    named = {"he": "He's weights", "default": "smaller weights"}[weights]
    label = f"{'batch norm' if norm == NORM else 'none'}, {named}"
    knobs: Settings = {
        "convolutions": (4, 4, 4), "channels": (12, 24, 32), "batch_norm": norm == NORM, "weights": weights,
        "decay_steps": 250, "warmup_steps": 40,
    }  # fmt: skip
    return Arm(f"{norm}_{weights}", label, "fashion", knobs, {"learning_rate": rate, "batch_size": 32, "dropout": 0.0})


EXPERIMENTS = (
    Experiment(
        key="windows",
        title="Three small windows or a large one",
        claim="Three layers of 3 × 3 see as much as one of 7 × 7, have fewer parameters, and are right more often.",
        source="Simonyan & Zisserman 2014, sec. 2.3 and 4.1 (there: two of 3 × 3 against one of 5 × 5)",
        question="Stages of three 3 × 3 layers or of one 7 × 7 layer with as many maps: which is right more often?",
        options=("Three of 3 × 3", "One of 7 × 7", "No difference that can be seen"),
        right=_right_windows,
        arms=(
            _windows_arm("three", "three of 3 × 3", 3, 3, (24, 32)),
            _windows_arm("seven", "one of 7 × 7", 1, 7, (24, 32)),
            _windows_arm("narrow", "one of 7 × 7, fewer maps", 1, 7, (17, 24)),
        ),
        steps=500,
        curve="test_accuracy",
        figure="test_accuracy",
        judge=_judge_windows,
        small_print=(
            "With C maps in and out, three layers of 3 × 3 have 27 C² weights and one of 7 × 7 has 49 C²: that part "
            "is arithmetic. The dense layers are left out of the count.",
            "As many steps of the same batch for all; three layers in place of one are slower on a single picture.",
            "Two stages and 12,000 small pictures. The paper compared networks of thirteen layers on ImageNet.",
        ),
        probe="windows",
    ),
    Experiment(
        key="depth",
        title="Batch normalisation at depth",
        claim="Without batch normalisation a network of many layers hardly trains.",
        source="a sentence of many introductions, after Ioffe & Szegedy 2015; VGG trained 19 layers without it",
        question="Twelve convolutions, with batch normalisation and without. What difference does it make?",
        options=(
            "Always: without it so deep a network hardly trains",
            "It trains without, only less far in as many steps; least far with badly chosen first weights",
            "It makes none that can be seen",
        ),
        right=_right_norm,
        arms=(
            _norm_arm(NORM, "he", 0.01),
            _norm_arm(PLAIN, "he", 0.003),
            _norm_arm(NORM, "default", 0.01),
            _norm_arm(PLAIN, "default", 0.003),
        ),
        steps=250,
        curve="test_accuracy",
        figure="test_accuracy",
        judge=_judge_norm,
        small_print=(
            "Each is given a learning rate that suits it: 0.01 with batch normalisation, 0.003 without, which bears no "
            "more.",
            "He's weights keep a signal's size through ReLU; they are a few months younger than the paper, whose "
            "authors started the deep networks from the layers of a shallower one.",
            "250 steps only: what trains slowly may still arrive.",
        ),
    ),
)
