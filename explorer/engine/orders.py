"""What the pool and its processes say to each other over a pipe; pages never see these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from explorer.engine.messages import Control, DeviceInfo, Frame, LensRequest, RunState, Snapshot
from explorer.spec import RunSpec, Settings

# ---- to a slot ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Open:
    """Take a run in: make it if its directory holds no checkpoint yet, otherwise go on from its last one."""

    run: str
    directory: str
    spec: RunSpec
    upload: str = ""  # path of the learner's own data
    paused: bool = False
    shown: RunState | None = None  # a state that stands whatever the run itself says: FAILED, RECORDED
    message: str = ""
    replaced: bool = False  # the process before this one was lost: say so
    pace: float = 0.0  # steps a second, 0: as fast as it goes


@dataclass(frozen=True)
class Act:
    run: str
    serial: int
    control: Control


@dataclass(frozen=True)
class Want:
    """Send one snapshot now, with these lenses."""

    run: str
    watch: tuple[LensRequest, ...]


@dataclass(frozen=True)
class Glance:
    """Look at a run through one lens and answer the ticket."""

    ticket: int
    run: str
    request: LensRequest


@dataclass(frozen=True)
class Split:
    """Copy a run up to a step, change hyperparameters, and let the copy go its own way."""

    ticket: int
    source: str
    source_directory: str
    step: int
    run: str
    directory: str
    hypers: Settings


@dataclass(frozen=True)
class Drop:
    """Checkpoint a run and let it go."""

    run: str


@dataclass(frozen=True)
class Shut:
    """Checkpoint everything and end."""


# ---- to the desk --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AskBlueprint:
    ticket: int
    architecture: str
    variant: str
    knobs: Settings


@dataclass(frozen=True)
class AskSmallBlueprint:
    ticket: int
    spec: RunSpec


@dataclass(frozen=True)
class AskSource:
    ticket: int
    architecture: str
    variant: str
    knobs: Settings


@dataclass(frozen=True)
class AskDevices:
    ticket: int


Question: TypeAlias = AskBlueprint | AskSmallBlueprint | AskSource | AskDevices
Order: TypeAlias = Open | Act | Want | Glance | Split | Drop | Shut | Question

# ---- back ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Hello:
    pid: int


@dataclass(frozen=True)
class Published:
    snapshot: Snapshot
    wanted: bool  # answers a Want; otherwise sent because the state changed


@dataclass(frozen=True)
class Acted:
    """This control has been applied (and is in the journal, if it belongs there)."""

    run: str
    serial: int


@dataclass(frozen=True)
class Dropped:
    run: str


@dataclass(frozen=True)
class Answer:
    ticket: int
    value: Frame | RunSpec | str | tuple[DeviceInfo, ...]


@dataclass(frozen=True)
class Refusal:
    """The ticket's request failed; the message is fit for the page."""

    ticket: int
    message: str
    wrong_name: bool = False  # the request named or held something that the card does not allow


Report: TypeAlias = Hello | Published | Acted | Dropped | Answer | Refusal
