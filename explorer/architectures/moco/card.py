"""The card of momentum contrast."""

from explorer.architectures.moco.experiments import EXPERIMENTS
from explorer.architectures.moco.lesson import LESSON
from explorer.architectures.moco.tasks import TASKS
from explorer.spec import Ancestor, Benchmark, Card, Family, Knob, Link, Published, Reference, Result, Variant

PAPER = Reference(
    "Momentum Contrast for Unsupervised Visual Representation Learning",
    "He, Fan, Wu, Xie and Girshick",
    2019,
    "CVPR 2020",
    "arXiv:1911.05722",
)
VIEW = (3, 224, 224)
LINKS = (
    Link("query_encoder", "key_encoder", "momentum update"),
    Link("key_encoder", "queue", "enqueue"),
)
JUDGED = "a linear classifier on the frozen features of the query encoder, one crop"

CARD = Card(
    key="moco",
    title="MoCo",
    family=Family.CONTRASTIVE,
    order=22,
    lead="Two views of a picture should find each other among 65,536 others, which a queue keeps ready.",
    paper=PAPER,
    variants=(
        Variant(
            "moco_v2",
            "MoCo v2",
            VIEW,
            parameters=27_966_656,
            fixed=27_966_656,
            macs=8_191_574_144,
            settings={"version": "v2"},
            note=(
                "Two encoders of 27,966,656 parameters and 4,091,592,704 multiply–adds each; only the query encoder is "
                "trained by gradients. The rest of the work is the query against its key and the 65,536 keys of the "
                "queue, whose 8,388,608 numbers are state and not parameters."
            ),
            results=(Result(Benchmark.IMAGENET_TOP1, 28.9, f"Chen et al. 2020 (v2), Table 2, 800 epochs, {JUDGED}"),),
            links=LINKS,
        ),
        Variant(
            "moco_v1",
            "MoCo v1",
            VIEW,
            parameters=23_770_304,
            fixed=23_770_304,
            macs=8_183_185_536,
            settings={"version": "v1"},
            published=Published(
                "24 M, of R50",
                "Table 1",
                parameters=24_000_000,
                why=(
                    "The table counts the encoder whose features are judged, in millions: 23,508,032 without a head. "
                    "Its linear head to 128 numbers has another 262,272."
                ),
            ),
            note=(
                "Two encoders of 23,770,304 parameters and 4,087,398,400 multiply–adds each; only the query encoder is "
                "trained by gradients. The rest of the work is the query against its key and the 65,536 keys of the "
                "queue, whose 8,388,608 numbers are state and not parameters."
            ),
            results=(Result(Benchmark.IMAGENET_TOP1, 39.4, f"Table 1, 200 epochs, {JUDGED}"),),
            links=LINKS,
        ),
    ),
    knobs=(
        Knob(
            "queue_length", "queue", 65_536, 256, 262_144, 1, help="Keys of earlier batches that are kept as negatives."
        ),
        Knob("dim", "key size", 128, 8, 2048, 1, help="Numbers in a query or key, which are scaled to length 1."),
        Knob("depth", "ResNet", 50, choices=(18, 34, 50, 101, 152), help="Layers of the ResNet in both encoders."),
        Knob("width", "width", 1, choices=(1, 2, 4), help="How many times as many channels as in the usual ResNet."),
        Knob("image_size", "image", 224, 32, 448, 1, help="Side of each view in pixels."),
    ),
    tasks=TASKS,
    lesson=LESSON,
    experiments=EXPERIMENTS,
    ancestors=(Ancestor("resnet", "its encoders are ResNets"),),
)
