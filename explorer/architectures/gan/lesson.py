"""What to understand about generative adversarial nets."""

from explorer.spec import Correction, Lesson, LessonStep, Reference

PAIR = "gan-mnist-total"
DCGAN_G = "dcgan-paper-generator"
DCGAN_D = "dcgan-paper-discriminator"

LESSON = Lesson(
    steps=(
        LessonStep(
            "From noise to a picture",
            "The generator $G$ starts from 100 random numbers $z$ and turns them into 784 grey values, through two "
            "layers of 1,200 rectifiers. Another $z$ gives another picture; nothing else decides what comes out.",
            layers=("generator",),
            variant=PAIR,
        ),
        LessonStep(
            "A judge with one number",
            "The discriminator $D$ reads a picture and answers with the probability that it comes from the data. Open "
            "h0: each of its 240 maxout units has five linear pieces and passes on the largest.",
            layers=("discriminator", "discriminator.h0"),
            variant=PAIR,
        ),
        LessonStep(
            "One value, two wishes",
            "Real pictures and generated ones go through the *same* $D$; the second use adds no parameters. Both terms "
            "together are the value $V(D, G)$. $D$ changes its weights to raise it, $G$ to lower it.",
            layers=("real_term", "fake_term", "same_discriminator"),
            variant=PAIR,
        ),
        LessonStep(
            "G never sees the data",
            "Only the second term depends on $G$, and only through $D$. So all that $G$ ever learns about digits is "
            "the gradient that comes back through the judge: which change of each pixel would make $D$ believe more.",
            layers=("fake_term", "discriminator", "generator"),
            variant=PAIR,
        ),
        LessonStep(
            "Growing a picture with convolutions",
            "DCGAN projects $z$ onto a map of 4 × 4 with 1,024 channels and doubles its side four times: 8, 16, 32, "
            "64. Each transposed convolution halves the channels, until three colours are left between −1 and 1.",
            layers=("project", "conv1", "conv4"),
            variant=DCGAN_G,
        ),
        LessonStep(
            "Normalise, but not at the ends",
            "Batch normalisation made deep pairs train. In every layer it made them oscillate, so two have none: the "
            "output of $G$ and the input of $D$. There the network can still see and set brightness and contrast.",
            layers=("conv1", "conv2"),
            variant=DCGAN_D,
        ),
    ),
    equations=(
        (
            r"\min_G \max_D V(D, G) = \mathbb{E}_{x \sim p_{data}}[\log D(x)] "
            r"+ \mathbb{E}_{z \sim p_z}[\log(1 - D(G(z)))]",
            "The game: one value, which D raises and G lowers (eq. 1).",
        ),
        (
            r"D^*_G(x) = \frac{p_{data}(x)}{p_{data}(x) + p_g(x)}",
            "The best judge for a fixed G; one half everywhere once both distributions agree (proposition 1).",
        ),
        (
            r"C(G) = -\log 4 + 2\,\mathrm{JSD}(p_{data} \,\|\, p_g)",
            "What G minimises against the best judge: −log 4 where both distributions agree, else more (theorem 1).",
        ),
        (
            r"\max_G \; \mathbb{E}_{z}[\log D(G(z))]",
            "What G is trained on in practice: the same fixed point, and strong gradients while D still wins (sec. 3).",
        ),
        (
            r"h_i(x) = \max_{j \le 5} \left( x^\top W_{\cdot ij} + b_{ij} \right)",
            "A maxout unit: the largest of five linear functions, so that it learns its own bend.",
        ),
        (
            r"o = (i - 1)\,s - 2p + k + o_p",
            "The side after a transposed convolution: 4 → 8 with k = 5, s = 2, p = 2 and one row of output padding.",
        ),
    ),
    corrections=(
        Correction(
            "The generator is punished when it is caught, the discriminator when it is fooled.",
            "The paper knows no penalties. There is one value, V(D, G); D steps up its gradient, G steps down. "
            "Training G to raise log D(G(z)) instead is the paper's own advice, for its stronger gradients early on.",
            "Goodfellow et al. 2014, eq. 1 and sec. 3",
        ),
        Correction(
            "The generator learns by comparing its pictures with real ones.",
            "It meets no real picture. Its weights change only by gradients that flow back through the discriminator.",
            "Goodfellow et al. 2014, sec. 6",
        ),
        Correction(
            "The first GAN made its digits with convolutions.",
            "For MNIST both nets are dense: rectifiers and sigmoids in G, maxout units in D. Convolutional pairs that "
            "train reliably came with DCGAN, a year later.",
            "Goodfellow et al. 2014, sec. 5; the authors' mnist.yaml",
        ),
        Correction(
            "DCGAN has kernels of 4 × 4 and begins with 512 channels.",
            "That is the form of widespread example code. In figure 1 of the paper z becomes 1,024 channels by a "
            "matrix product, and kernels are 5 × 5: 18,885,760 parameters in G, where the common form has 3,576,704.",
            "Radford et al. 2015, figure 1; the authors' code",
        ),
        Correction(
            "DCGAN normalises every layer.",
            "Not the output layer of G and not the input layer of D: with them the samples oscillated.",
            "Radford et al. 2015, sec. 3",
        ),
        Correction(
            "A generator grows its maps by deconvolution.",
            "The paper calls the layers fractionally-strided convolutions, and the other name wrong: a transposed "
            "convolution has the shape of a convolution run backwards, but does not undo it.",
            "Radford et al. 2015, sec. 3 and figure 1",
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
            "Unsupervised Representation Learning with Deep Convolutional Generative Adversarial Networks",
            "Radford, Metz and Chintala",
            2015,
            "ICLR 2016",
            "arXiv:1511.06434",
        ),
        Reference("NIPS 2016 Tutorial: Generative Adversarial Networks", "Goodfellow", 2016, "", "arXiv:1701.00160"),
    ),
)
