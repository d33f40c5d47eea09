"""Runs, their metrics and their events in SQLite; networks and journals stay in the runs' own directories."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from explorer.engine.errors import DataDirectoryError
from explorer.engine.messages import RunState, Series, Snapshot
from explorer.spec import RunSpec, Value

_SCHEMA = """
create table if not exists runs (
    run text primary key, architecture text not null, task text not null, spec text not null, state text not null,
    step integer not null, seconds real not null, started real not null, seen real not null, paused integer not null,
    message text not null, upload text not null, experiment text not null, parent text not null,
    prepared integer not null default 0
);
create index if not exists runs_by_time on runs (started);
create table if not exists metrics (
    run text not null, key text not null, last real, lowest real, highest real,
    steps blob not null, points blob not null,
    primary key (run, key)
);
create table if not exists events (
    run text not null, step integer not null, time real not null, text text not null, primary key (run, step, text)
);
"""
_BUSY_SECONDS = 5.0


@dataclass(frozen=True)
class Extent:
    """A scalar's last, lowest and highest value in a run."""

    last: float
    lowest: float
    highest: float


@dataclass(frozen=True)
class RunRow:
    """One run as the list of runs shows it."""

    run: str
    spec: RunSpec
    state: RunState
    step: int
    seconds: float
    started: float  # Unix time
    seen: float  # Unix time of the last news of it
    paused: bool = False
    message: str = ""
    upload: str = ""  # path of the learner's own data
    experiment: str = ""  # the experiment it is an arm of
    parent: str = ""  # the run it was forked from
    figures: Mapping[str, Extent] = field(default_factory=dict)
    prepared: bool = False  # made to be looked at; no part of the history until it has done a step

    @property
    def architecture(self) -> str:
        return self.spec.architecture

    @property
    def task(self) -> str:
        return self.spec.task


class Store:
    """The database of one data directory; safe to call from any thread. Raises DataDirectoryError with advice."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._lock = threading.RLock()
        with self._advised():
            (directory / "runs").mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(directory / "explorer.sqlite", _BUSY_SECONDS, check_same_thread=False)
            self._database.execute("pragma journal_mode = wal")
            self._database.execute("pragma synchronous = normal")
            self._database.executescript(_SCHEMA)
            self._add_what_is_new()

    def run_directory(self, run: str) -> Path:
        return self.directory / "runs" / run

    def add(self, row: RunRow) -> None:
        """Note a new run."""
        values = (
            row.run, row.architecture, row.task, _spec_text(row.spec), row.state, row.step, row.seconds, row.started,
            row.seen, row.paused, row.message, row.upload, row.experiment, row.parent, row.prepared,
        )  # fmt: skip
        with self._writing() as database:
            database.execute(f"insert or replace into runs values ({','.join('?' * len(values))})", values)

    def record(self, snapshot: Snapshot) -> None:
        """Note where a run stands: state, metrics and journal marks."""
        paused = snapshot.state is RunState.PAUSED
        with self._writing() as database:
            database.execute(
                "update runs set state = ?, step = ?, seconds = ?, seen = ?, message = ?, "
                "paused = case when ? = 'asleep' then paused else ? end, prepared = prepared and ? = 0 where run = ?",
                (
                    snapshot.state, snapshot.step, snapshot.seconds, time.time(), snapshot.message,
                    snapshot.state, paused, snapshot.step, snapshot.run,
                ),
            )  # fmt: skip
            rows = [_metric(snapshot, key, series) for key, series in snapshot.series.items()]
            database.executemany("insert or replace into metrics values (?,?,?,?,?,?,?)", rows)
            for mark in snapshot.marks:
                event = (snapshot.run, mark.step, time.time(), mark.text)
                database.execute("insert or ignore into events values (?,?,?,?)", event)

    def get(self, run: str) -> RunRow | None:
        """Return one run, or None if there is none of this name."""
        with self._advised(), self._lock:
            found = self._database.execute("select * from runs where run = ?", (run,)).fetchone()
        return self._row(found) if found else None

    def runs(self, arms: bool = False, limit: int = 500) -> tuple[RunRow, ...]:
        """Return the newest runs first; those that belong to an experiment only on request."""
        where = "where not prepared" if arms else "where experiment = '' and not prepared"
        with self._advised(), self._lock:
            query = f"select * from runs {where} order by started desc limit ?"
            found = self._database.execute(query, (limit,)).fetchall()
        return tuple(self._row(each) for each in found)

    def series(self, run: str) -> dict[str, Series]:
        """Return a run's curves as last recorded."""
        with self._advised(), self._lock:
            query = "select key, steps, points from metrics where run = ?"
            found = self._database.execute(query, (run,)).fetchall()
        return {
            key: Series(np.frombuffer(steps, np.int32), np.frombuffer(points, np.float32))
            for key, steps, points in found
        }

    def events(self, run: str) -> tuple[tuple[int, str], ...]:
        """Return what was changed in a run: (step, text), in order."""
        with self._advised(), self._lock:
            found = self._database.execute("select step, text from events where run = ? order by step, time", (run,))
            return tuple(found.fetchall())

    def delete(self, run: str) -> None:
        """Forget a run: its rows, its directory, its learner's data."""
        row = self.get(run)
        with self._writing() as database:
            for table in ("runs", "metrics", "events"):
                database.execute(f"delete from {table} where run = ?", (run,))
        with self._advised():
            shutil.rmtree(self.run_directory(run), ignore_errors=True)
            if row and row.upload and not self._used(row.upload):
                Path(row.upload).unlink(missing_ok=True)

    def put_to_sleep(self) -> None:
        """After a restart nothing trains: whatever was not over is asleep until somebody looks."""
        with self._writing() as database:
            database.execute("update runs set state = 'asleep' where state in ('waiting', 'live', 'paused')")

    def delete_unseen(self) -> None:
        """After a restart no experiment goes on and nobody waits: arms and prepared runs are of no use any more."""
        with self._advised(), self._lock:
            found = self._database.execute("select run from runs where experiment != '' or prepared").fetchall()
        for (run,) in found:
            self.delete(run)

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def _add_what_is_new(self) -> None:
        """Bring the table of an earlier version up to date."""
        if "prepared" not in {column[1] for column in self._database.execute("pragma table_info(runs)")}:
            self._database.execute("alter table runs add column prepared integer not null default 0")

    def _used(self, upload: str) -> bool:
        with self._advised(), self._lock:
            return bool(self._database.execute("select 1 from runs where upload = ?", (upload,)).fetchone())

    def _row(self, found: tuple) -> RunRow:
        run, _, _, spec, state, step, seconds, started, seen, paused, message, upload, experiment, parent, prepared = (
            found
        )
        with self._advised(), self._lock:
            query = "select key, last, lowest, highest from metrics where run = ?"
            rows = self._database.execute(query, (run,)).fetchall()
        figures = {key: Extent(last, lowest, highest) for key, last, lowest, highest in rows if last is not None}
        return RunRow(
            run, _spec(spec), RunState(state), step, seconds, started, seen, bool(paused), message, upload, experiment,
            parent, figures, bool(prepared),
        )  # fmt: skip

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._advised(), self._lock, self._database:
            yield self._database

    @contextmanager
    def _advised(self) -> Iterator[None]:
        """Turn what the disk and SQLite complain of into an error that says what to do."""
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise advice(self.directory, error) from error


def advice(directory: Path, error: OSError | sqlite3.Error) -> DataDirectoryError:
    """Return the error for the page: what is wrong with the data directory and what to do about it."""
    text = str(error)
    elsewhere = "Set EXPLORER_DATA_DIR to a directory that you may write to."
    if "locked" in text:
        return DataDirectoryError(directory, "is locked by another program", "Close the other Explorer and try again.")
    if "full" in text or "No space" in text:
        return DataDirectoryError(directory, "has no room left", "Delete old runs or free some space, then try again.")
    if "malformed" in text or "not a database" in text:
        return DataDirectoryError(directory, "holds a damaged explorer.sqlite", "Move that file away and start again.")
    barred = isinstance(error, (PermissionError, FileExistsError, NotADirectoryError))
    if barred or "open" in text or "readonly" in text:
        return DataDirectoryError(directory, "cannot be written to", elsewhere)
    return DataDirectoryError(directory, f"cannot be used ({text})", elsewhere)


def _metric(snapshot: Snapshot, key: str, series: Series) -> tuple[str, str, float, float, float, bytes, bytes]:
    points = np.asarray(series.values, np.float32)
    finite = points[np.isfinite(points)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (float("nan"), float("nan"))
    last = float(snapshot.latest.get(key, points[-1] if points.size else float("nan")))
    return snapshot.run, key, last, low, high, np.asarray(series.steps, np.int32).tobytes(), points.tobytes()


def _spec_text(spec: RunSpec) -> str:
    return json.dumps(asdict(spec))


def _spec(text: str) -> RunSpec:
    fields = json.loads(text)
    for part in ("knobs", "hypers", "data"):
        fields[part] = {name: _value(value) for name, value in fields[part].items()}
    return RunSpec(**fields)


def _value(value: Value | list[int]) -> Value:
    return tuple(value) if isinstance(value, list) else value
