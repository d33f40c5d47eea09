"""Workers that are killed, hang or run out of memory, runs that raise: what becomes of them and their neighbours."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer.engine.client import Client
from explorer.engine.errors import DataDirectoryError
from explorer.engine.messages import Pause, Resume, RunState, SetHypers
from explorer.engine.patience import Patience
from explorer.training.replay import replay

from .conftest import SHORT, spec, until

LIMIT = 64 << 30  # bytes of address space, not of memory: torch alone maps several gigabytes


@pytest.fixture(scope="module")
def fragile_client(fragile: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    patience = Patience(silence=SHORT.silence, first=30.0, tick=0.1)
    client = Client.open(tmp_path_factory.mktemp("data"), 1, "cpu", patience, memory_limit=LIMIT)
    yield client
    client.close()


def slot_of(client: Client, run: str) -> int:
    link = client.pool.slot_of(run)
    assert link is not None
    return link.pid


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_slot_killed_or_hung_is_replaced_and_its_runs_come_out_the_same_to_the_last_bit(
    fragile_client: Client, how: signal.Signals
) -> None:
    client = fragile_client
    run, neighbour = client.start(spec(steps=600, seed=1)), client.start(spec(seed=2))
    until(client, run, lambda shot: shot.step > 100)
    client.control(run, SetHypers({"learning_rate": 0.3, "dropout": 0.4}))
    until(client, run, lambda shot: shot.step > 200)
    before, neighbour_step = slot_of(client, run), client.snapshot(neighbour).step
    os.kill(before, how)
    shot = until(client, run, lambda shot: shot.state is RunState.FINISHED)
    assert slot_of(client, neighbour) != before
    assert shot.step == 600
    assert shot.hypers["dropout"] == 0.4
    assert "replaced" in shot.message
    report = replay(client.directory(run))
    assert report.bit_exact, report.differing
    until(client, neighbour, lambda shot: shot.step > neighbour_step)
    client.delete(neighbour)


def test_a_paused_run_stays_paused_when_its_slot_is_lost(fragile_client: Client) -> None:
    client = fragile_client
    run = client.start(spec())
    until(client, run, lambda shot: shot.step > 20)
    client.control(run, Pause())
    paused = until(client, run, lambda shot: shot.state is RunState.PAUSED)
    before = slot_of(client, run)
    os.kill(before, signal.SIGKILL)
    shot = until(client, run, lambda shot: slot_of(client, run) != before and "replaced" in shot.message)
    assert (shot.state, shot.step) == (RunState.PAUSED, paused.step)
    client.delete(run)


def test_a_run_that_raises_fails_alone_with_a_clear_message(fragile_client: Client) -> None:
    client = fragile_client
    run, neighbour = client.start(spec(trouble="raise")), client.start(spec(steps=300))
    until(client, neighbour, lambda shot: shot.step > 0)  # before that its slot may not have come up
    before = slot_of(client, neighbour)
    shot = until(client, run, lambda shot: shot.state is RunState.FAILED)
    assert "fell over" in shot.message
    assert "Traceback" not in shot.message
    assert until(client, neighbour, lambda shot: shot.state is RunState.FINISHED).step == 300
    assert slot_of(client, neighbour) == before
    client.control(run, Resume())
    assert client.snapshot(run).state is RunState.FAILED


def test_a_run_without_enough_memory_fails_alone(fragile_client: Client) -> None:
    client = fragile_client
    run, neighbour = client.start(spec(trouble="memory")), client.start(spec(steps=300))
    assert "memory" in until(client, run, lambda shot: shot.state is RunState.FAILED).message
    assert until(client, neighbour, lambda shot: shot.state is RunState.FINISHED).step == 300


def test_a_run_that_ends_its_worker_again_and_again_is_taken_out(fragile_client: Client) -> None:
    client = fragile_client
    run, neighbour = client.start(spec(trouble="exit")), client.start(spec(steps=400, seed=3))
    shot = until(client, run, lambda shot: shot.state is RunState.FAILED)
    assert "three times" in shot.message
    assert until(client, neighbour, lambda shot: shot.state is RunState.FINISHED).step == 400
    assert replay(client.directory(neighbour)).bit_exact


def test_a_lost_desk_is_replaced(fragile_client: Client) -> None:
    client = fragile_client
    assert client.devices()[-1].key == "cpu"
    desk = client.pool.processes()[-1]
    os.kill(desk.pid, signal.SIGKILL)
    desk.wait(10.0)
    client._devices = ()
    assert client.devices()[-1].key == "cpu"


def test_a_run_nobody_watches_sleeps_and_wakes_where_it_was(fragile: None, tmp_path: Path) -> None:
    client = Client.open(tmp_path, 1, "cpu", SHORT)
    try:
        run = client.start(spec())
        step = until(client, run, lambda shot: shot.step > 50).step
        held = client.pool.find(run)
        assert held is not None
        with held.news:
            assert held.news.wait_for(lambda: held.snapshot.state is RunState.ASLEEP, 60)
            slept = held.snapshot.step
        assert slept >= step
        assert {row.state for row in client.runs()} == {RunState.ASLEEP}
        until(client, run, lambda shot: shot.state is RunState.LIVE and shot.step > slept)
    finally:
        client.close()


def test_a_restart_keeps_finished_runs_and_wakes_the_others(fragile: None, tmp_path: Path) -> None:
    first = Client.open(tmp_path, 1, "cpu", SHORT)
    done, failed, live = first.start(spec(steps=60)), first.start(spec(trouble="raise")), first.start(spec(seed=4))
    until(first, done, lambda shot: shot.state is RunState.FINISHED)
    until(first, failed, lambda shot: shot.state is RunState.FAILED)
    step = until(first, live, lambda shot: shot.step > 100).step
    first.close()
    second = Client.open(tmp_path, 1, "cpu", SHORT)
    try:
        assert {row.run: row.state for row in second.runs()} == {
            done: RunState.FINISHED, failed: RunState.FAILED, live: RunState.ASLEEP,
        }  # fmt: skip
        assert until(second, done, lambda shot: bool(shot.series)).step == 60
        assert "fell over" in second.snapshot(failed).message
        until(second, live, lambda shot: shot.state is RunState.LIVE and shot.step > step)
    finally:
        second.close()


def test_no_process_outlives_the_engine(fragile: None, tmp_path: Path) -> None:
    client = Client.open(tmp_path, 1, "cpu", SHORT)
    run = client.start(spec())
    until(client, run, lambda shot: shot.step > 5)
    links = client.pool.processes()
    client.close()
    assert all(link.wait(10.0) for link in links)


def test_a_data_directory_that_cannot_be_used_is_named_with_advice(tmp_path: Path) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("not a directory")
    with pytest.raises(DataDirectoryError, match="EXPLORER_DATA_DIR"):
        Client.open(occupied)
