"""What to understand about the Transformer."""

from explorer.spec import Correction, Lesson, LessonStep, Reference

LESSON = Lesson(
    steps=(
        LessonStep(
            "A word becomes a row, and a place is added to it",
            "Each token picks its row of one large matrix, times $\\sqrt{d_{model}}$. Attention by itself does not "
            "know which word came first, so a pattern of sines and cosines that belongs to the place is added. The "
            "pattern is computed, not learned: it costs no parameter.",
            layers=("source_embedding.token", "source_embedding.position"),
            variant="transformer-base",
        ),
        LessonStep(
            "Queries, keys, values",
            "Every place sends out a question, shows a label, and holds something to give: three linear maps of the "
            "same vector. A question meets all labels at once; where they fit, much of what is held there flows back. "
            "Open the block to see scores, softmax and mix one after the other.",
            layers=(
                "encoder.layers.0.self_attention.query",
                "encoder.layers.0.self_attention.scores",
                "encoder.layers.0.self_attention.softmax",
                "encoder.layers.0.self_attention.mix",
            ),
            variant="transformer-base",
        ),
        LessonStep(
            "Eight heads cost what one would",
            "The 512 features are split into eight parts of 64, and each part attends on its own: one head can follow "
            "the verb while another looks one word back. The projections have the same size whatever the number of "
            "heads. Turn the knob and watch the parameters stay as they are.",
            layers=("encoder.layers.0.self_attention",),
            variant="transformer-base",
        ),
        LessonStep(
            "Add, then normalise",
            "What a sublayer computes is added to what it read, as in a residual network, and the sum is normalised. "
            "Most later networks normalise before the sublayer instead. Here it comes after, so there is no "
            "normalisation left to do at the end of a stack.",
            layers=("encoder.layers.0.norm1", "encoder.layers.0.feed_forward", "encoder.layers.0.norm2"),
            variant="transformer-base",
        ),
        LessonStep(
            "The decoder must not look ahead",
            "In training the whole translation lies there, and every place is asked for the next word at once. A mask "
            "puts $-\\infty$ on the scores of all later places; the softmax turns that into a weight of exactly zero.",
            layers=("decoder.layers.0.self_attention.mask",),
            variant="transformer-base",
        ),
        LessonStep(
            "Cross-attention: the target asks the source",
            "Queries come from the decoder, keys and values from the top of the encoder, in every one of the "
            "decoder's layers. At the end the matrix that turned words into rows is used the other way round: a row "
            "of the output is compared with every word.",
            layers=("decoder.layers.0.cross_attention", "head"),
            variant="transformer-base",
        ),
    ),
    equations=(
        (
            r"\mathrm{Attention}(Q,K,V)=\mathrm{softmax}\!\left(\frac{QK^\top}{\sqrt{d_k}}\right)V",
            "Compare every query with every key, turn each row of scores into shares, and average the values by them.",
        ),
        (
            r"\mathrm{MultiHead}(Q,K,V)=\mathrm{Concat}(\mathrm{head}_1,\dots,\mathrm{head}_h)\,W^O,\quad "
            r"\mathrm{head}_i=\mathrm{Attention}(QW_i^Q,KW_i^K,VW_i^V)",
            "Each head attends in its own d / h features; their results stand side by side and are mixed by one "
            "matrix.",
        ),
        (
            r"\mathrm{FFN}(x)=\max(0,\,xW_1+b_1)\,W_2+b_2",
            "The same two layers for every place: wide, bent, narrow again.",
        ),
        (
            r"PE_{(pos,2i)}=\sin\!\left(pos/10000^{2i/d}\right),\quad "
            r"PE_{(pos,2i+1)}=\cos\!\left(pos/10000^{2i/d}\right)",
            "A clock with many hands: the first turns quickly, the last hardly at all.",
        ),
        (
            r"\text{parameters}=V d+N\left(4d^2+4d+2\,d\,d_{f\!f}+d_{f\!f}+d+4d\right)"
            r"+N\left(8d^2+8d+2\,d\,d_{f\!f}+d_{f\!f}+d+6d\right)",
            "One matrix of words; N encoder layers with one attention and two norms; N decoder layers with two "
            "attentions and three norms. No length and no number of heads appears.",
        ),
    ),
    corrections=(
        Correction(
            "Recurrent networks cannot run on GPUs; that is why the Transformer replaced them.",
            "They run on GPUs in batches. What recurrence forbids is working on the places of *one* sequence at the "
            "same time, since each step waits for the one before.",
            "Vaswani et al. 2017, sec. 1",
        ),
        Correction(
            "A Transformer has no idea of order.",
            "Attention alone has none: permute the words and the results are permuted with them. That is exactly why "
            "positions are added to the embeddings, and the decoder's mask brings order in a second time.",
            "Vaswani et al. 2017, sec. 3.5 and 3.2.3; the first is tested on this very code",
        ),
        Correction(
            "Layers are normalised at their input, and once more at the end of the stack.",
            "That is the later form. In the paper the norm follows each sum, and none comes last. PyTorch's ready-made "
            "`nn.Transformer` adds one after each stack and has no embeddings: 44,140,544 parameters at base size.",
            "Vaswani et al. 2017, sec. 3.1; the count is the ready-made module's",
        ),
        Correction(
            "Encoder and decoder layers are built alike.",
            "A decoder layer has three sublayers, not two, and so about a third more parameters: 4,204,032 against "
            "3,152,384 at base size.",
            "Vaswani et al. 2017, sec. 3.1, and the counts here",
        ),
        Correction(
            "More heads mean more parameters.",
            "The width is divided among them, so the count stays. Table 3 finds one head 0.9 BLEU worse than the best "
            "setting, and too many worse again.",
            "Vaswani et al. 2017, sec. 3.2.2 and Table 3, rows A",
        ),
    ),
    reading=(
        Reference(
            "Neural Machine Translation by Jointly Learning to Align and Translate",
            "Bahdanau, Cho and Bengio",
            2014,
            "ICLR 2015",
            "arXiv:1409.0473",
        ),
        Reference("Layer Normalization", "Ba, Kiros and Hinton", 2016, "", "arXiv:1607.06450"),
        Reference(
            "On Layer Normalization in the Transformer Architecture",
            "Xiong et al.",
            2020,
            "ICML 2020",
            "arXiv:2002.04745",
        ),
        Reference(
            "Using the Output Embedding to Improve Language Models",
            "Press and Wolf",
            2016,
            "EACL 2017",
            "arXiv:1608.05859",
        ),
    ),
)
