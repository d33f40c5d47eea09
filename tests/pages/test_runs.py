"""Runs: the list, the copy to take away, and deleting."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import safetensors.numpy
from streamlit.testing.v1 import AppTest

from explorer import catalog
from explorer.engine.client import Client
from explorer.engine.messages import RunState
from explorer.runspec import make_spec
from explorer.store.database import RunRow
from explorer.ui import runs
from explorer.ui.session import KEY, Session
from tests.pages.conftest import everything, sound, until

Page = Callable[..., AppTest]


@pytest.fixture
def finished(page: Page, engine: Client) -> Iterator[RunRow]:
    run = engine.start(make_spec(catalog.get("perceptron"), "and", steps=30))
    until(page("runs"), lambda test: engine.snapshot(run).state is RunState.FINISHED)
    yield next(row for row in engine.runs() if row.run == run)
    if any(row.run == run for row in engine.runs()):
        engine.delete(run)


def test_every_run_stands_there_with_what_it_reached(page: Page, finished: RunRow) -> None:
    test = page("runs")
    sound(test)
    said = everything(test)
    assert "Perceptron · AND" in said
    assert "finished · step 30" in said
    assert "Rosenblatt&#x27;s rule 100.0\u2009%" in said


def test_deleting_asks_first_and_then_forgets_the_run(page: Page, engine: Client, finished: RunRow) -> None:
    test = page("runs")
    test.session_state[KEY] = Session(last_run=("perceptron", "and", finished.run))
    test.button(key=f"delete-{finished.run}").click().run()
    assert finished.run in [row.run for row in engine.runs()]
    next(button for button in test.button if button.label == "Delete it").click().run()
    sound(test)
    assert finished.run not in [row.run for row in engine.runs()]
    assert test.session_state[KEY].last_run is None


def test_the_export_holds_the_run_its_curves_and_its_newest_network(engine: Client, finished: RunRow) -> None:
    packed = zipfile.ZipFile(io.BytesIO(runs.archive(engine, finished)))
    assert packed.testzip() is None
    spec = json.loads(packed.read("spec.json"))
    assert (spec["architecture"], spec["task"], spec["seed"]) == ("perceptron", "and", finished.spec.seed)
    rows = list(csv.DictReader(io.StringIO(packed.read("curves.csv").decode())))
    stored = engine.store.series(finished.run)
    assert {row["curve"] for row in rows} == set(stored)
    loss = [(int(row["step"]), float(row["value"])) for row in rows if row["curve"] == "loss"]
    assert [step for step, _ in loss] == stored["loss"].steps.tolist()
    assert [value for _, value in loss] == pytest.approx(stored["loss"].values.tolist())
    (weights,) = [name for name in packed.namelist() if name.endswith(".safetensors")]
    assert weights == "checkpoints/30.safetensors"
    assert safetensors.numpy.load(packed.read(weights))
    assert "run.json" in packed.namelist()


def test_runs_of_networks_that_are_gone_are_left_out(finished: RunRow) -> None:
    gone = replace(finished, spec=replace(finished.spec, architecture="no_longer_here"))
    assert runs.mine_first((finished, gone)) == (finished,)
