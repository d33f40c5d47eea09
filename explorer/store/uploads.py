"""A learner's own data on disk: arrays in an .npz without pickle, limited in size, deleted with its run."""

from __future__ import annotations

import json
import secrets
import zipfile
from pathlib import Path

import numpy as np

from explorer.data import Dataset
from explorer.engine.errors import UploadError

LIMIT_BYTES = 20_000_000
_ARRAYS = ("train_inputs", "train_targets", "test_inputs", "test_targets")


def save(directory: Path, dataset: Dataset) -> str:
    """Write the data set under `directory`/uploads and return its id.

    Raises UploadError if it is too large or not numeric, OSError if it cannot be written.
    """
    arrays = {name: np.asarray(getattr(dataset, name)) for name in _ARRAYS}
    size = sum(array.nbytes for array in arrays.values())
    if size > LIMIT_BYTES:
        allowed = f"{LIMIT_BYTES / 1e6:.0f} MB"
        raise UploadError(f"This data takes {size / 1e6:.0f} MB; up to {allowed} are allowed. Use fewer examples.")
    if any(array.dtype.kind not in "fiu" for array in arrays.values()):
        raise UploadError("The data must be numbers only.")
    words = json.dumps({"classes": dataset.classes, "source": dataset.source})
    upload = secrets.token_urlsafe(9)
    path = path_of(directory, upload)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, words=np.frombuffer(words.encode(), np.uint8), **arrays)  # pyright: ignore[reportArgumentType]
    return upload


def path_of(directory: Path, upload: str) -> Path:
    """Return where the upload with this id lies; raises UploadError for an id that is none."""
    if not upload or not all(letter.isalnum() or letter in "-_" for letter in upload):
        raise UploadError("This upload is not known here. Upload the data again.")
    return directory / "uploads" / f"{upload}.npz"


def load(path: Path) -> Dataset:
    """Read an upload back; raises UploadError if it is gone or damaged."""
    try:
        with np.load(path, allow_pickle=False) as file:
            words = json.loads(file["words"].tobytes())
            arrays = [file[name] for name in _ARRAYS]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise UploadError("The uploaded data is no longer there. Upload it again.") from error
    return Dataset(*arrays, classes=tuple(words["classes"]), source=words["source"])


def delete(directory: Path, upload: str) -> None:
    """Delete an upload, if it is still there."""
    path_of(directory, upload).unlink(missing_ok=True)
