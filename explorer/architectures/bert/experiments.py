"""Experiments with small BERTs."""

from __future__ import annotations

from explorer.judging import always_above, figures, mean, percent
from explorer.spec import Arm, Experiment, Measured, Outcome, Settings, Verdict

Runs = tuple[Measured, ...]
SHARES = ("5", "15", "40")
APART = 0.01  # of hidden words: what is called a difference between two ways to begin
FAR_APART = 0.05  # of pairs: what is called harder


def _halfway(measured: Runs, arm: str) -> list[float]:
    """Return what each seed's curve of one arm says at half of its steps, or at the first point after."""
    curves = [one.curves["test_masked"] for one in measured if one.arm == arm]
    return [next(value for step, value in zip(*curve, strict=True) if 2 * step >= curve[0][-1]) for curve in curves]


def _judge_directions(measured: Runs) -> Verdict:
    both, left = figures(measured, "both", "test_masked"), figures(measured, "left", "test_masked")
    halfway = [percent(_halfway(measured, arm)) for arm in ("both", "left")]
    text = (
        f"Of the hidden words, both sides find {percent(both)}, what comes before alone {percent(left)}. Halfway "
        f"it was {halfway[0]} and {halfway[1]}."
    )
    if always_above(both, left):
        return Verdict(Outcome.HOLDS, text)
    return Verdict(Outcome.FAILS if always_above(left, both) else Outcome.OPEN, text)


def _right_directions(measured: Runs) -> int:
    both, left = figures(measured, "both", "test_masked"), figures(measured, "left", "test_masked")
    return 0 if always_above(both, left) else 1 if always_above(left, both) else 2


def _judge_share(measured: Runs) -> Verdict:
    found = {share: figures(measured, share, "test_masked") for share in SHARES}
    told = ", ".join(f"{share} %: {percent(values)}" for share, values in found.items())
    text = f"Right of the same held-out words, where in training are hidden {told}."
    others = [found[share] for share in SHARES if share != "15"]
    if all(always_above(found["15"], other) for other in others):
        return Verdict(Outcome.HOLDS, text)
    return Verdict(Outcome.FAILS if any(always_above(other, found["15"]) for other in others) else Outcome.OPEN, text)


def _right_share(measured: Runs) -> int:
    return max(range(len(SHARES)), key=lambda at: mean(figures(measured, SHARES[at], "test_masked")))


def _judge_places(measured: Runs) -> Verdict:
    sines, chance = figures(measured, "sines", "test_masked"), figures(measured, "random", "test_masked")
    text = f"Hidden words found: {percent(sines)} with sines to begin with, {percent(chance)} with small random places."
    if always_above(sines, chance, APART) or always_above(chance, sines, APART):
        return Verdict(Outcome.FAILS, text)
    alike = abs(mean(sines) - mean(chance)) < APART and max(*sines, *chance) - min(*sines, *chance) < 3 * APART
    return Verdict(Outcome.HOLDS if alike else Outcome.OPEN, text)


def _right_places(measured: Runs) -> int:
    sines, chance = figures(measured, "sines", "test_masked"), figures(measured, "random", "test_masked")
    return 0 if always_above(sines, chance, APART) else 1 if always_above(chance, sines, APART) else 2


def _judge_pairs(measured: Runs) -> Verdict:
    follows, book = figures(measured, "follows", "test_pair"), figures(measured, "book", "test_pair")
    text = (
        f"Pairs answered rightly, half of them by guessing: “does B follow A?” {percent(follows)}, “are both from the "
        f"same book?” {percent(book)}."
    )
    if always_above(book, follows, FAR_APART):
        return Verdict(Outcome.HOLDS, text)
    return Verdict(Outcome.FAILS if always_above(follows, book) else Outcome.OPEN, text)


def _right_pairs(measured: Runs) -> int:
    follows, book = figures(measured, "follows", "test_pair"), figures(measured, "book", "test_pair")
    return 1 if always_above(book, follows) else 0 if always_above(follows, book) else 2


def _words(key: str, label: str, steps: int, knobs: Settings | None = None, share: float = 0.25) -> Arm:
    return Arm(key, label, "words", {"decay_steps": steps, **(knobs or {})}, {"mask_share": share, "pair_weight": 0.0})


def _pairs(key: str, label: str, task: str) -> Arm:
    return Arm(key, label, task, {"decay_steps": 700}, {"pair_weight": 1.0, "batch_size": 32}, {"tokens": 36})


EXPERIMENTS = (
    Experiment(
        key="directions",
        title="Before, or on both sides",
        claim="To fill a blank, the words on both sides help more than those before it alone.",
        source="Devlin et al. 2018, sec. 1, and Table 5 for what becomes of fine-tuned networks",
        question=(
            "Two networks, the same but for a mask: one sees every word of the row, one only what stands before. "
            "Which finds more of the hidden words after 900 steps?"
        ),
        options=("The one that sees both sides", "The one that sees what came before", "No clear difference"),
        right=_right_directions,
        arms=(
            _words("both", "both sides", 900, {"sees": "both"}),
            _words("left", "only before", 900, {"sees": "left"}),
        ),
        steps=900,
        curve="test_masked",
        figure="test_masked",
        judge=_judge_directions,
        small_print=(
            "At first the one that sees only what came before is ahead, perhaps since its mask gives it the order of "
            "the words for nothing. With 700 steps instead of 900, the claim failed here.",
            "Blanks lie anywhere in the row. Who only sees what came before has little to go by near its beginning.",
            "A quarter of the tokens is hidden in training, 15 % when it is scored.",
        ),
    ),
    Experiment(
        key="share",
        title="How many to hide",
        claim="Fifteen words in a hundred are the right share to hide.",
        source="Devlin et al. 2018, sec. 3.1, who take 15 %; Wettig et al. 2022, who find 40 % as good or better",
        question="Hidden in training: 5, 15 or 40 words of 100. Which network is best at the same held-out blanks?",
        options=("5 %", "15 %", "40 %"),
        right=_right_share,
        arms=tuple(_words(share, f"{share} %", 600, share=int(share) / 100) for share in SHARES),
        steps=600,
        curve="test_masked",
        figure="test_masked",
        judge=_judge_share,
        small_print=(
            "All are scored on the same rows with 15 % hidden.",
            "A few seconds of training: more blanks in a row are more answers to learn from in each step. How the "
            "three compare after days is another question; Wettig et al. asked it of large networks.",
        ),
    ),
    Experiment(
        key="places",
        title="How places begin",
        claim="Whether places begin as sines or as learned rows of small random numbers makes no difference.",
        source="Vaswani et al. 2017, sec. 3.5 and Table 3 (E), of the trained Transformer; here in the first seconds",
        question="Places are learned in both networks; in one they begin as sines. Which finds more hidden words?",
        options=("The one that begins with sines", "The one that begins at random", "No difference"),
        right=_right_places,
        arms=(
            _words("sines", "sines", 600, {"positions": "sines"}),
            _words("random", "small and random", 600, {"positions": "random"}),
        ),
        steps=600,
        curve="test_masked",
        figure="test_masked",
        judge=_judge_places,
        small_print=(
            "Words begin with a spread of 0.5 in both. The sines are as large; the random places have the paper's "
            "0.02, and next to such words they are hard to hear.",
            "The Transformer's paper compares trained networks, and finds both alike.",
        ),
    ),
    Experiment(
        key="pairs",
        title="Same topic, or what comes next",
        claim="Whether two texts are of a kind is learnt far sooner than whether one follows the other.",
        source="Lan et al. 2020 (ALBERT), sec. 3.1, on why next-sentence prediction is of little use",
        question="Two questions about a pair of texts, learnt by equal networks. Which is answered better?",
        options=("Does B follow A?", "Are both from the same book?", "Both alike"),
        right=_right_pairs,
        arms=(
            _pairs("follows", "does B follow?", "words"),
            _pairs("book", "same book?", "books"),
        ),
        steps=700,
        curve="test_pair",
        figure="test_pair",
        judge=_judge_pairs,
        small_print=(
            "Where B does not follow, it comes from the same novel, so style gives nothing away. In BERT's paper it "
            "comes from anywhere in the corpus, and topic alone tells much of it.",
            "Both texts together always have as many tokens, and the cut is drawn for a whole batch: lengths tell "
            "nothing.",
        ),
    ),
)  # fmt: skip
