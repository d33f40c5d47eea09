"""Pictures followed through a network: every map, one channel, one cell, and why; and a convolution by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import numpy as np
import streamlit as st

from explorer import uploads
from explorer.engine.errors import EngineError, UploadError
from explorer.engine.messages import Frame, Json, LensRequest, Snapshot
from explorer.spec import Card, SpecError, Task, Value
from explorer.ui import inside_asked as asked
from explorer.ui import inside_frame
from explorer.ui.inside_answers import Answers
from explorer.ui.live import component
from explorer.ui.session import session
from explorer.ui.wire import pack

STRONGEST = -1  # the lens chooses the channel
LIKELIEST = -1  # the lens chooses the class


@dataclass
class PicturesPanel:
    """What one visitor looks at in one task's network."""

    index: int = 0  # held-out picture
    own: np.ndarray | None = None  # drawn or uploaded, uint8 (C, H, W)
    origin: str = "pick"  # pick | draw | upload
    origin_id: int = 0  # grows with every new picture
    layer: str = ""
    channel: int = STRONGEST
    method: str = "saliency"
    target: int = LIKELIEST  # class asked about
    upload: str = ""  # id of the file last read
    refused: str = ""  # why that file, or what was asked last, cannot be used
    handled: set[float] = field(default_factory=set)

    def put(self, origin: str, own: np.ndarray | None) -> None:
        """Look at another picture; the question goes back to the likeliest class."""
        self.origin, self.own, self.target, self.refused = origin, own, LIKELIEST, ""
        self.origin_id += 1


def show(card: Card, task: Task, snapshot: Snapshot, answers: Answers) -> None:
    """Draw the panel, or its frame until the first look is there; raises EngineError or SpecError."""
    panel = session().panel(PicturesPanel, f"{card.key}/{task.key}/{snapshot.run}")
    frame = answers.look(snapshot, LensRequest("inspect", _options(panel), panel.own), panel.origin_id)
    if frame is None:
        inside_frame.waiting(task, "Following a picture through the network.")
        return
    why = _why(panel, task, snapshot, frame, answers)
    data = _data(panel, snapshot, frame, why)
    result = component("inspector")(key="inspector", data=data, on_ask_change=lambda: None)
    if result.ask and _answer(panel, frame, result.ask):
        st.rerun(scope="fragment")
    _upload(panel, frame)
    if any(layer["kind"] == "convolution" for layer in _layers(frame)):
        st.subheader("A convolution, cell by cell", divider="gray")
        st.caption("The same picture, with a kernel of your choice. Point at a cell of the result, or watch it go.")
        component("walk")(key="walk", data={"picture": dict(pack(frame.arrays["picture"]))})


def _options(panel: PicturesPanel) -> dict[str, Value]:
    return {"index": panel.index, "layer": panel.layer, "channel": panel.channel}


def _layers(frame: Frame) -> list[dict[str, Json]]:
    return cast("list[dict[str, Json]]", frame.facts["layers"])


def _shape(frame: Frame) -> tuple[int, int, int]:
    channels, height, width = cast("list[int]", frame.facts["input_shape"])
    return channels, height, width


def _are_digits(frame: Frame) -> bool:
    return all(str(name).isdecimal() for name in cast("list[str]", frame.facts["classes"]))


def _data(panel: PicturesPanel, snapshot: Snapshot, frame: Frame, why: Json) -> dict[str, Json]:
    digits = _are_digits(frame)
    return {
        **inside_frame.titled(frame),
        "arrays": {name: dict(pack(array)) for name, array in frame.arrays.items()},  # type: ignore[dict-item]
        "why": why,
        "origin": panel.origin,
        "origin_id": panel.origin_id,
        "last_index": panel.index,
        "noun": "digit" if digits else "picture",
        "centred": digits,  # drawings are laid out as this set's digits are
        "step": snapshot.step,
    }


def _why(panel: PicturesPanel, task: Task, snapshot: Snapshot, frame: Frame, answers: Answers) -> Json:
    """Return the answer to "why this class?", where the task offers it; without a map while it is being worked out."""
    if "saliency" not in task.inside:
        return None
    target = panel.target if panel.target >= 0 else int(frame.arrays["probabilities"].argmax())
    convolves = any(layer["kind"] == "convolution" for layer in _layers(frame))
    methods = ["saliency", "integrated", *(["gradcam"] if convolves else [])]
    method = panel.method if panel.method in methods else methods[0]
    base: dict[str, Json] = {"methods": list(methods), "method": method, "target": target, "map": None, "trouble": ""}
    options: dict[str, Value] = {"index": panel.index, "method": method, "target": target}
    try:
        seen = answers.look(snapshot, LensRequest("saliency", options, panel.own), panel.origin_id)
    except EngineError as error:  # the rest of the panel stands without it
        return {**base, "trouble": str(error)}
    return base if seen is None else {**base, **seen.facts, "map": dict(pack(seen.arrays["map"]))}  # type: ignore[dict-item]


def _answer(panel: PicturesPanel, frame: Frame, question: Mapping[str, Json]) -> bool:
    """Take over what was asked; return whether it was new. What does not fit is said and changes nothing."""
    number = question.get("id")
    if not isinstance(number, (int, float)) or number in panel.handled:
        return False
    panel.handled.add(number)
    panel.refused = ""
    try:
        _take(panel, frame, question)
    except SpecError as error:
        panel.refused = str(error)
    return True


def _take(panel: PicturesPanel, frame: Frame, question: Mapping[str, Json]) -> None:
    match question.get("kind"):
        case "draw":
            panel.put("draw", asked.pixels(question, _shape(frame)))
        case "pick":
            panel.index = asked.whole(question, "index")
            panel.put("pick", None)
        case "layer":
            _take_layer(panel, frame, question)
        case "class":
            _take_layer(panel, frame, question)
            panel.target = asked.whole(question, "target")
        case "why":
            panel.method = asked.word(question, "method")
            panel.target = asked.whole(question, "target")
        case other:
            raise SpecError(f"nothing is known that is called '{str(other)[:40]}'")


def _take_layer(panel: PicturesPanel, frame: Frame, question: Mapping[str, Json]) -> None:
    path, channel = asked.word(question, "layer"), asked.whole(question, "channel")
    if path not in [layer["path"] for layer in _layers(frame) if layer["weighted"]]:
        raise SpecError(f"no layer with weights is called '{path[:40]}'")
    panel.layer, panel.channel = path, channel


def _upload(panel: PicturesPanel, frame: Frame) -> None:
    """Offer to read a picture file; one that cannot be read is refused and the picture at hand stays."""
    laid = " It is laid out as MNIST's digits are: 20 pixels long, its centre of mass in the middle."
    with st.expander("Use a picture of your own", expanded=bool(panel.refused)):
        file = st.file_uploader(
            f"PNG, JPEG, GIF, BMP or WebP, up to 8 MB.{laid if _are_digits(frame) else ''}",
            key="inside_upload", max_upload_size=uploads.MOST_IMAGE_BYTES // 1_000_000,
        )  # fmt: skip
        if panel.refused:
            st.warning(panel.refused)
    if file is None or file.file_id == panel.upload:
        return
    panel.upload = file.file_id
    try:
        panel.put("upload", uploads.parse_image(file.getvalue(), _shape(frame), centred=_are_digits(frame)))
    except UploadError as error:
        panel.refused = str(error)
    st.rerun(scope="fragment")
