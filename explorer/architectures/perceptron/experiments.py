"""Experiments with one neuron."""

from __future__ import annotations

from explorer.judging import best, figures, percent
from explorer.spec import Arm, Experiment, Measured, Outcome, Verdict

Runs = tuple[Measured, ...]


def _judge_xor(measured: Runs) -> Verdict:
    xor = best(measured, "xor", "accuracy") + best(measured, "xor", "accuracy_sigmoid")
    other = figures(measured, "and", "test_accuracy")
    text = (
        f"AND ended with {percent(other)} of its four corners right. On XOR neither rule was ever seen above "
        f"{100 * max(xor):.0f} %, in any of {len(other)} starts."
    )
    if max(xor) > 0.75:
        return Verdict(Outcome.FAILS, text)
    control = min(other) == 1.0  # if not even AND was learnt, the runs say nothing about XOR
    return Verdict(Outcome.HOLDS if control else Outcome.OPEN, text)


def _right_xor(measured: Runs) -> int:
    top = max(best(measured, "xor", "accuracy") + best(measured, "xor", "accuracy_sigmoid"))
    return 0 if top > 0.75 else 1 if top > 0.5 else 2


def _judge_bias(measured: Runs) -> Verdict:
    with_bias, without = best(measured, "with", "accuracy"), best(measured, "without", "accuracy")
    or_without = figures(measured, "or_without", "test_accuracy")
    text = (
        f"With a bias AND reached {percent(with_bias)} of its corners, without one at best {percent(without)}. "
        f"OR without a bias: {percent(or_without)}."
    )
    if min(with_bias) < 1.0:
        return Verdict(Outcome.OPEN, text)
    if max(without) < 1.0:
        return Verdict(Outcome.HOLDS if min(or_without) == 1.0 else Outcome.PARTLY, text)
    return Verdict(Outcome.FAILS if min(without) == 1.0 else Outcome.OPEN, text)


def _right_bias(measured: Runs) -> int:
    and_needs = max(best(measured, "without", "accuracy")) < 1.0
    or_needs = min(figures(measured, "or_without", "test_accuracy")) < 1.0
    return 0 if and_needs and not or_needs else 1 if and_needs else 2


EXPERIMENTS = (
    Experiment(
        key="xor",
        title="XOR",
        claim="A single neuron cannot learn exclusive or.",
        source="Minsky & Papert 1969; a line has two sides, XOR needs three regions",
        question="One neuron trains on XOR for 2,000 samples. What is the best it will ever have right?",
        options=("All four corners, sooner or later", "Three of the four", "Two of the four: no better than a coin"),
        right=_right_xor,
        arms=(Arm("and", "AND", "and"), Arm("xor", "XOR", "xor")),
        steps=2000,
        curve="accuracy",
        figure="test_accuracy",
        judge=_judge_xor,
        small_print=(
            "A run shows that this rule did not find it. That no line can is a proof: AND and OR of the corners would "
            "have to hold at once.",
            "The sigmoid neuron ends near 0.5 for every corner: its figure jumps between a tie and chance, so look at "
            "its outputs rather than its accuracy.",
            "With one hidden layer of two units XOR can be learnt: see the feed-forward network.",
        ),
        seeds=5,
    ),
    Experiment(
        key="bias",
        title="What the bias is for",
        claim="Without a bias the line must pass through the origin: AND is out of reach, OR is not.",
        source="y = 1 if w·x + b > 0: with b = 0 the corner (0, 0) lies on the line whatever w is",
        question="The bias is taken away. Which gates can still be learnt?",
        options=("OR, but not AND", "Neither AND nor OR", "Both: the weights make up for it"),
        right=_right_bias,
        arms=(
            Arm("with", "AND with bias", "and"),
            Arm("without", "AND without bias", "and", knobs={"bias": False}),
            Arm("or_without", "OR without bias", "or", knobs={"bias": False}),
        ),
        steps=1000,
        curve="accuracy",
        figure="test_accuracy",
        judge=_judge_bias,
        small_print=(
            "OR gets by because its corner (0, 0) shall not fire, and a sum of exactly zero does not.",
            "Shift the data by a constant and the roles change: what a bias buys depends on where zero lies.",
        ),
        seeds=5,
    ),
)
