"""What to understand about residual networks."""

from explorer.spec import Correction, Lesson, LessonStep, Reference

LESSON = Lesson(
    steps=(
        LessonStep(
            "Deeper should never be worse, and was",
            "Take a net that works and put more layers on top. They could do nothing at all and pass on what they "
            "get, so the deeper net *can* be as good. Trained, it was worse, and already on the training set: 56 "
            "plain layers lost to 20 on CIFAR-10. Set the shortcut to plain to see such a net.",
            layers=("conv2", "conv3", "conv4", "conv5"),
        ),
        LessonStep(
            "Let the layers learn the difference",
            "Passing on the input is hard to learn for a few layers with a bend between them. So let it go around "
            "them, and add: the layers now say only what should *change*. To change nothing, they answer zero.",
            layers=("conv3.block2", "conv3.block2.conv3"),
        ),
        LessonStep(
            "Where the shape changes, project",
            "You can add only what has the same shape. The first block of a stage gives more channels, mostly on half "
            "the side, so its shortcut holds a 1 × 1 convolution that does the same. ResNet-50 has four of them; its "
            "other twelve shortcuts are wires.",
            layers=("conv3.block1.shortcut",),
        ),
        LessonStep(
            "A bottleneck makes depth cheap",
            "1 × 1 down to a quarter of the channels, 3 × 3 among those few, 1 × 1 back up. Three layers on 256 "
            "channels cost 69,632 weights, less than the 73,728 of two 3 × 3 layers on 64 channels.",
            layers=("conv2.block2.conv1", "conv2.block2.conv2", "conv2.block2.conv3"),
        ),
        LessonStep(
            "Four sizes of map, one read-out",
            "From 56 × 56 to 7 × 7 the maps shrink and the channels grow from 256 to 2048. Then each map becomes its "
            "mean, and one linear layer reads the 2048 means. No large dense layers are left: compare VGG.",
            layers=("conv2", "conv5", "average", "fc"),
        ),
        LessonStep(
            "The same idea on small pictures",
            "For CIFAR-10 the nets are narrow (16, 32, 64 channels) and their shortcuts fill new channels with zeros. "
            "So the residual net and the plain net have exactly the same parameters, and only the wires differ.",
            layers=("conv3.block1.shortcut",),
            variant="resnet56-cifar",
        ),
    ),
    equations=(
        (
            r"y = \mathcal{F}(x, \{W_i\}) + x",
            "A block: what its layers make of x, and x itself (eq. 1). A ReLU follows the sum.",
        ),
        (
            r"y = \mathcal{F}(x, \{W_i\}) + W_s\,x",
            "Where the shapes differ, a projection W_s brings x to the new one (eq. 2).",
        ),
        (
            r"\frac{\partial L}{\partial x} = \frac{\partial L}{\partial y}"
            r"\left(I + \frac{\partial \mathcal{F}}{\partial x}\right)",
            "Going back through the sum, the gradient arrives whole (I) and once more through the layers.",
        ),
        (
            r"\underbrace{4C\cdot C + 9\,C\cdot C + C\cdot 4C}_{17\,C^2}"
            r"\quad\text{against}\quad \underbrace{2\cdot 9\,C\cdot C}_{18\,C^2}",
            "Weights of a bottleneck on 4C channels, and of a basic block on C channels.",
        ),
        (
            r"\text{layers} = 6n + 2",
            "The nets for CIFAR-10: n blocks of two layers on three sizes of map, and both ends.",
        ),
    ),
    corrections=(
        Correction(
            "ResNet cures vanishing gradients.",
            "The plain nets of the paper have batch normalisation, and their gradients keep healthy norms; the "
            "authors looked. What residual blocks cure is *degradation*: deeper plain nets reach a higher training "
            "error.",
            "He et al. 2015, sec. 1 and 4.1",
        ),
        Correction(
            "ResNet-50 takes 4.1 GFLOPs.",
            "That is the layout of most libraries, with the stride in the 3 × 3, counted in multiply–adds (4.09 G). "
            "The paper puts the stride into the first 1 × 1 (3.86 G, printed as 3.8). As separate multiplications and "
            "additions either is twice as much.",
            "He et al. 2015, Table 1; counted here",
        ),
        Correction(
            "ResNet-50 has 50 convolutions.",
            "It has 49 on the main way, and the last layer makes 50. With the four projections of the shortcuts there "
            "are 53 convolutions.",
            "He et al. 2015, Table 1; counted here",
        ),
        Correction(
            "ResNet-152 has a top-5 error of 3.57 %.",
            "3.57 % is an ensemble of six nets of different depth on the test set. One ResNet-152 reaches 4.49 % on "
            "the validation set, with several scales of each picture, and 5.71 % with ten crops.",
            "He et al. 2015, Tables 3, 4 and 5",
        ),
        Correction(
            "With residual blocks, deeper is always better.",
            "On CIFAR-10 a net of 1202 layers trained without trouble and reached 7.93 %, worse than 110 layers with "
            "6.43 %: the authors blame overfitting, with 19.4 million parameters for so small a data set.",
            "He et al. 2015, sec. 4.2 and Table 6",
        ),
    ),
    reading=(
        Reference(
            "Identity Mappings in Deep Residual Networks",
            "He, Zhang, Ren and Sun",
            2016,
            "ECCV 2016",
            "arXiv:1603.05027",
        ),
        Reference("Highway Networks", "Srivastava, Greff and Schmidhuber", 2015, "", "arXiv:1505.00387"),
        Reference(
            "Residual Networks Behave Like Ensembles of Relatively Shallow Networks",
            "Veit, Wilber and Belongie",
            2016,
            "NIPS 2016",
            "arXiv:1605.06431",
        ),
    ),
)
