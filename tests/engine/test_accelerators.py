from __future__ import annotations

from pathlib import Path

from explorer.engine import accelerators


def test_a_linux_machine_without_device_files_has_the_cpu_only(tmp_path: Path) -> None:
    assert not accelerators.possible("linux", tmp_path)
    (tmp_path / "nvidiactl").touch()
    assert not accelerators.possible("linux", tmp_path), "the driver alone is no GPU"
    (tmp_path / "nvidia0").touch()
    assert accelerators.possible("linux", tmp_path)


def test_elsewhere_torch_has_to_be_asked(tmp_path: Path) -> None:
    assert accelerators.possible("darwin", tmp_path)
