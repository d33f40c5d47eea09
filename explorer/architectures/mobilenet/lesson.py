"""What to understand about MobileNet."""

from explorer.spec import Correction, Lesson, LessonStep, Reference

LESSON = Lesson(
    steps=(
        LessonStep(
            "Filter, then combine",
            "The depthwise convolution filters each channel with its own 3 × 3 window and combines nothing. The 1 × 1 "
            "convolution after it combines the channels and filters nothing. An ordinary convolution does both at "
            "once, for eight to nine times the price.",
            layers=("blocks.0.depthwise", "blocks.0.pointwise"),
        ),
        LessonStep(
            "A norm and a ReLU after each half",
            "Both halves count as layers of their own here, each with batch normalisation and ReLU: 28 layers in all. "
            "Xception, a few months older, leaves the middle bare.",
            layers=("blocks.0.norm1", "blocks.0.relu1"),
        ),
        LessonStep(
            "Halve the map, double the channels",
            "Where a depthwise convolution has stride 2, the next layer has twice the channels and a quarter of the "
            "places. So most blocks cost about the same.",
            layers=("blocks.1", "blocks.3", "blocks.5"),
        ),
        LessonStep(
            "Five alike in the middle",
            "Between 14 × 14 × 512 and 14 × 14 × 512 the same block runs five times. Leave them out and you have the "
            "paper's shallow network: with 307 M multiply–adds instead of 569 M it is right five points less often; "
            "the thin network of about the same cost is better.",
            layers=("blocks.6", "blocks.10"),
        ),
        LessonStep(
            "Where the work goes",
            "95 % of the multiply–adds and three quarters of the parameters are in 1 × 1 convolutions, which are "
            "matrix products without any rearranging of memory. Nearly all other parameters are in the last layer.",
            layers=("blocks.12.pointwise", "fc"),
        ),
        LessonStep(
            "Two dials",
            "α makes every layer thinner: half the channels, about a quarter of the work and of the weights. A "
            "smaller picture saves work alone. Turn both knobs and watch which number moves.",
            layers=("stem", "fc"),
        ),
    ),
    equations=(
        (
            r"D_K^2 \cdot M \cdot N \cdot D_F^2",
            "Multiply–adds of an ordinary convolution: kernel D_K, M channels in, N out, a map of side D_F.",
        ),
        (
            r"D_K^2 \cdot \alpha M \cdot (\rho D_F)^2 + \alpha M \cdot \alpha N \cdot (\rho D_F)^2",
            "Of a depthwise separable one, with width multiplier α and resolution multiplier ρ.",
        ),
        (
            r"\frac{D_K^2 M D_F^2 + M N D_F^2}{D_K^2 M N D_F^2} = \frac{1}{N} + \frac{1}{D_K^2}",
            "The share of the work that is left: between an eighth and a ninth for 3 × 3.",
        ),
    ),
    corrections=(
        Correction(
            "MobileNet has shortcuts, inverted bottlenecks and ReLU6.",
            "Those are the second version's, of 2018. The first is a plain stack, and its paper writes ReLU.",
            "Howard et al. 2017, figure 3 and Table 1; Sandler et al. 2018",
        ),
        Correction(
            "The last block has stride 2, it stands in Table 1.",
            "The table gives 7 × 7 before and 7 × 7 after, so the stride must be 1; common code agrees.",
            "Howard et al. 2017, Table 1",
        ),
        Correction(
            "Half the width makes a quarter of the parameters.",
            "Only of the 1 × 1 convolutions. Depthwise filters, norms and the last layer shrink by half, and so "
            "31 % are left, not 25 %.",
            "Howard et al. 2017, sec. 3.3; counted here",
        ),
        Correction(
            "MobileNet has 4,253,864 parameters.",
            "Some libraries add the running means and variances of batch normalisation, 21,888 numbers that are not "
            "trained. 4,231,976 are.",
            "counted here",
        ),
        Correction(
            "A ninth of the multiply–adds is nine times as fast.",
            "The paper says itself that operations must also be efficient to carry out: depthwise convolutions do "
            "little work for each number they fetch, and seldom come near what the count promises.",
            "Howard et al. 2017, sec. 3.2",
        ),
    ),
    reading=(
        Reference("MobileNetV2: Inverted Residuals and Linear Bottlenecks", "Sandler, Howard, Zhu, Zhmoginov and Chen",
                  2018, "CVPR 2018", "arXiv:1801.04381"),
        Reference("Rigid-Motion Scattering for Image Classification", "Sifre", 2014, "PhD thesis, École Polytechnique"),
    ),
)  # fmt: skip
