"""What to understand about networks that lead back to pictures."""

from explorer.spec import Correction, Lesson, LessonStep, Reference

LESSON = Lesson(
    steps=(
        LessonStep(
            "A convolution the other way round",
            "A convolution gathers 7 × 7 cells into one. Transposed, it spreads one cell over 7 × 7, with a weight for "
            "each: here a single cell of 4,096 channels opens into a map again. It undoes the shape, not the numbers.",
            layers=("fc6", "deconv_fc6"),
            variant="deconvnet-noh",
        ),
        LessonStep(
            "Switches",
            "Max pooling keeps the largest of four and forgets where it stood. The switch remembers. On the way back, "
            "unpooling puts the value where the switch points and leaves zeros around it.",
            layers=("conv1.pool", "deconv1.unpool"),
            variant="deconvnet-noh",
        ),
        LessonStep(
            "Place first, then fill",
            "After unpooling three of four cells are zero. The transposed convolutions that follow are trained to fill "
            "them: coarse shape in the deep ones, edges and detail in the last.",
            layers=("deconv5", "deconv1"),
            variant="deconvnet-noh",
        ),
        LessonStep(
            "What does this unit look for?",
            "Set all units of a layer to zero but one and go back down: unpool with the switches, rectify, filter with "
            "the same filters transposed. What reaches the pixels is what moved that unit on this picture. Attach the "
            "deconvnet with its knob.",
            layers=("layers.layer1", "layers.layer2", "layers.layer5"),
            variant="zfnet",
        ),
        LessonStep(
            "A classifier that slides",
            "fc6 of VGG reads a 7 × 7 map: it is a 7 × 7 convolution that happened to fit once. On a larger picture it "
            "fits at 16 × 16 places and gives a map of answers. One upsampling by 32 brings them back to size.",
            layers=("fc6", "fc7", "upscore"),
            variant="fcn32s-vgg16",
        ),
        LessonStep(
            "What from deep, where from shallow",
            "Deep maps know what is there, shallow ones where. FCN-8s scores pool4 and pool3 as well and adds them in "
            "on the way up, so that the last leap is 8 pixels and not 32.",
            layers=("fuse_pool4", "fuse_pool3", "upscore"),
            variant="fcn8s-vgg16",
        ),
    ),
    equations=(
        (
            r"o = (i - 1)\,s - 2p + k + a",
            "Side of a transposed convolution's output: input i, stride s, padding p, kernel k, a rows added last.",
        ),
        (
            r"y = C x \quad\Rightarrow\quad x' = C^{\top} y",
            "Write a convolution as a matrix C: its transpose is the transposed convolution, which is not its inverse.",
        ),
        (
            r"x_{S(p)} = y_p, \qquad x_q = 0 \text{ elsewhere}",
            "Unpooling: each value goes back to the place S(p) that its pooling switch has kept.",
        ),
        (
            r"r_{l-1} = F_l^{\top}\, \max\!\big(0,\; U_{S_l}(r_l)\big)",
            "One layer of the deconvnet: unpool with its switches, rectify, filter with its filters transposed.",
        ),
        (
            r"w_{u,v} = \Big(1 - \tfrac{|u - c|}{f}\Big)\Big(1 - \tfrac{|v - c|}{f}\Big), \qquad c = f - \tfrac12",
            "The bilinear kernel of side 2f that enlarges f times; FCN's last upsampling keeps it.",
        ),
        (
            r"\text{mean IU} = \frac{1}{n} \sum_i \frac{n_{ii}}{t_i + \sum_j n_{ji} - n_{ii}}",
            "How segmentations are scored: pixels both say are class i, over those that either says, averaged.",
        ),
    ),
    corrections=(
        Correction(
            "A deconvolution undoes a convolution.",
            "It is the transposed convolution, the one that carries gradients back. It restores the shape; the numbers "
            "come out different, since what the convolution added up cannot be taken apart. The name is from work on "
            "sparse codes of 2010, where it fits better.",
            "Zeiler & Fergus 2013, sec. 2.1; Dumoulin & Visin 2016, sec. 4",
        ),
        Correction(
            "Upsampling means repeating rows and columns.",
            "That is one kind, nearest neighbour. Bilinear kernels go smoothly between neighbours, unpooling leaves "
            "zeros around each value, and a transposed convolution learns what to put there.",
            "Long et al. 2014, sec. 3.3; Noh et al. 2015, sec. 3.2",
        ),
        Correction(
            "A transposed convolution with stride 1 keeps the size.",
            "Only with padding (k − 1) / 2. Without padding it makes the map larger by k − 1, as the layer after fc7 "
            "in DeconvNet does from 1 × 1 to 7 × 7.",
            "the first equation above, with s = 1",
        ),
        Correction(
            "ZFNet won ILSVRC 2013 with 11.7 %.",
            "That entry was Clarifai's, Zeiler's company. The paper's own best is 14.8 % on the test images of 2012, "
            "from several networks together; one network as drawn here has 16.5 % on validation.",
            "Zeiler & Fergus 2013, Table 2; results of ILSVRC 2013",
        ),
        Correction(
            "ZFNet takes 224 × 224 pictures.",
            "So the paper says, but a 7 × 7 window at every second pixel then fits 109 times, and its figure has 110. "
            "It takes 225 pixels, or one of padding.",
            "Zeiler & Fergus 2013, figure 3",
        ),
        Correction(
            "FCN learns its upsampling.",
            "In part: the paper starts all of it from bilinear interpolation, trains what lies between and fixes the "
            "last. The authors' released definition fixes all of it. The sum of parameters is the same.",
            "Long et al. 2014, sec. 4.3",
        ),
    ),
    reading=(
        Reference("Fully Convolutional Networks for Semantic Segmentation", "Long, Shelhamer and Darrell", 2014,
                  "CVPR 2015", "arXiv:1411.4038"),
        Reference("Learning Deconvolution Network for Semantic Segmentation", "Noh, Hong and Han", 2015, "ICCV 2015",
                  "arXiv:1505.04366"),
        Reference("Deconvolutional Networks", "Zeiler, Krishnan, Taylor and Fergus", 2010, "CVPR 2010"),
        Reference("A guide to convolution arithmetic for deep learning", "Dumoulin and Visin", 2016, "",
                  "arXiv:1603.07285"),
    ),
)  # fmt: skip
