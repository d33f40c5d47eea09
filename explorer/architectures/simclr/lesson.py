"""What to understand about SimCLR."""

from explorer.spec import Correction, Lesson, LessonStep, Reference

PAIR = "simclr-r50x1-pair"

LESSON = Lesson(
    steps=(
        LessonStep(
            "Two views of one picture",
            "Every picture of a batch is changed twice by chance: cropped and resized, its colours distorted, blurred. "
            "The two views look different and show the same thing. That is all the supervision there is.",
            layers=("encoder", "same_encoder"),
            variant=PAIR,
        ),
        LessonStep(
            "One encoder for both",
            "The encoder $f$ is a plain ResNet-50 without its last layer. It turns a view into $h$, 2,048 numbers. The "
            "second encoder in the drawing is the same one once more, with the same weights, counted once.",
            layers=("encoder", "same_encoder"),
            variant=PAIR,
        ),
        LessonStep(
            "A head for the loss",
            "The head $g$ turns $h$ into $z$, 128 numbers, through one hidden layer. The loss asks $z$ to forget what "
            "differs between the views, colour for one. With a head in between, $h$ need not forget it.",
            layers=("head", "head.linear1", "head.linear2"),
            variant=PAIR,
        ),
        LessonStep(
            "Alike, compared with what?",
            "With $N$ pictures there are $2N$ views. Each compares itself with all the others, by the cosine between "
            "their $z$. It should be closest to its partner; the other $2N - 2$ are its negatives, without a queue.",
            layers=("similarity",),
            variant=PAIR,
        ),
        LessonStep(
            "What is used afterwards",
            "After training the head is thrown away. A linear classifier on $h$ gets 69.3 % of ImageNet right; four "
            "times as wide an encoder reaches 76.5 %, as much as ResNet-50 trained with all labels.",
            layers=("conv1", "conv5", "average"),
            variant="simclr-r50x1-encoder",
        ),
    ),
    equations=(
        (
            r"h_i = f(\tilde{x}_i), \qquad z_i = g(h_i) = W^{(2)} \,\mathrm{ReLU}(W^{(1)} h_i)",
            "From view to representation to what the loss sees (sec. 2.1).",
        ),
        (
            r"s_{i,j} = \frac{z_i^\top z_j}{\lVert z_i \rVert\,\lVert z_j \rVert}",
            "Similarity: the cosine of the angle between two views' z.",
        ),
        (
            r"\ell_{i,j} = -\log \frac{\exp(s_{i,j}/\tau)}{\sum_{k=1}^{2N} \mathbb{1}_{[k \ne i]} \exp(s_{i,k}/\tau)}",
            "NT-Xent: cross-entropy in which view i should pick its partner j among all other views (eq. 1).",
        ),
        (
            r"\mathcal{L} = \frac{1}{2N} \sum_{k=1}^{N} \left[ \ell_{2k-1,2k} + \ell_{2k,2k-1} \right]",
            "Each view of a pair looks for the other (algorithm 1).",
        ),
        (
            r"\ell = \log(2N - 1) \;\text{ if all views come out alike}",
            "The loss of an encoder that says the same of every picture: it can only guess.",
        ),
    ),
    corrections=(
        Correction(
            "Pictures of the same class are pulled together, those of other classes pushed apart.",
            "No classes take part. Views of one picture attract each other, views of *different pictures* repel, even "
            "where both show a dog.",
            "Chen et al. 2020, sec. 2.1",
        ),
        Correction(
            "Two networks are trained, one for each view.",
            "There is one encoder and one head. Both views pass the same weights, and gradients flow through both.",
            "Chen et al. 2020, figure 2 and algorithm 1",
        ),
        Correction(
            "The output of the head is the learnt representation.",
            "The layer before it is: the paper measures h to be more than 10 points better than z under a linear "
            "classifier, and throws g away after training.",
            "Chen et al. 2020, sec. 4.2",
        ),
        Correction(
            "Any augmentation will do, and random crops are enough.",
            "No single one suffices. Crops of one picture share their colours, and a network can tell pictures by "
            "their histograms; random crop *with* colour distortion stands out among all pairs.",
            "Chen et al. 2020, sec. 3.1 and figure 5",
        ),
        Correction(
            "The head is two plain linear layers.",
            "So it reads in the formula. The authors' code normalises after both layers and leaves out the biases, so "
            "the whole has 27,968,704 parameters and not 27,966,656.",
            "the authors' code, google-research/simclr",
        ),
    ),
    reading=(
        Reference(
            "Big Self-Supervised Models are Strong Semi-Supervised Learners",
            "Chen, Kornblith, Swersky, Norouzi and Hinton",
            2020,
            "NeurIPS 2020",
            "arXiv:2006.10029",
        ),
        Reference(
            "Understanding Contrastive Representation Learning through Alignment and Uniformity on the Hypersphere",
            "Wang and Isola",
            2020,
            "ICML 2020",
            "arXiv:2005.10242",
        ),
        Reference(
            "Representation Learning with Contrastive Predictive Coding",
            "van den Oord, Li and Vinyals",
            2018,
            "",
            "arXiv:1807.03748",
        ),
    ),
)
