"""What being watched costs training: a run in a worker with a watcher, beside a bare PyTorch loop of the same model."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import torch
from torch import Tensor

from explorer import catalog
from explorer.bench.report import Effort, Figure, Judged, percentile
from explorer.engine.client import Client
from explorer.engine.messages import LensRequest, Pause, Resume
from explorer.runspec import make_spec
from explorer.spec import RunSpec
from explorer.training.factory import make_trainer
from explorer.training.supervised import SupervisedTrainer

TITLE = "Training while watched five times a second"
RUNS = (
    ("feed_forward", "spirals"), ("cnn", "mnist"), ("resnet", "fashion"), ("mobilenet", "fashion"),
    ("lstm", "characters"), ("gpt", "characters"),
)  # fmt: skip
REFRESH = 0.2
PLAIN = "a bare loop: batch, forward, backward, step"
OWN = "its training step alone in a loop"


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
    task = catalog.get(spec.architecture).task(spec.task)
    watch = tuple(LensRequest(lens) for lens in task.lenses[:1])  # what a page shows at first
    run = client.start(spec)
    bare = _Bare(spec)
    turns = max(1, min(5, effort.rounds // 8))
    pairs = []
    _watched(client, run, watch, effort.seconds / 5)
    bare.speed(effort.seconds / 5, 0)
    for _ in range(turns):
        client.control(run, Resume())
        watched = _watched(client, run, watch, effort.seconds / 2)
        client.control(run, Pause())
        time.sleep(0.1)
        pairs.append(
            (watched.whole, watched.training, *(bare.speed(effort.seconds / 4, n) for n in (watched.every, 0)))
        )
    whole, training, scored, plain = (percentile([pair[i] for pair in pairs], 0.5) for i in range(4))
    name = f"{spec.architecture}/{spec.task}"
    yield Figure(
        f"{name}: steps a second, all the worker does counted", whole, "per s", scored,
        f"{bare.what}, and held-out data scored as often; both of processor time", Judged.RATIO, at_least=0.95,
    )  # fmt: skip
    yield Figure(
        f"{name}: steps a second of training", training, "per s", plain, f"{bare.what}; both of processor time"
    )


@dataclass(frozen=True)
class _Watched:
    """Steps a second of the worker's processor time, and of its own training time; steps from score to score."""

    whole: float
    training: float
    every: int


def _watched(client: Client, run: str, watch: tuple[LensRequest, ...], seconds: float) -> _Watched:
    """Watch a run for some time."""
    while (first := client.snapshot(run, watch)).step == 0:
        time.sleep(0.02)
    slot = client.pool.slot_of(run)
    assert slot is not None
    worker, end = psutil.Process(slot.pid), time.perf_counter() + seconds
    first, used, last = client.snapshot(run, watch), _processor_time(worker), first
    while time.perf_counter() < end or last.step <= first.step:
        time.sleep(REFRESH)
        last = client.snapshot(run, watch)
    steps, used = last.step - first.step, _processor_time(worker) - used
    scores = sum(first.step < step <= last.step for step in last.series["test_loss"].steps) if last.series else 0
    return _Watched(steps / used, steps / (last.seconds - first.seconds), steps // scores if scores else 0)


def _processor_time(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


class _Bare:
    """The loop a textbook prints, on the same network, data and optimiser; a task's own step is taken as it is."""

    def __init__(self, spec: RunSpec) -> None:
        torch.manual_seed(spec.seed)
        trainer = make_trainer(spec, torch.device("cpu"))
        assert isinstance(trainer, SupervisedTrainer)
        self._trainer = trainer
        plain = type(trainer) is SupervisedTrainer
        self.what = PLAIN if plain else OWN
        self._step = self._textbook_step if plain else trainer.train_step
        self._batches = self._shuffled(int(str(spec.hypers.get("batch_size", 32))))
        self._optimizer = trainer.optimizers()["optimizer"]

    def speed(self, seconds: float, every: int) -> float:
        """Train for some time, score after every so many steps (0: never); return steps a second of processor time.

        It ends with a score, so that what scoring costs is shared by as many steps as in the run it is compared with.
        """
        end, begin, steps = time.perf_counter() + seconds, time.process_time(), 0
        while time.perf_counter() < end or (every and steps % every):
            self._step()
            steps += 1
            if every and steps % every == 0:
                self._trainer.evaluate()
        return steps / (time.process_time() - begin)

    def _shuffled(self, size: int) -> Iterator[Tensor]:
        while True:
            yield from torch.randperm(len(self._trainer.train[0])).split(size)

    def _textbook_step(self) -> None:
        inputs, targets = self._trainer.train
        batch = next(self._batches)
        given, changed = inputs[batch], self._trainer.augmentation
        loss = self._trainer.kind.loss(self._trainer.model(changed(given) if changed.on else given), targets[batch])
        self._optimizer.zero_grad()
        loss.backward()
        self._optimizer.step()
