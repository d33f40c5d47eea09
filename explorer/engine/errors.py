# ruff: noqa: N818 - each is named for what happened, as the pages speak of it
"""What can go wrong between a page and its run; each message is a sentence for the page that says what to do."""

from __future__ import annotations

from pathlib import Path


class EngineError(RuntimeError):
    """Any failure of the engine; `str(error)` may be shown to a visitor as it stands."""


class UnknownRun(EngineError):
    """No run has this id."""

    def __init__(self, run: str) -> None:
        super().__init__(f"There is no run called '{run[:40]}' here. It may have been deleted; start a new one.")


class UnknownExperiment(EngineError):
    """No experiment was started under this id on this server."""

    def __init__(self, experiment: str) -> None:
        super().__init__(f"There is no experiment called '{experiment[:40]}' here. Run it again from the Learn view.")


class WorkerLost(EngineError):
    """The worker that was asked stopped before it answered; it is being replaced."""

    def __init__(self) -> None:
        super().__init__("The worker stopped before it answered and is being replaced. Try again in a moment.")


class EngineBusy(EngineError):
    """No answer in the time given."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"There was no answer within {seconds:g} seconds: the machine is busy. Try again in a moment.")


class EngineClosed(EngineError):
    """The engine has been closed."""

    def __init__(self) -> None:
        super().__init__("The training engine has been shut down. Start Explorer again.")


class RunFailed(EngineError):
    """The run, or a look into it, raised; the message says what happened, without the traceback."""


class DataDirectoryError(EngineError):
    """The data directory cannot be used: not writable, full, or its database is locked."""

    def __init__(self, directory: Path, reason: str, advice: str) -> None:
        super().__init__(f"The data directory {directory} {reason}. {advice}")


class UploadError(EngineError):
    """Uploaded data is too large or is no longer there."""
