"""Experiments with convolutions."""

from __future__ import annotations

from explorer.judging import always_above, figures, mean, percent
from explorer.spec import Arm, Experiment, Measured, Outcome, Verdict

Runs = tuple[Measured, ...]
KINDS = ("max", "average", "strided", "subsample")
SHIFT = "accuracy_shift_3"  # three pixels: about a tenth of the canvas


def _judge_dense(measured: Runs) -> Verdict:
    convolution, dense = figures(measured, "convolution", "test_accuracy"), figures(measured, "dense", "test_accuracy")
    sizes = [round(mean(figures(measured, arm, "parameters"))) for arm in ("convolution", "dense")]
    text = (
        f"Convolutions with {sizes[0]:,} parameters ended at {percent(convolution)}, the dense net with {sizes[1]:,} "
        f"at {percent(dense)}, "
        f"after as many steps of the same batch size."
    )
    if always_above(convolution, dense):
        return Verdict(Outcome.HOLDS, text)
    return Verdict(Outcome.FAILS if always_above(dense, convolution) else Outcome.OPEN, text)


def _right_dense(measured: Runs) -> int:
    convolution, dense = figures(measured, "convolution", "test_accuracy"), figures(measured, "dense", "test_accuracy")
    return 0 if always_above(convolution, dense) else 1 if always_above(dense, convolution) else 2


def _judge_shift(measured: Runs) -> Verdict:
    flat, average = figures(measured, "flat", SHIFT), figures(measured, "average", SHIFT)
    dense = figures(measured, "dense", SHIFT)
    far = figures(measured, "flat", "accuracy_shift_6")
    text = (
        f"Digits moved by three pixels: dense {percent(dense)}, convolutions with a flat read-out {percent(flat)}, "
        f"with an averaging read-out {percent(average)}. At six pixels the flat read-out is down to {percent(far)}."
    )
    if not always_above(flat, dense):
        return Verdict(Outcome.FAILS if always_above(dense, flat) else Outcome.OPEN, text)
    return Verdict(Outcome.PARTLY if mean(far) < 0.6 else Outcome.HOLDS, text)


def _right_shift(measured: Runs) -> int:
    flat = figures(measured, "flat", "accuracy_shift_6")
    average = figures(measured, "average", "accuracy_shift_6")
    if mean(flat) > 0.9:
        return 0
    return 1 if always_above(average, flat, 0.1) else 2


def _judge_pooling(measured: Runs) -> Verdict:
    shifted = {arm: figures(measured, arm, SHIFT) for arm in KINDS}
    centred = {arm: figures(measured, arm, "accuracy_shift_0") for arm in KINDS}
    text = (
        "Moved by three pixels: " + ", ".join(f"{arm} {percent(shifted[arm])}" for arm in KINDS) + ". "
        f"In the middle all lie between {100 * min(mean(v) for v in centred.values()):.1f} and "
        f"{100 * max(mean(v) for v in centred.values()):.1f} %."
    )
    rest = [value for arm in KINDS if arm != "max" for value in shifted[arm]]
    if always_above(shifted["max"], rest):
        return Verdict(Outcome.HOLDS, text)
    if always_above(shifted["max"], shifted["subsample"]):
        return Verdict(Outcome.PARTLY, text)
    return Verdict(Outcome.FAILS if always_above(shifted["subsample"], shifted["max"]) else Outcome.OPEN, text)


def _right_pooling(measured: Runs) -> int:
    shifted = {arm: figures(measured, arm, SHIFT) for arm in KINDS}
    for index, arm in enumerate(KINDS):
        if always_above(shifted[arm], [value for other in KINDS if other != arm for value in shifted[other]]):
            return index
    return len(KINDS)


ROOMY = {"canvas": 36}
SHIFTED = {"channels": (8, 16, 32), "kernel_size": 3, "batch_norm": True}


def _moved(key: str, label: str, pooling: str = "max", head: str = "flat", body: str = "convolution") -> Arm:
    return Arm(
        key, label, "mnist", {**SHIFTED, "pooling": pooling, "head": head, "body": body}, {"learning_rate": 0.01}, ROOMY
    )


EXPERIMENTS = (
    Experiment(
        key="dense",
        title="Convolution or dense",
        claim="With as many parameters, a convolutional network beats a dense one on pictures.",
        source="LeCun et al. 1998, sec. II.A: local receptive fields, shared weights, sub-sampling",
        question=(
            "Two networks of equal size learn to tell clothes apart. Which is right more often on pictures it has not "
            "seen?"
        ),
        options=(
            "The convolutional one",
            "The dense one: it can connect anything with anything",
            "No clear difference",
        ),
        right=_right_dense,
        arms=(
            Arm("convolution", "convolution", "fashion"),
            Arm("dense", "dense", "fashion", {"body": "dense"}, {"learning_rate": 0.005}),
        ),
        steps=500,
        curve="test_accuracy",
        figure="test_accuracy",
        judge=_judge_dense,
        small_print=(
            "Equal in parameters and steps, not in work: each step of the convolutional net takes several times the "
            "multiplications.",
            "The dense net has no batch normalisation and a smaller learning rate, at which it does better than at "
            "the other's.",
            "One data set and one size. What it shows is that sharing weights fits pictures.",
        ),
        probe="size",
    ),
    Experiment(
        key="shift",
        title="Shifted digits",
        claim="A convolutional network recognises a digit wherever it lies.",
        source="the usual reading of weight sharing; the paper says invariance to small shifts",
        question=(
            "Trained on centred digits only. What happens to the convolutional net when the digit moves by six pixels?"
        ),
        options=(
            "Almost nothing: convolution does not care about place",
            "It falls far, unless the maps are averaged before the read-out",
            "It falls far, whatever the read-out",
        ),
        right=_right_shift,
        arms=(
            _moved("dense", "dense", body="dense"),
            _moved("flat", "convolution, flat"),
            _moved("average", "convolution, averaged", head="average"),
        ),
        steps=400,
        curve="test_accuracy",
        figure=SHIFT,
        judge=_judge_shift,
        small_print=(
            "The maps move with the digit (equivariance). The answer only stays (invariance) if the read-out forgets "
            "the place.",
            "Training pictures were all centred. With shifted copies in training every net does better.",
            "The averaging net has a smaller read-out, so it has fewer parameters than the flat one.",
        ),
        probe="shifts",
    ),
    Experiment(
        key="pooling",
        title="Which pooling",
        claim="Max pooling makes convolutional networks tolerant of small shifts, more than any other pooling.",
        source="a sentence of many introductions; LeNet-5 itself averages",
        question="Four nets that differ only in pooling, digits moved by three pixels. Which stays right most often?",
        options=(
            "The one with max pooling",
            "The one that averages",
            "The one with learnt weights",
            "The one that only keeps every second pixel",
            "No clear winner",
        ),
        right=_right_pooling,
        arms=tuple(_moved(kind, kind, pooling=kind) for kind in KINDS),
        steps=400,
        curve="test_accuracy",
        figure=SHIFT,
        judge=_judge_pooling,
        small_print=(
            "In the middle all four are close: the kinds differ in what happens away from it.",
            "One shape of digits, one depth. On natural pictures with fine texture the order can differ.",
        ),
        probe="shifts",
    ),
)
