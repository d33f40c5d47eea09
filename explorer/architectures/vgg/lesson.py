"""What to understand about VGG."""

from explorer.spec import Correction, Lesson, LessonStep, Reference

LESSON = Lesson(
    steps=(
        LessonStep(
            "One window for everything",
            "Every convolution looks through 3 × 3, the smallest window that knows left from right and up from down. "
            "It moves by one pixel and is padded by one, so the side stays as it is. Only pooling halves it.",
            layers=("stages.0",),
        ),
        LessonStep(
            "Three small windows make a large one",
            "Stack two and a unit sees 5 × 5; stack three, and it sees 7 × 7, with 27 C² weights in place of the 49 C² "
            "of one 7 × 7 layer and with three ReLUs in place of one. Open stage 3 and follow what its units see.",
            layers=("stages.2.conv1", "stages.2.conv2", "stages.2.conv3"),
        ),
        LessonStep(
            "Halve the side, double the maps",
            "Five times over, pooling keeps a quarter of the cells. The maps double from 64 to 512 and then stop "
            "growing: 224 × 224 × 3 numbers have become 7 × 7 × 512.",
            layers=("stages.0", "stages.1", "stages.2", "stages.3", "stages.4"),
        ),
        LessonStep(
            "Where 138 million numbers sit",
            "fc6 joins all 25,088 cells to 4,096 units: 102,764,544 parameters, 74 % of the network in one layer. "
            "It does under 1 % of the work. The convolutions have 11 % of the parameters and do 99 % of the "
            "multiply-adds.",
            layers=("fc6",),
        ),
        LessonStep(
            "Two ways to add a layer",
            "C and D both have a third convolution in stages 3 to 5. In C it looks at a single cell: one more "
            "non-linearity, and better than B without it. In D it looks around as well, and D is better still.",
            layers=("stages.2.conv3", "stages.3.conv3", "stages.4.conv3"),
            variant="vgg16-c",
        ),
        LessonStep(
            "Depth, up to a point",
            "From A to E the same recipe grows from 11 to 19 layers with weights, and the top-5 error falls from "
            "10.4 % to 8.0 %. The last step, from D to E, brings a tenth of a point. The paper stops there; "
            "going on would take shortcuts.",
            layers=("stages.4",),
            variant="vgg19",
        ),
    ),
    equations=(
        (
            r"r_n = 1 + n\,(3 - 1)",
            "What a unit sees after n convolutions of 3 × 3 without pooling between them: 3, 5, 7, 9 …",
        ),
        (
            r"3\,(3^2 C^2) = 27\,C^2 \;<\; 7^2 C^2 = 49\,C^2",
            "Weights of three layers of 3 × 3 and of one of 7 × 7, both with C maps in and out: the large one has 81 % "
            "more.",
        ),
        (r"s_{n} = \frac{224}{2^n}", "The side of the maps after n stages: 112, 56, 28, 14, 7."),
        (
            r"(512 \cdot 7 \cdot 7 + 1) \cdot 4096 = 102{,}764{,}544",
            "The parameters of fc6: a weight for every cell of every map, and a bias, for each of 4,096 units.",
        ),
    ),
    corrections=(
        Correction(
            "VGG won the ImageNet challenge of 2014.",
            "It won the localisation task. In classification it came second with 7.3 % top-5 error, from seven "
            "networks together; GoogLeNet had 6.7 %. Two networks reached 6.8 % after the challenge.",
            "Simonyan & Zisserman 2014, sec. 4.5 and Table 7",
        ),
        Correction(
            "VGG uses batch normalisation.",
            "The paper has none: batch normalisation was published half a year after it. The deep configurations got "
            "over the start by copying layers from the trained A. The forms with batch norm come from libraries.",
            "Simonyan & Zisserman 2014, sec. 3.1; Ioffe & Szegedy 2015",
        ),
        Correction(
            "VGG-19 is so large because it is so deep.",
            "E has eight convolutions more than A and only 8 % more parameters, because fc6 outweighs them all. It "
            "is the work that grows: 19.6 G multiply-adds in place of 7.6 G.",
            "Simonyan & Zisserman 2014, Table 2, and the counts here",
        ),
        Correction(
            "Normalising local responses helps, as it did in AlexNet.",
            "Tried on A, it did not lower the error (10.5 % against 10.4 %, top 5) and cost memory and time. The other "
            "configurations go without.",
            "Simonyan & Zisserman 2014, sec. 4.1 and Table 3",
        ),
        Correction(
            "One 5 × 5 layer does the work of two 3 × 3 layers.",
            "It sees as much. But B with every pair replaced by one 5 × 5 layer had a top-1 error 7 % higher on the "
            "centre crop.",
            "Simonyan & Zisserman 2014, sec. 4.1",
        ),
    ),
    reading=(
        Reference(
            "Fully Convolutional Networks for Semantic Segmentation",
            "Long, Shelhamer and Darrell",
            2014,
            "CVPR 2015",
            "arXiv:1411.4038",
        ),
        Reference(
            "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift",
            "Ioffe and Szegedy",
            2015,
            "ICML 2015",
            "arXiv:1502.03167",
        ),
    ),
)
