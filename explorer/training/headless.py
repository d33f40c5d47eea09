"""Runs a run to its end without anyone watching: for the command line and the experiments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from explorer.engine.messages import RunState, SetHypers, Stop
from explorer.spec import Sense, Settings, Target, Task
from explorer.training.run import Run

SLICE = 32  # steps between looks at the limits; a change by hand ends a slice early


@dataclass(frozen=True)
class Limits:
    """When to stop, whichever comes first; 0 means no such limit."""

    steps: int = 0
    seconds: float = 0.0


@dataclass
class Goal:
    """One target of the task and when it was reached, in the run's own seconds.

    A ceiling (XOR: never above 75 %) is not reached by being below it once: it must hold until the target's time is up.
    """

    target: Target
    ceiling: bool
    reached_at: float | None = None
    broken: bool = False

    def look(self, metrics: Mapping[str, float], seconds: float) -> None:
        """Take note of the newest metrics."""
        value = metrics.get(self.target.metric)
        if value is None or self.settled:
            return
        reached = self.target.reached(value)
        self.broken = self.ceiling and not reached
        if reached and (not self.ceiling or seconds >= self.target.seconds):
            self.reached_at = seconds

    @property
    def settled(self) -> bool:
        return self.reached_at is not None or self.broken


@dataclass(frozen=True)
class Plan:
    """What to do with a run: when to stop, which changes to make after which step, which goals to note."""

    limits: Limits
    changes: Mapping[int, Settings] = field(default_factory=dict)
    goals: tuple[Goal, ...] = ()
    until_goals: bool = False


def goals(task: Task) -> tuple[Goal, ...]:
    """Return the task's targets, none reached yet."""
    better_high = {metric.key: metric.higher_is_better for metric in task.metrics}
    return tuple(
        Goal(target, target.sense is Sense.AT_MOST and better_high.get(target.metric, "loss" not in target.metric))
        for target in task.targets
    )


def drive(run: Run, plan: Plan, report: Callable[[Run], None] = lambda run: None) -> None:
    """Train until a limit is reached, the goals are settled, or the run ends by itself; then stop and score it."""
    while run.runnable and not _done(run, plan):
        with run.randomness:
            _slice(run, plan)
        report(run)
    if run.state is not RunState.DIVERGED:
        run.apply(Stop())
        _look(run, plan)


def _slice(run: Run, plan: Plan) -> None:
    for _ in range(SLICE):
        if run.step in plan.changes:
            run.apply(SetHypers(plan.changes[run.step]))
        if not run.advance() or run.step == plan.limits.steps:
            return
        if run.evaluate_if_due():
            _look(run, plan)
            return


def _look(run: Run, plan: Plan) -> None:
    for goal in plan.goals:
        goal.look(run.curves.latest, run.seconds)


def _done(run: Run, plan: Plan) -> bool:
    limits = plan.limits
    if (limits.steps and run.step >= limits.steps) or (limits.seconds and run.seconds >= limits.seconds):
        return True
    return plan.until_goals and all(goal.settled for goal in plan.goals)
