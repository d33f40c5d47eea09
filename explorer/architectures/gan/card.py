"""The card of generative adversarial nets."""

from explorer.architectures.gan.experiments import EXPERIMENTS
from explorer.architectures.gan.lesson import LESSON
from explorer.architectures.gan.tasks import TASKS
from explorer.spec import Ancestor, Card, Family, Knob, Link, Reference, Variant

PAPER = Reference(
    "Generative Adversarial Nets",
    "Goodfellow, Pouget-Abadie, Mirza, Xu, Warde-Farley, Ozair, Courville and Bengio",
    2014,
    "NIPS 2014",
    "arXiv:1406.2661",
)
MNIST, PAPER_FORM, COMMON_FORM = "MNIST, 2014", "DCGAN as published (5 × 5)", "DCGAN as mostly built (4 × 4)"
PICTURE = (3, 64, 64)
COUNTING = (
    "Each weight of a transposed convolution meets every place of its input map once. Tools that take the output map, "
    "four times as large, print up to four times as many multiply–adds."
)

VARIANTS = (
    Variant(
        "gan-mnist-generator",
        "Generator for MNIST",
        (100,),
        parameters=2_503_984,
        macs=2_500_800,
        settings={"form": "2014", "part": "G"},
        short="generator",
        group=MNIST,
        note=(
            "100-1200-1200-784: rectifiers, and sigmoids for the grey values. Sizes of the authors' mnist.yaml; the "
            "paper prints none."
        ),
    ),
    Variant(
        "gan-mnist-discriminator",
        "Discriminator for MNIST",
        (784,),
        parameters=1_231_441,
        macs=1_229_040,
        settings={"form": "2014", "part": "D"},
        short="discriminator",
        group=MNIST,
        note=(
            "Two layers of 240 maxout units with five pieces each, and one sigmoid. Of the two nets, only this one is "
            "trained with dropout."
        ),
    ),
    Variant(
        "gan-mnist-total",
        "GAN for MNIST",
        (100,),
        parameters=3_735_425,
        macs=4_958_880,
        settings={"form": "2014", "part": "both"},
        short="both",
        group=MNIST,
        links=(
            Link("real_term", "same_discriminator", "trains D"),
            Link("fake_term", "discriminator", "trains D"),
            Link("fake_term", "generator", "trains G"),
        ),
        note=(
            "One generated and one real picture pass the same discriminator: its parameters count once, its 1,229,040 "
            "multiply–adds twice. Making the picture costs 2,500,800."
        ),
    ),
    Variant(
        "dcgan-paper-generator",
        "DCGAN generator, as published",
        (100,),
        parameters=18_885_760,
        macs=640_614_400,
        settings={"form": "paper", "part": "G", "width": 128},
        short="generator",
        group=PAPER_FORM,
        note=(
            "The paper prints no count. No biases, as in the authors' code; after the projection each of the 16,384 "
            f"numbers is normalised by itself. {COUNTING}"
        ),
    ),
    Variant(
        "dcgan-paper-discriminator",
        "DCGAN discriminator, as published",
        PICTURE,
        parameters=17_232_768,
        macs=638_992_384,
        settings={"form": "paper", "part": "D", "width": 128},
        short="discriminator",
        group=PAPER_FORM,
        note="Sizes of the authors' code: 128 to 1,024 maps, then one sigmoid over all 16,384 numbers; no biases.",
    ),
    Variant(
        "dcgan-pytorch-generator",
        "DCGAN generator, common form",
        (100, 1, 1),
        parameters=3_576_704,
        macs=104_628_224,
        settings={"form": "common", "part": "G", "width": 64},
        short="generator 64",
        group=COMMON_FORM,
        note=f"PyTorch's example: kernels of 4 × 4, half the channels of the paper's figure 1. {COUNTING}",
    ),
    Variant(
        "dcgan-pytorch-discriminator",
        "DCGAN discriminator, common form",
        PICTURE,
        parameters=2_765_568,
        macs=103_817_216,
        settings={"form": "common", "part": "D", "width": 64},
        short="discriminator 64",
        group=COMMON_FORM,
        note="PyTorch's example; a last convolution of 4 × 4 takes the place of the dense output.",
    ),
    Variant(
        "dcgan-pytorch-generator-ngf128",
        "DCGAN generator, common form, 128 wide",
        (100, 1, 1),
        parameters=12_658_432,
        macs=410_583_040,
        settings={"form": "common", "part": "G", "width": 128},
        short="generator 128",
        group=COMMON_FORM,
        note="As wide as the paper's, with kernels of 4 × 4.",
    ),
    Variant(
        "dcgan-pytorch-discriminator-ndf128",
        "DCGAN discriminator, common form, 128 wide",
        PICTURE,
        parameters=11_036_160,
        macs=408_961_024,
        settings={"form": "common", "part": "D", "width": 128},
        short="discriminator 128",
        group=COMMON_FORM,
        note="As wide as the paper's, with kernels of 4 × 4.",
    ),
)
DENSE_G = ("gan-mnist-generator", "gan-mnist-total")
DENSE_D = ("gan-mnist-discriminator", "gan-mnist-total")
DCGANS = tuple(variant.id for variant in VARIANTS if variant.settings["form"] != "2014")
GENERATORS = tuple(variant.id for variant in VARIANTS if variant.settings["part"] != "D")

CARD = Card(
    key="gan",
    title="GAN",
    family=Family.GENERATIVE,
    order=18,
    lead="Two networks in one game: one makes pictures out of noise, the other tells them from real ones.",
    paper=PAPER,
    variants=VARIANTS,
    face="gan-mnist-total",
    knobs=(
        Knob(
            "z_size",
            "noise z",
            100,
            1,
            1000,
            1,
            variants=GENERATORS,
            help="How many random numbers a picture is made from.",
        ),
        Knob(
            "hidden",
            "hidden units",
            1200,
            1,
            4096,
            1,
            variants=DENSE_G,
            help="Rectifiers in each of the two hidden layers of G.",
        ),
        Knob(
            "units",
            "maxout units",
            240,
            1,
            2048,
            1,
            variants=DENSE_D,
            help="Maxout units in each of the two hidden layers of D.",
        ),
        Knob(
            "pieces",
            "pieces",
            5,
            1,
            16,
            1,
            variants=DENSE_D,
            help="Linear functions among which each maxout unit takes the largest.",
        ),
        Knob(
            "width",
            "width",
            64,
            1,
            256,
            1,
            variants=DCGANS,
            help="Maps beside the picture: the last of G, the first of D. Every step away from it doubles them.",
        ),
        Knob(
            "image_size",
            "image",
            64,
            choices=(8, 16, 32, 64, 128),
            variants=DCGANS,
            help="Side of the picture: 4 × 4, doubled once, twice …",
        ),
        Knob(
            "batch_norm",
            "batch normalisation",
            True,
            variants=DCGANS,
            help="In all layers but the output of G and the input of D.",
        ),
    ),
    tasks=TASKS,
    lesson=LESSON,
    experiments=EXPERIMENTS,
    ancestors=(
        Ancestor("feed_forward", "two of them, trained by backpropagation, one through the other"),
        Ancestor("deconvolution", "transposed convolutions, which DCGAN's generator grows its pictures with"),
    ),
)
