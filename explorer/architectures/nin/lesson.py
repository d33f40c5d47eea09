"""What to understand about Network in Network."""

from explorer.spec import Correction, Lesson, LessonStep, Reference

LESSON = Lesson(
    steps=(
        LessonStep(
            "A filter draws a straight line",
            "A filter adds up what it sees, weighted, and says yes above a threshold. It can tell apart only what a "
            "straight cut separates. So ordinary networks make many filters and let later layers combine them.",
            layers=("mlpconv.0.conv",),
        ),
        LessonStep(
            "Let a small network look instead",
            "An mlpconv layer puts a perceptron in the filter's place: the convolution is its first layer, and two "
            "more follow before the next place is looked at. Here they are 192, 160 and 96 units wide.",
            layers=("mlpconv.0",),
        ),
        LessonStep(
            "One by one",
            "The same perceptron at every place: that is a convolution of 1 × 1. It looks at one cell, but at all its "
            "maps, and mixes them. Six such layers hold 16 % of the parameters here.",
            layers=("mlpconv.0.mlp1", "mlpconv.0.mlp2"),
        ),
        LessonStep(
            "One map for each class",
            "The last mlpconv layer makes ten maps of 8 × 8. Each is trained to be high where its class is in the "
            "picture, so that one can look at the answer: where is it a cat?",
            layers=("mlpconv.2.mlp2",),
        ),
        LessonStep(
            "Then the mean, and nothing more",
            "The mean of each map goes straight to the softmax. No weights, nothing to learn by heart. With a fully "
            "connected layer in its place the error on CIFAR-10 was 11.59 %, with dropout on top 10.88 %; with the "
            "mean 10.41 %. Try the other read-outs.",
            layers=("average",),
        ),
        LessonStep(
            "At ImageNet's size",
            "The authors' larger model has four mlpconv layers and 7,595,176 parameters, an eighth of AlexNet's. "
            "AlexNet spends 96 % of its own on the dense layers that are missing here.",
            layers=("mlpconv.3", "average"),
            variant="nin-imagenet",
        ),
    ),
    equations=(
        (
            r"f^1_{i,j,k} = \max\big({w^1_k}^{\top} x_{i,j} + b_k,\; 0\big)",
            "First layer: unit k at place (i, j) sees the patch x around it. That is an ordinary convolution.",
        ),
        (
            r"f^n_{i,j,k} = \max\big({w^n_k}^{\top} f^{n-1}_{i,j} + b^n_k,\; 0\big)",
            "Later layers see the maps below at the same place only: a convolution of 1 × 1.",
        ),
        (
            r"y_c = \frac{1}{H W} \sum_{i,j} f_{i,j,c}",
            "Global average pooling: the mean of map c is the score of class c.",
        ),
    ),
    corrections=(
        Correction(
            "NiN ends in global max pooling.",
            "In global average pooling. Max pooling, 3 × 3, stands between the mlpconv layers.",
            "Lin et al. 2013, sec. 3.2",
        ),
        Correction(
            "The averages replace the last fully connected layer.",
            "They replace all of them: there is no fully connected layer in the network.",
            "Lin et al. 2013, sec. 3.2 and 3.3",
        ),
        Correction(
            "The ImageNet model is in the paper.",
            "The paper tests CIFAR-10, CIFAR-100, SVHN and MNIST. The model for ImageNet was published later, as files "
            "for Caffe.",
            "Lin et al. 2013, sec. 4",
        ),
        Correction(
            "A 1 × 1 convolution is there to make a network smaller.",
            "Here it makes the look at each place deeper and adds a ReLU. Saving work by narrowing the maps first is "
            "what GoogLeNet made of it.",
            "Lin et al. 2013, sec. 3.1; Szegedy et al. 2014, sec. 4",
        ),
    ),
    reading=(
        Reference(
            "Maxout Networks",
            "Goodfellow, Warde-Farley, Mirza, Courville and Bengio",
            2013,
            "ICML 2013",
            "arXiv:1302.4389",
        ),
        Reference(
            "Learning Deep Features for Discriminative Localization",
            "Zhou, Khosla, Lapedriza, Oliva and Torralba",
            2015,
            "CVPR 2016",
            "arXiv:1512.04150",
        ),
    ),
)
