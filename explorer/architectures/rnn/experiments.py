"""Experiments with gradients that go back through time."""

from __future__ import annotations

from explorer.judging import always_above, figures, mean, spread
from explorer.spec import Arm, Experiment, Measured, Outcome, Verdict

Runs = tuple[Measured, ...]
BACK = "back_99"
CLEAR = 1.0  # a factor of ten over 99 steps is clear


def _powers(key: str, label: str, gain: float, activation: str = "none", start: str = "orthogonal") -> Arm:
    knobs = {"activation": activation, "start": start, "gain": gain}
    return Arm(key, label, "adding", knobs, {"learning_rate": 1e-5})


def _judge_powers(measured: Runs) -> Verdict:
    below, above, drawn, bent, strong = (
        figures(measured, arm, BACK) for arm in ("turn_08", "turn_12", "drawn_15", "tanh_12", "tanh_20")
    )
    text = (
        "Ninety-nine steps back the gradient has changed by these powers of ten. Linear, with a rotation times 0.8: "
        f"{_signed(below)}; times 1.2: {_signed(above)}; with a matrix drawn at random that stretches by at most 1.5: "
        f"{_signed(drawn)}. With tanh and a rotation times 1.2: {_signed(bent)}, times 2: {_signed(strong)}."
    )
    if not (max(below) < -CLEAR and min(above) > CLEAR):
        return Verdict(Outcome.FAILS if min(below) > 0 or max(above) < 0 else Outcome.OPEN, text)
    if min(drawn) > CLEAR:
        return Verdict(Outcome.HOLDS, text)
    return Verdict(Outcome.PARTLY if max(drawn) < -CLEAR else Outcome.OPEN, text)


def _signed(values: tuple[float, ...]) -> str:
    return spread(values, "{:+.1f}").replace("-", "−")


def _right_powers(measured: Runs) -> int:
    drawn = figures(measured, "drawn_15", BACK)
    return 0 if min(drawn) > CLEAR else 1 if max(drawn) < -CLEAR else 2


def _worst(measured: Runs, arm: str) -> tuple[float, ...]:
    """Return the largest loss of a batch after the first 30 steps, for each seed."""
    found = []
    for one in measured:
        if one.arm == arm:
            steps, values = one.curves["loss"]
            late = [value for step, value in zip(steps, values, strict=True) if step > 30]
            found.append(max(late or values))
    return tuple(found)


def _judge_clipping(measured: Runs) -> Verdict:
    free, clipped = figures(measured, "sgd_free", "test_loss"), figures(measured, "sgd_clipped", "test_loss")
    adam, adam_clipped = figures(measured, "adam_free", "test_loss"), figures(measured, "adam_clipped", "test_loss")
    text = (
        f"Plain gradient descent at a rate of 2 ended at {spread(free)} nats without clipping, its loss once at "
        f"{max(_worst(measured, 'sgd_free')):.1f}, and at {spread(clipped)} with it. Adam ended at {spread(adam)} and "
        f"{spread(adam_clipped)}."
    )
    rescued, matters = always_above(free, clipped, 0.2), always_above(adam, adam_clipped, 0.1)
    if rescued:
        return Verdict(Outcome.HOLDS if matters else Outcome.PARTLY, text)
    return Verdict(Outcome.FAILS if mean(free) < mean(clipped) + 0.1 else Outcome.OPEN, text)


def _right_clipping(measured: Runs) -> int:
    free, clipped = figures(measured, "sgd_free", "test_loss"), figures(measured, "sgd_clipped", "test_loss")
    adam, adam_clipped = figures(measured, "adam_free", "test_loss"), figures(measured, "adam_clipped", "test_loss")
    if not always_above(free, clipped, 0.2):
        return 2
    return 0 if always_above(adam, adam_clipped, 0.1) else 1


def _clipping(key: str, label: str, optimizer: str, rate: float, clip: float) -> Arm:
    return Arm(
        key, label, "characters", {"optimizer": optimizer, "schedule": "constant", "hidden_size": 96},
        {"learning_rate": rate, "clip": clip, "batch_size": 16},
    )  # fmt: skip


EXPERIMENTS = (
    Experiment(
        key="powers",
        title="Vanishing and exploding gradients",
        claim="Gradients through time vanish if the recurrent matrix's largest singular value is below 1, and explode "
        "if it is above 1.",
        source="a common reading of Bengio et al. 1994 and Pascanu et al. 2013, who prove less",
        question=(
            "A linear network: its recurrent matrix is drawn at random and scaled so that the direction it stretches "
            "most grows by 1.5. What happens to the gradient on its way back through 99 steps?"
        ),
        options=("It explodes: 1.5 is above 1", "It vanishes all the same", "It neither vanishes nor explodes"),
        right=_right_powers,
        arms=(
            _powers("turn_08", "linear, rotation × 0.8", 0.8),
            _powers("turn_10", "linear, rotation", 1.0),
            _powers("turn_12", "linear, rotation × 1.2", 1.2),
            _powers("drawn_15", "linear, drawn at random, 1.5", 1.5, start="gaussian"),
            _powers("tanh_12", "tanh, rotation × 1.2", 1.2, "tanh"),
            _powers("tanh_20", "tanh, rotation × 2", 2.0, "tanh"),
        ),
        steps=1,
        curve="gradient_norm",
        figure=BACK,
        judge=_judge_powers,
        small_print=(
            "What a matrix does when it is applied again and again is told by its largest eigenvalue, the spectral "
            "radius. For a rotation times a number that is the largest singular value too; for a matrix drawn at "
            "random it is about half of it.",
            "What is proved is one-sided: a largest singular value below 1 is enough to vanish, one above 1 is needed, "
            "and not enough, to explode.",
            "tanh multiplies by its slope as well, which is below 1 wherever a unit is not at zero: times 1.2 the two "
            "about cancel here.",
            "Measured after a single step so small that the network is as it was drawn; 64 units, the adding problem.",
        ),
        probe="back_in_time",
    ),
    Experiment(
        key="clipping",
        title="Clipping the gradient",
        claim="Recurrent networks need gradient clipping to learn steadily.",
        source="Pascanu, Mikolov and Bengio 2013, sec. 3.2",
        question="With and without clipping, by plain gradient descent and by Adam. Where does clipping decide?",
        options=(
            "With both",
            "With plain gradient descent at a large rate; Adam does not need it here",
            "With neither: tanh keeps everything bounded",
        ),
        right=_right_clipping,
        arms=(
            _clipping("sgd_free", "plain, rate 2", "sgd", 2.0, 0.0),
            _clipping("sgd_clipped", "plain, rate 2, clipped at 1", "sgd", 2.0, 1.0),
            _clipping("adam_free", "Adam", "adam", 0.003, 0.0),
            _clipping("adam_clipped", "Adam, clipped at 1", "adam", 0.003, 1.0),
        ),
        steps=250,
        curve="loss",
        figure="test_loss",
        judge=_judge_clipping,
        small_print=(
            "At a rate of 0.5 plain gradient descent is steady without clipping too, and slower than clipped at 2.",
            "Adam divides each step by the gradients' usual size, which is a kind of clipping of its own.",
            "One network of 96 units, 64 steps back, 250 steps: longer sequences and runs can need it with Adam too.",
        ),
    ),
)
