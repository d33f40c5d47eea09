"""The command line as it is used: in processes of its own, and in this one for what needs no process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from explorer import cli, commands


def call(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Run the command line in this process; return exit status, stdout and stderr."""
    try:
        status = cli.main(words)
    except SystemExit as error:  # argparse leaves by itself
        status = int(error.code or 0)
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_every_command_is_found_and_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    files = {path.stem for path in Path(commands.__path__[0]).glob("*.py")} - {"__init__"}
    assert {"list", "train", "replay", "experiment", "doctor"} <= files
    status, out, _ = call(capsys, "--help")
    assert status == 0
    assert all(name in out for name in files)


@pytest.mark.parametrize("words", [["list"], ["list", "--json"], ["train", "--help"], ["experiment", "--help"]])
def test_what_trains_nothing_imports_no_torch(words: list[str]) -> None:
    code = (
        "import sys; from explorer.cli import main\n"
        "try: status = main(sys.argv[1:])\n"
        "except SystemExit as error: status = error.code\n"
        "assert not status; assert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_list_names_architectures_and_variants(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = call(capsys, "list", "--json")
    found = {one["key"]: one for one in json.loads(out)["architectures"]}
    assert status == 0
    assert {"perceptron", "feed_forward", "cnn"} <= set(found)
    assert {"id": "lenet5-1998", "parameters": 60000}.items() <= found["cnn"]["variants"][0].items()


def test_a_run_as_a_process_logs_beside_its_json(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "explorer", "train", "perceptron", "--task", "and", "--until-target", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout.splitlines()[-1])
    assert facts["target"]["reached_at_seconds"] <= facts["seconds"] < facts["wall_seconds"]
    assert facts["metrics"]["test_accuracy"] == 1.0
    assert {"architecture", "task", "steps", "steps_per_second", "device", "seed", "targets"} <= set(facts)


def test_xor_never_comes_above_three_quarters(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = call(capsys, "train", "perceptron", "--task", "xor", "--steps", "400", "--json")
    facts = json.loads(out)
    assert status == 0
    assert facts["metrics"]["accuracy"] <= 0.75
    assert facts["target"]["reached_at_seconds"] is None  # a ceiling must hold for all its time, which this was not


def test_a_target_out_of_reach_fails(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("train", "feed_forward", "--set", "learning_rate=0.0001", "--steps", "5", "--until-target", "--json")
    status, out, _ = call(capsys, *words)
    facts = json.loads(out)
    assert (status, facts["steps"], facts["target"]["reached_at_seconds"]) == (1, 5, None)


def test_changes_are_made_after_their_steps_and_the_run_replays(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    words = ("--at", "20:learning_rate=0.02", "--at", "40:batch_size=5", "--at", "40:noise=0.2", "--steps", "60")
    status, out, _ = call(capsys, "train", "feed_forward", *words, "--seed", "7", "--json", "--out", str(kept))
    facts = json.loads(out)
    assert status == 0
    assert [mark["step"] for mark in facts["marks"]] == [20, 40]
    assert facts["hypers"]["learning_rate"] == 0.02
    status, out, _ = call(capsys, "replay", str(kept), "--json")
    assert (status, json.loads(out)["bit_exact"], json.loads(out)["step"]) == (0, True, 60)
    (kept / "journal.jsonl").write_text("")
    status, out, _ = call(capsys, "replay", str(kept))
    assert status == 1
    assert out.startswith("Not bit-exact")


def test_the_same_seed_gives_the_same_figures(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("train", "feed_forward", "--steps", "30", "--seed", "3", "--json")
    first, second = (json.loads(call(capsys, *words)[1])["metrics"] for _ in range(2))
    assert first == second


def test_a_run_that_blows_up_says_where(capsys: pytest.CaptureFixture[str]) -> None:
    wild = ("activation=relu", "optimizer=sgd", "learning_rate=1", "momentum=0.99", "weight_decay=0.1", "init_gain=3")
    words = [word for setting in wild for word in ("--set", setting)]
    status, out, err = call(capsys, "train", "feed_forward", "--steps", "5000", "--json", *words)
    facts = json.loads(out)
    assert (status, facts["state"]) == (1, "diverged")
    assert facts["divergence"]["step"] == facts["steps"] + 1
    assert f"layer {facts['divergence']['layer']} " in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["tran"], "did you mean 'train'"),
        (["train", "cn"], "did you mean 'cnn'"),
        (["train", "cnn", "--task", "mnst"], "did you mean 'mnist'"),
        (["train", "cnn", "--set", "learning_rat=0.1"], "did you mean 'learning_rate'"),
        (["train", "cnn", "--set", "learning_rate=1000"], "learning_rate = 1000.0 is outside"),
        (["train", "cnn", "--set", "learning_rate=fast"], "learning_rate = 'fast' is not a number"),
        (["train", "cnn", "--set", "learning_rate=nan"], "is not a number"),
        (["train", "cnn", "--set", "learning_rate"], "not of the form name=value"),
        (["train", "feed_forward", "--at", "learning_rate=0.1"], "not of the form STEP:name=value"),
        (["train", "feed_forward", "--at", "5:widths=4-4"], "needs a new start"),
        (["train", "feed_forward", "--at", "5:momentum=7"], "momentum = 7.0 is outside"),
        (["train", "cnn", "--steps", "0"], "at least 1"),
        (["train", "cnn", "--seconds", "-1"], "above 0"),
        (["train", "cnn", "--seed", "-1"], "whole number"),
        (["train", "cnn", "--device", "cuda:7"], "this machine has"),
        (["train", "cnn", "--quick"], "unrecognized arguments"),
        (["train"], "KEY"),
        (["experiment", "perceptron/xr"], "did you mean 'xor'"),
        (["experiment", "perceptron"], "which experiment of perceptron"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_there_is_not_is_refused_with_the_nearest_name(
    capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    status, out, err = call(capsys, *words)
    assert (status, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_an_output_folder_in_use_is_not_written_over(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    words = ("train", "perceptron", "--task", "and", "--steps", "5", "--out", str(tmp_path / "run"))
    assert call(capsys, *words)[0] == 0
    status, _, err = call(capsys, *words)
    assert status == 1
    assert "already holds a run" in err


def test_a_folder_that_is_no_run_cannot_be_replayed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status, _, err = call(capsys, "replay", str(tmp_path))
    assert status == 1
    assert "holds no run" in err


def test_an_experiment_measures_and_judges(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = call(capsys, "experiment", "perceptron/xor", "--seeds", "1", "--json")
    facts = json.loads(out)
    assert status == 0
    assert facts["outcome"]
    assert facts["verdict"]
    assert len(facts["measured"]) == err.count(" of ")
    assert all(one["figures"] for one in facts["measured"])


def test_doctor_finds_this_machine_well_and_says_what_is_not(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EXPLORER_DATA_DIR", str(tmp_path / "data"))
    status, out, _ = call(capsys, "doctor", "--json")
    assert status == 0
    assert {"torch", "device cpu", "data", "data directory"} <= {check["name"] for check in json.loads(out)["checks"]}
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EXPLORER_DATA_DIR", str(tmp_path / "file" / "data"))
    status, out, _ = call(capsys, "doctor")
    assert status == 1
    assert "Set EXPLORER_DATA_DIR to a folder you may write to." in out


def test_doctor_notices_a_port_in_use(capsys: pytest.CaptureFixture[str]) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        _, out, _ = call(capsys, "doctor", "--port", str(port))
    assert f"explorer --port {port + 1}" in out
