"""What to understand about GoogLeNet."""

from explorer.spec import Correction, Lesson, LessonStep, Reference

LESSON = Lesson(
    steps=(
        LessonStep(
            "Which window is right? Take all of them",
            "A face may fill the picture or a corner of it. So a module asks the same maps four questions at once: 1 "
            "× 1, 3 × 3, 5 × 5, and the largest of each 3 × 3. The four answers lie side by side as channels of one "
            "output, and the next module weighs them.",
            layers=("inception_3a.conv1x1", "inception_3a.conv3x3", "inception_3a.conv5x5", "inception_3a.pool_proj"),
        ),
        LessonStep(
            "Squeeze first, look afterwards",
            "A 5 × 5 window over 192 channels is dear. A 1 × 1 convolution first makes 16 of them: 15,872 weights "
            "instead of 153,600. Set reductions to none and see what all nine modules would cost: 12.6 G "
            "multiply–adds instead of 1.6 G.",
            layers=("inception_3a.conv3x3.reduce", "inception_3a.conv5x5.reduce", "inception_3a.pool_proj.proj"),
        ),
        LessonStep(
            "An ordinary beginning",
            "Modules start where the maps are small, at 28 × 28. Before, it is convolution and pooling as in AlexNet; "
            "the authors kept it so to save memory while training.",
            layers=("stem",),
        ),
        LessonStep(
            "Nine modules, three sizes of map",
            "Two modules at 28 × 28, five at 14 × 14, two at 7 × 7, with a pooling in between. From 192 channels it "
            "goes to 1024, and still the whole net has 7.0 million parameters.",
            layers=("inception_3a", "inception_3b", "inception_4a", "inception_4e", "inception_5a", "inception_5b"),
        ),
        LessonStep(
            "Means instead of dense layers",
            "Each of the 1024 maps becomes its mean, and one linear layer reads them: 1,025,000 parameters, where "
            "AlexNet's three dense layers have 58.6 million. The paper found it 0.6 % better in top-1 than dense "
            "layers; dropout was still needed.",
            layers=("average", "dropout", "fc"),
        ),
        LessonStep(
            "Two helpers on the way",
            "While training, two small classifiers look at the maps of 4a and 4d. Their losses count 0.3 each and "
            "send gradient straight into the middle of the net. When the net answers, they are gone.",
            layers=("aux1", "aux2"),
            variant="googlenet-aux",
        ),
    ),
    equations=(
        (
            r"y = \big[\,f_{1\times1}(x),\; f_{3\times3}(r_3(x)),\; f_{5\times5}(r_5(x)),"
            r"\; p(\max\nolimits_{3\times3} x)\,\big]",
            "A module: four branches on the same x, joined by channel; r and p are 1 × 1 convolutions.",
        ),
        (
            r"k^2 C_{in} C_{out} \quad\text{against}\quad C_{in}\,r + k^2\,r\,C_{out}",
            "Weights of a k × k convolution alone, and behind a reduction to r channels.",
        ),
        (
            r"L = L_{net} + 0.3\,(L_{aux1} + L_{aux2})",
            "The loss while training: the heads count 0.3 each.",
        ),
    ),
    corrections=(
        Correction(
            "In a module the convolutions are followed by max pooling.",
            "The pooling is a fourth branch beside the convolutions. It reads what they read, moves by one pixel, "
            "keeps the size of the map, and has a 1 × 1 projection of its own.",
            "Szegedy et al. 2014, sec. 4 and figure 2",
        ),
        Correction(
            "GoogLeNet uses batch normalisation.",
            "Batch normalisation appeared in 2015, and in an Inception net at once. The net of 2014 has biases and "
            "local response normalisation; many libraries, torchvision among them, put batch normalisation into it "
            "later.",
            "Szegedy et al. 2014, figure 3; Ioffe and Szegedy 2015",
        ),
        Correction(
            "The 5 × 5 branch looks through 5 × 5.",
            "In the paper it does. In torchvision's form it is 3 × 3, which saves 380,928 weights: that net has "
            "6,624,904 parameters, the paper's 6,998,552.",
            "counted here",
        ),
        Correction(
            "It has 12 times fewer parameters than AlexNet.",
            "So the paper says. AlexNet with its two groups has 60,965,224 and GoogLeNet 6,998,552: 8.7 times.",
            "Szegedy et al. 2014, sec. 1; counted here",
        ),
        Correction(
            "GoogLeNet has an error of 6.67 %.",
            "That is seven nets voting on 144 crops of each picture. One net has 7.89 % on as many crops, 9.15 % on "
            "ten and 10.07 % on one, top-5.",
            "Szegedy et al. 2014, Table 3",
        ),
        Correction(
            "The auxiliary heads make the gradient reach the early layers.",
            "That was the reason for them. A year later the first author found no faster start with them, only a "
            "little gain near the end, and took them for a kind of regularisation.",
            "Szegedy et al. 2014, sec. 5; Szegedy et al. 2015 (Inception v3), sec. 4",
        ),
    ),
    reading=(
        Reference("Network In Network", "Lin, Chen and Yan", 2013, "ICLR 2014", "arXiv:1312.4400"),
        Reference(
            "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift",
            "Ioffe and Szegedy",
            2015,
            "ICML 2015",
            "arXiv:1502.03167",
        ),
        Reference(
            "Rethinking the Inception Architecture for Computer Vision",
            "Szegedy, Vanhoucke, Ioffe, Shlens and Wojna",
            2015,
            "CVPR 2016",
            "arXiv:1512.00567",
        ),
    ),
)
