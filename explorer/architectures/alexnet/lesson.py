"""What to understand about AlexNet."""

from explorer.spec import Correction, Lesson, LessonStep, Reference

LESSON = Lesson(
    steps=(
        LessonStep(
            "A coarse first look",
            "conv1 looks through windows of 11 × 11 pixels that move by four: 96 maps of 55 × 55 places. In one layer "
            "a picture of 154,587 numbers has become a list of answers that the next layers can afford to read.",
            layers=("conv1",),
        ),
        LessonStep(
            "Two towers",
            "One graphics card held 3 GB, too little. So each of two cards got half of the maps: 48 and 48 in conv1. "
            "In conv2, conv4 and conv5 a tower reads only its own half, which halves those layers' weights.",
            layers=("conv1", "conv2"),
        ),
        LessonStep(
            "Where they meet",
            "conv3 reads the maps of both towers; so do the dense layers. Set the towers to 1 and see what the "
            "separation saves: 36 % of the multiply-adds.",
            layers=("conv3",),
        ),
        LessonStep(
            "Bend, damp, overlap",
            "Each layer ends in ReLU, which lets training go several times faster than tanh (Figure 1). After the "
            "first two, neighbouring maps damp each other. Pooling windows of 3 move by 2, so they overlap.",
            layers=("conv2.relu.0", "conv2.norm.0", "conv2.pool.0"),
        ),
        LessonStep(
            "Where 61 million numbers sit",
            "fc6 holds 37,752,832 of them, fc7 16,781,312 and fc8 4,097,000: 96 % in three dense layers. The five "
            "convolutions have 4 % of the parameters and do 92 % of the work.",
            layers=("fc6", "fc7", "fc8"),
        ),
        LessonStep(
            "Too many to learn by heart",
            "1.2 million pictures are few for so many parameters. Two things help: crops, mirror images and shifts "
            "of colour make each picture many, and dropout silences every second unit of fc6 and fc7 at random, "
            "so that none can rely on another.",
            layers=("fc6.dropout", "fc7.dropout"),
        ),
    ),
    equations=(
        (r"f(x) = \max(0, x)", "ReLU: does not flatten out for large inputs, so gradients do not fade there."),
        (
            r"b^i_{x,y} = a^i_{x,y} \Big/ \Big(k + \alpha \sum_{j=\max(0,\,i-n/2)}^{\min(N-1,\,i+n/2)} "
            r"(a^j_{x,y})^2\Big)^{\beta}",
            "Response normalisation: a unit of map i is damped by its n = 5 neighbours at the same place; k = 2, "
            "α = 10⁻⁴, β = 0.75.",
        ),
        (r"\frac{227 - 11}{4} + 1 = 55", "Places of conv1 along one side; with 224 it would be 54.25."),
        (
            r"v_{i+1} = 0.9\, v_i - 0.0005\, \epsilon\, w_i "
            r"- \epsilon \left\langle \frac{\partial L}{\partial w}\right\rangle_{D_i}",
            "The update: momentum 0.9, weight decay 0.0005, and the gradient over a batch of 128 (sec. 5).",
        ),
    ),
    corrections=(
        Correction(
            "AlexNet was trained on 15 million pictures of 256 × 256.",
            "ImageNet held over 15 million. The network learnt from the 1.2 million of the challenge, in 1,000 "
            "classes. They were scaled to 256 × 256, and crops of 224 × 224 were taken from them.",
            "Krizhevsky et al. 2012, sec. 2 and 4.1",
        ),
        Correction(
            "It takes pictures of 224 × 224.",
            "So the paper says. But windows of 11 that move by 4 make (224 − 11) / 4 + 1 = 54.25 places, and its maps "
            "have 55: they need 227 pixels, or a border of 2 as in today's code.",
            "Krizhevsky et al. 2012, sec. 3.5 and Figure 2; the arithmetic here",
        ),
        Correction(
            "AlexNet invented ReLU.",
            "It credits Nair and Hinton (2010) for the name. What it showed is how much faster large networks "
            "learn with it.",
            "Krizhevsky et al. 2012, sec. 3.1",
        ),
        Correction(
            "It was the first network trained on a GPU.",
            "Convolutional networks had been trained on graphics cards before, by Cireşan and others in 2011. New was "
            "one network spread over two cards, for five to six days.",
            "Krizhevsky et al. 2012, sec. 1 and 3.2; Cireşan et al. 2011",
        ),
        Correction(
            "Five times convolution and pooling, then three dense layers.",
            "Only layers 1, 2 and 5 are pooled. Layers 3, 4 and 5 follow each other directly.",
            "Krizhevsky et al. 2012, sec. 3.5",
        ),
        Correction(
            "Its first layer has 253,440 neurons, 650,000 with all others.",
            "The caption of Figure 2 prints 253,440 for conv1. 55 × 55 × 96 is 290,400, and with it the sum is "
            "659,272.",
            "Krizhevsky et al. 2012, abstract and Figure 2; the count here",
        ),
    ),
    reading=(
        Reference(
            "One weird trick for parallelizing convolutional neural networks",
            "Krizhevsky",
            2014,
            "",
            "arXiv:1404.5997",
        ),
        Reference(
            "Flexible, High Performance Convolutional Neural Networks for Image Classification",
            "Cireşan, Meier, Masci, Gambardella and Schmidhuber",
            2011,
            "IJCAI 2011",
        ),
        Reference("Rectified Linear Units Improve Restricted Boltzmann Machines", "Nair and Hinton", 2010, "ICML 2010"),
        Reference(
            "Dropout: A Simple Way to Prevent Neural Networks from Overfitting",
            "Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov",
            2014,
            "Journal of Machine Learning Research 15, 1929–1958",
        ),
    ),
)
