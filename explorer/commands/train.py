"""`explorer train KEY`: trains the small network without the app and prints what it reached."""

from __future__ import annotations

import argparse
import contextlib
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from explorer import assignments, catalog
from explorer.console import note, say, say_json
from explorer.runspec import make_spec
from explorer.spec import RunSpec, Task

if TYPE_CHECKING:
    from explorer.training.headless import Goal, Limits, Plan
    from explorer.training.run import Run

PATIENCE = 3  # until-target gives up after so many times the seconds the page promises
SECONDS = 10.0  # how long to train where nothing else says when to stop


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("train", help="train a small network without the app")
    parser.add_argument("key", metavar="KEY", help="the architecture, e.g. cnn")
    parser.add_argument("--task", default="", help="what it is trained to do (the card's first, if not given)")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a knob or hyperparameter")
    parser.add_argument("--at", action="append", default=[], metavar="STEP:NAME=VALUE", help="a change after this step")
    parser.add_argument("--steps", type=_count, default=0, metavar="N", help="stop after so many steps")
    parser.add_argument("--seconds", type=_seconds, default=0.0, metavar="S", help="stop after so much training time")
    parser.add_argument(
        "--until-target", action="store_true", help="stop at the task's target; exit 1 if it is not reached"
    )
    parser.add_argument("--seed", type=_seed, default=0, metavar="N")
    parser.add_argument("--device", default="cpu", help="cpu, cuda, mps or auto")
    parser.add_argument("--threads", type=_count, default=1, metavar="N", help="threads of the CPU")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--out", type=Path, metavar="DIR", help="keep the run here, for `explorer replay`")


def run(args: argparse.Namespace) -> int:
    card = catalog.get(args.key)
    task = card.task(args.task) if args.task else card.first_task
    chosen = assignments.sort(task, assignments.parse(args.set))
    changes = assignments.schedule(task, args.at)
    from explorer import device
    from explorer.training.headless import Plan, drive, goals
    from explorer.training.run import Run

    place = device.choose(args.device)
    device.prepare(place, args.threads)
    spec = make_spec(card, task.key, chosen.knobs, chosen.hypers, chosen.data, args.seed, str(place))
    plan = Plan(_limits(args, task), changes, goals(task), args.until_target)
    with _directory(args.out) as directory:
        begin = time.perf_counter()
        trained = Run.create(spec, directory)
        drive(trained, plan, _Progress())
        wall = time.perf_counter() - begin
    _tell(trained, plan, wall, args)
    return _status(trained, plan)


def _status(trained: Run, plan: Plan) -> int:
    from explorer.engine.messages import RunState

    if trained.state is RunState.DIVERGED:
        return 1
    return int(plan.until_goals and any(goal.reached_at is None for goal in plan.goals))


def _limits(args: argparse.Namespace, task: Task) -> Limits:
    from explorer.training.headless import Limits

    seconds = args.seconds
    if not seconds and not args.steps:
        promised = max((target.seconds for target in task.targets), default=SECONDS)
        seconds = PATIENCE * promised if args.until_target else promised
    return Limits(args.steps, seconds)


def _tell(trained: Run, plan: Plan, wall: float, args: argparse.Namespace) -> None:
    facts = _facts(trained.spec, trained, plan, wall)
    if trained.divergence:
        where = trained.divergence
        note(f"Step {where.step:,}: the {where.what} of layer {where.layer} is not finite. Training stopped before it.")
    if args.json:
        say_json(facts)
        return
    say(f"{trained.step:,} steps in {trained.seconds:.2f} s of training ({wall:.2f} s in all) on {trained.device}")
    for name, value in trained.curves.latest.items():
        say(f"  {name} {value:.4f}")
    for goal in plan.goals:
        say(f"  target: {_goal_text(goal)}")


def _goal_text(goal: Goal) -> str:
    wanted = f"{goal.target.metric} {goal.target.sense.value} {goal.target.value:g} within {goal.target.seconds:g} s"
    if goal.reached_at is None:
        return f"{wanted}: not reached"
    return f"{wanted}: {'held for' if goal.ceiling else 'reached after'} {goal.reached_at:.2f} s"


def _facts(spec: RunSpec, trained: Run, plan: Plan, wall: float) -> dict[str, object]:
    targets = [_target(goal) for goal in plan.goals]
    broken = trained.divergence
    return {
        "architecture": spec.architecture,
        "task": spec.task,
        "steps": trained.step,
        "epochs": trained.epoch,
        "seconds": trained.seconds,
        "wall_seconds": wall,
        "steps_per_second": trained.step / trained.seconds if trained.seconds else 0.0,
        "device": str(trained.device),
        "seed": spec.seed,
        "state": trained.state.value,
        "hypers": dict(trained.trainer.hypers),
        "knobs": dict(spec.knobs),
        "data": dict(spec.data),
        "marks": [{"step": mark.step, "text": mark.text} for mark in trained.journal.marks],
        "metrics": dict(trained.curves.latest),
        "target": targets[0] if targets else None,
        "targets": targets,
        "divergence": {"step": broken.step, "layer": broken.layer, "what": broken.what} if broken else None,
    }


def _target(goal: Goal) -> dict[str, object]:
    one = goal.target
    return {
        "metric": one.metric,
        "value": one.value,
        "sense": one.sense.value,
        "seconds": one.seconds,
        "reached_at_seconds": goal.reached_at,
    }


class _Progress:
    """Says on stderr, once a second, how far the run is."""

    def __init__(self) -> None:
        self._next = time.perf_counter() + 1

    def __call__(self, trained: Run) -> None:
        if time.perf_counter() < self._next:
            return
        self._next = time.perf_counter() + 1
        figures = ", ".join(f"{name} {value:.4f}" for name, value in trained.curves.latest.items())
        note(f"step {trained.step:,}, {trained.seconds:.1f} s: {figures}")


@contextlib.contextmanager
def _directory(out: Path | None) -> Iterator[Path]:
    if out is not None:
        yield out
        return
    with tempfile.TemporaryDirectory(prefix="explorer-") as directory:
        yield Path(directory) / "run"


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number of at least 1")
    return int(text)


def _seed(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**63:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 0 to 2^63 - 1")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds above 0")
    return seconds
