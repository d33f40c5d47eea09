"""The run that waits at step 0, so that the Train view shows the network and its data before anything is trained."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.data import Dataset
from explorer.engine.errors import EngineError
from explorer.spec import RunSpec
from explorer.ui.session import client, session


@dataclass
class Prepared:
    """The run that was made ready for one visitor, and what it was made from."""

    run: str = ""
    spec: RunSpec | None = None
    upload: Dataset | None = None


def ready(place: str, spec: RunSpec, upload: Dataset | None) -> str:
    """Return the id of the run that waits here; a changed spec or upload makes a new one and drops the old."""
    here = session().panel(Prepared, place)
    if here.run and here.spec == spec and here.upload is upload and _waits(here.run):
        return here.run
    drop(place)
    here.run, here.spec, here.upload = client().start(spec, upload, paused=True), spec, upload
    return here.run


def drop(place: str) -> None:
    """Give up the run that waits here, if there is one."""
    here = session().panel(Prepared, place)
    if here.run:
        client().abandon(here.run)
    here.run = ""


def take(place: str, spec: RunSpec, upload: Dataset | None) -> str:
    """Return the run that waits here, to be trained now; empty if none fits."""
    here = session().panel(Prepared, place)
    run = here.run if here.spec == spec and here.upload is upload else ""
    if run:
        here.run = ""
    return run


def _waits(run: str) -> bool:
    """Whether the run is still there: one that nobody looked at for minutes is gone."""
    try:
        client().snapshot(run)
    except EngineError:
        return False
    return True
