"""Experiments with the Transformer: order, the mask, heads, and time."""

from __future__ import annotations

from explorer.judging import always_above, figures, mean, percent, spread
from explorer.spec import Arm, Experiment, Measured, Outcome, Settings, Verdict

Runs = tuple[Measured, ...]
STEPS = 450
STEADY: Settings = {"schedule": "linear", "decay_steps": STEPS}  # all arms end alike: with a small rate


def _judge_positions(measured: Runs) -> Verdict:
    sines, learned, none = (figures(measured, arm, "exact") for arm in ("sinusoids", "learned", "none"))
    swapped, kept = (figures(measured, arm, "same_swapped") for arm in ("none", "sinusoids"))
    text = (
        f"Whole sentences right: {percent(sines)} with sines, {percent(learned)} with learned positions, "
        f"{percent(none)} with none. Pairs like “the cat sees the dog” and “the dog sees the cat” that became the same "
        f"French: {percent(kept)} with sines, {percent(swapped)} with no positions."
    )
    if min(sines) < 0.7:
        return Verdict(Outcome.OPEN, text)
    if min(swapped) > 0.8 and max(kept) < 0.2 and always_above(sines, none, 0.2):
        return Verdict(Outcome.HOLDS, text)
    return Verdict(Outcome.PARTLY if always_above(sines, none, 0.05) else Outcome.FAILS, text)


def _right_positions(measured: Runs) -> int:
    sines, none = figures(measured, "sinusoids", "exact"), figures(measured, "none", "exact")
    return 0 if always_above(sines, none, 0.2) else 1 if always_above(sines, none, 0.05) else 2


def _judge_mask(measured: Runs) -> Verdict:
    with_mask, without = figures(measured, "causal", "exact"), figures(measured, "none", "exact")
    losses = [figures(measured, arm, "loss") for arm in ("causal", "none")]
    answers = [figures(measured, arm, "test_accuracy") for arm in ("causal", "none")]
    text = (
        f"Loss at the end of training: {spread(losses[0], '{:.3f}')} with the mask, {spread(losses[1], '{:.3f}')} "
        f"without; held-out words right when the right sentence is read along: {percent(answers[0])} and "
        f"{percent(answers[1])}. Left to write by itself: {percent(with_mask)} of the sentences right with the mask, "
        f"{percent(without)} without."
    )
    if min(with_mask) < 0.7:
        return Verdict(Outcome.OPEN, text)
    if always_above(with_mask, without, 0.5):
        cheats = mean(losses[1]) <= mean(losses[0]) + 0.05
        return Verdict(Outcome.HOLDS if cheats else Outcome.PARTLY, text)
    return Verdict(Outcome.PARTLY if always_above(with_mask, without) else Outcome.FAILS, text)


def _right_mask(measured: Runs) -> int:
    with_mask, without = figures(measured, "causal", "exact"), figures(measured, "none", "exact")
    if not always_above(with_mask, without, 0.1):
        return 2
    losses = [mean(figures(measured, arm, "loss")) for arm in ("causal", "none")]
    return 0 if losses[1] <= losses[0] + 0.05 else 1


def _judge_heads(measured: Runs) -> Verdict:
    one, two = (figures(measured, arm, "spare_heads") for arm in ("one", "two"))
    whole = [figures(measured, arm, "exact") for arm in ("one", "two")]
    worst = [figures(measured, arm, "worst_head") for arm in ("one", "two")]
    cross = [figures(measured, arm, "no_cross") for arm in ("one", "two")]
    text = (
        f"Heads that could go for at most two sentences in a hundred: {percent(one)} of 12 with one layer each side, "
        f"{percent(two)} of 24 with two. The head that was missed most: from {percent(whole[0])} of the sentences "
        f"right to {percent(worst[0])}, and from {percent(whole[1])} to {percent(worst[1])}. With a whole layer of "
        f"cross-attention off: {percent(cross[0])} and {percent(cross[1])}."
    )
    if min(*whole[0], *whole[1]) < 0.7:
        return Verdict(Outcome.OPEN, text)
    if min(*one, *two) > 0.5:
        return Verdict(Outcome.HOLDS, text)
    return Verdict(Outcome.PARTLY if max(*one, *two) > 0.5 else Outcome.FAILS, text)


def _right_heads(measured: Runs) -> int:
    one, two = (figures(measured, arm, "spare_heads") for arm in ("one", "two"))
    if min(*one, *two) > 0.5:
        return 0
    return 1 if mean(two) > mean(one) + 0.1 else 2


def _judge_time(measured: Runs) -> Verdict:
    short, long = (figures(measured, "d64", f"ratio_{length}") for length in (32, 512))
    wide = figures(measured, "d128", "ratio_512")
    block, lstm = (
        [mean(figures(measured, "d64", f"{name}_{length}")) for length in (128, 512)] for name in ("block", "lstm")
    )
    text = (
        f"An encoder layer took {spread(short, '{:.1f}')} times as long as an LSTM of the same width for 32 words, "
        f"{spread(long, '{:.1f}')} times for 512 (width 128: {spread(wide, '{:.1f}')} times). From 128 to 512 words "
        f"the layer's time grew {block[1] / block[0]:.1f}-fold, the LSTM's {lstm[1] / lstm[0]:.1f}-fold."
    )
    every = (*short, *long, *wide)
    if max(every) < 1:
        return Verdict(Outcome.HOLDS, text)
    if min(every) > 1:
        return Verdict(Outcome.FAILS, text)
    apart = max(short) < 1 < min(*long, *wide) or max(*long, *wide) < 1 < min(short)
    return Verdict(Outcome.PARTLY if apart else Outcome.OPEN, text)


def _right_time(measured: Runs) -> int:
    short, long = (figures(measured, "d64", f"ratio_{length}") for length in (32, 512))
    if max(*short, *long) < 1:
        return 0
    return 2 if min(short) > 1 else 1


EXPERIMENTS = (
    Experiment(
        key="positions",
        title="Without positions",
        claim="Without positional encoding a Transformer cannot tell one order of the words from another.",
        source="Vaswani et al. 2017, sec. 3.5: no recurrence, no convolution, so something must say the order",
        question="The sines that mark each word's place are left out. What becomes of the translations?",
        options=(
            "About half come out wrong: who sees whom is lost",
            "A few come out wrong: most sentences make sense in one order only",
            "Nothing changes: the network finds the order out by itself",
        ),
        right=_right_positions,
        arms=(
            Arm("sinusoids", "sines", "grammar", STEADY),
            Arm("learned", "learned", "grammar", {**STEADY, "positions": "learned"}),
            Arm("none", "none", "grammar", {**STEADY, "positions": "none"}),
        ),
        steps=STEPS,
        curve="test_accuracy",
        figure="exact",
        judge=_judge_positions,
        small_print=(
            "Left out on both sides. The decoder can do without: its mask lets each place see a different number of "
            "words. It is the encoder that loses the order.",
            "A small grammar, in which any living thing may do anything to any other.",
            "Sentences with one thing in them can only be meant one way, and stay right: the words still arrive.",
        ),
        probe="sentences",
    ),
    Experiment(
        key="mask",
        title="Without the mask",
        claim="Without the mask of the future the decoder learns to copy and not to translate.",
        source="Vaswani et al. 2017, sec. 3.2.3: leftward information flow must be prevented",
        question="In training, each place of the decoder may also look at the words to come. What happens?",
        options=(
            "Training looks as good or better, and left to itself it cannot translate",
            "Training goes badly, and so does translation",
            "Both go well: more to look at can only help",
        ),
        right=_right_mask,
        arms=(
            Arm("causal", "with the mask", "grammar", STEADY),
            Arm("none", "without", "grammar", {**STEADY, "mask": "none"}),
        ),
        steps=STEPS,
        curve="loss",
        figure="exact",
        judge=_judge_mask,
        small_print=(
            "Held-out accuracy does not give it away: there, too, the right sentence is read along. Only writing word "
            "by word does.",
            "One layer each side, so a place sees the word it is asked for directly.",
        ),
        probe="sentences",
    ),
    Experiment(
        key="heads",
        title="Heads removed one by one",
        claim="Most attention heads can be removed, one at a time, without much harm.",
        source="Michel, Levy and Neubig 2019, “Are Sixteen Heads Really Better than One?”, of a large Transformer",
        question="A trained network has four heads in each attention. One after another is switched off. How many go "
        "unmissed?",
        options=(
            "More than half of them, in a shallow network and in a deeper one",
            "More of them the deeper the network: others can do the work",
            "Hardly any: each has its task",
        ),
        right=_right_heads,
        arms=(
            Arm("one", "one layer each side", "grammar", {**STEADY, "norm": "before"}),
            Arm("two", "two layers each side", "grammar", {**STEADY, "norm": "before", "num_layers": 2}),
        ),
        steps=STEPS,
        curve="test_accuracy",
        figure="spare_heads",
        judge=_judge_heads,
        small_print=(
            "Which head matters changes with the seed: no head has its task by nature.",
            "150 held-out sentences each time; a head counts as unmissed if at most two in a hundred go wrong by it.",
            "One at a time: heads that can each go cannot all go together.",
            "Michel et al. removed heads from six layers of sixteen heads each; this network is far smaller.",
        ),
        probe="without_heads",
    ),
    Experiment(
        key="time",
        title="Time against an LSTM",
        claim="A Transformer layer is quicker than a recurrent one, since it works on all words at once.",
        source="Vaswani et al. 2017, sec. 4 and Table 1: one sequential step against n of them",
        question="On this machine, forward and back: is an encoder layer quicker than an LSTM of the same width?",
        options=(
            "Quicker at every length",
            "Quicker for short texts, slower for long ones, where every word looks at every other",
            "Slower at every length measured",
        ),
        right=_right_time,
        arms=(
            Arm("d64", "width 64", "grammar", {}, {}, {"sentences": 500}),
            Arm("d128", "width 128", "grammar", {"embed_dim": 128}, {}, {"sentences": 500}),
        ),
        steps=5,
        curve="loss",
        figure="ratio_512",
        judge=_judge_time,
        small_print=(
            "Measured where the run is trained: on one processor thread nothing is parallel, and the LSTM is one "
            "tightly written routine. Table 1 counts steps that must wait for each other, which is what a GPU feels.",
            "Eight texts at once; one layer against one layer, not equal parameters: the block has more.",
            "Training a few steps first only warms the machine up; the time does not depend on the weights.",
        ),
        probe="time_by_length",
    ),
)
