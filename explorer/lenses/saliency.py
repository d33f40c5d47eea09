"""Which part of a picture speaks for a class: gradients of its score, by three methods.

Arrays: map (h, w) float32: for "saliency" how much the class's score would move with each pixel (the absolute gradient,
the largest over colours); for "integrated" each pixel's signed share of the score's rise from an empty picture; for
"gradcam" the weighted sum of the last convolution's maps, at their size, negative parts cut off. picture as uint8.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._looking import int_option, pictures, range_of, supervised
from explorer.lenses._own_input import picture
from explorer.spec import SpecError, nearest
from explorer.training.trainer import Trainer

METHODS = ("saliency", "integrated", "gradcam")
STEPS = 32  # points on the way from the empty picture


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Ask by `method` why the class `target` (without it: the likeliest) is answered for an own or held-out picture.

    Raises SpecError for another method, data without pictures, or Grad-CAM on a network without convolutions.
    """
    trainer = supervised(trainer, "saliency")
    if len(trainer.dataset.input_shape) != 3:
        raise SpecError(
            f"saliency needs pictures as input; this data has inputs of shape {trainer.dataset.input_shape}"
        )
    method = str(request.options.get("method", METHODS[0]))
    if method not in METHODS:
        raise SpecError(f"no method is called '{method}'; {nearest(method, METHODS)}")
    x, index = picture(request, trainer.test)
    low, high = range_of(trainer.test[0])
    with _answering(trainer.model):
        probabilities = trainer.kind.probabilities(trainer.model(x).detach())[0]
        target = int_option(request, "target", int(probabilities.argmax()), 0, len(probabilities) - 1)
        values = _by_method(method, trainer.model, x.detach().clone().requires_grad_(), target, low)
    arrays = {"map": values.detach().float().cpu().numpy().copy(), "picture": pictures(x, low, high)[0]}
    signed = method == "integrated"
    scale = float(values.detach().abs().max())
    return Frame(arrays, {"method": method, "target": target, "index": index, "signed": signed, "scale": scale})


@contextmanager
def _answering(model: nn.Module) -> Iterator[None]:
    """Inside, the network is in evaluation mode with gradients on; modes and every `.grad` are put back at the end."""
    modes = [(module, module.training) for module in model.modules()]
    gradients = [(parameter, parameter.grad) for parameter in model.parameters()]
    model.eval()
    try:
        with torch.enable_grad():
            yield
    finally:
        for module, training in modes:
            module.training = training
        for parameter, gradient in gradients:
            parameter.grad = gradient


def _by_method(method: str, model: nn.Module, x: Tensor, target: int, low: float) -> Tensor:
    from captum.attr import IntegratedGradients, LayerGradCam, Saliency

    score = _Scores(model)
    if method == "saliency":
        return Saliency(score).attribute(x, target=target, abs=True)[0].amax(0)  # H W
    if method == "integrated":
        shares = IntegratedGradients(score).attribute(x, baselines=low, target=target, n_steps=STEPS)
        return shares[0].sum(0)  # H W
    seen = LayerGradCam(score, _last_convolution(model)).attribute(x, target=target, relu_attributions=True)
    assert isinstance(seen, Tensor)
    return seen[0, 0]  # h w


class _Scores(nn.Module):
    """The network's score of each class; a single logit stands for the second of two, its negative for the first."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model
        self.training = model.training

    def forward(self, x: Tensor) -> Tensor:
        logits = self.model(x)
        return torch.cat([-logits, logits], 1) if logits.shape[1] == 1 else logits


def _last_convolution(model: nn.Module) -> nn.Module:
    found = [module for module in model.modules() if isinstance(module, nn.Conv2d)]
    if not found:
        raise SpecError("Grad-CAM needs a convolution; this network has none")
    return found[-1]
