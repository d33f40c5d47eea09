"""Experiments with views of pictures, the head, and what pushes whom."""

from __future__ import annotations

from explorer.architectures.moco.experiments import signed
from explorer.judging import always_above, figures, mean, percent
from explorer.spec import Arm, Experiment, Measured, Outcome, Settings, Value, Verdict

Runs = tuple[Measured, ...]
RIGHT, AFTER = "test_accuracy", "test_accuracy_head"
PIXELS = 0.753  # right by the five nearest of the 100 labelled digits, by pixels alone
NOTICED = 0.02  # accuracy: less than two points cannot be told apart on 1,000 digits with three seeds
ONE_POINT = -0.3  # uniformity from which all z are as good as one

NOTHING: dict[str, Value] = {"shift": 0, "rotate": 0.0, "stretch": 0.0, "shear": 0.0, "colour": 0.0}
ALONE: dict[str, tuple[str, dict[str, Value]]] = {
    "shift": ("only moved", {"shift": 3}),
    "rotate": ("only turned", {"rotate": 20.0}),
    "shear": ("only slanted", {"shear": 0.4}),
    "stretch": ("only stretched", {"stretch": 0.4}),
}


def _arm(
    key: str, label: str, steps: int, hypers: Settings | None = None, knobs: Settings | None = None, stops: int = 0
) -> Arm:
    """A run whose learning rate falls over `steps`; `stops`: after so many of them."""
    return Arm(key, label, "mnist", {"decay_steps": steps, **(knobs or {})}, dict(hypers or {}), steps=stops or steps)


# ---- which views -----------------------------------------------------------------------------------------------------


def _judge_views(measured: Runs) -> Verdict:
    whole, none = figures(measured, "all", RIGHT), figures(measured, "none", RIGHT)
    alone = {arm: figures(measured, arm, RIGHT) for arm in ALONE}
    without = figures(measured, "without", RIGHT)
    text = (
        f"Right by neighbours by all ways of changing {percent(whole)}, all but stretching {percent(without)}. Alone "
        + ", ".join(f"{ALONE[arm][0].removeprefix('only ')} {percent(values)}" for arm, values in alone.items())
        + f". Nothing changed {percent(none)}, untrained {percent(figures(measured, 'untrained', RIGHT))}, pixels "
        f"{100 * PIXELS:.1f} %."
    )
    if all(always_above(whole, values) for values in alone.values()):
        enough = any(min(values) > PIXELS for values in alone.values())
        return Verdict(Outcome.PARTLY if enough else Outcome.HOLDS, text)
    return Verdict(Outcome.FAILS if any(always_above(each, whole) for each in alone.values()) else Outcome.OPEN, text)


def _right_views(measured: Runs) -> int:
    whole, none = figures(measured, "all", RIGHT), figures(measured, "none", RIGHT)
    if always_above(none, whole):
        return 2
    return 0 if all(always_above(whole, figures(measured, arm, RIGHT)) for arm in ALONE) else 1


# ---- before or after the head ----------------------------------------------------------------------------------------


def _lead(measured: Runs, arm: str) -> float:
    """Return by how much h is ahead of z, as shares, the mean over the seeds."""
    return mean(figures(measured, arm, RIGHT)) - mean(figures(measured, arm, AFTER))


def _judge_head(measured: Runs) -> Verdict:
    text = ". ".join(
        f"{words}: before the head {percent(figures(measured, arm, RIGHT))}, after it "
        f"{percent(figures(measured, arm, AFTER))}"
        for arm, words in (("all", "Views changed in every way"), ("tint", "In colour only"))
    )
    text += (
        f". With a head of two layers it is {percent(figures(measured, 'two', RIGHT))} and "
        f"{percent(figures(measured, 'two', AFTER))}, without a head {percent(figures(measured, 'none', RIGHT))}."
    )
    leads = [_lead(measured, arm) > NOTICED for arm in ("all", "tint")]
    if all(leads):
        return Verdict(Outcome.HOLDS, text)
    if any(leads):
        return Verdict(Outcome.PARTLY, text)
    behind = any(_lead(measured, arm) < -NOTICED for arm in ("all", "tint"))
    return Verdict(Outcome.FAILS if behind else Outcome.OPEN, text)


def _right_head(measured: Runs) -> int:
    lead = _lead(measured, "all")
    return 0 if lead > NOTICED else 1 if lead < -NOTICED else 2


# ---- pictures of one class -------------------------------------------------------------------------------------------


def _judge_class(measured: Runs) -> Verdict:
    early, late = figures(measured, "early", "same_class"), figures(measured, "late", "same_class")
    text = (
        f"Cosine between two digits of one class: {signed(early)} after 50 steps, {signed(late)} after 300; of two "
        f"classes {signed(figures(measured, 'late', 'other_class'))}. Yet of the negatives "
        f"{100 * mean(figures(measured, 'late', 'share')):.0f} % are of the same class, and they get "
        f"{percent(figures(measured, 'late', 'push'))} of the push. Right by neighbours "
        f"{percent(figures(measured, 'early', RIGHT))}, then {percent(figures(measured, 'late', RIGHT))}."
    )
    if always_above(late, early):
        return Verdict(Outcome.HOLDS, text)
    return Verdict(Outcome.FAILS if always_above(early, late) else Outcome.OPEN, text)


def _right_class(measured: Runs) -> int:
    early, late = figures(measured, "early", "same_class"), figures(measured, "late", "same_class")
    return 0 if always_above(late, early) else 1 if always_above(early, late) else 2


# ---- temperature -----------------------------------------------------------------------------------------------------

TEMPERATURES = {"t005": 0.05, "t02": 0.2, "t05": 0.5, "t1": 1.0}


def _judge_temperature(measured: Runs) -> Verdict:
    found = {arm: figures(measured, arm, RIGHT) for arm in TEMPERATURES}
    text = (
        "Right by neighbours: " + ", ".join(f"τ = {TEMPERATURES[arm]:g} {percent(found[arm])}" for arm in found) + "."
    )
    means = sorted(mean(values) for values in found.values())
    if means[-1] - means[0] < NOTICED:
        return Verdict(Outcome.FAILS, text)
    best = max(found, key=lambda arm: mean(found[arm]))
    others = [values for arm, values in found.items() if arm != best]
    if all(always_above(found[best], values) for values in others):
        return Verdict(Outcome.HOLDS, text)
    apart = any(always_above(found[best], values) for values in others)
    return Verdict(Outcome.PARTLY if apart else Outcome.OPEN, text)


def _right_temperature(measured: Runs) -> int:
    found = {arm: mean(figures(measured, arm, RIGHT)) for arm in TEMPERATURES}
    if max(found.values()) - min(found.values()) < NOTICED:
        return 2
    return 0 if max(found, key=found.__getitem__) in ("t005", "t02") else 1


# ---- batch size ------------------------------------------------------------------------------------------------------

SEEN = 19_200  # pictures in each run
BATCHES = (32, 128, 512)


def _judge_batch(measured: Runs) -> Verdict:
    small, middle, large = (figures(measured, f"b{size}", RIGHT) for size in BATCHES)
    text = (
        f"After {SEEN:,} pictures each: in batches of 32 {percent(small)} right by neighbours, of 128 "
        f"{percent(middle)}, of 512 {percent(large)}."
    )
    if always_above(large, small):
        return Verdict(Outcome.HOLDS, text)
    return Verdict(Outcome.FAILS if always_above(small, large) else Outcome.OPEN, text)


def _right_batch(measured: Runs) -> int:
    small, large = figures(measured, "b32", RIGHT), figures(measured, "b512", RIGHT)
    return 0 if always_above(large, small) else 1 if always_above(small, large) else 2


# ---- without negatives -----------------------------------------------------------------------------------------------


def _judge_collapse(measured: Runs) -> Verdict:
    kept, lost = figures(measured, "with", "uniformity"), figures(measured, "without", "uniformity")
    with_, without = figures(measured, "with", RIGHT), figures(measured, "without", RIGHT)
    text = (
        f"Uniformity (0: all on one point): with negatives {signed(kept)}, without {signed(lost)}. Right by nearest: "
        f"{percent(with_)} and {percent(without)}, untrained {percent(figures(measured, 'untrained', RIGHT))}."
    )
    if min(lost) > ONE_POINT:
        return Verdict(Outcome.HOLDS if always_above(with_, without) else Outcome.PARTLY, text)
    return Verdict(Outcome.FAILS if max(lost) < ONE_POINT else Outcome.OPEN, text)


def _right_collapse(measured: Runs) -> int:
    if min(figures(measured, "without", "uniformity")) <= ONE_POINT:
        return 2
    return 0 if always_above(figures(measured, "with", RIGHT), figures(measured, "without", RIGHT)) else 1


# ---- the same emoji by another artist --------------------------------------------------------------------------------

EMOJI_PIXELS = 0.456  # of 374 held-out emoji, those whose other drawing is the nearest by pixels alone


def _beats_pixels(measured: Runs, arm: str) -> bool:
    return min(figures(measured, arm, "counterpart")) > EMOJI_PIXELS


def _judge_artist(measured: Runs) -> Verdict:
    views, artists = (figures(measured, arm, "counterpart") for arm in ("views", "artists"))
    text = (
        f"The other artist's drawing is the nearest for {percent(views)} of the held-out emoji after learning from "
        f"views, for {percent(artists)} after pairs of artists; by pixels alone for {100 * EMOJI_PIXELS:.1f} %, "
        f"untrained {percent(figures(measured, 'untrained', 'counterpart'))}. Among the five nearest: "
        f"{percent(figures(measured, 'views', 'counterpart_5'))} and "
        f"{percent(figures(measured, 'artists', 'counterpart_5'))}, by pixels 63.1 %."
    )
    if _beats_pixels(measured, "views"):
        return Verdict(Outcome.HOLDS, text)
    if _beats_pixels(measured, "artists") and always_above(artists, views):
        return Verdict(Outcome.PARTLY, text)
    return Verdict(Outcome.FAILS if max(artists) < EMOJI_PIXELS else Outcome.OPEN, text)


def _right_artist(measured: Runs) -> int:
    if _beats_pixels(measured, "views"):
        return 0
    return 1 if _beats_pixels(measured, "artists") else 2


EXPERIMENTS = (
    Experiment(
        key="views",
        title="Which views",
        claim="No single way of changing pictures is enough to learn from; together they are.",
        source="Chen et al. 2020, sec. 3.1 and figure 5",
        question=(
            "Views that are only moved, only turned, only slanted, only stretched, not changed at all, or all of it. "
            "With which does the network come to know digits best?"
        ),
        options=(
            "With all of it, ahead of each alone",
            "One way alone does as well",
            "With nothing changed: nothing is spoilt",
        ),
        right=_right_views,
        arms=(
            _arm("untrained", "untrained", 130, stops=1),
            _arm("none", "nothing changed", 130, NOTHING),
            *(_arm(arm, label, 130, {**NOTHING, **hypers}) for arm, (label, hypers) in ALONE.items()),
            _arm("without", "all but stretching", 130, {"stretch": 0.0}),
            _arm("all", "all of it", 130),
        ),
        steps=130,
        curve=RIGHT,
        figure=RIGHT,
        judge=_judge_views,
        small_print=(
            "Digits, not photographs: there is no colour to give a picture away, and the paper's pair of crop and "
            "colour has no counterpart here.",
            "The loss is lowest where nothing is changed, since the task is easiest: losses of different views do not "
            "compare.",
            "How far each way goes was chosen on the same held-out digits that score it.",
        ),
    ),
    Experiment(
        key="head",
        title="Before or after the head",
        claim="What the encoder gives before the head is worth far more than what comes out of it.",
        source="Chen et al. 2020, sec. 4.2: h is more than 10 points better than z",
        question="Digits are told apart by their nearest neighbours. By h, before the head, or by z, after it?",
        options=("Clearly better by h", "Better by z", "No clear difference"),
        right=_right_head,
        arms=(
            _arm("all", "views changed in every way", 180),
            _arm("tint", "views changed in colour only", 180, {**NOTHING, "colour": 0.4}),
            _arm("two", "a head of two layers", 180, knobs={"head": "two layers"}),
            _arm("none", "no head", 180, knobs={"head": "none"}),
        ),
        steps=180,
        curve=RIGHT,
        figure=RIGHT,
        judge=_judge_head,
        small_print=(
            "The head throws away what differs between views. Where that is only how a digit was moved and slanted, "
            "nothing is lost; the paper's views differ in colour, which classes need.",
            "Neighbours judge here, a linear classifier in the paper.",
        ),
    ),
    Experiment(
        key="same_class",
        title="Pictures of one class",
        claim="Contrastive learning pulls pictures of one class together.",
        source="a sentence of many introductions; the paper's loss knows no classes",
        question="From step 50 to step 300, what happens between two digits of the same class?",
        options=(
            "They come nearer to each other",
            "They move apart",
            "Neither",
        ),
        right=_right_class,
        arms=(
            _arm("early", "after 50 steps", 300, stops=50),
            _arm("late", "after 300 steps", 300),
        ),
        steps=300,
        curve=RIGHT,
        figure="same_class",
        judge=_judge_class,
        small_print=(
            "The loss does not ask for it: two pictures of one class push each other like any others, the nearer, the "
            "harder. But what is done to make views also turns one digit into another of its kind.",
            "It depends on the head: with one of two layers the cosine stayed at 0.48 (also three seeds).",
            "Measured on z, which the loss sees, over all pairs of 1,000 held-out digits.",
        ),
        probe="classes",
    ),
    Experiment(
        key="temperature",
        title="Temperature",
        claim="The temperature decides how much is learnt.",
        source="Chen et al. 2020, sec. 5.1 and Table 5",
        question="The same training with temperatures from 0.05 to 1. What does it change?",
        options=("A low one is clearly better", "A high one is clearly better", "Next to nothing"),
        right=_right_temperature,
        arms=tuple(_arm(arm, f"τ = {value:g}", 150, {"temperature": value}) for arm, value in TEMPERATURES.items()),
        steps=150,
        curve=RIGHT,
        figure=RIGHT,
        judge=_judge_temperature,
        small_print=(
            "Losses at different temperatures do not compare: dividing by τ scales them.",
            "Ten classes with 400 digits each leave less to separate than ImageNet's thousand.",
        ),
    ),
    Experiment(
        key="batch",
        title="Batch size",
        claim="Larger batches, and so more negatives, give better features.",
        source="Chen et al. 2020, sec. 5.2 and figure 9",
        question=f"Three trainings on {SEEN:,} pictures each, in batches of 32, 128 or 512. Which knows digits best?",
        options=("The one with batches of 512", "The one with batches of 32", "No clear difference"),
        right=_right_batch,
        arms=tuple(_arm(f"b{size}", f"batches of {size}", SEEN // size, {"batch_size": size}) for size in BATCHES),
        steps=SEEN // BATCHES[1],
        curve=RIGHT,
        figure=RIGHT,
        judge=_judge_batch,
        small_print=(
            "Equal in pictures seen, so a batch of 512 has a sixteenth of the steps. The paper, too, finds that the "
            "gap closes with longer training.",
            "One learning rate for all; the paper raises it with the batch.",
        ),
    ),
    Experiment(
        key="collapse",
        title="Without negatives",
        claim="If nothing pushes, every picture ends on one point and nothing is learnt.",
        source="the usual account; Wang and Isola 2020 call the missing part uniformity",
        question="Partners attract each other, and nothing else counts. What is left after 250 steps?",
        options=(
            "All z on one point, and h worth less than with negatives",
            "All z on one point, but h worth as much",
            "z stay spread out",
        ),
        right=_right_collapse,
        arms=(
            _arm("untrained", "untrained", 250, stops=1),
            _arm("with", "with negatives", 250),
            _arm("without", "without", 250, {"negatives": False}),
        ),
        steps=250,
        curve="evenness",
        figure="evenness",
        judge=_judge_collapse,
        small_print=(
            "Later methods (BYOL, SimSiam) do without negatives, but not without something in their place: a predictor "
            "on one side, and no gradient on the other.",
            "h passes a batch normalisation, which keeps its numbers from shrinking to nothing whatever the loss does.",
        ),
    ),
    Experiment(
        key="artist",
        title="The same emoji by another artist",
        claim="A network that has learnt to know pictures again sees what they show, not how they are drawn.",
        source="the hope behind learning from views; nothing the paper says of drawings",
        question=(
            "1,871 emoji, each drawn by two artists; 374 are held out. Which network finds the same emoji by the other "
            "artist more often than plain pixels do?"
        ),
        options=(
            "One that learns from two views of each drawing",
            "Only one that was shown pairs of the two artists",
            "Neither",
        ),
        right=_right_artist,
        arms=(
            Arm("untrained", "untrained", "emoji", {"decay_steps": 300}, steps=1),
            Arm("views", "two views of each drawing", "emoji", {"decay_steps": 300}),
            Arm("artists", "a view of each artist's", "emoji", {"decay_steps": 300, "pairs": "two artists"}),
        ),
        steps=300,
        curve="counterpart",
        figure="counterpart",
        judge=_judge_artist,
        small_print=(
            "Pairs of artists use the names: two drawings count as one thing because they are called the same.",
            "Style is taken off by each artist's mean before comparing, for pixels too.",
            "Half a minute on 3,000 small pictures. That more of both would change it is likely, and not shown.",
        ),
    ),
)
