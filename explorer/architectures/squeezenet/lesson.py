"""What to understand about SqueezeNet."""

from explorer.spec import Correction, Lesson, LessonStep, Reference

LESSON = Lesson(
    steps=(
        LessonStep(
            "As good, and much smaller",
            "Most papers ask for more accuracy. This one keeps AlexNet's and asks how few parameters will do. A small "
            "net is sent faster between the machines that train it and to a car on the road, and may fit into a "
            "chip's own memory.",
            layers=("fire2", "fire3", "fire4", "fire5"),
        ),
        LessonStep(
            "Squeeze, then expand",
            "fire2 gets 96 channels. 16 filters of 1 × 1 squeeze them; 64 of 1 × 1 and 64 of 3 × 3 read these 16 and "
            "stand side by side: 11,920 parameters. A 3 × 3 convolution straight from 96 to 128 channels would need "
            "110,720.",
            layers=("fire2.squeeze", "fire2.expand1x1", "fire2.expand3x3"),
        ),
        LessonStep(
            "Halve late",
            "Large maps for most of the way hold more detail, and that costs no parameters, only work. Version 1.1 "
            "halves earlier and begins with smaller filters: as many parameters, less than half the multiply–adds.",
            layers=("pool1", "pool4", "pool8"),
        ),
        LessonStep(
            "No dense layer at all",
            "conv10 draws one map for each class, and the mean of a map is its score. With 513,000 parameters this 1 "
            "× 1 convolution is the largest layer, 41 % of the net. AlexNet's first dense layer alone has 37.8 "
            "million.",
            layers=("conv10", "average"),
        ),
        LessonStep(
            "Wires around every second module",
            "Where a module keeps the number of channels, what goes in can be added to what comes out, as in ResNet. "
            "It costs nothing and brought top-1 accuracy from 57.5 to 60.4 %.",
            layers=("fire3", "fire5", "fire7", "fire9"),
            variant="squeezenet1_0-simple-bypass",
        ),
        LessonStep(
            "Design by a few numbers",
            "Eight modules have 24 numbers of filters. The paper makes them all from a handful, such as the squeeze "
            "ratio, and turns one at a time: turn the knobs and watch parameters and multiply–adds.",
            layers=("fire2.squeeze", "fire9.squeeze"),
        ),
    ),
    equations=(
        (
            r"y = \big[\,e_{1\times1}(s(x)),\; e_{3\times3}(s(x))\,\big]",
            "A Fire module: squeeze s, then two sizes of window on the same few channels. A ReLU follows each "
            "convolution.",
        ),
        (
            r"(C_{in}+1)\,s_{1\times1} + (s_{1\times1}+1)\,e_{1\times1} + (9\,s_{1\times1}+1)\,e_{3\times3}",
            "Parameters of a module: of the squeeze, and of both parts of the expand layer.",
        ),
        (
            r"e_i = base_e + incr_e \left\lfloor \tfrac{i}{freq} \right\rfloor",
            "Expand filters of module i = 0 … 7; 128, 128 and 2 in SqueezeNet.",
        ),
        (
            r"s_{i,1\times1} = SR \cdot e_i, \qquad e_{i,3\times3} = pct_{3\times3} \cdot e_i",
            "Squeeze filters and 3 × 3 filters, by the squeeze ratio (0.125) and the share of 3 × 3 (0.5).",
        ),
    ),
    corrections=(
        Correction(
            "SqueezeNet is a net of half a megabyte.",
            "1,248,424 parameters of 32 bits take 4.8 MB (of 2²⁰ bytes). 0.47 MB is the same net after Deep "
            "Compression: most small weights cut, the others stored in 6 bits and coded.",
            "Iandola et al. 2016, Table 2",
        ),
        Correction(
            "Fewer parameters, so less work.",
            "Version 1.0 takes 819 million multiply–adds, more than AlexNet with its two groups, which has 49 times "
            "as many parameters. The same few weights are used at very many places. Version 1.1 cuts the work to 349 "
            "million.",
            "counted here",
        ),
        Correction(
            "On a picture of 224 × 224, conv1 gives maps of 111 × 111.",
            "So Table 1 prints, but a 7 × 7 window every second pixel, without padding, gives 109. 111 needs a "
            "picture of 227.",
            "Iandola et al. 2016, Table 1; counted here",
        ),
        Correction(
            "A bypass with weights is better than a bare wire.",
            "The complex bypass reached 58.8 % top-1, the simple one 60.4 %, with 341,248 parameters fewer.",
            "Iandola et al. 2016, Table 3",
        ),
    ),
    reading=(
        Reference("Network In Network", "Lin, Chen and Yan", 2013, "ICLR 2014", "arXiv:1312.4400"),
        Reference(
            "Deep Compression: Compressing Deep Neural Networks with Pruning, Trained Quantization and Huffman Coding",
            "Han, Mao and Dally",
            2015,
            "ICLR 2016",
            "arXiv:1510.00149",
        ),
    ),
)
