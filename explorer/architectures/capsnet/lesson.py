"""What to understand about CapsNet."""

from explorer.spec import Correction, Lesson, LessonStep, Reference

LESSON = Lesson(
    steps=(
        LessonStep(
            "A vector instead of a number",
            "A capsule is a few neurons read as one vector. Its length says how likely its thing is there, its "
            "direction how the thing lies: slanted, thick, wide. Here 256 channels are read as 32 groups of 8, at 6 × "
            "6 places: 1,152 primary capsules.",
            layers=("primary_caps",),
        ),
        LessonStep(
            "Squash",
            "A length that is to be a probability must stay below 1. Squashing shrinks short vectors to nearly "
            "nothing and long ones to nearly one, and never turns them.",
            layers=("primary_caps.squash",),
        ),
        LessonStep(
            "Every part predicts the whole",
            "Each primary capsule has a matrix for each digit and multiplies: where I am so, the digit would be so. "
            "1,152 × 10 matrices of 16 × 8 are 1,474,560 parameters.",
            layers=("digit_caps.predictions",),
        ),
        LessonStep(
            "Routing by agreement",
            "At first every capsule shares its say out evenly among the ten digits. Each digit takes the weighted sum "
            "of its predictions; whoever predicted near the outcome gets more weight next turn. Three turns, in every "
            "forward pass, in use as well as in training.",
            layers=("digit_caps.initial_logits", "digit_caps.routing"),
        ),
        LessonStep(
            "The length is the answer",
            "Ten vectors of 16, and the longest wins. No softmax: two digits on one picture may both be there, and "
            "both their vectors long.",
            layers=("digit_caps", "length"),
        ),
        LessonStep(
            "Draw it again",
            "All capsules but one are set to zero: the true one while training, the longest in use. From its 16 "
            "numbers three layers redraw the digit, so the vector has to keep how it was written.",
            layers=("mask", "decoder"),
        ),
    ),
    equations=(
        (
            r"\mathbf v_j = \frac{\|\mathbf s_j\|^2}{1 + \|\mathbf s_j\|^2}\, \frac{\mathbf s_j}{\|\mathbf s_j\|}",
            "Squash: the direction stays, the length comes below 1.",
        ),
        (
            r"\hat{\mathbf u}_{j|i} = \mathbf W_{ij}\,\mathbf u_i, \qquad "
            r"\mathbf s_j = \sum_i c_{ij}\, \hat{\mathbf u}_{j|i}",
            "Capsule i predicts capsule j; capsule j adds up the predictions, each with its coupling.",
        ),
        (
            r"c_{ij} = \frac{e^{b_{ij}}}{\sum_k e^{b_{ik}}}",
            "Couplings are a softmax over the capsules above: what one sends is shared out among them.",
        ),
        (
            r"b_{ij} \leftarrow b_{ij} + \hat{\mathbf u}_{j|i} \cdot \mathbf v_j",
            "Agreement: a prediction that points the way of the outcome is heard more in the next turn.",
        ),
        (
            r"L_k = T_k \max(0,\, 0.9 - \|\mathbf v_k\|)^2 + 0.5\,(1 - T_k) \max(0,\, \|\mathbf v_k\| - 0.1)^2",
            "The margin loss, for each digit apart; T is 1 where the digit is there.",
        ),
        (
            r"L = \sum_k L_k + 0.0005 \sum_p (x_p - \hat x_p)^2",
            "All digits, plus a little for each pixel that is redrawn wrong: too little to outvote the margin loss.",
        ),
    ),
    corrections=(
        Correction(
            "The routing coefficients are learnt.",
            "They are worked out anew for every picture and then forgotten. What is learnt are the matrices; in the "
            "paper's 8.2 million no coupling is counted.",
            "Sabour et al. 2017, procedure 1 and sec. 5",
        ),
        Correction(
            "The softmax of the routing runs over the capsules below.",
            "Over those above: each lower capsule has one unit of say to give away. Over those below it would be "
            "attention, each upper capsule choosing whom to hear.",
            "Sabour et al. 2017, eq. 3",
        ),
        Correction(
            "CapsNet ends in a softmax over ten classes.",
            "It ends in ten lengths, each judged by itself, so that several digits can be found at once.",
            "Sabour et al. 2017, sec. 3",
        ),
        Correction(
            "Primary capsules are a convolution with ReLU.",
            "The ReLU belongs to the layer below. Primary capsules are squashed instead, and their numbers may be "
            "negative.",
            "Sabour et al. 2017, sec. 4",
        ),
        Correction(
            "CapsNet is a small network.",
            "8.2 million parameters are many for digits of 28 × 28, and its second convolution alone has 5.3 million. "
            "The paper's convolutional rival has 35.4 million.",
            "Sabour et al. 2017, sec. 5",
        ),
    ),
    reading=(
        Reference("Transforming Auto-encoders", "Hinton, Krizhevsky and Wang", 2011, "ICANN 2011"),
        Reference("Matrix Capsules with EM Routing", "Hinton, Sabour and Frosst", 2018, "ICLR 2018"),
    ),
)  # fmt: skip
