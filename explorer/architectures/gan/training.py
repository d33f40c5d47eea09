"""The game, step by step: D learns from real and made examples, then G learns through D (2014, algorithm 1)."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer import catalog, data
from explorer.architectures.gan import judge
from explorer.architectures.gan.losses import discriminator_loss, generator_loss
from explorer.architectures.gan.scores import picture_scores, plane_scores
from explorer.architectures.gan.small import build_small
from explorer.architectures.gan.telling import Told, tell
from explorer.data import Dataset
from explorer.data.distributions import Shape, shape
from explorer.spec import RunSpec, Task, float_of, int_of
from explorer.training.batches import Batches
from explorer.training.randomness import generator
from explorer.training.supervised import evaluating
from explorer.training.trainer import Trainer

BETA2 = 0.99
FLOOR = 0.05  # share of the learning rates that is left at the end
MEASURED = {"plane": 2000, "pictures": 1000}  # examples that are made for a score
KEPT_PICTURES = 32  # made from the same noise at each of the steps below, which are kept for looking back
KEPT_STEPS = (1, 30, 100, 200, 400, 700, 1000, 1500, 2000, 3000, 5000, 10_000)


class AdversarialTrainer(Trainer):
    """Trains G and D in turn. Pictures have pixels from −1 to 1; `average` follows G, and is what samples come from."""

    def __init__(self, spec: RunSpec, task: Task, device: torch.device, upload: Dataset | None = None) -> None:
        self.spec, self.task, self.device = spec, task, device
        self.hypers = dict(spec.hypers)
        self.dataset = upload or data.load(task.dataset, spec.data, spec.seed)
        self.pair = build_small(spec.knobs, self.dataset.input_shape, 1)
        with torch.random.fork_rng(devices=[]):
            self.average = build_small(spec.knobs, self.dataset.input_shape, 1).generator.requires_grad_(False)
        self.average.load_state_dict(self.pair.generator.state_dict())
        self.average.to(device)
        self.pair.to(device)
        self.model = self.pair
        self._of_d, self._of_g = (list(net.parameters()) for net in (self.pair.discriminator, self.pair.generator))
        self._of_average = list(self.average.parameters())  # walking through modules for them takes a tiny net's time
        self.real = self._placed(self.dataset)
        targets = torch.from_numpy(self.dataset.train_targets).to(device)
        self._batches = Batches(self.real, targets, int_of(self.hypers, "batch_size"), spec.seed)
        self._teachers = {"discriminator": self._adam(self.pair.discriminator), "generator": self._for_generator()}
        self._steps = 0
        self._kept: dict[int, Tensor] = {}
        self._tune()

    # ---- a step --------------------------------------------------------------------------------------------------

    def train_step(self) -> Mapping[str, float | Tensor]:
        """Do one step of the game; gives both losses on the last batch, before the updates, in nats.

        "discriminator_loss" is −V(D, G), "generator_loss" −log D(G(z)), whichever loss G is trained on.
        """
        if self._falls:
            self._tune()
        for parameter in (*self._of_d, *self._of_g):
            parameter.grad = None
        for _ in range(int_of(self.hypers, "d_steps") - 1):
            with torch.no_grad():
                made = self.pair.generator(self._noise())
            self._discriminator_step(made)
        with torch.set_grad_enabled(self.trains_generator):
            made = self.pair.generator(self._noise())
        of_discriminator = self._discriminator_step(made.detach())
        of_generator = self._generator_step(made)
        self._follow()
        self._steps += 1
        if self.pictures and self._steps in KEPT_STEPS:
            self._kept[self._steps] = self.still()
        return {"discriminator_loss": of_discriminator, "generator_loss": of_generator}

    def _discriminator_step(self, made: Tensor) -> Tensor:
        """Let D tell a batch of real examples from those made, and learn from it if it is its turn."""
        real, _ = self._batches.next()
        with torch.set_grad_enabled(self.trains_discriminator):
            logits = self.pair.discriminator(self.blurred(torch.cat([real, made])))
            of_real, of_made = logits[: len(real)], logits[len(real) :]
            loss = discriminator_loss(of_real, of_made, float_of(self.hypers, "real_label"))
        if self.trains_discriminator:
            for parameter in self._of_d:
                parameter.grad = None
            loss.backward()
            self._teachers["discriminator"].step()
        return discriminator_loss(of_real.detach(), of_made.detach())

    def _generator_step(self, made: Tensor) -> Tensor:
        """Let G learn from what D now says of the examples it made; D's own gradients stay as they are."""
        with torch.set_grad_enabled(self.trains_generator):
            logits = self.pair.discriminator(self.blurred(made))
        if self.trains_generator:
            gradients = torch.autograd.grad(generator_loss(logits, self.minimax), self._of_g)
            for parameter, gradient in zip(self._of_g, gradients, strict=True):
                parameter.grad = gradient
            self._teachers["generator"].step()
        return F.softplus(-logits.detach()).mean()

    def blurred(self, examples: Tensor) -> Tensor:
        """Add the noise that D sees everything through, if there is any."""
        spread = float_of(self.hypers, "instance_noise")
        return examples + spread * torch.randn_like(examples) if spread else examples

    def _noise(self) -> Tensor:
        return torch.randn(int_of(self.hypers, "batch_size"), int_of(self.spec.knobs, "z_size"), device=self.device)

    def _follow(self) -> None:
        """Move the average a little towards G: away from it by the knob's share, 0 takes G as it is."""
        with torch.no_grad():
            for one, other in zip(self._of_average, self._of_g, strict=True):
                one.lerp_(other, 1 - float_of(self.spec.knobs, "average"))
        for one, other in zip(self.average.buffers(), self.pair.generator.buffers(), strict=True):
            one.copy_(other)

    # ---- what stands ---------------------------------------------------------------------------------------------

    @property
    def pictures(self) -> bool:
        """Whether pictures are made; else points in the plane."""
        return len(self.dataset.input_shape) == 3

    @property
    def shape(self) -> Shape:
        """What the points are drawn around: of a drawing, what is held out."""
        if self.task.dataset.startswith("distributions."):
            return shape(self.task.dataset)
        return Shape(self.dataset.test_inputs, self.dataset.test_targets)

    @property
    def minimax(self) -> bool:
        return self.hypers["loss"] == "minimax"

    @property
    def trains_discriminator(self) -> bool:
        return self.hypers["trains"] != "generator only"

    @property
    def trains_generator(self) -> bool:
        """Whether G learns now: not while D has its head start."""
        return self.hypers["trains"] != "discriminator only" and self._steps >= int_of(self.spec.knobs, "head_start")

    @property
    def steps_done(self) -> int:
        return self._steps

    @property
    def kept(self) -> Mapping[int, Tensor]:
        """What was made from the same noise at earlier steps: uint8 (N, C, H, W) by step, the earliest first."""
        return self._kept

    def latent(self, count: int, seed: int = 0) -> Tensor:
        """Return noise (count, z) that depends on the run's seed and this one alone."""
        own = generator(self.device, 1000 * seed + self.spec.seed)
        return torch.randn(count, int_of(self.spec.knobs, "z_size"), generator=own, device=self.device)

    def made(self, z: Tensor) -> Tensor:
        """Return what the averaged generator makes of noise (N, z)."""
        with evaluating(self.average):
            return self.average(z)

    def still(self) -> Tensor:
        """Return uint8 pictures made from noise that is the same at every step."""
        return ((self.made(self.latent(KEPT_PICTURES)) + 1) * 127.5).round().to(torch.uint8)

    def judged(self, examples: Tensor) -> Tensor:
        """Return an independent classifier's probabilities of pictures, (N, classes)."""
        return judge.load(self.task.dataset.partition(".")[2], self.device)(examples)

    def told(self) -> tuple[Told, ...]:
        """Return the next step as a story, done on copies."""
        return tell(self)

    def evaluate(self) -> Mapping[str, float]:
        """Score examples made from fixed noise: modes covered, or classes that an independent classifier sees."""
        samples = self.made(self.latent(MEASURED["pictures" if self.pictures else "plane"], 1))
        if not self.pictures:
            return plane_scores(samples, self.shape)
        return picture_scores(self.judged(samples))

    # ---- settings and state --------------------------------------------------------------------------------------

    def set_hypers(self, values: Mapping[str, bool | int | float | str | tuple[int, ...]]) -> None:
        before = self.hypers["batch_size"]
        self.hypers.update(values)
        if self.hypers["batch_size"] != before:
            self._batches.resize(int_of(self.hypers, "batch_size"))
        self._tune()

    def example_inputs(self) -> tuple[Tensor, ...]:
        return self.latent(1), self.real[:1]

    @property
    def steps_per_epoch(self) -> float:
        return self._batches.per_epoch / int_of(self.hypers, "d_steps")

    def modules(self) -> Mapping[str, nn.Module]:
        return {"model": self.model, "average": self.average}

    def optimizers(self) -> Mapping[str, torch.optim.Optimizer]:
        return self._teachers

    def extra_state(self) -> Mapping[str, Tensor]:
        kept = {f"kept/{step}": pictures for step, pictures in self._kept.items()}
        return {"steps": torch.tensor(self._steps), **self._batches.state(), **kept}

    def load_extra_state(self, state: Mapping[str, Tensor]) -> None:
        self._steps = int(state["steps"])
        self._batches.load(state)
        found = {int(name.partition("/")[2]): each for name, each in state.items() if name.startswith("kept/")}
        self._kept = {step: found[step].to(self.device) for step in sorted(found)}
        self._tune()

    def _placed(self, dataset: Dataset) -> Tensor:
        """Return the training examples on the device, pictures scaled to −1 … 1 as G's tanh makes them."""
        inputs = torch.from_numpy(dataset.train_inputs).to(self.device)
        if not self.pictures:
            return inputs
        low, high = float(dataset.train_inputs.min()), float(dataset.train_inputs.max())
        return (inputs - low) * (2 / (high - low)) - 1

    def _adam(self, net: nn.Module) -> torch.optim.Optimizer:
        betas = (float_of(self.spec.knobs, "beta1"), BETA2)
        return torch.optim.Adam(net.parameters(), betas=betas, fused=self.device.type in ("cpu", "cuda"))

    def _for_generator(self) -> torch.optim.Optimizer:
        if self.spec.knobs["optimizer_g"] == "sgd":
            return torch.optim.SGD(self.pair.generator.parameters())
        return self._adam(self.pair.generator)

    def _tune(self) -> None:
        """Write the learning rates that stand into the optimisers: full at first, then falling to a twentieth."""
        steady = int_of(self.spec.knobs, "steady_steps")
        self._falls = steady > 0
        left = 1 - (1 - FLOOR) * min(1.0, max(0, self._steps - steady) / steady) if steady else 1.0
        for name, teacher in self._teachers.items():
            for group in teacher.param_groups:
                group["lr"] = float_of(self.hypers, f"rate_{name[0]}") * left


def make_trainer(spec: RunSpec, device: torch.device, upload: Dataset | None = None) -> Trainer:
    """Return the trainer of both nets."""
    return AdversarialTrainer(spec, catalog.get(spec.architecture).task(spec.task), device, upload)
