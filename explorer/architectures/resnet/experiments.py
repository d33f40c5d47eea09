"""Experiments with residual nets."""

from __future__ import annotations

from explorer.judging import always_above, figures, mean, percent, spread
from explorer.spec import Arm, Experiment, Measured, Outcome, Settings, Verdict

Runs = tuple[Measured, ...]
CLOSE = 1.1  # a deeper net whose training loss is at most so many times the shallower one's has not been hurt


def _losses(measured: Runs) -> dict[str, tuple[float, ...]]:
    return {arm: figures(measured, arm, "train_loss") for arm in ("plain8", "plain44", "residual8", "residual44")}


def _judge_degradation(measured: Runs) -> Verdict:
    loss = _losses(measured)
    text = (
        f"Training loss after as many steps: plain, 8 layers {spread(loss['plain8'])}, 44 layers "
        f"{spread(loss['plain44'])}; residual, 8 layers {spread(loss['residual8'])}, 44 layers "
        f"{spread(loss['residual44'])}. At 44 layers the plain net's loss is "
        f"{mean(loss['plain44']) / mean(loss['residual44']):.1f} times the residual net's."
    )
    if not always_above(loss["plain44"], loss["plain8"]):
        return Verdict(Outcome.FAILS if always_above(loss["plain8"], loss["plain44"]) else Outcome.OPEN, text)
    if not always_above(loss["plain44"], loss["residual44"]):
        return Verdict(Outcome.OPEN, text)
    unhurt = mean(loss["residual44"]) <= CLOSE * mean(loss["residual8"])
    return Verdict(Outcome.HOLDS if unhurt else Outcome.PARTLY, text)


def _right_degradation(measured: Runs) -> int:
    loss = _losses(measured)
    if not always_above(loss["plain44"], loss["plain8"]):
        return 2
    return 0 if mean(loss["residual44"]) <= CLOSE * mean(loss["residual8"]) else 1


def _cost(measured: Runs, arm: str, key: str) -> tuple[float, ...]:
    """Return how much accuracy goes with blocks switched off, seed by seed."""
    whole, without = figures(measured, arm, "all_on"), figures(measured, arm, key)
    return tuple(before - after for before, after in zip(whole, without, strict=True))


def _judge_removal(measured: Runs) -> Verdict:
    residual, plain = _cost(measured, "residual", "one_off"), _cost(measured, "plain", "one_off")
    text = (
        f"All blocks on: residual {percent(figures(measured, 'residual', 'all_on'))}, plain "
        f"{percent(figures(measured, 'plain', 'all_on'))}. One block off, the mean over the blocks: residual "
        f"{percent(figures(measured, 'residual', 'one_off'))}, plain {percent(figures(measured, 'plain', 'one_off'))}. "
        f"Three off: residual {percent(figures(measured, 'residual', 'three_off'))}, plain "
        f"{percent(figures(measured, 'plain', 'three_off'))}."
    )
    if not always_above(plain, residual):
        return Verdict(Outcome.FAILS if always_above(residual, plain) else Outcome.OPEN, text)
    return Verdict(Outcome.HOLDS if mean(residual) < 0.05 < 0.3 < mean(plain) else Outcome.PARTLY, text)


def _right_removal(measured: Runs) -> int:
    residual, plain = _cost(measured, "residual", "one_off"), _cost(measured, "plain", "one_off")
    if not always_above(plain, residual):
        return 2
    return 0 if mean(residual) < 0.05 else 1


def _deep(shortcut: str, blocks: int) -> Settings:
    return {
        "shortcut": shortcut, "blocks": blocks, "channels": (8, 8, 8), "first_maps": "1/2", "schedule": "constant",
    }  # fmt: skip


SLOWLY: Settings = {"learning_rate": 0.003, "weight_decay": 0.0}

EXPERIMENTS = (
    Experiment(
        key="degradation",
        title="Deeper and worse",
        claim="A plain net gets worse on its own training set as it gets deeper; a residual net does not.",
        source="He et al. 2015, sec. 1, figures 1 and 6",
        question="Eight layers or 44, with shortcuts or without, 200 steps each. Which has the highest training loss?",
        options=(
            "The deep plain net; the deep residual net is about as good as the shallow one",
            "The deep plain net, but the deep residual net is hurt too",
            "A shallow one: more layers can always do at least as much",
        ),
        right=_right_degradation,
        arms=(
            Arm("plain8", "plain, 8 layers", "fashion", _deep("plain", 1), SLOWLY),
            Arm("plain44", "plain, 44 layers", "fashion", _deep("plain", 7), SLOWLY),
            Arm("residual8", "residual, 8 layers", "fashion", _deep("residual", 1), SLOWLY),
            Arm("residual44", "residual, 44 layers", "fashion", _deep("residual", 7), SLOWLY),
        ),
        steps=200,
        curve="loss",
        figure="train_loss",
        judge=_judge_degradation,
        small_print=(
            "200 steps are an early moment, at a constant rate: shown is that the deep plain net is slow to begin.",
            "It does not catch up soon. Once, with one seed, training went on for 1,500 steps with a falling rate: the "
            "training loss was then 0.75 for 44 plain layers, 0.36 for 8, and 0.19 for 44 residual ones. Where a plain "
            "net ends after very long training, as in the paper, was not tried.",
            "Batch normalisation is in all four, and no gradient vanishes: before the first step it grows on its way "
            "back to the first of 44 plain layers, some two thousand times (see Gradient by depth).",
        ),
        probe="training",
    ),
    Experiment(
        key="removal",
        title="Take a block out",
        claim="A trained residual net hardly notices that one block is gone; a plain net breaks.",
        source="Veit, Wilber and Belongie 2016, figure 3",
        question="Both nets are trained. Then one block is taken out and its input passed on. What happens?",
        options=(
            "The residual net hardly notices, the plain one breaks",
            "Both are hurt much, the plain one more",
            "Both are hurt alike: every layer is needed",
        ),
        right=_right_removal,
        arms=(
            Arm("residual", "residual, 20 layers", "fashion", {"decay_steps": 350}),
            Arm("plain", "plain, 20 layers", "fashion", {"shortcut": "plain", "decay_steps": 350}),
        ),
        steps=350,
        curve="test_accuracy",
        figure="one_off",
        judge=_judge_removal,
        small_print=(
            "Only the seven blocks that keep the shape are taken out, one at a time: the same in both nets.",
            "One block is little; with three gone at once the residual net too has lost some 15 points. Nothing is "
            "trained again, and the statistics of batch normalisation stay as they were.",
        ),
        probe="without_blocks",
    ),
)
