"""What to understand about the perceptron."""

from explorer.spec import Correction, Lesson, LessonStep, Reference

LESSON = Lesson(
    steps=(
        LessonStep(
            "Weigh and add",
            "Each input is multiplied by its own weight, the products are added, and a bias is put on top. "
            "A positive weight votes for firing, a negative one against it; the bias is the vote that needs no input.",
            layers=("sum",),
        ),
        LessonStep(
            "Fire or not",
            "The sum is compared with zero: above it the neuron answers 1, else 0. "
            "The points where the sum is exactly zero form a line (with more inputs, a plane): the border between the "
            "two answers.",
            layers=("threshold",),
        ),
        LessonStep(
            "Learn only from mistakes",
            "Show one sample. If the answer is right, change nothing. If the neuron should have fired, add the input "
            "to the weights; "
            "if it should not have, subtract it. The border turns towards the sample that was wrong.",
            layers=("sum",),
        ),
        LessonStep(
            "It ends, if a line exists",
            "If some line separates the two classes, the rule finds one after a finite number of mistakes (Novikoff "
            "1962). "
            "If none does, as with XOR, it never stops moving. Train XOR and watch.",
            layers=("sum", "threshold"),
        ),
        LessonStep(
            "Why later neurons use smooth functions",
            "A threshold has slope zero everywhere, so nothing tells a layer *before* it which way to change. "
            "Put a sigmoid in its place and the gradient can pass: that is the step to networks with hidden layers.",
            layers=("threshold",),
        ),
    ),
    equations=(
        (
            r"y = \begin{cases}1 & w^\top x + b > 0\\ 0 & \text{else}\end{cases}",
            "The answer: on which side of the line the input lies.",
        ),
        (
            r"w \leftarrow w + \eta\,(t - y)\,x,\qquad b \leftarrow b + \eta\,(t - y)",
            "The rule: t is what it should have said. Where t = y, nothing moves.",
        ),
        (r"\text{parameters} = n + 1", "One weight for each of n inputs, and a bias."),
    ),
    corrections=(
        Correction(
            "Rosenblatt's perceptron was a single layer.",
            "His machine had two: random wires that never changed from the retina to association units, then the "
            "weights that learn. What is called a perceptron today is the second part.",
            "Rosenblatt 1958, the A- and R-units",
        ),
        Correction(
            "Minsky and Papert proved that neural networks cannot learn XOR.",
            "They proved limits of one learning layer over inputs of limited reach. A hidden layer does XOR with nine "
            "parameters; what was missing was a rule to train it.",
            "Minsky & Papert 1969; Rumelhart, Hinton & Williams 1986",
        ),
        Correction(
            "A smaller learning rate makes the perceptron more careful.",
            "Started from zero weights, the rate only scales weights and bias, and the line does not notice. It "
            "matters only against the size of the weights it starts with, and for the sigmoid neuron.",
            "the rule itself: try it while it trains",
        ),
    ),
    reading=(
        Reference("Perceptrons", "Minsky and Papert", 1969, "MIT Press"),
        Reference(
            "On convergence proofs for perceptrons",
            "Novikoff",
            1962,
            "Symposium on the Mathematical Theory of Automata",
        ),
    ),
)
