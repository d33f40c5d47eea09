"""What to understand about long short-term memory."""

from explorer.spec import Correction, Lesson, LessonStep, Reference

LESSON = Lesson(
    steps=(
        LessonStep(
            "A memory that is added to",
            "In a plain recurrent network everything known is squeezed through a matrix and a bend at every step, and "
            "soon fades. Here the cell state *c* goes on as it is: something may be added, and that is all. Errors "
            "come back along it the same way.",
            layers=("cell.cell_state",),
        ),
        LessonStep(
            "What is new, and how much of it",
            "The candidate says what could be written, between −1 and 1. The input gate says how much of it is, for "
            "each cell a number between 0 and 1. Both read the input and the last hidden state.",
            layers=("cell.candidate", "cell.input_gate"),
        ),
        LessonStep(
            "What may stay",
            "The forget gate multiplies the old state before the new is added: near 1 keeps it, near 0 lets it go. It "
            "came three years after the LSTM, for streams without an end, in which a state that is only ever added to "
            "grows and grows.",
            layers=("cell.forget_gate",),
        ),
        LessonStep(
            "What is shown",
            "The state is squashed and multiplied by the output gate. That is *h*, the hidden state: what layers above "
            "see, and what the gates see at the next step. *c* itself stays inside.",
            layers=("cell.output_gate", "cell.tanh", "cell.hidden_state"),
        ),
        LessonStep(
            "As it was in 1997",
            "No forget gate, and bends of another form: the loop of the state has a weight of exactly 1, the constant "
            "error carousel. A write is kept for ever, and only later writes can cancel it.",
            layers=("cell.cell_state", "cell.input_gate", "cell.squash"),
            variant="lstm-1997-noforget-128-256",
        ),
        LessonStep(
            "A gate that looks inside",
            "While the output gate is shut, *h* is zero and tells the gates nothing of the state they guard. A "
            "peephole, one weight a cell, lets them see it: useful where an exact number of steps has to be counted.",
            layers=("cell.forget_gate.peephole", "cell.input_gate.peephole", "cell.output_gate.peephole"),
            variant="lstm-peephole-128-256",
        ),
    ),
    equations=(
        (
            r"\begin{aligned} f_t &= \sigma(W_f x_t + U_f h_{t-1} + b_f) \\ i_t &= \sigma(W_i x_t + U_i h_{t-1} + b_i)"
            r" \\ o_t &= \sigma(W_o x_t + U_o h_{t-1} + b_o) \end{aligned}",
            "Three gates: forget, input, output. σ is the logistic curve, so each number lies between 0 and 1.",
        ),
        (
            r"\tilde{c}_t = \tanh(W_c x_t + U_c h_{t-1} + b_c)",
            "The candidate: what could be written.",
        ),
        (
            r"c_t = f_t \odot c_{t-1} + i_t \odot \tilde{c}_t",
            "The cell state: a share of the old, and a share of the candidate. ⊙ multiplies number by number.",
        ),
        (r"h_t = o_t \odot \tanh(c_t)", "The hidden state: what is shown of it."),
        (
            r"\frac{\partial c_t}{\partial c_{t-1}} = \operatorname{diag}(f_t)",
            "How an error passes from step to step along the state, seen alone: by the forget gate, not by a matrix. "
            "In 1997 the factor is 1.",
        ),
        (
            r"\text{parameters} = 4\,[\,h\,(i + h) + h\,]",
            "For i inputs and h cells; 3 in place of 4 without the forget gate, 4h more for torch's second bias, 3h "
            "more for peepholes.",
        ),
    ),
    corrections=(
        Correction(
            "The forget gate gives 0 or 1.",
            "It is a logistic unit: one number between 0 and 1 for each cell, and most lie somewhere between.",
            "Gers, Schmidhuber & Cummins 2000",
        ),
        Correction(
            "The LSTM of 1997 has a forget gate.",
            "It has an input and an output gate, three groups of weights and not four. The forget gate is of 2000.",
            "Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins 2000",
        ),
        Correction(
            "The gates read the previous cell state, h of the step before.",
            "h is the hidden state, what the output gate let through. The cell state is c, and of the common forms "
            "only the one with peepholes shows it to the gates.",
            "Gers & Schmidhuber 2000",
        ),
        Correction(
            "With an LSTM gradients cannot vanish.",
            "Along the state they are multiplied by the forget gates: a hundred steps at 0.9 leave 0.00003. Without a "
            "forget gate that path keeps them whole; all other paths lead through weights and gates as ever.",
            "Hochreiter & Schmidhuber 1997, on the constant error carousel; 0.9¹⁰⁰ by arithmetic",
        ),
        Correction(
            "The LSTM was trained by backpropagation through time from the start.",
            "The paper cuts errors off where they leave a memory cell through its gates and inputs, so that they live "
            "on in the state alone. The full gradient came into use later.",
            "Hochreiter & Schmidhuber 1997; Graves & Schmidhuber 2005",
        ),
        Correction(
            "An LSTM with peepholes is today's cell and three vectors more.",
            "In most code, yes. The paper that brought them also leaves out the squashing of the state before the "
            "output gate, as this variant does.",
            "Gers & Schmidhuber 2000; Greff et al. 2015, on the history of the LSTM",
        ),
    ),
    reading=(
        Reference(
            "Learning to Forget: Continual Prediction with LSTM",
            "Gers, Schmidhuber and Cummins",
            2000,
            "Neural Computation 12(10), 2451–2471",
            "doi:10.1162/089976600300015015",
        ),
        Reference(
            "Recurrent Nets that Time and Count",
            "Gers and Schmidhuber",
            2000,
            "IJCNN 2000, 189–194",
            "doi:10.1109/IJCNN.2000.861302",
        ),
        Reference(
            "Framewise phoneme classification with bidirectional LSTM and other neural network architectures",
            "Graves and Schmidhuber",
            2005,
            "Neural Networks 18(5–6), 602–610",
        ),
        Reference(
            "LSTM: A Search Space Odyssey",
            "Greff, Srivastava, Koutník, Steunebrink and Schmidhuber",
            2015,
            "IEEE Transactions on Neural Networks and Learning Systems 28(10), 2017",
            "arXiv:1503.04069",
        ),
    ),
)
