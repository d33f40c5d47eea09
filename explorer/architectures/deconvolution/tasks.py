"""What the small networks are trained to do: pictures through a short code, and the class of every pixel."""

from __future__ import annotations

from explorer import dials
from explorer.spec import Hyper, Knob, Metric, Sense, Target, Task

RECONSTRUCTION = (
    Metric("test_loss", "squared error of a pixel, held out", held_out=True, higher_is_better=False),
    Metric("loss", "squared error of a pixel", higher_is_better=False),
)
SEGMENTATION = (
    Metric("test_iou", "overlap with the truth, held out", percent=True, held_out=True),
    Metric("test_accuracy", "right pixels, held out", percent=True, held_out=True),
    Metric("accuracy", "right pixels, training batch", percent=True),
    Metric("loss", "loss (cross-entropy)", higher_is_better=False),
    Metric("test_loss", "loss, held out", held_out=True, higher_is_better=False),
)
FINISHES = ("none", "3 × 3, padding 1", "3 × 3, padding 0", "3 × 3, padding 2", "4 × 4, padding 1", "4 × 4, padding 2")
BATCH_NORM = Knob(
    "batch_norm", "batch normalisation", True,
    help="Brings each map to mean 0 and spread 1 over the batch, and bears larger learning rates.",
)  # fmt: skip


def _autoencoder(
    key: str, title: str, dataset: str, lead: str, code: int, channels: tuple[int, int], rate: float, steps: int,
    references: tuple[tuple[str, str, float], ...], targets: tuple[Target, ...] = (), corruption: float = 0.0,
) -> Task:  # fmt: skip
    return Task(
        key=key,
        title=title,
        kind="reconstruction",
        dataset=dataset,
        lead=lead,
        hypers=(
            dials.learning_rate(rate, 0.1),
            dials.batch_size(64),
            dials.weight_decay(0.0, 1.0),
            Hyper(
                "corruption", "noise", corruption, 0.0, 1.0, 0.05,
                help="Spread of the noise on the pixels that go in; what is wanted stays the clean picture.",
            ),
        ),
        metrics=RECONSTRUCTION,
        lenses=("reconstruction", "code_plane", "code_walk"),
        inside=("reconstruction", "code_plane", "code_walk", "transposed_convolution"),
        knobs=(
            Knob("code", "numbers in the code", code, 1, 256, 1, help="All that the decoder is told of a picture."),
            Knob("channels", "channels", channels, 1, 64, help="Maps of the two stages, first to last, such as 16-32."),
            Knob(
                "upsampling", "enlarge by", "transposed", choices=("transposed", "resize", "repeat"),
                help="transposed: transposed convolution with stride 2. resize: rows and columns repeated, then a "
                "3 × 3 convolution. repeat: repeated, then 1 × 1, which mixes maps but no neighbours.",
            ),
            Knob("kernel_size", "kernel", 4, choices=(2, 3, 4, 5), help="Of the transposed convolutions."),
            Knob(
                "finish", "last layer, stride 1", "none", choices=FINISHES,
                help="One more transposed convolution. What does not come out at the picture's size is cut or filled.",
            ),
            BATCH_NORM,
            dials.optimizer("adam"),
            *dials.schedule("linear", steps),
            dials.warmup(steps // 7),
        ),
        targets=targets,
        references=references,
    )  # fmt: skip


TASKS = (
    _autoencoder(
        "fashion", "Clothes through 32 numbers (Fashion-MNIST)", "images.clothes",
        "784 pixels squeezed into 32 numbers, and opened again by transposed convolutions.",
        32, (16, 32), 0.01, 1300,
        (("test_loss", "PCA with 32 numbers: 0.0150", 0.01505), ("test_loss", "the mean picture: 0.086", 0.0863)),
        (Target("test_loss", 0.0095, seconds=15, sense=Sense.AT_MOST),),
    ),
    _autoencoder(
        "mnist", "Digits on a map (MNIST)", "images.digits",
        "Only two numbers for a digit: the code is a map, and you can walk on it.",
        2, (16, 32), 0.01, 900, (("test_loss", "PCA with 2 numbers: 0.0557", 0.0557),),
    ),
    _autoencoder(
        "emoji", "Emoji in colour (two artists)", "images.emoji",
        "3,072 numbers of colour through a code of 64, held-out emoji included.",
        64, (24, 48), 0.01, 600, (("test_loss", "PCA with 64 numbers: 0.0123", 0.01234),),
    ),
    _autoencoder(
        "denoise", "Clean up noisy digits (MNIST)", "images.digits",
        "A noisy digit goes in, the clean one is wanted: the code has no room for noise.",
        32, (16, 32), 0.01, 900, (("test_loss", "PCA with 32 numbers, of the noisy digit: 0.0238", 0.0238),),
        corruption=0.4,
    ),
    Task(
        key="scenes",
        title="Whose pixel is it? (digits in scenes)",
        kind="segmentation",
        dataset="scenes.segments",
        lead="A class for every pixel: down by pooling, up again by the switches that pooling has kept.",
        hypers=(
            dials.learning_rate(0.01, 0.1),
            dials.batch_size(32),
            dials.weight_decay(0.0, 1.0),
            Hyper(
                "noise", "noise", 0.2, 0.0, 0.5, 0.05,
                help="The most noise on a scene. The same scenes are drawn anew with it.",
            ),
        ),
        metrics=SEGMENTATION,
        lenses=("segmentation", "unpooling_switches"),
        inside=("segmentation", "unpooling_switches", "unit_to_pixels", "transposed_convolution"),
        knobs=(
            Knob("channels", "channels", (16, 32, 64), 1, 96, help="Maps of each stage on the way down."),
            Knob(
                "unpooling", "unpooling", "switches", choices=("switches", "repeat", "corner"),
                help="switches: back to where the maximum stood. repeat: into all four cells. corner: always into the "
                "first.",
            ),
            BATCH_NORM,
            dials.optimizer("adam"),
            *dials.schedule("linear", 600),
            dials.warmup(40),
        ),
        targets=(Target("test_iou", 0.55, seconds=15),),
        references=(("test_accuracy", "all of it ground: 90 %", 0.904),),
    ),
)  # fmt: skip
