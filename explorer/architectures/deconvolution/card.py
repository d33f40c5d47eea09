"""The deconvolutional family's card: pictures out, not only pictures in."""

from explorer.architectures.deconvolution.experiments import EXPERIMENTS
from explorer.architectures.deconvolution.lesson import LESSON
from explorer.architectures.deconvolution.tasks import TASKS
from explorer.spec import Ancestor, Benchmark, Card, Family, Knob, Published, Reference, Result, Variant

PAPER = Reference(
    "Visualizing and Understanding Convolutional Networks", "Zeiler and Fergus", 2013, "ECCV 2014", "arXiv:1311.2901"
)
FCN = ("fcn32s-vgg16", "fcn16s-vgg16", "fcn8s-vgg16")
SEGMENTING = (*FCN, "deconvnet-noh")


def _fcn(stride: int, parameters: int, fixed: int, macs: int, note: str, results: tuple[Result, ...] = ()) -> Variant:
    return Variant(
        f"fcn{stride}s-vgg16",
        f"FCN-{stride}s (Long, Shelhamer and Darrell 2014)",
        (3, 500, 500),
        parameters=parameters,
        fixed=fixed,
        macs=macs,
        settings={"form": "fcn", "stride": stride},
        published=Published("134M parameters", "Long et al., Table 1, FCN-VGG16, which rounds to millions"),
        note=note,
        short=f"{stride}s",
        group="FCN",
        results=results,
    )


CARD = Card(
    key="deconvolution",
    title="Deconvolution",
    family=Family.CONVOLUTIONAL,
    order=8,
    lead="Run a convolutional network's steps the other way, and what it knows becomes a picture again.",
    paper=PAPER,
    variants=(
        Variant(
            "zfnet",
            "ZFNet and its deconvnet",
            (3, 225, 225),
            parameters=62_357_608,
            macs=1_168_032_896,
            settings={"form": "zfnet"},
            note=(
                "Multiply–adds of the way up. Attach the deconvnet to a layer to see the way back: it has no "
                "parameters of its own and costs as much again as the convolutions below that layer."
            ),
            short="ZFNet",
            group="Looking inside",
            results=(
                Result(Benchmark.IMAGENET_TOP1, 38.4, "Table 2, one network as in figure 3, validation"),
                Result(Benchmark.IMAGENET_TOP5, 16.5, "Table 2, one network as in figure 3, validation"),
            ),
        ),
        _fcn(
            32, 134_346_581, 1_806_336, 181_365_854_976,
            "One leap of 32 from the last map to the pixels. The 64 × 64 kernels that make it stay bilinear: fixed, "
            "not learnt.",
        ),
        _fcn(
            16, 134_364_410, 451_584, 181_448_086_272,
            "Scores of pool4 are added before the last leap of 16. The first upsampling is learnt, the last is fixed.",
        ),
        _fcn(
            8, 134_376_863, 112_896, 181_529_034_048,
            "Scores of pool4 and pool3 are added before the last leap of 8. As the paper words it, the upsampling "
            "between is learnt and the last fixed; the authors' code keeps all of it fixed (134,362,751 and 127,008).",
            (Result(Benchmark.VOC2012_IOU, 62.2, "Long et al., Table 3, test"),),
        ),
        Variant(
            "deconvnet-noh",
            "DeconvNet (Noh, Hong and Han 2015)",
            (3, 224, 224),
            parameters=251_805_653,
            macs=32_745_979_904,
            settings={"form": "deconvnet"},
            note=(
                "VGG-16 and its mirror image. Of its parameters 205,525,504 are in fc6 and in the layer that "
                "opens it again; batch normalisation takes 33,408."
            ),
            short="DeconvNet",
            group="Mirrored",
            results=(Result(Benchmark.VOC2012_IOU, 69.6, "Noh et al., Table 1, DeconvNet alone, test"),),
        ),
    ),
    knobs=(
        Knob(
            "deconvnet", "deconvnet", "off",
            choices=("off", "layer 1", "layer 2", "layer 3", "layer 4", "layer 5"),
            variants=("zfnet",),
            help="The layer whose strongest unit is followed back down to the pixels, with the same filters.",
        ),
        Knob("num_classes", "classes", 21, 2, 150, 1, variants=SEGMENTING, help="21: PASCAL's twenty, and background."),
        Knob(
            "learn_upsampling", "learn upsampling", True, variants=FCN[1:],
            help="Off: all upsampling stays bilinear, as in the authors' released code.",
        ),
        Knob(
            "batch_norm", "batch normalisation", True, variants=("deconvnet-noh",),
            help="After every layer but the last; without it, the paper says, training ends in a poor optimum.",
        ),
        Knob("image_size", "image", 225, 97, 513, 1, variants=("zfnet",), help="The paper says 224; see the lesson."),
        Knob("image_size", "image", 500, 32, 1024, 1, variants=FCN, help="Side of the picture: any size goes."),
        Knob("image_size", "image", 224, 224, 512, 32, variants=("deconvnet-noh",), help="A multiple of 32."),
    ),
    tasks=TASKS,
    lesson=LESSON,
    experiments=EXPERIMENTS,
    ancestors=(
        Ancestor("alexnet", "ZFNet is AlexNet with smaller windows and strides in its first layers"),
        Ancestor("vgg", "the convolutions of FCN and DeconvNet"),
    ),
    face="deconvnet-noh",
)  # fmt: skip
