"""What every card promises, held against what is built: a new folder in the catalog is tested by being there."""

from __future__ import annotations

import importlib
import importlib.util
import math
from collections.abc import Iterator

import pytest
import torch
from torch import nn

from explorer import catalog, lenses, tasks
from explorer.experiments import plan
from explorer.runspec import make_spec
from explorer.spec import Card, Experiment, Hyper, Knob, Scale, SpecError, Task, Variant, nearest
from explorer.training.factory import make_trainer
from explorer.training.layer_stats import first_tensor
from explorer.training.supervised import evaluating
from explorer.training.trainer import Trainer

CPU = torch.device("cpu")
CARDS = catalog.cards()
VARIANTS = [pytest.param(card, one, id=one.id) for card in CARDS for one in card.variants]
TASKS = [pytest.param(card, one, id=f"{card.key}-{one.key}") for card in CARDS for one in card.tasks]
EXPERIMENTS = [pytest.param(card, one, id=f"{card.key}-{one.key}") for card in CARDS for one in card.experiments]


def model_of(card: Card):
    return importlib.import_module(f"explorer.architectures.{card.key}.model")


def on_meta(card: Card, variant: Variant, **chosen: object) -> nn.Module:
    with torch.device("meta"):
        return model_of(card).build(card.settings(variant, chosen))  # type: ignore[arg-type]


def counts(model: nn.Module) -> tuple[int, int]:
    """Trainable and fixed parameters, each once."""
    trainable = sum(one.numel() for one in model.parameters() if one.requires_grad)
    return trainable, sum(one.numel() for one in model.parameters()) - trainable


def knobs_of(card: Card) -> Iterator[Knob]:
    yield from card.knobs
    for task in card.tasks:
        yield from (*task.knobs, *task.data_knobs, *task.hypers)


def trainer_of(card: Card, task: Task) -> Trainer:
    torch.manual_seed(0)
    return make_trainer(make_spec(card, task.key), CPU)


def test_variant_ids_are_unique_in_the_whole_catalog() -> None:
    ids = [one.id for card in CARDS for one in card.variants]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(("card", "variant"), VARIANTS)
def test_built_network_has_the_count_on_the_card(card: Card, variant: Variant) -> None:
    assert counts(on_meta(card, variant)) == (variant.parameters, variant.fixed)


@pytest.mark.parametrize(("card", "variant"), VARIANTS)
def test_a_published_count_is_met_or_the_difference_is_explained(card: Card, variant: Variant) -> None:
    published = variant.published
    if published is None or published.parameters is None or published.parameters == variant.parameters:
        return
    assert published.why, f"{variant.id} has {variant.parameters:,} parameters, the paper {published.parameters:,}"


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.key)
def test_names_within_a_card_are_unique(card: Card) -> None:
    groups = [card.tasks, card.experiments]
    for group in groups:
        keys = [one.key for one in group]
        assert len(keys) == len(set(keys))
    for task in card.tasks:
        names = [knob.name for knob in (*task.knobs, *task.data_knobs, *task.hypers)]
        assert len(names) == len(set(names)), f"{task.key} has two knobs of one name"


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.key)
def test_every_default_is_legal_and_every_range_is_one(card: Card) -> None:
    for knob in knobs_of(card):
        assert knob.check(knob.default) == knob.default
        assert knob.clamp(knob.default) == knob.default
        if knob.minimum is not None and knob.maximum is not None:
            assert knob.minimum < knob.maximum, knob.name
        if knob.scale is Scale.LOG:
            assert knob.maximum is not None
            assert knob.maximum > 0


@pytest.mark.parametrize(("card", "variant"), VARIANTS)
def test_a_variant_sets_only_knobs_that_it_has_to_legal_values(card: Card, variant: Variant) -> None:
    known = {knob.name: knob for knob in card.knobs}
    for name, value in variant.settings.items():
        if name in known:
            assert known[name].check(value) == value


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.key)
def test_every_lesson_step_points_at_modules_that_exist(card: Card) -> None:
    assert 4 <= len(card.lesson.steps) <= 6
    for step in card.lesson.steps:
        variant = card.variant(step.variant) if step.variant else card.usual
        paths = {path for path, _ in on_meta(card, variant).named_modules()}
        assert not set(step.layers) - paths, f"{card.key}: {step.title}"


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.key)
def test_every_lesson_has_equations_corrections_and_sources(card: Card) -> None:
    assert all(words for _, words in card.lesson.equations)
    assert card.lesson.corrections
    assert all(one.source for one in card.lesson.corrections)


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.key)
def test_ancestors_are_in_the_catalog(card: Card) -> None:
    known = {one.key for one in CARDS}
    assert {one.key for one in card.ancestors} <= known - {card.key}


@pytest.mark.parametrize(("card", "task"), TASKS)
def test_a_small_network_takes_a_step_and_is_scored(card: Card, task: Task) -> None:
    trainer = trainer_of(card, task)
    before = [one.detach().clone() for one in trainer.model.parameters()]
    scalars = {name: float(value) for name, value in trainer.train_step().items()}
    for _ in range(3):  # a rule that learns from mistakes may have nothing to mend in the first
        trainer.train_step()
    scalars |= {name: float(value) for name, value in trainer.batch_scores().items()}
    scalars |= trainer.evaluate()
    assert all(math.isfinite(value) for value in scalars.values()), scalars
    moved = zip(before, trainer.model.parameters(), strict=True)
    assert any(not torch.equal(old, new) for old, new in moved)
    wanted = {one.key for one in task.metrics} | {one.metric for one in task.targets}
    wanted |= {key for key, _, _ in task.references}
    assert not wanted - set(scalars), "named on the card, measured by nobody"


@pytest.mark.parametrize(("card", "task"), TASKS)
def test_building_with_the_same_seed_gives_the_same_weights(card: Card, task: Task) -> None:
    first, second = trainer_of(card, task), trainer_of(card, task)
    pairs = zip(first.model.parameters(), second.model.parameters(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)


@pytest.mark.parametrize(("card", "task"), TASKS)
def test_a_task_names_kinds_and_lenses_that_exist(card: Card, task: Task) -> None:
    tasks.get(task.kind)
    assert not set(task.lenses + task.inside) - set(lenses.names())
    assert task.metrics


@pytest.mark.parametrize(("card", "task"), TASKS)
def test_every_choice_of_a_structural_knob_builds_and_answers(card: Card, task: Task) -> None:
    for knob, choice in [(each, choice) for each in task.knobs for choice in each.choices]:
        torch.manual_seed(0)
        trainer = make_trainer(make_spec(card, task.key, knobs={knob.name: choice}), CPU)
        with evaluating(trainer.model):
            answers = first_tensor(trainer.model(*trainer.example_inputs()))
        assert answers is not None, f"{knob.name} = {choice}"
        assert bool(answers.isfinite().all()), f"{knob.name} = {choice}"


@pytest.mark.parametrize(("card", "task"), TASKS)
def test_every_hyper_can_be_turned_while_training(card: Card, task: Task) -> None:
    trainer = trainer_of(card, task)
    for hyper in task.hypers:
        for value in (*_ends(hyper), hyper.default):
            trainer.set_hypers({hyper.name: value})
            assert trainer.hypers[hyper.name] == value
    trainer.train_step()


def _ends(hyper: Hyper) -> list[float]:
    ends = [end for end in (hyper.minimum, hyper.maximum) if end is not None]
    return [type(hyper.default)(end) for end in ends]  # type: ignore[call-arg,arg-type]


@pytest.mark.parametrize(("card", "experiment"), EXPERIMENTS)
def test_an_experiments_arms_can_be_run(card: Card, experiment: Experiment) -> None:
    keys = [arm.key for arm in experiment.arms]
    assert len(keys) == len(set(keys))
    assert len(keys) >= 2
    for _, spec in plan(card, experiment, seeds=1):
        torch.manual_seed(0)
        trainer = make_trainer(spec, CPU)
        trainer.train_step()
        assert spec.steps > 0


@pytest.mark.parametrize(("card", "experiment"), EXPERIMENTS)
def test_an_experiment_asks_says_what_it_does_not_show_and_has_its_probe(card: Card, experiment: Experiment) -> None:
    assert experiment.question.endswith("?") or len(experiment.options) >= 2
    assert len(experiment.options) >= 2
    assert experiment.small_print
    assert experiment.source
    if experiment.probe:
        probes = importlib.import_module(f"explorer.architectures.{card.key}.probes")
        assert callable(getattr(probes, experiment.probe))


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.key)
def test_an_unknown_name_is_refused_with_the_nearest_right_one(card: Card) -> None:
    with pytest.raises(SpecError, match="did you mean '"):
        card.variant(card.usual.id[1:])
    assert card.usual.id in nearest(card.usual.id + "~", [one.id for one in card.variants])


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.key)
def test_a_card_knows_no_torch(card: Card) -> None:
    spec = importlib.util.find_spec(f"explorer.architectures.{card.key}.card")
    assert spec is not None
    assert spec.origin is not None
    with open(spec.origin, encoding="utf-8") as file:
        assert "torch" not in [line.split()[1].split(".")[0] for line in file if line.startswith(("import ", "from "))]
