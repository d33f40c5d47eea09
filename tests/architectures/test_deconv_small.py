"""What the small deconvolutional networks compute, beside the contract of every small network."""

from __future__ import annotations

from typing import cast

import pytest
import torch
from torch import Tensor, nn

from explorer import catalog
from explorer.architectures.deconvolution.probes import checkerboard
from explorer.architectures.deconvolution.small import (
    FINISHES,
    Autoencoder,
    Decoder,
    Nearest,
    Up,
    build_small,
    corners,
    enlarging,
    fitted,
)
from explorer.architectures.deconvolution.tasks import FINISHES as OFFERED
from explorer.architectures.deconvolution.training import AutoencoderTrainer
from explorer.lenses._codes import plane_of, principal
from explorer.runspec import make_spec
from explorer.spec import SpecError, Value
from explorer.training import supervised
from explorer.training.factory import make_trainer
from tests.lenses.trainers import trained

CPU = torch.device("cpu")
CARD = catalog.get("deconvolution")


def net(task: str = "fashion", shape: tuple[int, ...] = (1, 28, 28), **knobs: Value) -> torch.nn.Module:
    return build_small(make_spec(CARD, task, knobs=knobs).knobs, shape, 11)


def test_the_decoder_mirrors_the_encoder_and_all_pictures_are_told_by_the_code() -> None:
    model = cast(Autoencoder, net())
    picture = torch.randn(2, 1, 28, 28)
    code = model.encoder(picture)
    assert code.shape == (2, 32)
    assert torch.equal(model.eval()(picture), model.decoder(model.encoder(picture)))
    low, high = model(picture).detach().aminmax()
    assert 0 <= float(low) <= float(high) <= 1


def test_parameters_of_the_autoencoder_by_hand() -> None:
    down = 25 * 16 + 16 + 9 * 16 * 32 + 32 + 2 * (16 + 32) + 32 * 49 * 32 + 32
    up = 33 * 32 * 49 + 16 * 32 * 16 + 16 + 2 * 16 + 16 * 16 + 1
    assert sum(each.numel() for each in net().parameters()) == down + up == 115_601


@pytest.mark.parametrize("kernel", [2, 3, 4, 5])
@pytest.mark.parametrize("by", ["transposed", "resize", "repeat"])
def test_every_way_of_enlarging_doubles_the_side(by: str, kernel: int) -> None:
    assert enlarging(3, 2, by, kernel)(torch.zeros(1, 3, 7, 7)).shape == (1, 2, 14, 14)


def test_repeated_rows_make_blocks_of_one_colour() -> None:
    picture = net(upsampling="repeat").eval()(torch.randn(1, 1, 28, 28))
    blocks = picture.unfold(2, 4, 4).unfold(3, 4, 4).flatten(4)  # 1 1 7 7 16
    assert torch.allclose(blocks, blocks[..., :1].expand_as(blocks))
    assert torch.equal(Nearest()(torch.tensor([[[[1.0, 2.0]]]])), torch.tensor([[[[1.0, 1, 2, 2], [1, 1, 2, 2]]]]))


@pytest.mark.parametrize("finish", OFFERED)
def test_a_last_layer_of_stride_1_follows_the_formula_and_the_picture_keeps_its_size(finish: str) -> None:
    kernel, padding = FINISHES[finish]
    decoder = cast(Decoder, net(finish=finish).get_submodule("decoder"))
    assert decoder(torch.zeros(2, 32)).shape == (2, 1, 28, 28)
    if decoder.finish is not None:
        made = decoder.finish(torch.zeros(1, 16, 28, 28)).shape[-1]
        assert made == 28 - 1 - 2 * padding + kernel
    assert tuple(FINISHES) == OFFERED


def test_a_map_is_cut_or_filled_around_its_middle() -> None:
    row = torch.arange(1.0, 6.0).expand(1, 1, 5, 5)
    assert fitted(row, 3)[0, 0, 0].tolist() == [2, 3, 4]
    assert fitted(row, 4)[0, 0, 0].tolist() == [1, 2, 3, 4]
    assert fitted(row, 7)[0, 0, 1].tolist() == [0, 1, 2, 3, 4, 5, 0]


def test_unpooling_puts_values_back_by_switch_or_into_the_corner() -> None:
    x = torch.tensor([[[[1.0, 5, 2, 0], [3, 0, 0, 7], [0, 0, 1, 1], [9, 0, 2, 1]]]])
    pooled, switches = nn.MaxPool2d(2, return_indices=True)(x)
    switched = Up((), False, "switches")(pooled, switches)
    assert switched[0, 0].tolist() == [[0, 5, 0, 0], [0, 0, 0, 7], [0, 0, 0, 0], [9, 0, 2, 0]]
    assert corners(switches)[0, 0].tolist() == [[0, 2], [8, 10]]
    cornered = Up((), False, "corner")(pooled, switches)
    assert cornered[0, 0].tolist() == [[5, 0, 7, 0], [0, 0, 0, 0], [9, 0, 2, 0], [0, 0, 0, 0]]


def test_settings_that_do_not_fit_are_explained() -> None:
    with pytest.raises(SpecError, match="has two: 16-32"):
        net(channels=(8,))
    with pytest.raises(SpecError, match=r"48 / 2\^5 = 1.5 is not whole.*Take 4 stages"):
        net("scenes", (1, 48, 48), channels=(4, 4, 4, 4, 4))


# ---- training --------------------------------------------------------------------------------------------------------


def trainer(task: str = "fashion", **hypers: Value) -> AutoencoderTrainer:
    return cast(AutoencoderTrainer, trained("deconvolution", task, 1, **hypers))


def test_errors_are_in_pixels_between_0_and_1() -> None:
    one = trainer()
    pixels = one.pixels(one.train[0])
    assert (float(pixels.min()), float(pixels.max())) == (0.0, pytest.approx(1.0))
    middle = pixels.mean(0)
    reference = {label: value for _, label, value in CARD.task("fashion").references}["the mean picture: 0.086"]
    error = (one.pixels(one.test[0]) - middle).square().mean()
    assert float(error) == pytest.approx(reference, abs=5e-4)


@pytest.mark.parametrize("task", ["fashion", "mnist", "denoise"])
def test_the_line_of_pca_on_the_card_is_what_pca_gives(task: str) -> None:
    one = trainer(task)
    wanted = one.pixels(one.test[0]).flatten(1).numpy()
    seen = one.pixels(one._seen()).flatten(1).numpy()
    (reference,) = [value for _, label, value in CARD.task(task).references if "PCA" in label]
    numbers = int(one.spec.knobs["code"])  # type: ignore[arg-type]
    error = float(((plane_of(one, numbers).given_back(seen) - wanted) ** 2).mean())
    assert error == pytest.approx(reference, rel=0.005)


def test_principal_directions_are_those_of_a_full_decomposition() -> None:
    values = torch.randn(300, 40, generator=torch.manual_seed(0)) * torch.linspace(3, 0.1, 40)
    found = principal(values.numpy(), 5)
    _, _, exact = torch.linalg.svd(values - values.mean(0))
    assert torch.allclose((exact[:5] @ torch.from_numpy(found.directions)).abs(), torch.eye(5), atol=1e-2)


def test_noise_goes_in_but_the_clean_picture_is_wanted_and_evaluation_always_sees_the_same() -> None:
    one = trainer("denoise", corruption=0.5)
    seen: list[Tensor] = []
    one.model.register_forward_pre_hook(lambda module, read: seen.append(read[0]))
    clean = one.train[0][:200]
    one.objective(clean, one.train[1][:200])
    spread = (one.pixels(seen[0]) - one.pixels(clean)).std()
    assert float(spread) == pytest.approx(0.5, abs=0.01)
    state = torch.random.get_rng_state()
    assert one.evaluate() == one.evaluate()
    assert torch.equal(torch.random.get_rng_state(), state)
    one.set_hypers({"corruption": 0.0})
    seen.clear()
    one.objective(clean, one.train[1][:200])
    assert torch.equal(seen[0], clean)


def test_a_checkerboard_is_found_and_a_slope_is_not() -> None:
    slope = torch.linspace(0, 1, 28).expand(5, 1, 28, 28)
    grain = 0.02 * torch.randn(5, 1, 28, 28, generator=torch.manual_seed(0))
    rows, columns = torch.meshgrid(torch.arange(28), torch.arange(28), indexing="ij")
    board = 0.1 * ((rows + columns) % 2)
    assert float(checkerboard(slope + grain + board)) > 50
    assert float(checkerboard(slope + grain)) < 5


def test_segmentation_trains_with_the_shared_trainer_and_scores_overlap(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    one = make_trainer(make_spec(CARD, "scenes"), CPU)
    one.train_step()
    scores = one.evaluate()
    assert 0 < scores["test_iou"] < 1
    assert scores["test_accuracy"] < 1
    monkeypatch.setattr(supervised, "EVALUATION_BATCH", 33)
    assert one.evaluate() == pytest.approx(scores, rel=1e-5), "an overlap is counted over all scenes, not by the batch"
