"""What to understand about momentum contrast."""

from explorer.spec import Correction, Lesson, LessonStep, Reference

V1, V2 = "moco_v1", "moco_v2"

LESSON = Lesson(
    steps=(
        LessonStep(
            "A task without labels",
            "Cut two views out of one picture, each with its own crop, colours and flip. One becomes the *query* $q$, "
            "the other its *key* $k_+$: 128 numbers of length 1. Nobody says what is in the picture; the task is to "
            "find the key that belongs to the query.",
            layers=("query_encoder", "key_encoder"),
            variant=V2,
        ),
        LessonStep(
            "One right answer, 65,536 wrong ones",
            "The query is compared with its own key, one product, and with every key of the queue, 65,536 products. "
            "Divided by a temperature, that is the input of a softmax with 65,537 classes in which the first is right.",
            layers=("positive", "negatives", "temperature"),
            variant=V2,
        ),
        LessonStep(
            "A queue keeps the dictionary large",
            "Keys of past batches are kept, so the number of negatives no longer depends on what fits into a batch. "
            "After each step the batch's keys come in and the oldest leave. These 8,388,608 numbers are state: no "
            "gradient reaches them.",
            layers=("queue",),
            variant=V2,
        ),
        LessonStep(
            "An encoder that follows slowly",
            "Keys in the queue were made at different times. Had their encoder changed fast, they would not compare. "
            "So it is not trained: after each step it moves a thousandth of the way towards the query encoder.",
            layers=("key_encoder", "query_encoder"),
            variant=V2,
        ),
        LessonStep(
            "What is kept in the end",
            "Heads, queue and key encoder have done their work when training ends. The trunk of the query encoder "
            "stays: 2,048 features, learnt without a label, on which a linear classifier or a detector is trained.",
            layers=("query_encoder.trunk", "query_encoder.head"),
            variant=V2,
        ),
        LessonStep(
            "From v1 to v2",
            "v1 ends in one linear layer. v2 takes two lessons from SimCLR: a head of two layers with a rectifier "
            "between, and stronger augmentation, with blur. Queue and momentum stay as they were.",
            layers=("query_encoder.head",),
            variant=V1,
        ),
    ),
    equations=(
        (
            r"\mathcal{L}_q = -\log \frac{\exp(q \cdot k_+ / \tau)}{\sum_{i=0}^{K} \exp(q \cdot k_i / \tau)}",
            "The contrastive loss: cross-entropy over one positive and K negatives, at temperature τ (eq. 1).",
        ),
        (
            r"\theta_k \leftarrow m\,\theta_k + (1 - m)\,\theta_q",
            "The momentum update: with m = 0.999 the key encoder is a slow average of query encoders (eq. 2).",
        ),
        (
            r"\lVert q \rVert = \lVert k \rVert = 1",
            "Queries and keys lie on a sphere, so that their product is the cosine of the angle between them.",
        ),
        (
            r"\text{age of the oldest key} = K / B",
            "In steps: with 65,536 keys and batches of 256, the oldest key was made 256 steps ago.",
        ),
    ),
    corrections=(
        Correction(
            "The queue holds pictures of earlier batches.",
            "It holds keys, 128 numbers for each picture, as the momentum encoder made them then. They are not "
            "made anew when the encoder moves on, which is why it must move slowly.",
            "He et al. 2019, sec. 3.2",
        ),
        Correction(
            "A query is compared with all the keys of its own batch too.",
            "Of its own batch it meets one key, its positive. The negatives come from the queue as it was before; only "
            "afterwards is the batch enqueued.",
            "He et al. 2019, algorithm 1",
        ),
        Correction(
            "Both encoders are trained.",
            "No gradient flows into the key encoder: it is an average over time. In the paper's comparison m = 0.999 "
            "did best, 0.9 lost almost four points of accuracy, and with m = 0 training did not converge.",
            "He et al. 2019, sec. 3.2 and 4.1",
        ),
        Correction(
            "Contrastive learning needs very large batches.",
            "Without a queue the negatives come from the batch, and SimCLR used up to 8,192 pictures. MoCo v2 reached "
            "67.5 % with batches of 256 and 200 epochs, where SimCLR with 8,192 reached 66.6 %.",
            "Chen et al. 2020 (MoCo v2), Table 2",
        ),
        Correction(
            "Batch normalisation works here as anywhere.",
            "Within a batch it lets the two views of a picture give each other away. The paper shuffles the batch over "
            "its GPUs before the key encoder, so that query and key are normalised with different neighbours.",
            "He et al. 2019, sec. 3.3",
        ),
    ),
    reading=(
        Reference(
            "Improved Baselines with Momentum Contrastive Learning",
            "Chen, Fan, Girshick and He",
            2020,
            "",
            "arXiv:2003.04297",
        ),
        Reference(
            "Unsupervised Feature Learning via Non-Parametric Instance Discrimination",
            "Wu, Xiong, Yu and Lin",
            2018,
            "CVPR 2018",
            "arXiv:1805.01978",
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
