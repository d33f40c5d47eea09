"""What to understand about feed-forward networks."""

from explorer.spec import Correction, Lesson, LessonStep, Reference

LESSON = Lesson(
    steps=(
        LessonStep(
            "A layer is many neurons that read the same thing",
            "Every neuron of a layer has its own weights for all the outputs of the layer before. "
            "Written together they are one matrix: the layer multiplies it with what comes in and adds a bias to each "
            "result.",
            layers=("hidden.0.linear",),
        ),
        LessonStep(
            "A bend after each sum",
            "Each sum passes through a function that is not a straight line. Without it two layers would multiply out "
            "to a single matrix, "
            "and depth would be worth nothing. You can check that in the first experiment.",
            layers=("hidden.0.activation",),
        ),
        LessonStep(
            "Later layers combine what earlier ones found",
            "In the plane a first-layer neuron draws one soft line. A neuron of the second layer adds and cuts those "
            "lines into corners and strips; "
            "the next builds islands out of them. Train the spirals and look at the small squares from left to right.",
            layers=("hidden.1",),
        ),
        LessonStep(
            "The output weighs the last layer",
            "One number for each answer. For two classes its sign decides; for ten the largest wins, and softmax "
            "turns them into probabilities.",
            layers=("output",),
        ),
        LessonStep(
            "Backpropagation: the chain rule, from back to front",
            "How would the loss change if this weight were a little larger? Start at the loss and go back layer by "
            "layer: each passes on to the one "
            "before how much its own output mattered. One pass forward and one back give the slope for every weight "
            "at once.",
            layers=("output", "hidden.1.linear", "hidden.0.linear"),
        ),
    ),
    equations=(
        (r"h^{(l)} = f\!\left(W^{(l)} h^{(l-1)} + b^{(l)}\right)", "One layer: weigh, add, bend. h⁽⁰⁾ is the input."),
        (
            r"\delta^{(l)} = \left(W^{(l+1)\top}\,\delta^{(l+1)}\right) \odot f'\!\left(a^{(l)}\right)",
            "Backpropagation: a layer's share in the error comes from the layer after it, through the same weights, "
            "times the slope of its own function.",
        ),
        (
            r"\frac{\partial L}{\partial W^{(l)}} = \delta^{(l)}\, h^{(l-1)\top}",
            "The gradient of a weight: the error on its output side times what came in.",
        ),
        (r"\text{parameters} = \sum_l (n_{l-1} + 1)\, n_l", "A weight from each input and a bias, for each neuron."),
    ),
    corrections=(
        Correction(
            "Backpropagation was invented in 1986.",
            "Reverse-mode differentiation is in Linnainmaa's thesis of 1970, and Werbos proposed it for networks in "
            "1974. The paper of 1986 showed that hidden units learn useful representations by it, and made it known.",
            "Linnainmaa 1970; Werbos 1974; Rumelhart et al. 1986",
        ),
        Correction(
            "A network needs many layers to approximate any function.",
            "One hidden layer suffices, if it may be as wide as it likes. Depth can save neurons; it is not needed "
            "for existence.",
            "Cybenko 1989; Hornik, Stinchcombe & White 1989",
        ),
        Correction(
            "First layers find high-level features.",
            "The other way round, in networks trained on images: early layers respond to edges and colours, late ones "
            "to parts and objects.",
            "Zeiler & Fergus 2013, on convolutional networks",
        ),
    ),
    reading=(
        Reference(
            "Gradient-Based Learning Applied to Document Recognition",
            "LeCun, Bottou, Bengio and Haffner",
            1998,
            "Proceedings of the IEEE 86(11)",
            "doi:10.1109/5.726791",
        ),
        Reference(
            "Understanding the difficulty of training deep feedforward neural networks",
            "Glorot and Bengio",
            2010,
            "AISTATS",
        ),
    ),
)
