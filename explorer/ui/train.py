"""The Train view: a run with its transport, live figure and curves; the controls stand in train_controls.py."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import streamlit as st

from explorer.blueprint import layer_name
from explorer.data import Dataset
from explorer.engine.errors import EngineError, UnknownRun
from explorer.engine.messages import (
    Control,
    Edit,
    Frame,
    Json,
    Pace,
    Pause,
    Resume,
    Rewind,
    RunState,
    Series,
    SetHypers,
    Snapshot,
    Step,
    Stop,
)
from explorer.runspec import clamped_spec
from explorer.spec import Card, RunSpec, SpecError, float_of
from explorer.ui import (
    header,
    live,
    sheets,
    train_controls,
    train_drawing,
    train_graph,
    train_prepared,
    train_speed,
    train_style,
)
from explorer.ui.address import Address
from explorer.ui.session import address as address_now
from explorer.ui.session import client, go, restore, session, value_of
from explorer.ui.train_curves import curves_data

FAST, SLOW = 0.2, 2.0  # seconds between refreshes while it trains, and while it waits for the learner
CROWD = 10  # watched runs that a server refreshes that fast; every ten more make all of them wait as long again
SETTLED = 0.5  # seconds to wait at most until a control shows in the snapshot
EMPTY = "Nothing trained yet. Press Train; the first picture comes in under a second."
PREPARING = "Nothing trained yet. The network is being made; press Train whenever you like."
MOST_LENSES = 2  # shown below each other; of more, one is picked
COMING = "Your run waits for its first step; the first picture comes with it."
UNTRAINED = "Nothing trained yet: this is how the network starts. Press Train."
NOTHING_YET: Mapping[str, Json] = {
    "started": False, "state": "", "over": False, "step": 0, "speed": 0, "marks": [], "rewindable": [], "waiting": 0,
}  # fmt: skip


@dataclass
class TrainPanel:
    """What the Train view of one task remembers of a visitor beside the address."""

    ghost: Mapping[str, Series] = field(default_factory=dict)  # the curves of the run before
    picture: int = 0  # held-out picture that the maps are shown for
    heard: Json = None  # the newest command of the transport row: it repeats what was not heard
    handled: set[float] = field(default_factory=set)  # commands of the components that were carried out
    frames: dict[str, Frame] = field(default_factory=dict)  # the last pictures, kept while the run waits
    watch: str = ""  # the lens that is looked through, where there are more than fit


def show(card: Card, address: Address) -> None:
    """Draw the Train view for the task and the run that the address names; without one, the network at step 0."""
    if not address.task:
        train_style.not_yet(card)
        return
    train_style.show()
    with st.container(key="train"):
        shown = _shown(card, address)
        pace = _pace(shown)
        st.fragment(_live, run_every=pace)(card, address, shown.run, shown.prepared, pace)
        with st.container(key="train_controls"):
            if shown.trouble:
                st.warning(shown.trouble)
            train_controls.show(card, address, None if shown.prepared else shown.snapshot)


@dataclass(frozen=True)
class Shown:
    """The run that the view shows: the one asked for, or one that was prepared and waits at step 0."""

    run: str = ""
    snapshot: Snapshot | None = None
    prepared: bool = False
    trouble: str = ""


def _shown(card: Card, address: Address) -> Shown:
    snapshot, trouble = _look(card, address.task, address.run)
    if snapshot is not None:
        train_prepared.drop(_place(card, address.task))
        return Shown(address.run, snapshot)
    try:
        run = train_prepared.ready(_place(card, address.task), spec_of(card, address), upload_of(card, address.task))
    except (EngineError, SpecError) as error:
        return Shown(trouble=trouble or str(error))
    snapshot, why = _look(card, address.task, run)
    return Shown(run, snapshot, snapshot is not None, trouble or why)


def _place(card: Card, task: str) -> str:
    return f"{card.key}/{task}"


def panel(card: Card, task: str) -> TrainPanel:
    return session().panel(TrainPanel, f"{card.key}/{task}")


def spec_of(card: Card, address: Address) -> RunSpec:
    """Return the run that the address describes; no device means the engine's own choice."""
    device = session().panel(train_controls.Chosen, card.key).device
    return clamped_spec(card, address.task, address.small, address.hypers, address.data, address.seed, device)[0]


def upload_of(card: Card, task: str) -> Dataset | None:
    """Return the learner's own points or lines, where the task learns from them."""
    if train_drawing.takes_lines(card.task(task)):
        return train_drawing.drawing(card, task)
    if not train_controls.takes_points(card.task(task)):
        return None
    return session().panel(train_controls.Chosen, _place(card, task)).upload


def _pace(shown: Shown) -> float | None:
    """Return the seconds between refreshes; None where nothing can change any more."""
    if shown.snapshot is None or shown.snapshot.state.over:
        return None
    drawn = not shown.prepared or bool(shown.snapshot.frames)
    if shown.snapshot.state in (RunState.LIVE, RunState.WAITING) or not drawn:
        return refresh_of(client().watched)
    return SLOW


def refresh_of(watched: int) -> float:
    """Return the seconds between refreshes of a page whose run goes on, with so many of them watched on this server."""
    return FAST * max(1, math.ceil(watched / CROWD))


def _look(card: Card, task: str, run: str) -> tuple[Snapshot | None, str]:
    """Return the run's snapshot, or None with the reason why there is none."""
    if not run:
        return None, ""
    try:
        watch = tuple(
            live.request(lens, panel(card, task).picture, sheets.panel(_place(card, task), lens).options)
            for lens in _watched(card, task)
        )
        snapshot = client().snapshot(run, watch)
    except UnknownRun as error:
        return None, str(error)
    except EngineError as error:
        return None, f"{error} Reload the page to try again."
    if (snapshot.spec.architecture, snapshot.spec.task) != (card.key, task):
        return (
            None,
            f"This run belongs to {snapshot.spec.architecture}, {snapshot.spec.task}. Start one of your own here.",
        )
    return snapshot, ""


def _live(card: Card, address: Address, run: str, prepared: bool, pace: float | None) -> None:
    """The part that refreshes itself: transport, figure, curves, and the state in the view bar."""
    task = address.task
    command = _pressed(card, task)
    if command:
        _obey(card, task, _now(card, address, run, prepared), command)
    shown = _now(card, address, run, prepared)
    if shown.snapshot is not None and not shown.prepared:
        header.show_state(shown.snapshot)
    else:
        header.show_nothing()
    with st.container(key="train_transport"):
        live.component("transport")(
            key="transport",
            data={**_transport(shown), "heard": panel(card, task).heard},
            on_command_change=lambda: None,
        )
    with st.container(key="train_figure"):
        _figure(card, task, shown)
    with st.container(key="train_curves"):
        if shown.snapshot is not None:
            data = curves_data(card.task(task), shown.snapshot, panel(card, task).ghost)
            live.component("curves")(key="curves", data=data)
            train_graph.show(shown.snapshot)
    if run and (command or (shown.run, _pace(shown)) != (run, pace)):
        st.rerun()  # the pace of the refresh and the controls hang on the run and its state


def _now(card: Card, drawn_for: Address, run: str, prepared: bool) -> Shown:
    """Return what is shown; a run that was started since the page was drawn takes the place of the one before."""
    begun = address_now(card).run
    if begun and begun != drawn_for.run:
        run, prepared = begun, False
    return Shown(run, _look(card, drawn_for.task, run)[0], prepared)


def _pressed(card: Card, task: str) -> Mapping[str, Json] | None:
    """Return what was pressed in the transport row, until it is carried out: a run of the page may be cut short."""
    command = getattr(value_of("transport", None), "command", None)
    if not command:
        return None
    number = command.get("id")
    return command if isinstance(number, (int, float)) and number not in panel(card, task).handled else None


def _transport(shown: Shown) -> dict[str, Json]:
    snapshot = shown.snapshot
    if snapshot is None:
        return {**NOTHING_YET, "ready": False}
    if shown.prepared:
        return {**NOTHING_YET, "ready": True}
    return {
        "started": True,
        "ready": True,
        "state": snapshot.state.value,
        "over": snapshot.state.over,
        "step": snapshot.step,
        "speed": snapshot.steps_per_second,
        "marks": [{"step": mark.step, "text": mark.text} for mark in snapshot.marks],
        "rewindable": list(snapshot.rewindable),
        "waiting": snapshot.waiting_before,
    }


def _fresh(here: TrainPanel, command: Mapping[str, Json]) -> bool:
    """Whether a command of a component has not been carried out yet."""
    number = command.get("id")
    if not isinstance(number, (int, float)) or number in here.handled:
        return False
    here.handled.add(number)
    return True


def _obey(card: Card, task: str, shown: Shown, command: Mapping[str, Json]) -> None:
    """Carry out what was pressed in the transport row, once."""
    name, step, snapshot = str(command.get("name")), command.get("step", 0), shown.snapshot
    here = panel(card, task)

    def done() -> None:
        """From here on it is not said again: before, a run of the page that is cut short would have swallowed it."""
        _fresh(here, command)
        here.heard = command.get("id")

    try:
        if snapshot is None or shown.prepared or name in ("train", "again"):
            start(
                card, address_now(card), None if shown.prepared else snapshot, Step(1) if name == "step" else Resume()
            )
            done()
            return
        control: dict[str, Control] = {"pause": Pause(), "resume": Resume(), "step": Step(1), "stop": Stop()}
        if name == "rewind" and isinstance(step, (int, float)):
            send(snapshot, Rewind(int(step)), done)
        elif name in control:
            send(snapshot, control[name], done)
    except (EngineError, SpecError) as error:
        done()
        session().notes.append(str(error))


def start(card: Card, address: Address, before: Snapshot | None, first: Resume | Step) -> None:
    """Start a run as the address describes it; the run before becomes a ghost in the curves and ends."""
    here, spec, upload = panel(card, address.task), spec_of(card, address), upload_of(card, address.task)
    run = train_prepared.take(_place(card, address.task), spec, upload) or client().start(spec, upload, paused=True)
    client().control(run, Pace(train_speed.speed_of(card, card.task(address.task))))
    client().control(run, first)
    if before is not None:
        here.ghost = before.series
        if not before.state.over:
            client().control(before.run, Stop())
    session().runs[(card.key, address.task)] = run
    session().last_run = (card.key, address.task, run)
    go(card, run=run)


def send(snapshot: Snapshot, control: Control, sent: Callable[[], object] = lambda: None) -> None:
    """Send a control and wait a moment until the run shows it; `sent` is called as soon as it is on its way."""
    engine, notes = client(), session().notes
    notes.extend(engine.control(snapshot.run, control))
    sent()
    until = time.monotonic() + SETTLED
    while time.monotonic() < until:
        now = engine.snapshot(snapshot.run)
        stepped = isinstance(control, Step) and now.step != snapshot.step
        if stepped or (now.state, now.marks) != (snapshot.state, snapshot.marks):
            return
        time.sleep(0.02)


def _watched(card: Card, task: str) -> tuple[str, ...]:
    """Return the lenses that are looked through: all where they are few, else the one that was picked."""
    lenses = card.task(task).lenses
    picked = panel(card, task).watch
    return lenses if len(lenses) <= MOST_LENSES else (picked if picked in lenses else lenses[0],)


def _pick_lens(card: Card, task: str) -> None:
    """Let the learner say through which lens to look; only that one costs training time."""
    lenses, here, key = card.task(task).lenses, panel(card, task), f"watch_{card.key}_{task}"
    if len(lenses) <= MOST_LENSES:
        return
    restore(key, _watched(card, task)[0])

    def picked() -> None:
        here.watch = value_of(key, lenses[0]) or lenses[0]

    st.segmented_control(
        "Look through", lenses, key=key, format_func=sheets.title_of, on_change=picked, label_visibility="collapsed",
        required=True,
    )  # fmt: skip


def _figure(card: Card, task: str, shown: Shown) -> None:
    here, snapshot = panel(card, task), shown.snapshot
    here.frames.update(snapshot.frames if snapshot else {})
    _pick_lens(card, task)  # always: drawn anew after a gap it would take back a choice made meanwhile
    if snapshot is None or not here.frames:
        words = EMPTY if snapshot is None else PREPARING if shown.prepared else COMING
        train_style.empty(card.task(task), words)
        return
    if shown.prepared:
        train_style.quiet(UNTRAINED)
    if snapshot.message:
        st.caption(snapshot.message)
    if snapshot.state is RunState.DIVERGED and snapshot.divergence is not None:
        _diverged(card, snapshot)
    for lens in _watched(card, task):
        _draw(card, task, lens, snapshot)


def _draw(card: Card, task: str, lens: str, snapshot: Snapshot) -> None:
    here = panel(card, task)
    frame = here.frames.get(lens)
    if frame is None:
        st.caption("The first picture is on its way.")
        return
    if lens not in live.FIGURES:
        if sheets.draw(lens, frame, sheets.panel(_place(card, task), lens), f"live_{lens}"):
            st.rerun()
        return
    sent = live.draw(lens, snapshot, frame)
    if not sent or not _fresh(here, sent):
        return
    if lens == "maps" and isinstance(sent.get("index"), int):
        here.picture = int(str(sent["index"]))
    elif "parameter" in sent:
        _edit(snapshot, sent)
    st.rerun()


def _edit(snapshot: Snapshot, sent: Mapping[str, Json]) -> None:
    """Write the weight that was typed into the picture."""
    index, value = sent.get("index"), sent.get("value")
    if not isinstance(index, list) or not isinstance(value, (int, float)):
        return
    try:
        send(snapshot, Edit(str(sent["parameter"]), tuple(int(str(each)) for each in index), float(value)))
    except (EngineError, SpecError) as error:
        session().notes.append(str(error))


def _diverged(card: Card, snapshot: Snapshot) -> None:
    """Say where the first value stopped being finite, and offer the way back."""
    found = snapshot.divergence
    assert found is not None
    grown = "had grown to" if found.gradient_norm >= 1 else "was"
    train_style.trouble(
        f"The {found.what} stopped being a number in {layer_name(found.layer)} at step {found.step:,}.",
        f"The last gradient that was finite {grown} {found.gradient_norm:.2g}. "
        f"Nothing is lost: the weights of step {found.safe_step:,} are kept.",
    )
    left, right, _ = st.columns([3, 1.4, 1], gap="small")
    halve = left.button(f"Go back to step {found.safe_step:,} and halve the learning rate", type="primary", key="halve")
    back = right.button("Only go back", key="only_back")
    if not (halve or back):
        return
    try:
        send(snapshot, Rewind(found.safe_step))
        if halve and "learning_rate" in snapshot.hypers:
            rate = float_of(snapshot.hypers, "learning_rate") / 2
            client().control(snapshot.run, SetHypers({"learning_rate": rate}))
            client().control(snapshot.run, Resume())
    except (EngineError, SpecError) as error:
        session().notes.append(str(error))
    st.rerun()
