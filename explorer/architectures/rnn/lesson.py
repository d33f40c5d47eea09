"""What to understand about recurrent networks."""

from explorer.spec import Correction, Lesson, LessonStep, Reference

LESSON = Lesson(
    steps=(
        LessonStep(
            "One letter at a time",
            "A feed-forward network needs the whole sequence at once, and a fixed number of places for it. This one "
            "gets six numbers, the features of one letter, answers, and gets the next. How long the word is does not "
            "matter to its weights.",
            layers=("hidden.from_input",),
        ),
        LessonStep(
            "A copy of the last state",
            "After each step the 20 hidden units are copied to 20 context units, one to one. At the next step they "
            "come in beside the letter. What the network knows of the past is what it wrote there itself.",
            layers=("context",),
        ),
        LessonStep(
            "Now, in the light of before",
            "The hidden units weigh the letter and the context, add both and bend the sum. So the same letter leads to "
            "another state after another history: the first *u* of *guuu* is not the second.",
            layers=("hidden.from_hidden", "hidden.activation"),
        ),
        LessonStep(
            "Predict what comes next",
            "The output guesses the features of the next letter, and the letter itself is the teacher. After *g* three "
            "times *u* must follow, so the error is small; which consonant comes then is chance, and the error jumps.",
            layers=("output",),
        ),
        LessonStep(
            "The same weights at every step",
            "The loop in the picture is one layer used again and again. Turn on *every step apart* and you see a deep "
            "network, one layer a step, all sharing their weights. Training through all of it is called "
            "backpropagation through time.",
            layers=("cell",),
            variant="rnn-torch-128-256",
        ),
        LessonStep(
            "Why the past fades",
            "On the way back each step multiplies the error by the recurrent matrix and by the slope of the bend. Many "
            "such factors make it vanish or explode. That is what the LSTM was built against.",
            layers=("cell.from_hidden", "cell.activation"),
            variant="rnn-torch-128-256",
        ),
    ),
    equations=(
        (
            r"h_t = f\!\left(W_{xh}\,x_t + W_{hh}\,h_{t-1} + b_h\right)",
            "The new state: the input and the last state, each weighed, added and bent. f is logistic for Elman, tanh "
            "in libraries.",
        ),
        (r"y_t = g\!\left(W_{hy}\,h_t + b_y\right)", "The answer at each step is read from the state alone."),
        (
            r"\text{parameters} = h\,(i + h) + h\;[+\,h]",
            "For i inputs and h hidden units; torch adds a second bias. The number of steps does not occur.",
        ),
        (
            r"\frac{\partial h_t}{\partial h_s} = \prod_{k=s+1}^{t} \operatorname{diag}\!\left(f'(a_k)\right) W_{hh}",
            "How much an early state still matters: a product of as many matrices as there are steps between. a is the "
            "sum before the bend.",
        ),
    ),
    corrections=(
        Correction(
            "Elman's network was trained by backpropagation through time.",
            "The context is treated as one more input, whose values happen to come from the step before. The error "
            "ends there: one step of backpropagation, not many.",
            "Elman 1990, figure 2 and the text on it",
        ),
        Correction(
            "Elman's and Jordan's networks are the same.",
            "Jordan's state units hear the network's *output*, Elman's hear the hidden units. The first remember what "
            "was done, the second what was thought.",
            "Jordan 1986; Elman 1990",
        ),
        Correction(
            "A longer sequence needs more parameters.",
            "All steps share one set of weights: 8 steps or 800, the count is the same. Work and the memory needed to "
            "train grow with the length.",
            "counted here: turn the knob *steps*",
        ),
        Correction(
            "nn.RNN(128, 256) has 98,560 parameters, as the formula says.",
            "It has 98,816: torch keeps a bias for the input and one for the state, though only their sum counts. "
            "Keras and the textbooks have one.",
            "counted here: both forms are among the variants",
        ),
        Correction(
            "Recurrent networks cannot use a GPU.",
            "They run there, and over many sequences side by side. What cannot be done at once are the steps of one "
            "sequence, since each waits for the one before.",
            "Vaswani et al. 2017, sec. 1",
        ),
    ),
    reading=(
        Reference(
            "Serial Order: A Parallel Distributed Processing Approach",
            "Jordan",
            1986,
            "ICS Report 8604, University of California, San Diego",
        ),
        Reference(
            "Backpropagation Through Time: What It Does and How to Do It",
            "Werbos",
            1990,
            "Proceedings of the IEEE 78(10), 1550–1560",
            "doi:10.1109/5.58337",
        ),
        Reference(
            "Learning Long-Term Dependencies with Gradient Descent is Difficult",
            "Bengio, Simard and Frasconi",
            1994,
            "IEEE Transactions on Neural Networks 5(2), 157–166",
            "doi:10.1109/72.279181",
        ),
        Reference(
            "On the difficulty of training Recurrent Neural Networks",
            "Pascanu, Mikolov and Bengio",
            2013,
            "ICML",
            "arXiv:1211.5063",
        ),
    ),
)
