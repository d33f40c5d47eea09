"""What to understand about GPT."""

from explorer.spec import Correction, Lesson, LessonStep, Reference

LESSON = Lesson(
    steps=(
        LessonStep(
            "One question, asked at every place",
            "Given all tokens so far, which comes next? A text of 2,048 tokens asks it 2,048 times in one pass, and "
            "the text itself holds the answers: nobody has to label anything.",
            layers=("token_embedding", "position_embedding", "head"),
        ),
        LessonStep(
            "A stream that passes by",
            "A vector for each token runs through all blocks from bottom to top. Attention and the feed-forward net "
            "each read a normalised copy of it and add their result. Nothing is ever overwritten.",
            layers=("blocks.0", "blocks.0.norm1", "blocks.0.attention", "blocks.0.norm2", "blocks.0.feed_forward"),
        ),
        LessonStep(
            "Never look ahead",
            "The mask takes every later token out of the softmax. Without it the answer would lie open at each "
            "place, and the network would learn to copy it. Change a token here and no prediction before it changes.",
            layers=("blocks.0.attention.scores", "blocks.0.attention.mask", "blocks.0.attention.softmax"),
        ),
        LessonStep(
            "Where the parameters are",
            "In each block a third sits in attention's four matrices and two thirds in the feed-forward net, "
            "whatever the width. In GPT-3 the embeddings are less than half of one per cent; in GPT-1 they are more "
            "than a quarter.",
            layers=("blocks.0.attention.query", "blocks.0.feed_forward.linear1", "blocks.0.feed_forward.linear2"),
        ),
        LessonStep(
            "What changed between three papers: mostly size",
            "GPT-2 moved the norms in front and put one at the end, and shrank the starting weights with depth. "
            "GPT-3 took that over and was trained in eight sizes, 125 million to 175 billion. Go through the "
            "variants: the picture hardly changes, the numbers do.",
            layers=("blocks.0", "norm"),
        ),
    ),
    equations=(
        (
            r"L = -\sum_i \log P(u_i \mid u_{i-k}, \dots, u_{i-1}; \Theta)",
            "The loss: how surprised the network is by each token, given the k before it.",
        ),
        (
            r"x \leftarrow x + \mathrm{Attention}(\mathrm{LN}(x)), \qquad "
            r"x \leftarrow x + \mathrm{MLP}(\mathrm{LN}(x))",
            "One block of GPT-2 and GPT-3.",
        ),
        (
            r"A_{ij} = \frac{\exp(q_i \cdot k_j / \sqrt{d_k})}{\sum_{l \le i} \exp(q_i \cdot k_l / \sqrt{d_k})}"
            r"\ \text{for } j \le i,\quad 0 \text{ otherwise}",
            "Causal attention: token i shares its weight out among itself and those before it.",
        ),
        (
            r"\text{parameters} = n_{layer}\,(12 d^2 + 13 d) + V d + n_{ctx}\, d + 2 d",
            "Blocks, tokens, places, last norm; GPT-1 has no last norm. The head is the token matrix again.",
        ),
        (
            r"\text{multiply–adds} = n_{layer}\,(12\, n\, d^2 + 2\, n^2 d) + n\, V d",
            "For n tokens: layers, the two products of attention, and the head. Attention is counted in full, "
            "masked half included.",
        ),
    ),
    corrections=(
        Correction(
            "GPT-2's four sizes have 117, 345, 762 and 1,542 million parameters.",
            "That is what Table 2 prints. OpenAI later noted that the counts had been wrong and named the released "
            "networks 124M, 355M, 774M and 1558M; that is also what you get by adding up.",
            "Radford et al. 2019, Table 2; the README of the released code; the counts here",
        ),
        Correction(
            "GPT-3 has 96 layers.",
            "The largest of eight has. The others have 12, 24, 24, 24, 32, 32 and 40.",
            "Brown et al. 2020, Table 2.1",
        ),
        Correction(
            "GPT-2 is narrower than BERT and has 48 layers.",
            "At the same depth the widths are equal: 768 at 12 layers, 1,024 at 24. Only the largest GPT-2 has 48 "
            "layers, and it is wider than any BERT: 1,600.",
            "Radford et al. 2019, Table 2; Devlin et al. 2018, sec. 3",
        ),
        Correction(
            "The head is a layer of its own.",
            "It is the token embedding used the other way round. Untied, GPT-2 small would have 163,037,184 "
            "parameters.",
            "the released code; the counts here",
        ),
        Correction(
            "Attention is where most of the work is done.",
            "At 2,048 tokens, the products between tokens are 2.7 % of GPT-3's multiply–adds. The feed-forward nets do "
            "65 %. Lengthen the context and watch that change: the products grow with its square.",
            "counted here",
        ),
    ),
    reading=(
        Reference("Improving Language Understanding by Generative Pre-Training", "Radford et al.", 2018, "OpenAI"),
        Reference("Language Models are Unsupervised Multitask Learners", "Radford et al.", 2019, "OpenAI"),
        Reference("Language Models are Few-Shot Learners", "Brown et al.", 2020, "NeurIPS 2020", "arXiv:2005.14165"),
        Reference("Scaling Laws for Neural Language Models", "Kaplan et al.", 2020, "", "arXiv:2001.08361"),
        Reference(
            "Generating Long Sequences with Sparse Transformers",
            "Child, Gray, Radford and Sutskever",
            2019,
            "",
            "arXiv:1904.10509",
        ),
    ),
)
