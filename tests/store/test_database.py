from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from explorer.data import Dataset
from explorer.engine.errors import DataDirectoryError, UploadError
from explorer.engine.messages import Mark, RunState, Series, SetHypers, Snapshot
from explorer.spec import RunSpec
from explorer.store import uploads
from explorer.store.database import RunRow, Store

SPEC = RunSpec("feed_forward", "spirals", 3, knobs={"widths": (8, 8), "activation": "tanh"}, hypers={"rate": 0.1})


def row(run: str, **changes: object) -> RunRow:
    return replace(RunRow(run, SPEC, RunState.WAITING, 0, 0.0, 1.0, 1.0), **changes)  # type: ignore[arg-type]


def snapshot(run: str, state: RunState, step: int, losses: list[float]) -> Snapshot:
    series = {"loss": Series(np.arange(len(losses), dtype=np.int32), np.array(losses, np.float32))}
    mark = Mark(5, SetHypers({"rate": 0.2}), "rate 0.1 → 0.2")
    return Snapshot(run, SPEC, state, step, 1.5, 10.0, 0.5, SPEC.hypers, series, (mark,), (), {})


def test_a_run_comes_back_as_it_was_noted(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(row("a"))
    store.record(snapshot("a", RunState.LIVE, 7, [0.9, 0.2, 0.4]))
    store.close()
    found = Store(tmp_path).get("a")
    assert found is not None
    assert (found.spec, found.state, found.step) == (SPEC, RunState.LIVE, 7)
    assert found.figures["loss"].lowest == pytest.approx(0.2)
    assert found.figures["loss"].last == pytest.approx(0.4)


def test_curves_and_events_are_kept_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(row("a"))
    for losses in ([1.0], [1.0, 0.5]):
        store.record(snapshot("a", RunState.LIVE, 7, losses))
    assert store.series("a")["loss"].values.tolist() == [1.0, 0.5]
    assert store.events("a") == ((5, "rate 0.1 → 0.2"),)


def test_after_a_restart_what_was_not_over_sleeps_and_a_pause_is_remembered(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for run, state in (("live", RunState.LIVE), ("paused", RunState.PAUSED), ("done", RunState.FINISHED)):
        store.add(row(run))
        store.record(snapshot(run, state, 7, [1.0]))
    store.put_to_sleep()
    rows = {each.run: each for each in store.runs()}
    assert {run: each.state.value for run, each in rows.items()} == {
        "live": "asleep", "paused": "asleep", "done": "finished",
    }  # fmt: skip
    assert (rows["paused"].paused, rows["live"].paused) == (True, False)


def test_arms_are_listed_only_on_request_and_the_newest_run_first(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(row("old", started=1.0))
    store.add(row("new", started=2.0))
    store.add(row("arm", started=3.0, experiment="cnn/shift"))
    assert [each.run for each in store.runs()] == ["new", "old"]
    assert len(store.runs(arms=True)) == 3


def test_a_prepared_run_is_listed_from_its_first_step_on(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for run in ("begun", "left"):
        store.add(row(run, prepared=True))
        store.record(snapshot(run, RunState.PAUSED, 0, []))
    assert store.runs() == ()
    store.record(snapshot("begun", RunState.PAUSED, 1, [0.7]))
    assert [each.run for each in store.runs()] == ["begun"]
    store.delete_unseen()
    assert store.get("left") is None
    assert store.get("begun") is not None


def test_a_database_of_an_earlier_version_is_brought_up_to_date(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(row("a"))
    store.close()
    with sqlite3.connect(tmp_path / "explorer.sqlite") as database:
        database.execute("alter table runs drop column prepared")
    later = Store(tmp_path)
    later.add(row("b", prepared=True))
    assert [each.run for each in later.runs()] == ["a"]


def test_deleting_a_run_takes_its_directory_and_its_upload(tmp_path: Path) -> None:
    store = Store(tmp_path)
    upload = uploads.save(tmp_path, points())
    path = uploads.path_of(tmp_path, upload)
    for run in ("a", "fork"):
        store.add(row(run, upload=str(path)))
        store.run_directory(run).mkdir()
    store.delete("a")
    assert store.get("a") is None
    assert not store.run_directory("a").exists()
    assert path.exists(), "the fork still uses it"
    store.delete("fork")
    assert not path.exists()


def test_a_locked_database_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.store.database._BUSY_SECONDS", 0.05)
    store = Store(tmp_path)
    other = sqlite3.connect(tmp_path / "explorer.sqlite")
    other.execute("begin exclusive")
    with pytest.raises(DataDirectoryError, match="Close the other Explorer"):
        store.add(row("a"))
    other.rollback()
    store.add(row("a"))


def test_a_full_disk_says_what_to_do(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store._database.execute("pragma max_page_count = 1")  # SQLite then answers as on a full disk
    with pytest.raises(DataDirectoryError, match="no room left"):
        store.add(row("a", message="x" * 100_000))


def test_a_damaged_database_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "explorer.sqlite").write_bytes(b"this is not a database, it only looks like one" * 100)
    with pytest.raises(DataDirectoryError, match="Move that file away"):
        Store(tmp_path)


def points(count: int = 10) -> Dataset:
    x, y = np.zeros((count, 2), np.float32), np.zeros(count, np.int64)
    return Dataset(x, y, x[:3], y[:3], ("no", "yes"), "my own points")


def test_an_upload_comes_back_the_same(tmp_path: Path) -> None:
    upload = uploads.save(tmp_path, points())
    back = uploads.load(uploads.path_of(tmp_path, upload))
    assert back.classes == ("no", "yes")
    assert back.source == "my own points"
    assert np.array_equal(back.train_inputs, points().train_inputs)
    uploads.delete(tmp_path, upload)
    with pytest.raises(UploadError, match="Upload it again"):
        uploads.load(uploads.path_of(tmp_path, upload))


def test_uploads_are_limited_numeric_and_never_pickled(tmp_path: Path) -> None:
    with pytest.raises(UploadError, match="MB"):
        uploads.save(tmp_path, points(3_000_000))
    words = replace(points(), train_inputs=np.array([{"a": 1}], dtype=object))
    with pytest.raises(UploadError, match="numbers"):
        uploads.save(tmp_path, words)
    path = uploads.path_of(tmp_path, "evil")
    path.parent.mkdir(exist_ok=True)
    np.savez(path, words=np.array([{"a": 1}], dtype=object))
    with pytest.raises(UploadError):
        uploads.load(path)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a/b", "a.b"])
def test_an_upload_id_cannot_leave_its_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(UploadError):
        uploads.path_of(tmp_path, name)
