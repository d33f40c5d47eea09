"""What crosses the border between the web process and the workers: plain frozen data, no torch.

Controls go in; snapshots and answers come out. Arrays are numpy with small types (uint8, float16, float32).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

import numpy as np

from explorer.spec import Measured, RunSpec, Settings, Verdict

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


class RunState(StrEnum):
    WAITING = "waiting"  # started, no step done yet
    LIVE = "live"
    PAUSED = "paused"
    FINISHED = "finished"  # reached its last step or was stopped
    DIVERGED = "diverged"  # a value stopped being finite; may be rewound
    FAILED = "failed"  # raised; `message` says what, in words for the learner
    ASLEEP = "asleep"  # nobody watched; checkpointed, wakes when looked at
    RECORDED = "recorded"  # shipped with Explorer; may be forked

    @property
    def over(self) -> bool:
        return self in (RunState.FINISHED, RunState.FAILED, RunState.RECORDED)


# ---- controls: all but Pause, Resume, Step and Stop change what is learnt and go into the journal -------------------


@dataclass(frozen=True)
class SetHypers:
    values: Settings  # already checked against the card's ranges


@dataclass(frozen=True)
class Edit:
    """Write one number into a parameter by hand."""

    parameter: str  # name in the model's state, e.g. "layers.0.weight"
    index: tuple[int, ...]
    value: float


@dataclass(frozen=True)
class Pause:
    pass


@dataclass(frozen=True)
class Resume:
    pass


@dataclass(frozen=True)
class Step:
    count: int = 1


@dataclass(frozen=True)
class Stop:
    pass


@dataclass(frozen=True)
class Rewind:
    step: int


@dataclass(frozen=True)
class Pace:
    """How fast a run may go, so that eyes can follow; what is learnt is the same at any pace, so no journal has it."""

    steps_per_second: float = 0.0  # 0: as fast as it goes


Control: TypeAlias = SetHypers | Edit | Pause | Resume | Step | Stop | Rewind | Pace


@dataclass(frozen=True)
class Mark:
    """One journal entry: what was changed, and after which step."""

    step: int
    control: SetHypers | Edit | Rewind
    text: str  # for the flag on the curve, e.g. "learning rate 0.003 → 0.012"


# ---- lenses -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LensRequest:
    """Ask to look at a run through a lens, with options of the lens and, where it takes one, an input of your own."""

    lens: str
    options: Settings = field(default_factory=dict)
    input: np.ndarray | None = None


@dataclass(frozen=True)
class Frame:
    """What a lens saw: small arrays by name, and facts (JSON) that describe them."""

    arrays: Mapping[str, np.ndarray]
    facts: Mapping[str, Json]


# ---- snapshots ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LayerStats:
    """One module's state at this step; path is the module's path in the small network's blueprint."""

    path: str
    gradient_norm: float  # 2-norm of the gradient of its own parameters; nan where it has none
    activation_mean: float  # mean of |output| on the last batch
    dead_share: float  # share of units that were zero for the whole last batch; nan where that means nothing


@dataclass(frozen=True)
class Series:
    """One scalar over steps, thinned to at most about a thousand points."""

    steps: np.ndarray  # int32
    values: np.ndarray  # float32


@dataclass(frozen=True)
class Divergence:
    step: int
    layer: str  # module path where the first non-finite value stood
    what: str  # "gradient" | "activation" | "loss" | "weight"
    gradient_norm: float  # the last finite gradient norm before
    safe_step: int  # a checkpointed step to go back to


@dataclass(frozen=True)
class Snapshot:
    """The latest state of a run; never one of a backlog."""

    run: str
    spec: RunSpec
    state: RunState
    step: int
    seconds: float  # CPU seconds in training steps (wall on a GPU), evaluation excluded
    steps_per_second: float
    epoch: float
    hypers: Settings  # as they stand now
    series: Mapping[str, Series]
    marks: tuple[Mark, ...]
    layers: tuple[LayerStats, ...]
    frames: Mapping[str, Frame]  # by lens key, only those watched
    rewindable: tuple[int, ...] = ()  # checkpointed steps
    waiting_before: int = 0
    message: str = ""  # e.g. "The worker stopped and was replaced. Your run went on from step 1,800."
    divergence: Divergence | None = None
    device: str = "cpu"
    memory_bytes: int = 0  # of the device (cuda) or of the worker (cpu)
    latest: Mapping[str, float] = field(default_factory=dict)  # newest value of each scalar


# ---- other answers ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DeviceInfo:
    """One device of this machine; memory in bytes (on the CPU the machine's), 0 where it cannot be told."""

    key: str  # as in RunSpec.device: "cpu", "cuda:0", "mps"
    kind: str  # "cpu" | "cuda" | "mps"
    name: str  # for people, e.g. "NVIDIA RTX A2000"
    memory_total: int
    memory_used: int


@dataclass(frozen=True)
class Progress:
    """How far an experiment has come; `verdict` and `right` stand once every run is done."""

    done: int
    total: int
    measured: tuple[Measured, ...]
    verdict: Verdict | None
    right: int | None  # index of the option that the measurements support
    message: str = ""  # why there is no verdict, if something failed
    running: int = 0  # runs that are training now
    share: float = 0.0  # of all steps of all runs, 0 to 1
