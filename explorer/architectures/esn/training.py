"""Finds the read-out: by ridge regression over all states heard so far, or on-line, by recursive least squares."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from explorer import catalog, data, tasks
from explorer.architectures.esn.drawing import Drawn, Scaling, radius_of
from explorer.architectures.esn.model import SmallESN
from explorer.data import Dataset
from explorer.data.series import Continued
from explorer.spec import RunSpec, Settings, Value, float_of, int_of
from explorer.training.forecasting import Forecast
from explorer.training.supervised import evaluating
from explorer.training.trainer import Trainer

WASHOUT = 100  # steps heard before the first state counts, at most: until the reservoir has forgotten its rest
WORST = 2.0  # error over spread at which a forecast that ran away is entered
REBUILDS = ("spectral_radius", "density", "leak", "input_scale")
RIDGE, ONLINE = "ridge regression", "recursive least squares"


class EchoTrainer(Trainer):
    """Hears the series from its beginning to its end, some values a step, and then again.

    By ridge regression W_out = Y Xᵀ (X Xᵀ + β I)⁻¹ after every step; the second time brings no news. On-line, W_out
    is corrected value by value, with P = (X Xᵀ + β I)⁻¹ kept up to date; without forgetting both agree at first.
    """

    def __init__(self, spec: RunSpec, device: torch.device, upload: Dataset | None) -> None:
        self.spec, self.device = spec, device
        self.task = catalog.get(spec.architecture).task(spec.task)
        self.kind = tasks.get(self.task.kind)
        self.hypers: dict[str, Value] = dict(spec.hypers)
        found = upload or data.load(self.task.dataset, spec.data, spec.seed)
        assert isinstance(found, Continued)
        self.dataset = found
        self._type = torch.float32 if device.type == "mps" else torch.float64  # the one device without float64
        self.series = self._placed(found.learnt)  # (steps,)
        self.test = self._placed(found.test_inputs), self._placed(found.test_targets)
        self.future = self._placed(found.future)
        self.network = SmallESN(int_of(spec.knobs, "units")).to(device, self._type)
        self.model = self.network
        self._drawn = Drawn.of(self.network.units, spec.seed)
        self._radii: dict[float, float] = {}
        self._washout = min(WASHOUT, len(self.series) // 10)
        self._rebuild()
        self._begin()

    # ---- the step ------------------------------------------------------------------------------------------

    @torch.no_grad()
    def train_step(self) -> Mapping[str, float | Tensor]:
        """Hear some more values; "loss" is the squared error of what the read-out foretold of them beforehand."""
        if self.position == len(self.series) - 1:
            self.position, self.again, self.state = 0, True, self.network.rest(1)
        states, targets = self._hear(int_of(self.hypers, "values_a_step"))
        if len(targets):
            self._loss = (self.network.readout(states)[:, 0] - targets).square().mean()
            self._learn(states, targets)
        return {"loss": self._loss}

    def _hear(self, count: int) -> tuple[Tensor, Tensor]:
        """Return the states (n, units) after the next `count` values, the washout left out, and what came then (n,)."""
        begin, end = self.position, min(self.position + count, len(self.series) - 1)
        states = []
        for value in self.series[begin:end].view(-1, 1, 1):
            self.state = self.network.step(value, self.state)
            states.append(self.state)
        self.position = end
        skip = min(len(states), max(0, self._washout - begin))
        if skip == len(states):
            return self.state[:0], self.series[:0]
        return torch.cat(states[skip:]), self.series[begin + skip + 1 : end + 1]

    def _learn(self, states: Tensor, targets: Tensor) -> None:
        if self.online:
            self._correct(states, targets)
        elif not self.again:
            self.gram += states.T @ states
            self.moment += states.T @ targets
            self._solve()

    def _solve(self) -> None:
        """Ridge regression over all that was heard; the equations are solved by Cholesky's factors."""
        self.changes += 1
        unit = torch.eye(len(self.moment), dtype=self._type, device=self.device)
        whole = self.gram + float_of(self.hypers, "ridge") * unit
        factor, failed = torch.linalg.cholesky_ex(whole)
        if bool(failed):  # so many equal states that rounding leaves no positive root: the shortest solution instead
            answer = torch.linalg.pinv(whole, hermitian=True) @ self.moment
        else:
            answer = torch.cholesky_solve(self.moment[:, None], factor)[:, 0]
        self._weights().copy_(answer[None])

    def _correct(self, states: Tensor, targets: Tensor) -> None:
        """Recursive least squares: each value moves the read-out by its error times the gain P x / (λ + x·P x)."""
        forgetting, weights = float_of(self.hypers, "forgetting"), self._weights()
        self.changes += 1
        for x, target in zip(states, targets, strict=True):
            seen = self.inverse @ x  # units
            gain = seen / (forgetting + x @ seen)
            weights += gain * (target - weights[0] @ x)
            self.inverse.addr_(gain, seen, alpha=-1)
            if forgetting < 1:
                self.inverse /= forgetting

    # ---- scores --------------------------------------------------------------------------------------------

    def batch_scores(self) -> Mapping[str, float | Tensor]:
        """Return the held-out scores as well: the whole training is over before they would be due by the clock."""
        return self.evaluate()

    def evaluate(self) -> Mapping[str, float]:
        """Return the one-step error, that of running free over the whole future, and that at its last step, 2 at most.

        Beyond 1 a forecast is worse than none; how much worse, a thousandfold at times, would only dwarf the curve.
        """
        if self._scored[0] != self.changes:
            self._scored = self.changes, self._scores()
        return self._scored[1]

    def _scores(self) -> dict[str, float]:
        with evaluating(self.model):
            if self._ready is None:  # the read-out's part in this is none: it is worth keeping
                self._ready = self.network.heard(self.test[0], self.network.rest(len(self.test[0])))[1]
            told = self._alone(self._ready)
            first = self.network.readout(self._ready)[:, None]  # N 1 1
            spread, free = self.future.std(correction=0), (told - self.future).square()
            return {
                "test_loss": float(self.kind.loss(first, self.test[1])),
                "test_nrmse": float(self.kind.score(first, self.test[1])["nrmse"]),
                "test_nrmse_free": float(free.mean().sqrt() / spread),
                "test_nrmse_last": min(WORST, float(free[:, -1].mean().sqrt() / spread)),
            }

    def forecast(self, index: int) -> Forecast:
        """Continue the held-out window of this number."""
        window = self.test[0][index]
        with evaluating(self.model):
            states = self._window_states(index)
            answers, told = self.network.readout(states), self._alone(states[-1:])
        return Forecast(window[:, 0], answers[:, 0], told[0], self.future[index])

    def _window_states(self, index: int) -> Tensor:
        """Return the states within a held-out window (W, units), kept as long as the same one is asked for."""
        if self._window is None or self._window[0] != index:
            x, states = self.network.rest(1), []
            for value in self.test[0][index].view(-1, 1, 1):
                x = self.network.step(value, x)
                states.append(x)
            self._window = index, torch.cat(states)
        return self._window[1]

    def _alone(self, x: Tensor) -> Tensor:
        """Return the futures after the states x (N, units), (N, H): every answer is the next input."""
        value, told = self.network.readout(x), []  # N 1
        for _ in range(self.future.shape[1]):
            told.append(value)
            x = self.network.step(value, x)
            value = self.network.readout(x)
        return torch.cat(told, 1)

    # ---- what may be turned --------------------------------------------------------------------------------

    def set_hypers(self, values: Settings) -> None:
        """Apply values; a change of the reservoir makes it anew and lets it hear all again that it had heard."""
        before = dict(self.hypers)
        self.hypers.update(values)
        changed = {name for name in self.hypers if self.hypers[name] != before.get(name)}
        if changed & set(REBUILDS):
            self._rebuild()
        if changed & {*REBUILDS, "ridge", "method", "forgetting"}:
            self._anew()

    @torch.no_grad()
    def _anew(self) -> None:
        """Hear from the beginning what was heard before, once, with the settings that stand."""
        heard = len(self.series) if self.again else self.position
        self._begin()
        if heard:
            states, targets = self._hear(heard)
            if len(targets):
                self._learn(states, targets)

    def _rebuild(self) -> None:
        density = float_of(self.hypers, "density")
        if density not in self._radii:
            self._radii[density] = radius_of(self._drawn.sparse(density))
        scaling = Scaling(*(float_of(self.hypers, name) for name in REBUILDS))
        self.network.fill(self._drawn, scaling, self._radii[density])

    def _begin(self) -> None:
        """Forget all that was heard."""
        units, weights = self.network.units, self._weights()
        weights.zero_()
        self.position, self.again, self.state = 0, False, self.network.rest(1)
        self.gram, self.moment = weights.new_zeros(units, units), weights.new_zeros(units)
        self.inverse = torch.eye(units, dtype=self._type, device=self.device) / float_of(self.hypers, "ridge")
        self._loss = weights.new_zeros(())
        self.changes = 0  # how often the read-out was written
        self._scored: tuple[int, dict[str, float]] = (-1, {})
        self._window: tuple[int, Tensor] | None = None
        self._ready: Tensor | None = None  # (N, units) the states in which the held-out windows leave the reservoir

    def _weights(self) -> Tensor:
        return self.network.readout.W_out.weight.detach()  # 1 units

    @property
    def online(self) -> bool:
        """Whether the read-out is corrected value by value."""
        return self.hypers["method"] == ONLINE

    # ---- the rest ------------------------------------------------------------------------------------------

    @property
    def steps_per_epoch(self) -> float:
        return max(1.0, (len(self.series) - 1) / int_of(self.hypers, "values_a_step"))

    def example_inputs(self) -> tuple[Tensor, ...]:
        return (self.test[0][:1, :8],)

    def optimizers(self) -> Mapping[str, torch.optim.Optimizer]:
        return {}

    def extra_state(self) -> Mapping[str, Tensor]:
        place = {"position": torch.tensor(self.position), "again": torch.tensor(self.again)}
        kept = {**place, "state": self.state, "loss": self._loss}
        return {**kept, "inverse": self.inverse} if self.online else {**kept, "gram": self.gram, "moment": self.moment}

    def load_extra_state(self, state: Mapping[str, Tensor]) -> None:
        self.position, self.again = int(state["position"]), bool(state["again"])
        for name in ("state", "gram", "moment", "inverse"):
            if name in state:
                setattr(self, name, state[name].to(self.device).clone())
        self._loss = state["loss"].to(self.device)
        self._scored, self._ready, self._window = (-1, {}), None, None

    def _placed(self, array: np.ndarray) -> Tensor:
        return torch.from_numpy(array).to(self.device, self._type)


def make_trainer(spec: RunSpec, device: torch.device, upload: Dataset | None = None) -> Trainer:
    """Return the trainer of an echo state network."""
    return EchoTrainer(spec, device, upload)
