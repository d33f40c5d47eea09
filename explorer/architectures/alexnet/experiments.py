"""Experiments with AlexNet's ideas: ReLU, dropout, changed copies of the pictures, pooling windows that overlap."""

from __future__ import annotations

from explorer.judging import always_above, figures, mean, percent, spread
from explorer.spec import Arm, Experiment, Measured, Outcome, Settings, Verdict

Runs = tuple[Measured, ...]
RATES = (0.003, 0.01, 0.03)
SEVERAL = 2.0  # times: the least that "several times faster" can mean
STEPS = "steps_to_quarter"


# ---- ReLU against tanh -----------------------------------------------------------------------------------------------


def _steps(measured: Runs, activation: str) -> dict[float, tuple[float, ...]]:
    return {rate: figures(measured, f"{activation}_{rate:g}", STEPS) for rate in RATES}


def _best(steps: dict[float, tuple[float, ...]]) -> tuple[float, tuple[float, ...]]:
    """Return the rate with the fewest steps on average, and its steps."""
    return min(steps.items(), key=lambda each: mean(each[1]))


def _judge_relu(measured: Runs) -> Verdict:
    relu, tanh = _steps(measured, "relu"), _steps(measured, "tanh")
    (relu_rate, best_relu), (tanh_rate, best_tanh) = _best(relu), _best(tanh)
    rates = ", ".join(f"{mean(tanh[rate]) / mean(relu[rate]):.1f} at {rate:g}" for rate in RATES)
    text = (
        f"Each at its own best learning rate, ReLU ({relu_rate:g}) was down to a quarter after "
        f"{spread(best_relu, '{:.0f}')} steps and tanh ({tanh_rate:g}) after {spread(best_tanh, '{:.0f}')}. At equal "
        f"rates tanh needed so many times the steps of ReLU: {rates}."
    )
    if min(best_tanh) >= SEVERAL * max(best_relu):
        return Verdict(Outcome.HOLDS, text)
    if always_above(best_tanh, best_relu):
        return Verdict(Outcome.PARTLY, text)
    return Verdict(Outcome.FAILS if max(best_tanh) < SEVERAL * min(best_relu) else Outcome.OPEN, text)


def _right_relu(measured: Runs) -> int:
    relu, tanh = _steps(measured, "relu"), _steps(measured, "tanh")
    (_, best_relu), (_, best_tanh) = _best(relu), _best(tanh)
    if min(best_tanh) >= SEVERAL * max(best_relu):
        return 0
    ahead = [always_above(tanh[rate], relu[rate]) for rate in RATES]
    behind = [always_above(relu[rate], tanh[rate]) for rate in RATES]
    return 2 if any(ahead) and any(behind) else 1 if any(ahead) else 3


BARE: Settings = {"norm": "none", "dense_layers": 1, "optimizer": "sgd", "schedule": "constant", "warmup_steps": 0}


def _speed_arm(activation: str, rate: float) -> Arm:
    name = {"relu": "ReLU", "tanh": "tanh"}[activation]
    hypers = {"learning_rate": rate, "dropout": 0.0, "weight_decay": 0.0}
    return Arm(f"{activation}_{rate:g}", f"{name}, {rate:g}", "fashion", {**BARE, "activation": activation}, hypers)


# ---- dropout and augmentation ----------------------------------------------------------------------------------------


def _judge_overfitting(measured: Runs) -> Verdict:
    gaps, losses, right = (
        {arm: figures(measured, arm, key) for arm in ("neither", "dropout", "changed", "both")}
        for key in ("gap", "test_loss", "test_accuracy")
    )
    told = "; ".join(
        f"{words}: {100 * mean(gaps[arm]):.1f} points, {mean(losses[arm]):.2f}, {percent(right[arm])}"
        for arm, words in (
            ("neither", "neither"),
            ("dropout", "dropout"),
            ("changed", "changed copies"),
            ("both", "both"),
        )
    )
    text = f"Gap between pictures learnt and held out, held-out loss, held-out accuracy. {told}."
    helped = [arm for arm in ("dropout", "changed") if always_above(right[arm], right["neither"])]
    eased = [arm for arm in ("dropout", "changed", "both") if always_above(gaps["neither"], gaps[arm])]
    if len(helped) == 2 and len(eased) == 3:
        return Verdict(Outcome.HOLDS, text)
    if eased:
        return Verdict(Outcome.PARTLY, text)
    worse = [arm for arm in ("dropout", "changed") if always_above(gaps[arm], gaps["neither"])]
    return Verdict(Outcome.FAILS if worse else Outcome.OPEN, text)


def _right_overfitting(measured: Runs) -> int:
    right = {arm: figures(measured, arm, "test_accuracy") for arm in ("neither", "dropout", "changed")}
    if all(always_above(right[arm], right["neither"]) for arm in ("dropout", "changed")):
        return 0
    gaps = {arm: figures(measured, arm, "gap") for arm in ("neither", "dropout", "changed", "both")}
    eased = any(always_above(gaps["neither"], gaps[arm]) for arm in ("dropout", "changed", "both"))
    return 1 if eased else 2


FEW = {"pictures": 2000}
CHANGED: Settings = {"mirror": True, "shift": 1}


def _fitting_arm(key: str, label: str, dropout: float, changes: Settings) -> Arm:
    hypers: Settings = {"learning_rate": 0.0015, "weight_decay": 0.0, "batch_size": 64, "dropout": dropout, **changes}
    knobs: Settings = {"norm": "none", "dense_layers": 1, "overlapping": False, "decay_steps": 700}
    return Arm(key, label, "fashion", knobs, hypers, FEW)


# ---- overlapping pooling ---------------------------------------------------------------------------------------------


def _judge_overlap(measured: Runs) -> Verdict:
    over, plain = (figures(measured, arm, "test_accuracy") for arm in ("overlapping", "plain"))
    gaps = [figures(measured, arm, "gap") for arm in ("overlapping", "plain")]
    text = (
        f"Windows of 3 that move by 2: {percent(over)} of the held-out pictures right. Windows of 2: {percent(plain)}. "
        f"The pictures learnt from were right more often by {100 * mean(gaps[0]):.1f} and {100 * mean(gaps[1]):.1f} "
        "points."
    )
    if always_above(over, plain):
        return Verdict(Outcome.HOLDS, text)
    return Verdict(Outcome.FAILS if always_above(plain, over) else Outcome.OPEN, text)


def _right_overlap(measured: Runs) -> int:
    over, plain = (figures(measured, arm, "test_accuracy") for arm in ("overlapping", "plain"))
    return 0 if always_above(over, plain) else 1 if always_above(plain, over) else 2


def _overlap_arm(key: str, label: str, overlapping: bool) -> Arm:
    hypers: Settings = {"batch_size": 32, "learning_rate": 0.006, "dropout": 0.0}
    return Arm(key, label, "fashion", {"overlapping": overlapping, "decay_steps": 700}, hypers)


EXPERIMENTS = (
    Experiment(
        key="relu",
        title="ReLU or tanh",
        claim="A convolutional network with ReLU learns several times faster than the same one with tanh.",
        source="Krizhevsky et al. 2012, sec. 3.1 and Figure 1: six times, on CIFAR-10, to 25 % training error",
        question="After how many steps is a quarter of the training pictures still wrong, with ReLU and with tanh?",
        options=(
            "ReLU needs several times fewer, each at its best learning rate",
            "ReLU needs fewer, but not several times fewer",
            "It depends on the learning rate which of them is ahead",
            "ReLU is ahead at no learning rate",
        ),
        right=_right_relu,
        arms=tuple(_speed_arm(activation, rate) for activation in ("relu", "tanh") for rate in RATES),
        steps=250,
        curve="running_error",
        figure=STEPS,
        judge=_judge_relu,
        small_print=(
            "As in Figure 1 there is no dropout and no normalisation; plain gradient descent with momentum 0.9. First "
            "weights are He's for ReLU and Glorot's for tanh.",
            "The error is a running mean over the last twenty batches or so, and lags behind by as many.",
            "Clothes are easier than CIFAR-10, and a quarter is soon reached. The paper's factor of six was measured "
            "on another network and other pictures; this does not refute it, but it does not come by itself.",
        ),
        probe="speed",
    ),
    Experiment(
        key="overfitting",
        title="Dropout and changed copies",
        claim="Dropout and changed copies of the pictures keep a network from over-fitting, so that it is right more "
        "often on new ones.",
        source="Krizhevsky et al. 2012, sec. 4: without them the network over-fits substantially",
        question="2,000 pictures are few for 170,000 weights. What do dropout and changed copies do?",
        options=(
            "Each of them raises the accuracy on new pictures",
            "They narrow the gap between old pictures and new ones, without more of the new ones right",
            "Neither makes a difference that can be seen",
        ),
        right=_right_overfitting,
        arms=(
            _fitting_arm("neither", "neither", 0.0, {}),
            _fitting_arm("dropout", "dropout 0.5", 0.5, {}),
            _fitting_arm("changed", "changed copies", 0.0, CHANGED),
            _fitting_arm("both", "both", 0.5, CHANGED),
        ),
        steps=700,
        curve="test_loss",
        figure="gap",
        judge=_judge_overfitting,
        small_print=(
            "Changed copies: mirrored by halves and moved by up to a pixel. The paper also changes colours.",
            "All four take as many steps. What learns more slowly may gain from more of them.",
            "A narrow gap is no merit by itself: a network that has learnt nothing has none.",
        ),
        probe="generalisation",
    ),
    Experiment(
        key="overlap",
        title="Overlapping pooling",
        claim="Pooling windows that overlap make a network right more often.",
        source="Krizhevsky et al. 2012, sec. 3.4: 0.4 points less top-1 error, 0.3 points top-5",
        question="Windows of 3 that move by 2, or windows of 2 side by side: which network is right more often?",
        options=("The one whose windows overlap", "The one whose windows do not", "No difference that can be seen"),
        right=_right_overlap,
        arms=(_overlap_arm("overlapping", "overlapping", True), _overlap_arm("plain", "side by side", False)),
        steps=700,
        curve="test_accuracy",
        figure="test_accuracy",
        judge=_judge_overlap,
        small_print=(
            "The paper's gain is 0.4 points. With 3,000 held-out pictures a single accuracy is unsure by 0.6: to see "
            "such a gain would take many times as many.",
            "Both networks have maps of the same side and as many weights: windows of 3 reach one cell over the "
            "border.",
        ),
        probe="generalisation",
    ),
)
