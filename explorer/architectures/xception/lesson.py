"""What to understand about Xception."""

from explorer.spec import Correction, Lesson, LessonStep, Reference

LESSON = Lesson(
    steps=(
        LessonStep(
            "Two questions in one",
            "An ordinary 3 × 3 convolution asks two things at once: what lies beside what, and which channels go "
            "together. From 728 channels to 728 that takes 9 · 728 · 728 = 4,769,856 weights. Module 1 still does it "
            "so, where there are few channels.",
            layers=("entry_flow.module1",),
        ),
        LessonStep(
            "Asked apart",
            "The depthwise half gives each channel one 3 × 3 filter of its own: 6,552 weights. The pointwise half "
            "mixes the 728 channels at each place, and looks at nothing beside it: 529,984. Together 536,536, a ninth "
            "of the whole. Open one to see both.",
            layers=("middle_flow.0.layers.sepconv1.depthwise", "middle_flow.0.layers.sepconv1.pointwise"),
        ),
        LessonStep(
            "Nothing between the halves",
            "Inception has a ReLU after each of its convolutions. Here the depthwise half hands its maps on as they "
            "are. The paper tried ReLU and ELU in between, and nothing learnt faster and ended better.",
            layers=("middle_flow.0.layers.sepconv1",),
        ),
        LessonStep(
            "The same module eight times",
            "Three times ReLU and separable convolution, then the input is added back. 19 × 19 cells and 728 channels "
            "go in and come out, so the module can be stacked as often as you like.",
            layers=("middle_flow.0", "middle_flow.7"),
        ),
        LessonStep(
            "Shortcuts that shrink",
            "Four modules halve the map. Their shortcut must halve it as well and fit the channels: a 1 × 1 "
            "convolution that skips every second place does both.",
            layers=("entry_flow.module4.shortcut", "entry_flow.module4.layers.pool"),
        ),
        LessonStep(
            "From maps to an answer",
            "The last module widens to 2,048 channels without a shortcut. Each map is averaged to one number, and a "
            "single layer reads the 2,048 averages.",
            layers=("exit_flow.module14", "pool", "fc"),
        ),
    ),
    equations=(
        (
            r"y_{d,i,j} = \sum_{c} w_{d,c} \Big( \sum_{u,v} k_{c,u,v}\; x_{c,\,i+u,\,j+v} \Big)",
            "A separable convolution: each channel c through its own kernel, then a weighted sum over the channels.",
        ),
        (
            r"\text{weights} = k^2\,c_{in} + c_{in}\,c_{out}",
            "Depthwise plus pointwise; an ordinary convolution has the product of all three, k² · in · out.",
        ),
        (
            r"\frac{k^2 c_{in} + c_{in} c_{out}}{k^2 c_{in} c_{out}} = \frac{1}{c_{out}} + \frac{1}{k^2}",
            "The share that is left: with 3 × 3 and many channels a little over one ninth.",
        ),
        (r"y = F(x) + x", "A module of the middle flow: what it works out is added to what it was given."),
    ),
    corrections=(
        Correction(
            "A separable convolution has a ReLU after the depthwise half.",
            "Not here: normalisation and ReLU belong to the whole. MobileNet does put both between the halves, so "
            "look at which network you read about.",
            "Chollet 2016, sec. 4.7 and figure 10",
        ),
        Correction(
            "Xception is Inception with the steps in the same order.",
            "Inception mixes channels first and looks at space second; a separable convolution does it the other way "
            "round. The paper holds the order to be unimportant, since the modules are stacked anyway.",
            "Chollet 2016, sec. 1.2",
        ),
        Correction(
            "Xception does better because it is larger.",
            "It has 22,855,952 parameters, and the paper counts 23,626,728 for Inception V3: three per cent fewer.",
            "Chollet 2016, Table 3",
        ),
        Correction(
            "Xception has 22,910,480 parameters.",
            "That total includes the running means and variances of batch normalisation, 54,528 numbers that no "
            "gradient ever moves. The paper's figure leaves them out.",
            "Chollet 2016, Table 3; counted here",
        ),
        Correction(
            "36 convolutional layers means 36 convolutions.",
            "34 of the 36 are separable and so two each, and four shortcuts have one more: 74 convolutions in all.",
            "Chollet 2016, sec. 3; counted here",
        ),
    ),
    reading=(
        Reference("Rethinking the Inception Architecture for Computer Vision", "Szegedy et al.", 2015, "CVPR 2016",
                  "arXiv:1512.00567"),
        Reference("Deep Residual Learning for Image Recognition", "He, Zhang, Ren and Sun", 2015, "CVPR 2016",
                  "arXiv:1512.03385"),
        Reference("Rigid-Motion Scattering for Image Classification", "Sifre", 2014, "PhD thesis, École Polytechnique"),
    ),
)  # fmt: skip
