"""The controls of the Train view: data, what may be turned while it runs, what needs a new start, seed and device."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from explorer import uploads
from explorer.blueprint import Blueprint
from explorer.data import Dataset
from explorer.engine.blueprints import small_key
from explorer.engine.errors import EngineError
from explorer.engine.messages import Rewind, SetHypers, Snapshot
from explorer.runspec import clamped_spec, shown
from explorer.spec import Card, Hyper, Knob, Scale, Settings, SpecError, Task, Value, float_of
from explorer.ui import train_drawing, train_speed, train_style
from explorer.ui.address import Address
from explorer.ui.later import later
from explorer.ui.session import client, go, session, value_of

MANTISSAS = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)
ASK_AGAIN = 0.5  # seconds until the engine is asked again for what it could not tell yet
SHOWN_HYPERS = 6  # the others wait behind "More to turn"
SHOWN_KNOBS = 2  # the others of "needs a new start" wait behind "More to choose"
OWN = "own"  # the room of the data sets that a learner brings


@dataclass
class Chosen:
    """What was chosen here and is not in the address."""

    device: str = ""
    upload: Dataset | None = None
    read: str = ""  # name and size of the file that the upload was read from
    refused: str = ""


def show(card: Card, address: Address, snapshot: Snapshot | None) -> None:
    """Draw the controls; each acts as soon as it is turned."""
    task = card.task(address.task)
    train_style.part("Data")
    _tasks(card, task)
    for knob in task.data_knobs:
        _knob(card, address, knob, "data", address.data)
    if train_drawing.takes_lines(task):
        train_drawing.show(card, task, snapshot)
    elif takes_points(task):
        _own_points(card, task)
    train_style.part("While it runs")
    train_speed.show(card, task, snapshot)
    for hyper in task.hypers[:SHOWN_HYPERS]:
        _hyper(card, address, hyper, snapshot)
    if len(task.hypers) > SHOWN_HYPERS:
        with st.expander("More to turn"):
            for hyper in task.hypers[SHOWN_HYPERS:]:
                _hyper(card, address, hyper, snapshot)
    train_style.part("Needs a new start")
    for knob in task.knobs[:SHOWN_KNOBS]:
        _knob(card, address, knob, "small", address.small)
    if len(task.knobs) > SHOWN_KNOBS:
        with st.expander("More to choose"):
            for knob in task.knobs[SHOWN_KNOBS:]:
                _knob(card, address, knob, "small", address.small)
    _seed(card, address)
    _facts(card, address, snapshot)


def takes_points(task: Task) -> bool:
    """Whether the task learns from what the learner brings, a table or a drawing."""
    return task.dataset.partition(".")[0] == OWN


def _tasks(card: Card, task: Task) -> None:
    titles = {each.key: each.title for each in card.tasks}
    key = f"task_{card.key}_{task.key}"

    def chosen() -> None:
        name = value_of(key, task.key)
        go(card, task=name, run=session().runs.get((card.key, name), ""), small={}, hypers={}, data={})

    st.selectbox(
        "Data", list(titles), list(titles).index(task.key), titles.__getitem__,
        key=key, on_change=chosen, label_visibility="collapsed",
    )  # fmt: skip


def _own_points(card: Card, task: Task) -> None:
    """Take a file of points; it is read strictly, and the run that goes on is left alone."""
    here = session().panel(Chosen, f"{card.key}/{task.key}")
    with st.expander("A table of points", expanded=True):
        file = st.file_uploader("CSV: two columns and a class", type=["csv", "txt"], key=f"own_{card.key}_{task.key}")
        name = f"{file.name}/{file.size}" if file else ""
        if name != here.read:
            here.read, here.upload, here.refused = name, None, ""
            try:
                here.upload = uploads.parse_points(file.getvalue()) if file else None
            except (EngineError, SpecError) as error:
                here.refused = str(error)
        if here.refused:
            st.error(here.refused)
        elif here.upload is not None:
            st.caption(
                f"{len(here.upload.train_targets)} points to learn from, {len(here.upload.test_targets)} held out."
            )


# ---- while it runs ---------------------------------------------------------------------------------------------------


def _hyper(card: Card, address: Address, hyper: Hyper, snapshot: Snapshot | None) -> None:
    turned = _turned_at(snapshot, hyper.name)
    values = snapshot.hypers if snapshot else {**{hyper.name: hyper.default}, **address.hypers}
    rewound = sum(isinstance(mark.control, Rewind) for mark in snapshot.marks) if snapshot else 0
    key = f"hyper_{hyper.name}_{address.task}_{snapshot.run if snapshot else ''}_{rewound}"

    def changed() -> None:
        value = value_of(key, hyper.default)
        if value == values.get(hyper.name, hyper.default):
            return
        if snapshot is None or snapshot.state.over:
            go(card, hypers={**address.hypers, hyper.name: value})
            return
        try:
            session().notes.extend(client().control(snapshot.run, SetHypers({hyper.name: value})))
        except (EngineError, SpecError) as error:
            session().notes.append(str(error))

    with st.container(key=f"{'turned' if turned is not None else 'as_set'}_{hyper.name}"):
        _slider(hyper, values.get(hyper.name, hyper.default), key, changed)
        if turned is not None:
            train_style.hand_note(f"you changed this at step {turned:,}")


def _turned_at(snapshot: Snapshot | None, name: str) -> int | None:
    """Return the step after which the hyperparameter was last changed, or None."""
    marks = [] if snapshot is None else snapshot.marks
    steps = [mark.step for mark in marks if isinstance(mark.control, SetHypers) and name in mark.control.values]
    return steps[-1] if steps else None


def _slider(knob: Knob, value: Value, key: str, changed: object) -> None:
    label = knob.label[:1].upper() + knob.label[1:]
    if isinstance(knob.default, bool):
        st.toggle(label, bool(value), key=key, on_change=changed, help=knob.help or None)  # type: ignore[arg-type]
    elif knob.choices:
        options = list(knob.choices)
        st.selectbox(label, options, options.index(value), shown, key=key, on_change=changed, help=knob.help or None)  # type: ignore[arg-type]
    elif knob.scale is Scale.LOG:
        stops = log_stops(knob, value)
        st.select_slider(label, stops, value, shown, key=key, on_change=changed, help=knob.help or None)  # type: ignore[arg-type]
    else:
        whole = isinstance(knob.default, int)
        cast = int if whole else float
        low, high, step = cast(knob.minimum or 0), cast(knob.maximum or 1), cast(knob.step or (1 if whole else 0.01))
        st.slider(label, low, high, cast(float(value)), step, key=key, on_change=changed, help=knob.help or None)  # type: ignore[arg-type]


def log_stops(knob: Knob, value: Value) -> Sequence[Value]:
    """Return the places of a slider on a log scale: ten a decade, the ends, the default, the value itself."""
    low, high = float(knob.minimum or 0), float(knob.maximum or 1)
    whole = isinstance(knob.default, int)
    first = low if low > 0 else min(1e-5, high / 10)
    decades = range(math.floor(math.log10(first)), math.ceil(math.log10(high)) + 1)
    powers = [2**n * f for n in range(20) for f in (1, 1.5)]
    stops = powers if whole else [float(f"{m * 10.0**d:.2g}") for d in decades for m in MANTISSAS]
    inside = {each for each in stops if max(low, first) <= each <= high and (not whole or each == int(each))}
    inside |= {low, high, float_of({"v": knob.default}, "v"), float_of({"v": value}, "v")}
    return tuple(sorted(int(each) if whole else float(each) for each in inside))


# ---- needs a new start ------------------------------------------------------------------------------------------


def _knob(card: Card, address: Address, knob: Knob, group: str, chosen: Settings) -> None:
    value, key = chosen.get(knob.name, knob.default), f"{group}_{address.task}_{knob.name}"
    label = knob.label[:1].upper() + knob.label[1:]

    def changed() -> None:
        try:
            go(card, **{group: {**chosen, knob.name: knob.check(value_of(key, knob.default))}})
        except SpecError:
            return  # said below the field, which keeps what was typed

    if isinstance(knob.default, bool):
        st.toggle(label, bool(value), key=key, on_change=changed, help=knob.help or None)
    elif knob.choices:
        options = list(knob.choices)
        st.selectbox(label, options, options.index(value), shown, key=key, on_change=changed, help=knob.help or None)
    elif isinstance(knob.default, tuple):
        st.text_input(label, shown(value), key=key, on_change=changed, help=knob.help or None)
        _refusal(knob, value_of(key, shown(value)))
    else:
        _number(knob, value, key, changed)


def _refusal(knob: Knob, typed: str) -> None:
    try:
        knob.check(typed)
    except SpecError as error:
        st.error(f"{error}. Try {shown(knob.default)}.")


def _number(knob: Knob, value: Value, key: str, changed: object) -> None:
    label = knob.label[:1].upper() + knob.label[1:]
    cast = int if isinstance(knob.default, int) else float
    low, high = cast(knob.minimum or 0), cast(knob.maximum or 1e9)
    step = cast(knob.step or 1)
    st.number_input(label, low, high, cast(float(value)), step, key=key, on_change=changed, help=knob.help or None)  # type: ignore[arg-type]


def _seed(card: Card, address: Address) -> None:
    key = f"seed_{card.key}"
    st.number_input(
        "Seed", 0, 999_999, address.seed, 1, key=key, on_change=lambda: go(card, seed=value_of(key, 0)),
        help="Decides the first weights and the order of the data: the same seed gives the same run.",
    )  # fmt: skip


def _facts(card: Card, address: Address, snapshot: Snapshot | None) -> None:
    """Say how many parameters the network has and what it trains on, as soon as the engine can tell."""
    pace = None if _known(card, address) else ASK_AGAIN
    st.fragment(_count, run_every=pace)(card, address, snapshot, pace)


def _known(card: Card, address: Address) -> bool:
    """Whether the engine has answered; a question that it refuses is answered too."""
    try:
        return _blueprint(card, address) is not None and later("devices", client().devices) is not None
    except (EngineError, SpecError):
        return True


def _count(card: Card, address: Address, snapshot: Snapshot | None, pace: float | None) -> None:
    if pace is not None and _known(card, address):
        st.rerun()
    try:
        _parameters(card, address, snapshot)
        _device(card, snapshot)
    except (EngineError, SpecError) as error:
        st.error(str(error))


def _blueprint(card: Card, address: Address) -> Blueprint | None:
    spec = clamped_spec(card, address.task, address.small, address.hypers, address.data, address.seed)[0]
    engine = client()
    return later(("blueprint", small_key(spec)), lambda: engine.small_blueprint(spec))


def _parameters(card: Card, address: Address, snapshot: Snapshot | None) -> None:
    """Say how many parameters the network has, and whether the choices differ from the run that is shown."""
    blueprint = _blueprint(card, address)
    train_style.quiet(f"{blueprint.parameters:,} parameters" if blueprint else "counting the parameters…")
    spec = clamped_spec(card, address.task, address.small, address.hypers, address.data, address.seed)[0]
    if snapshot is not None and (dict(spec.knobs), dict(spec.data), spec.seed) != (
        dict(snapshot.spec.knobs), dict(snapshot.spec.data), snapshot.spec.seed,
    ):  # fmt: skip
        train_style.hand_note("Start again to train with what you chose.")


def _device(card: Card, snapshot: Snapshot | None) -> None:
    """Name the device in use with its memory; offer the choice where there is one."""
    known = later("devices", client().devices)
    if known is None:
        return
    here = session().panel(Chosen, card.key)
    names = {each.key: each.name for each in known}
    if len(known) > 1:
        here.device = st.selectbox("Device", list(names), 0, names.__getitem__, key=f"device_{card.key}")
    used = snapshot.device if snapshot else here.device or client().device
    info = next(each for each in known if each.key == used)
    memory = f", {snapshot.memory_bytes / 2**20:,.0f} MB used by training" if snapshot and snapshot.memory_bytes else ""
    train_style.quiet(f"On {info.name}, {info.memory_total / 2**30:.1f} GB{memory}")
