"""Experiments with gated memory."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.judging import always_above, figures, mean, percent, spread
from explorer.spec import Arm, Experiment, Measured, Outcome, Verdict

Runs = tuple[Measured, ...]
SOLVED, UNSOLVED = 0.01, 0.1  # squared error; always answering 1 costs 1/6
PLATEAU = 0.05  # a training loss that shows the plateau is left
RATES = {"plain_1e3": 1e-3, "plain_3e4": 3e-4}
STEPS = 1900


def _judge_memory(measured: Runs) -> Verdict:
    gated = figures(measured, "lstm", "test_loss")
    plain = [value for arm in RATES for value in figures(measured, arm, "test_loss")]
    text = (
        f"The LSTM ended at {spread(gated, '{:.4f}')}, the plain network at {spread(plain, '{:.3f}')} for both rates; "
        "always answering 1 costs 0.167."
    )
    if max(gated) < SOLVED and min(plain) > UNSOLVED:
        return Verdict(Outcome.HOLDS, text)
    if max(gated) < SOLVED and min(plain) < SOLVED:
        return Verdict(Outcome.FAILS, text)
    return Verdict(Outcome.PARTLY if always_above(plain, gated) else Outcome.OPEN, text)


def _right_memory(measured: Runs) -> int:
    gated = max(figures(measured, "lstm", "test_loss")) < SOLVED
    plain = min(value for arm in RATES for value in figures(measured, arm, "test_loss")) < SOLVED
    return 0 if gated and not plain else 1 if gated else 2


def _left(measured: Runs, arm: str) -> tuple[int, ...]:
    """Return for each seed the step at which the training loss left the plateau, or the last step if it never did."""
    return tuple(_first_below(*one.curves["loss"]) for one in measured if one.arm == arm)


def _first_below(steps: Sequence[int], values: Sequence[float]) -> int:
    """Return the step from which five recorded losses in a row lie below the plateau, or the last step."""
    for at in range(len(values) - 4):
        if max(values[at : at + 5]) < PLATEAU:
            return steps[at]
    return steps[-1]


def _judge_bias(measured: Runs) -> Verdict:
    one, zero = _left(measured, "one"), _left(measured, "zero")
    text = (
        f"With a bias of 1 the loss left the plateau after {_steps(one)} steps, with 0 after {_steps(zero)}. "
        f"At the end: {spread(figures(measured, 'one', 'test_loss'), '{:.4f}')} and "
        f"{spread(figures(measured, 'zero', 'test_loss'), '{:.4f}')}."
    )
    if always_above(zero, one):
        return Verdict(Outcome.HOLDS, text)
    return Verdict(Outcome.FAILS if always_above(one, zero) else Outcome.OPEN, text)


def _steps(found: Sequence[int]) -> str:
    return " / ".join(f"{step:,}" for step in found)


def _right_bias(measured: Runs) -> int:
    one, zero = _left(measured, "one"), _left(measured, "zero")
    return 0 if always_above(zero, one) else 1 if always_above(one, zero) else 2


def _judge_gates(measured: Runs) -> Verdict:
    text_shares, sums = figures(measured, "text", "between"), figures(measured, "sums", "between")
    text = (
        f"Between 0.1 and 0.9 lie {percent(text_shares)} of the gates' values while Austen is read, and "
        f"{percent(sums)} while marked numbers are added. Of the forget gates alone: "
        f"{percent(figures(measured, 'text', 'between_forget_gate'))} and "
        f"{percent(figures(measured, 'sums', 'between_forget_gate'))}."
    )
    both = (*text_shares, *sums)
    if max(both) < 0.1:
        return Verdict(Outcome.HOLDS, text)
    if min(both) > 0.25:
        return Verdict(Outcome.FAILS, text)
    return Verdict(Outcome.PARTLY, text)


def _right_gates(measured: Runs) -> int:
    shares = (*figures(measured, "text", "between"), *figures(measured, "sums", "between"))
    return 0 if mean(shares) < 0.1 else 1 if mean(shares) < 0.25 else 2


EXPERIMENTS = (
    Experiment(
        key="memory",
        title="A hundred steps of memory",
        claim="An LSTM learns to remember over a hundred steps, where a plain recurrent network of its size cannot.",
        source="Hochreiter and Schmidhuber 1997, sec. 5.4 (their adding problem, here with shorter sequences)",
        question="Two of a hundred numbers are marked, and their sum is asked at the end. Who learns it?",
        options=("Only the LSTM", "Both, the plain network more slowly", "Neither within so few steps"),
        right=_right_memory,
        arms=(
            Arm("lstm", "LSTM, 32 cells", "adding"),
            *(
                Arm(key, f"plain, rate {rate:g}", "adding", {"cell": "plain"}, {"learning_rate": rate})
                for key, rate in RATES.items()
            ),
        ),
        steps=STEPS,
        curve="loss",
        figure="test_loss",
        judge=_judge_memory,
        small_print=(
            "As many parameters, as many steps, clipped alike. For the plain network two rates were run, for the LSTM "
            "one.",
            "Cannot means: not within these steps. Its matrix begins as a rotation, which is the kindest start it has "
            "here; gated cells and other starts (Le, Jaitly and Hinton 2015) are known to go further.",
            "The LSTM stands on the plateau for hundreds of steps and then falls at once. Which step that is differs "
            "from seed to seed.",
        ),
    ),
    Experiment(
        key="forget_bias",
        title="Forget gates that begin open",
        claim="An LSTM learns long memories sooner if the bias of its forget gates begins at 1.",
        source="Gers et al. 2000; Jozefowicz, Zaremba and Sutskever 2015, who recommend it for every task",
        question="The same LSTM on the adding problem, the bias of its forget gates once 1, once 0. Which is sooner?",
        options=("The one with 1", "The one with 0", "No clear difference"),
        right=_right_bias,
        arms=(
            Arm("one", "bias 1", "adding", {"forget_bias": 1.0}),
            Arm("zero", "bias 0", "adding", {"forget_bias": 0.0}),
        ),
        steps=STEPS,
        curve="loss",
        figure="test_loss",
        judge=_judge_bias,
        small_print=(
            "One problem, one learning rate, three seeds: no reason to change a default that helped elsewhere.",
            "With a bias of 1 a gate begins at 0.73, and 0.73 to the power of 99 is nothing either: neither start "
            "remembers a hundred steps by itself.",
            "To leave the plateau means here: five recorded batches in a row below 0.05.",
        ),
    ),
    Experiment(
        key="gates",
        title="Are gates switches?",
        claim="A gate of an LSTM is open or shut.",
        source="the words of many introductions, which draw it as a switch",
        question="How many of a trained LSTM's gate values lie between 0.1 and 0.9, so neither open nor shut?",
        options=("Less than a tenth", "Between a tenth and a quarter", "More than a quarter"),
        right=_right_gates,
        arms=(
            Arm("text", "Austen, letter by letter", "characters", steps=300),
            Arm("sums", "adding, 100 steps", "adding", steps=1500),
        ),
        steps=300,
        curve="loss",
        figure="between",
        judge=_judge_gates,
        small_print=(
            "Counted over 32 held-out sequences, all cells and all steps, all three gates.",
            "Training goes on pushing gates outwards: after hours more of them would stand near 0 or 1.",
            "0.1 and 0.9 are our borders. A value of 0.9 that is applied ten times leaves 0.35.",
        ),
        probe="openness",
    ),
)
