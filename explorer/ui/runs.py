"""Runs: what was trained on this server, to open again, take away or delete."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import asdict
from pathlib import Path

import streamlit as st

from explorer import catalog
from explorer.engine.client import Client
from explorer.spec import Card, SpecError
from explorer.store.database import RunRow
from explorer.ui.frame import boundary, open_page
from explorer.ui.session import client, session
from explorer.ui.text import ago, escape, figure

MOST_SHOWN = 100
SHORTEST = 0.05  # seconds of training worth a word
MOST_CHECKPOINTS = 1  # the newest is what a copy of the run needs


def show() -> None:
    """Draw the page."""
    st.html(
        '<h1 class="ex-title">Runs</h1><p class="ex-lead">Every network trained here. A run belongs to its link: '
        "whoever has the link can watch it, and it can be opened again after a restart.</p>"
    )
    mine = mine_first(client().runs())
    if not mine:
        st.html('<p class="ex-body">Nothing trained yet. Open a network and press Train; its run will stand here.</p>')
        if st.button("Go to Home", type="primary"):
            open_page("")
        return
    for row in mine[:MOST_SHOWN]:
        with boundary():
            _row(row)
    if len(mine) > MOST_SHOWN:
        st.caption(f"The newest {MOST_SHOWN} of {len(mine)} runs.")


def mine_first(rows: tuple[RunRow, ...]) -> tuple[RunRow, ...]:
    """Return the runs of architectures that are in the catalog, the newest first."""
    known = {card.key for card in catalog.cards()}
    return tuple(row for row in rows if row.architecture in known)


def best(card: Card, row: RunRow) -> str:
    """Return the best value of the task's first figure that was recorded, with its name; empty if there is none."""
    try:
        metrics = card.task(row.task).metrics
    except SpecError:
        return ""  # a task of an earlier version
    for metric in sorted(metrics, key=lambda each: not each.held_out):
        extent = row.figures.get(metric.key)
        if extent is not None:
            value = extent.highest if metric.higher_is_better else extent.lowest
            return f"{metric.label} {figure(value, metric.percent)}"
    return ""


def _row(row: RunRow) -> None:
    card = catalog.get(row.architecture)
    what, buttons = st.columns([3, 2], vertical_alignment="center")
    task = {task.key: task.title for task in card.tasks}.get(row.task, row.task)
    trained = f"{row.seconds:.1f} s trained" if row.seconds >= SHORTEST else ""
    facts = [row.state.value, f"step {row.step:,}", trained, best(card, row), ago(row.started)]
    what.html(
        f'<p class="ex-figure">{escape(card.title)} · {escape(task)}</p>'
        f'<p class="ex-small" style="margin:0">{escape(" · ".join(fact for fact in facts if fact))}</p>'
    )
    with buttons.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Open", key=f"open-{row.run}"):
            open_page(row.architecture, {"view": "train", "task": row.task, "run": row.run})
        _export(row)
        if st.button("Delete", key=f"delete-{row.run}"):
            _confirm(row.run, f"{card.title} · {task}")
    st.html('<hr class="ex-line">')


def _export(row: RunRow) -> None:
    st.download_button(
        "Export", lambda: archive(client(), row), f"explorer-{row.architecture}-{row.task}-{row.run}.zip",
        "application/zip", key=f"export-{row.run}", on_click="ignore",
    )  # fmt: skip


@st.dialog("Delete this run?")
def _confirm(run: str, name: str) -> None:
    st.write(f"{name}: its network, its curves and its link will be gone. This cannot be taken back.")
    with st.container(horizontal=True):
        if st.button("Delete it", type="primary", on_click=_delete, args=(run,)):
            st.rerun()
        if st.button("Keep it"):
            st.rerun()


def _delete(run: str) -> None:
    with boundary():
        client().delete(run)
    last = session().last_run
    if last is not None and last[2] == run:
        session().last_run = None


def archive(engine: Client, row: RunRow) -> bytes:
    """Return a zip of the run: what it was, its curves as CSV, its journal, and its newest network as safetensors."""
    directory = engine.directory(row.run)
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("spec.json", json.dumps(asdict(row.spec), indent=2, default=list))
        packed.writestr("curves.csv", curves_csv(engine, row.run))
        for name in ("run.json", "journal.jsonl"):
            if (directory / name).exists():
                packed.write(directory / name, name)
        for path in newest(directory / "checkpoints"):
            packed.write(path, f"checkpoints/{path.name}")
    return memory.getvalue()


def curves_csv(engine: Client, run: str) -> str:
    """Return every recorded point of every curve: curve, step, value."""
    lines = ["curve,step,value"]
    for key, series in sorted(engine.store.series(run).items()):
        lines += [f"{key},{step},{value:.8g}" for step, value in zip(series.steps, series.values, strict=True)]
    return "\n".join(lines) + "\n"


def newest(checkpoints: Path) -> tuple[Path, ...]:
    """Return the files of the newest checkpoint."""
    steps = sorted({int(path.stem) for path in checkpoints.glob("*.safetensors") if path.stem.isdigit()})
    return tuple(path for step in steps[-MOST_CHECKPOINTS:] for path in sorted(checkpoints.glob(f"{step}.*")))
