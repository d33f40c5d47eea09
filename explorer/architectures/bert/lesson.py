"""What to understand about BERT."""

from explorer.spec import Correction, Lesson, LessonStep, Reference

LESSON = Lesson(
    steps=(
        LessonStep(
            "Three embeddings, added",
            "A token's vector is the sum of three learned rows: which word piece it is, whether it belongs to sentence "
            "A or B, and at which of 512 places it stands. The segment table is the smallest layer of all: two rows.",
            layers=("embeddings.token", "embeddings.segment", "embeddings.position"),
        ),
        LessonStep(
            "Every word sees both sides",
            "The encoder is the Transformer's, without a mask: a word's vector depends on what comes before it and on "
            "what comes after. A network that writes from left to right cannot allow itself that.",
            layers=("encoder", "encoder.layers.0.self_attention"),
        ),
        LessonStep(
            "Learning by filling blanks",
            "15 % of the tokens are chosen. Of these, 80 % become [MASK], 10 % a random word, and 10 % stay as they "
            "are, so that the network may not rely on a mark it will never see again. The head that guesses them "
            "uses the embedding's own matrix, and a bias for each word.",
            layers=("masked_words.transform", "masked_words.decoder"),
            variant="bert-base-pretraining",
        ),
        LessonStep(
            "Two sentences: did they belong together?",
            "[CLS] stands first in every input and means nothing by itself, so its vector is free to gather what "
            "the whole says. The pooler passes it through one more layer, and 1,538 numbers decide whether B really "
            "followed A.",
            layers=("pooler", "next_sentence"),
            variant="bert-base-pretraining",
        ),
        LessonStep(
            "Then a small new head for each task",
            "After pre-training the two heads are put away. A task brings one layer of its own, and all weights are "
            "tuned together for a few epochs: the same network classifies sentences, compares them, or marks an "
            "answer in a text.",
            layers=("encoder", "pooler"),
        ),
    ),
    equations=(
        (
            r"x_t = E_{\text{token}}[w_t] + E_{\text{segment}}[s_t] + E_{\text{position}}[t]",
            "What goes in at place t: word, sentence, place.",
        ),
        (
            r"L = -\sum_{t \in M} \log p(w_t \mid \tilde w_1, \dots, \tilde w_T) - \log p(\text{next} \mid A, B)",
            "The loss: the true words at the chosen places M, seen with all the others, and the verdict on the pair.",
        ),
        (
            r"p(w_t) = \mathrm{softmax}\!\left(E_{\text{token}}\, \mathrm{LN}(\mathrm{GELU}(W h_t + b)) + c\right)",
            "The word head: one layer, a norm, and a comparison with every word's own embedding.",
        ),
        (
            r"\text{parameters} = (V + T + 2)d + 2d + L\,(12 d^2 + 13 d) + d^2 + d",
            "Three tables and their norm, L layers at a feed-forward width of 4d, and the pooler.",
        ),
    ),
    corrections=(
        Correction(
            "BERT is faster than an LSTM.",
            "The paper reports better scores, not speed, and says that guessing masked words converges somewhat "
            "more slowly than predicting from left to right. What holds is that all places can be computed at once "
            "in training, at a cost that grows with the square of the length.",
            "Devlin et al. 2018, Table 1 and appendix C.1; Vaswani et al. 2017, Table 1",
        ),
        Correction(
            "The network predicts every word of the text.",
            "Only the chosen 15 % enter the loss. It has to keep a good vector at every place all the same, since "
            "it cannot know which ones were replaced or left.",
            "Devlin et al. 2018, sec. 3.1",
        ),
        Correction(
            "A masked token is always [MASK].",
            "Eight times in ten. Otherwise it is a random token or the word itself.",
            "Devlin et al. 2018, sec. 3.1",
        ),
        Correction(
            "BERT uses the Transformer's sines for positions.",
            "Its positions are a learned table with 512 rows: 393,216 parameters, and nothing beyond the 512th place.",
            "Devlin et al. 2018, sec. 3; released code",
        ),
        Correction(
            "Predicting the next sentence is essential.",
            "Without it the paper loses accuracy on some tasks. Later work trained on more text without it and did not "
            "miss it.",
            "Devlin et al. 2018, Table 5; Liu et al. 2019",
        ),
    ),
    reading=(
        Reference(
            "RoBERTa: A Robustly Optimized BERT Pretraining Approach", "Liu et al.", 2019, "", "arXiv:1907.11692"
        ),
        Reference("Deep contextualized word representations", "Peters et al.", 2018, "NAACL 2018", "arXiv:1802.05365"),
        Reference(
            "GLUE: A Multi-Task Benchmark and Analysis Platform for Natural Language Understanding",
            "Wang et al.",
            2018,
            "",
            "arXiv:1804.07461",
        ),
    ),
)
