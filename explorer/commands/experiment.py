"""`explorer experiment KEY/NAME`: runs every arm of an experiment for every seed and prints the measured verdict."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

from explorer import catalog, experiments
from explorer.console import note, say, say_json, table
from explorer.spec import Arm, Card, Experiment, Measured, RunSpec, SpecError


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("experiment", help="test a textbook claim and print the measured verdict")
    parser.add_argument("name", metavar="KEY/NAME", help="e.g. perceptron/xor")
    parser.add_argument(
        "--seeds", type=int, default=0, metavar="N", help="how many seeds (the experiment's own number, if 0)"
    )
    parser.add_argument("--device", default="cpu", help="cpu, cuda, mps or auto")
    parser.add_argument("--threads", type=int, default=1, metavar="N", help="threads of the CPU")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def run(args: argparse.Namespace) -> int:
    card, experiment = _find(args.name)
    from explorer import device

    place = device.choose(args.device)
    device.prepare(place, args.threads)
    measured = tuple(_measure(card, experiment, max(0, args.seeds), str(place)))
    verdict, right = experiment.answered(measured)
    answer = "" if right is None else experiment.options[right]
    if args.json:
        say_json({
            "architecture": card.key,
            "experiment": experiment.key,
            "claim": experiment.claim,
            "outcome": verdict.outcome.value,
            "verdict": verdict.text,
            "answer": answer,
            "measured": [{"arm": one.arm, "seed": one.seed, "figures": dict(one.figures)} for one in measured],
        })  # fmt: skip
        return 0
    say(f"{experiment.title}\n\nClaim: {experiment.claim}\n")
    say(_figures(experiment, measured))
    say(f"\n{verdict.outcome.value} {verdict.text}\n{experiment.question} {answer or 'That stays open.'}")
    return 0


def _find(name: str) -> tuple[Card, Experiment]:
    key, slash, experiment = name.partition("/")
    card = catalog.get(key)
    if not slash:
        raise SpecError(f"which experiment of {key}? {', '.join(f'{key}/{each.key}' for each in card.experiments)}")
    return card, card.experiment(experiment)


def _measure(card: Card, experiment: Experiment, seeds: int, device: str) -> Iterator[Measured]:
    plan = experiments.plan(card, experiment, seeds, device)
    for number, (arm, spec) in enumerate(plan, 1):
        note(f"{number} of {len(plan)}: {arm.label}, seed {spec.seed}, {spec.steps:,} steps")
        yield _run(arm, spec)


def _run(arm: Arm, spec: RunSpec) -> Measured:
    from explorer.training.headless import Limits, Plan, drive
    from explorer.training.run import Run

    with tempfile.TemporaryDirectory(prefix="explorer-") as directory:
        trained = Run.create(spec, Path(directory) / "run")
        drive(trained, Plan(Limits()))
        if trained.divergence:
            note(f"{arm.label}, seed {spec.seed}: diverged at step {trained.divergence.step:,}")
    return experiments.measured(arm, spec.seed, trained.curves.latest, trained.curves.series())


def _figures(experiment: Experiment, measured: tuple[Measured, ...]) -> str:
    """Return the final figure of every arm, seed by seed."""
    labels = {arm.key: arm.label for arm in experiment.arms}
    rows = [("ARM", "SEED", experiment.figure.upper())]
    rows += [
        (labels[one.arm], str(one.seed), f"{one.figures.get(experiment.figure, float('nan')):.4f}") for one in measured
    ]
    return table(rows)
