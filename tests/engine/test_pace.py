"""A run held back to a pace: fewer steps, the same steps."""

from __future__ import annotations

import pytest

from explorer.engine.client import Client
from explorer.engine.messages import Pace, Resume, RunState
from explorer.engine.pace import Allowance
from explorer.spec import SpecError

from .conftest import spec, until


def steps_done(allowance: Allowance, times: list[float]) -> int:
    done = 0
    for now in times:
        while allowance.has_step(now) and done < 1000:
            allowance.spend()
            done += 1
    return done


def test_steps_come_in_at_the_pace() -> None:
    every_10_ms = [hundredth / 100 for hundredth in range(1, 201)]
    assert steps_done(Allowance(5.0, 0.0), every_10_ms) in (10, 11)  # the first is free
    assert steps_done(Allowance(200.0, 0.0), every_10_ms) in range(395, 405)


def test_a_long_wait_is_not_made_up_for() -> None:
    assert steps_done(Allowance(100.0, 0.0), [60.0]) <= 5


def test_without_a_pace_there_is_no_limit() -> None:
    assert steps_done(Allowance(0.0, 0.0), [0.0]) == 1000
    assert Allowance(0.0, 0.0).rest() == 0.0


def test_a_paced_run_goes_slowly_and_then_as_fast_as_it_can(client: Client) -> None:
    run = client.start(spec(), paused=True)
    client.control(run, Pace(20.0))
    client.control(run, Resume())
    early = until(client, run, lambda shot: shot.step >= 3)
    assert early.state is RunState.LIVE
    assert early.step < 60  # thousands, were it not held back
    client.control(run, Pace(0.0))
    until(client, run, lambda shot: shot.step > early.step + 300)


def test_a_pace_that_is_none_is_refused(client: Client) -> None:
    run = client.start(spec(), paused=True)
    with pytest.raises(SpecError, match="pace of -1"):
        client.control(run, Pace(-1.0))
    with pytest.raises(SpecError, match="pace of nan"):
        client.control(run, Pace(float("nan")))
