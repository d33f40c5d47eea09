"""Experiments with the queue and with the encoder that fills it."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.judging import always_above, figures, mean, percent, spread
from explorer.spec import Arm, Experiment, Measured, Outcome, Verdict

Runs = tuple[Measured, ...]
RIGHT = "test_accuracy"
NOTICED = 0.02  # accuracy: less than two points cannot be told apart on 1,000 digits with three seeds
ONE_POINT = -0.3  # uniformity from which all z are as good as one
CHANCE = 0.2  # accuracy below which nothing has been learnt: twice of guessing
MOMENTA = {"m0": 0.0, "m9": 0.9, "m99": 0.99, "m999": 0.999}
QUEUES = {"q64": 64, "q512": 512, "q4096": 4096}


# ---- momentum --------------------------------------------------------------------------------------------------------


def _judge_momentum(measured: Runs) -> Verdict:
    found = {arm: figures(measured, arm, RIGHT) for arm in MOMENTA}
    text = (
        "Right by neighbours: "
        + ", ".join(f"m = {MOMENTA[arm]:g} {percent(values)}" for arm, values in found.items())
        + f". The oldest keys, {mean(figures(measured, 'm0', 'oldest_age')):.0f} steps old, against what the encoder "
        f"makes of their views now: cosine {spread(figures(measured, 'm0', 'oldest_cosine'))} with m = 0, "
        f"{spread(figures(measured, 'm999', 'oldest_cosine'))} with m = 0.999."
    )
    if max(found["m0"]) < CHANCE:
        return Verdict(Outcome.HOLDS, text)
    if _helps(measured):
        return Verdict(Outcome.PARTLY, text)
    others = [values for arm, values in found.items() if arm != "m0"]
    return Verdict(Outcome.FAILS if all(always_above(found["m0"], each) for each in others) else Outcome.OPEN, text)


def _helps(measured: Runs) -> bool:
    """Whether some momentum is better than none with every seed."""
    none = figures(measured, "m0", RIGHT)
    return any(always_above(figures(measured, arm, RIGHT), none) for arm in MOMENTA if arm != "m0")


def _right_momentum(measured: Runs) -> int:
    if max(figures(measured, "m0", RIGHT)) < CHANCE:
        return 0
    return 1 if _helps(measured) else 2


# ---- queue -----------------------------------------------------------------------------------------------------------


def _judge_queue(measured: Runs) -> Verdict:
    found = {arm: figures(measured, arm, RIGHT) for arm in QUEUES}
    loss = [mean(figures(measured, arm, "loss")) for arm in QUEUES]
    text = (
        "Right by neighbours: "
        + ", ".join(f"{QUEUES[arm]:,} keys {percent(values)}" for arm, values in found.items())
        + f". The loss ends at {loss[0]:.2f}, {loss[1]:.2f} and {loss[2]:.2f}: with more keys to choose from it is "
        "higher, whatever has been learnt."
    )
    if always_above(found["q4096"], found["q64"]):
        return Verdict(Outcome.HOLDS, text)
    means = [mean(values) for values in found.values()]
    alike = max(means) - min(means) < NOTICED
    return Verdict(Outcome.FAILS if alike or always_above(found["q64"], found["q4096"]) else Outcome.OPEN, text)


def _right_queue(measured: Runs) -> int:
    short, long = figures(measured, "q64", RIGHT), figures(measured, "q4096", RIGHT)
    return 0 if always_above(long, short) else 1 if always_above(short, long) else 2


# ---- without negatives -----------------------------------------------------------------------------------------------


def signed(values: Sequence[float]) -> str:
    """Return the mean with the range over seeds, with a minus that is one, and none before nothing."""
    return spread(values).replace("-0.00", "0.00").replace("-", "−")


def _judge_collapse(measured: Runs) -> Verdict:
    even = {arm: figures(measured, arm, "uniformity") for arm in ("with", "slow", "copy")}
    right = {arm: figures(measured, arm, RIGHT) for arm in even}
    words = {"with": "with the queue", "slow": "without, m = 0.99", "copy": "without, m = 0"}
    text = (
        "Uniformity (0: all on one point): "
        + ", ".join(f"{words[arm]} {signed(values)}" for arm, values in even.items())
        + ". Right by neighbours: "
        + ", ".join(percent(right[arm]) for arm in even)
        + "."
    )
    if min(even["copy"]) <= ONE_POINT:
        return Verdict(Outcome.OPEN, text)
    if max(even["slow"]) < ONE_POINT:
        return Verdict(Outcome.HOLDS, text)
    if min(even["slow"]) > ONE_POINT:
        return Verdict(Outcome.FAILS, text)
    return Verdict(Outcome.PARTLY, text)


def _right_collapse(measured: Runs) -> int:
    slow, copy = figures(measured, "slow", "uniformity"), figures(measured, "copy", "uniformity")
    if min(slow) > ONE_POINT:
        return 1
    return 0 if min(copy) > ONE_POINT else 2


EXPERIMENTS = (
    Experiment(
        key="momentum",
        title="Momentum of the key encoder",
        claim="Without momentum the keys do not fit each other and training fails; a slow encoder does best.",
        source="He et al. 2019, sec. 4.1: m = 0.999 did best, m = 0 did not converge",
        question="The key encoder copies the query encoder (m = 0), or follows it slowly (m = 0.999). What happens?",
        options=(
            "With m = 0 nothing is learnt",
            "m = 0 learns, but some momentum is better",
            "m = 0 learns as well, or better",
        ),
        right=_right_momentum,
        arms=tuple(
            Arm(arm, f"m = {value:g}", "mnist", {"decay_steps": 400}, {"key_momentum": value})
            for arm, value in MOMENTA.items()
        ),
        steps=200,
        curve=RIGHT,
        figure=RIGHT,
        judge=_judge_momentum,
        small_print=(
            "The queue here is sixteen batches deep. In the paper it holds 65,536 keys of batches of 256, so that the "
            "oldest are 256 steps old.",
            "After 200 steps an encoder with m = 0.999 still is 82 % what it was at the start (0.999²⁰⁰): the paper "
            "trains for a million steps.",
        ),
        probe="staleness",
    ),
    Experiment(
        key="queue",
        title="Length of the queue",
        claim="The more keys a query is compared with, the better what is learnt.",
        source="He et al. 2019, sec. 4.1 and figure 3",
        question="A queue of 64, 512 or 4,096 keys. With which does the network know digits best?",
        options=("With 4,096 keys", "With 64 keys", "No clear difference"),
        right=_right_queue,
        arms=tuple(
            Arm(arm, f"{length:,} keys", "mnist", {"decay_steps": 150}, {"queue_length": length})
            for arm, length in QUEUES.items()
        ),
        steps=150,
        curve=RIGHT,
        figure=RIGHT,
        judge=_judge_queue,
        small_print=(
            "There are 4,000 training digits: a queue of 4,096 holds each of them once.",
            "Ten kinds of digits need few negatives to be told apart; ImageNet has a thousand kinds.",
        ),
    ),
    Experiment(
        key="collapse",
        title="Without negatives",
        claim="An encoder that follows slowly keeps all from ending on one point, even without negatives.",
        source="a short reading of BYOL (Grill et al. 2020), which has a predictor besides",
        question="No queue: a query is only drawn to its own key. Does a slow key encoder prevent the worst?",
        options=(
            "Yes: only if the key encoder is a copy do all end on one point",
            "No: all end on one point either way",
            "All stay spread out either way",
        ),
        right=_right_collapse,
        arms=(
            Arm("with", "with the queue", "mnist", {"decay_steps": 300}),
            Arm("slow", "without, m = 0.99", "mnist", {"decay_steps": 300}, {"negatives": False}),
            Arm("copy", "without, m = 0", "mnist", {"decay_steps": 300}, {"negatives": False, "key_momentum": 0.0}),
        ),
        steps=300,
        curve="evenness",
        figure="evenness",
        judge=_judge_collapse,
        small_print=(
            "BYOL puts a small predictor on the query's side as well, which is not here.",
            "After 300 steps. That it would hold for ever is not shown; the slow encoder alone falls behind the queue.",
            "Batch normalisation inside the encoder keeps h from shrinking; what collapses is z.",
        ),
    ),
)
