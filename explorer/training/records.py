"""What a run directory says of its run: run.json (specification and versions) and the learner's own data."""

from __future__ import annotations

import dataclasses
import json
import os
import platform
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file, save_file

import explorer
from explorer.data import Dataset
from explorer.spec import RunSpec
from explorer.training.checkpoint import CheckpointError, value_of

SETTINGS = ("knobs", "hypers", "data")


def write(spec: RunSpec, directory: Path, upload: Dataset | None) -> None:
    """Make the run directory; raises FileExistsError if it already holds a run."""
    if (directory / "run.json").exists():
        raise FileExistsError(f"{directory} already holds a run; choose another directory")
    directory.mkdir(parents=True, exist_ok=True)
    if upload is not None:
        _write_upload(upload, directory)
    record = {"spec": dataclasses.asdict(spec), "versions": versions()}
    part = directory / "run.json.part"
    part.write_text(json.dumps(record, indent=1), encoding="utf-8")
    os.replace(part, directory / "run.json")


def read(directory: Path) -> RunSpec:
    """Return the specification of the run in the directory; raises CheckpointError if none can be read."""
    path = directory / "run.json"
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))["spec"]
        for name in SETTINGS:
            fields[name] = {key: value_of(value) for key, value in fields[name].items()}
        return RunSpec(**fields)
    except FileNotFoundError:
        raise CheckpointError(f"{directory} holds no run: there is no run.json in it") from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise CheckpointError(f"{path} cannot be read: {error}") from error


def read_versions(directory: Path) -> dict[str, str]:
    """Return the versions that the run was made with."""
    return dict(json.loads((directory / "run.json").read_text(encoding="utf-8")).get("versions", {}))


def versions() -> dict[str, str]:
    """Return the versions that decide whether a replay can be bit-exact."""
    return {
        "explorer": explorer.__version__,
        "torch": str(torch.__version__),
        "numpy": np.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
    }


def read_upload(directory: Path) -> Dataset | None:
    """Return the learner's own data, if the run was started with any."""
    path = directory / "upload.safetensors"
    if not path.exists():
        return None
    arrays = load_file(path)
    facts = json.loads((directory / "upload.json").read_text(encoding="utf-8"))
    return Dataset(**arrays, classes=tuple(facts["classes"]), source=facts["source"])


def _write_upload(upload: Dataset, directory: Path) -> None:
    arrays = {
        field.name: np.ascontiguousarray(value)
        for field in dataclasses.fields(upload)
        if isinstance(value := getattr(upload, field.name), np.ndarray)
    }
    facts = {"classes": upload.classes, "source": upload.source}
    (directory / "upload.json").write_text(json.dumps(facts), encoding="utf-8")
    save_file(arrays, directory / "upload.safetensors")
