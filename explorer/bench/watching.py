"""What being watched costs training: a run in a worker with a watcher, beside a bare PyTorch loop of the same model."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import torch

from explorer import catalog
from explorer.bench.report import Effort, Figure, Judged, percentile
from explorer.engine.client import Client
from explorer.engine.messages import LensRequest, Pause, Resume
from explorer.runspec import make_spec
from explorer.spec import RunSpec
from explorer.training.factory import make_trainer
from explorer.training.supervised import SupervisedTrainer

TITLE = "Training while watched five times a second"
RUNS = (("feed_forward", "spirals"), ("cnn", "mnist"))
REFRESH = 0.2


def measure(effort: Effort) -> Iterator[Figure]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with tempfile.TemporaryDirectory() as data:
            client = Client.open(Path(data), workers=1, device="cpu")
            try:
                for key, task in RUNS:
                    yield from _compare(client, make_spec(catalog.get(key), task), effort)
            finally:
                client.close()
    finally:
        torch.set_num_threads(threads)


def _compare(client: Client, spec: RunSpec, effort: Effort) -> Iterator[Figure]:
    """Measure both in turns, so that a machine that changes its pace changes it for both."""
    watch = tuple(LensRequest(lens) for lens in catalog.get(spec.architecture).task(spec.task).lenses)
    run = client.start(spec)
    bare = _Bare(spec)
    turns = max(1, min(5, effort.rounds // 8))
    pairs = []
    _watched(client, run, watch, effort.seconds / 5)
    bare.speed(effort.seconds / 5)
    for _ in range(turns):
        client.control(run, Resume())
        watched = _watched(client, run, watch, effort.seconds / 2)
        client.control(run, Pause())
        time.sleep(0.1)
        pairs.append((*watched, bare.speed(effort.seconds / 2)))
    whole, training, reference = (percentile([pair[i] for pair in pairs], 0.5) for i in range(3))
    name, what = (
        f"{spec.architecture}/{spec.task}",
        "a bare loop: batch, forward, backward, step; both of processor time",
    )
    yield Figure(
        f"{name}: steps a second, all the worker does counted",
        whole, "per s", reference, what, Judged.RATIO, at_least=0.95, note="with scoring, which the loop lacks",
    )  # fmt: skip
    yield Figure(f"{name}: steps a second of training", training, "per s", reference, what)


def _watched(client: Client, run: str, watch: tuple[LensRequest, ...], seconds: float) -> tuple[float, float]:
    """Watch a run; return its steps per second of the worker's processor time and of its own training time."""
    while (first := client.snapshot(run, watch)).step == 0:
        time.sleep(0.02)
    slot = client.pool.slot_of(run)
    assert slot is not None
    worker, end = psutil.Process(slot.pid), time.perf_counter() + seconds
    first, used, last = client.snapshot(run, watch), _processor_time(worker), first
    while time.perf_counter() < end or last.step <= first.step:
        time.sleep(REFRESH)
        last = client.snapshot(run, watch)
    steps = last.step - first.step
    return steps / (_processor_time(worker) - used), steps / (last.seconds - first.seconds)


def _processor_time(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


class _Bare:
    """The loop a textbook prints, on the same network, data and optimiser."""

    def __init__(self, spec: RunSpec) -> None:
        torch.manual_seed(spec.seed)
        trainer = make_trainer(spec, torch.device("cpu"))
        assert isinstance(trainer, SupervisedTrainer)
        self.model, self.loss = trainer.model, trainer.kind.loss
        self.inputs, self.targets = trainer.train
        self.batch = int(str(spec.hypers["batch_size"]))
        kind = type(trainer.optimizers()["optimizer"])
        self.optimizer = kind(self.model.parameters(), lr=float(str(spec.hypers["learning_rate"])))  # type: ignore[call-arg]

    def speed(self, seconds: float) -> float:
        """Train for some time; return steps per second of processor time."""
        end, begin, steps = time.perf_counter() + seconds, time.process_time(), 0
        while time.perf_counter() < end:
            for batch in torch.randperm(len(self.inputs)).split(self.batch):
                loss = self.loss(self.model(self.inputs[batch]), self.targets[batch])
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
                steps += 1
                if time.perf_counter() >= end:
                    break
        return steps / (time.process_time() - begin)
