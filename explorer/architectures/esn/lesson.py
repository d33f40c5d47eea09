"""What to understand about echo state networks."""

from explorer.spec import Correction, Lesson, LessonStep, Reference

LESSON = Lesson(
    steps=(
        LessonStep(
            "The input is thrown into a pond",
            "Each unit of the reservoir hears the input through a weight of its own, drawn once at random. Nobody "
            "trains it.",
            layers=("reservoir.W_in",),
        ),
        LessonStep(
            "The pond answers with its echoes",
            "The units hear one another through W, random too and mostly zero. A stroke of the input runs around in "
            "it for a while, so that the state at each moment holds the recent past in a hundred different mixtures.",
            layers=("reservoir.W", "reservoir.tanh"),
        ),
        LessonStep(
            "Loud enough to last, soft enough to fade",
            "W is scaled as a whole. If the echoes die at once there is no memory; if they never die, the state "
            "depends on how it began and not on what was heard. The largest |eigenvalue|, the spectral radius, is the "
            "handle.",
            layers=("reservoir.W",),
        ),
        LessonStep(
            "Only the read-out learns",
            "The output is a weighted sum of the units, here 100 weights. With the states written down once, finding "
            "the best ones is a linear regression: one solution, no descent, no gradient through time.",
            layers=("readout.W_out",),
        ),
        LessonStep(
            "Without input: listening to itself",
            "To play a melody, the last output is fed back. While it learns, the right notes are fed in its place; "
            "then the loop is closed, and the network goes on alone.",
            layers=("reservoir.W_back", "readout"),
            variant="esn-melody-400",
        ),
    ),
    equations=(
        (
            r"x(n{+}1) = \tanh\!\left(W^{in} u(n{+}1) + W x(n) + W^{back} y(n)\right)",
            "The reservoir: input, last state and last output. All three matrices are fixed.",
        ),
        (
            r"y(n{+}1) = f^{out}\!\left(W^{out} x(n{+}1)\right)",
            "The read-out, the only weights trained. In general it may also see the input and the last output.",
        ),
        (
            r"W^{out} = Y X^{\top} \left(X X^{\top} + \beta I\right)^{-1}",
            "Ridge regression on the states X collected while the network listens, and what should have been said, Y. "
            "The β is a later habit; the report's regression has none.",
        ),
        (
            r"x(n{+}1) = (1 - a)\,x(n) + a\,\tanh(\ldots)",
            "With a leak a below 1 units move slowly, for signals that do.",
        ),
        (
            r"\rho(W) = \max_i |\lambda_i|",
            "The spectral radius: what the random W is divided by, and then multiplied with the value that you choose.",
        ),
    ),
    corrections=(
        Correction(
            "A reservoir typically has 1 % of its connections.",
            "The founding report has 5 % with 100 units and 1.25 % with 400. A common guide advises about ten "
            "connections for each unit whatever the size.",
            "Jaeger 2001, sec. 3.1 and 4.1.2; Lukoševičius 2012",
        ),
        Correction(
            "What makes an echo state network is that it is sparse.",
            "What makes it one is that only the read-out is trained. Sparseness is convenient, and saves work.",
            "Jaeger 2001, sec. 3.1",
        ),
        Correction(
            "A spectral radius below 1 guarantees echo states.",
            "The report offers it as what has worked so far. What it proves sufficient is stricter: the largest "
            "*singular* value below 1. Later work shows that the radius alone is not enough.",
            "Jaeger 2001, proposition 3; Yildiz, Jaeger & Kiebel 2012",
        ),
        Correction(
            "An echo state network of 100 units has 10,200 parameters.",
            "It has 10,200 numbers, of which 100 are learnt. Both counts are shown here, apart.",
            "counted here",
        ),
        Correction(
            "The read-out of 2001 is found by ridge regression.",
            "It is found by plain linear regression. The penalty on large weights became usual later.",
            "Jaeger 2001, sec. 3.1; Lukoševičius & Jaeger 2009",
        ),
    ),
    reading=(
        Reference(
            "Harnessing Nonlinearity: Predicting Chaotic Systems and Saving Energy in Wireless Communication",
            "Jaeger and Haas",
            2004,
            "Science 304, 78–80",
            "doi:10.1126/science.1091277",
        ),
        Reference(
            "Real-Time Computing Without Stable States: A New Framework for Neural Computation Based on Perturbations",
            "Maass, Natschläger and Markram",
            2002,
            "Neural Computation 14(11), 2531–2560",
        ),
        Reference(
            "Reservoir computing approaches to recurrent neural network training",
            "Lukoševičius and Jaeger",
            2009,
            "Computer Science Review 3(3), 127–149",
        ),
        Reference(
            "A Practical Guide to Applying Echo State Networks",
            "Lukoševičius",
            2012,
            "Neural Networks: Tricks of the Trade, 2nd edition, Springer",
        ),
        Reference(
            "Re-visiting the echo state property",
            "Yildiz, Jaeger and Kiebel",
            2012,
            "Neural Networks 35, 1–9",
        ),
    ),
)
