"""What to understand about OverFeat."""

from explorer.spec import Correction, Lesson, LessonStep, Reference

LESSON = Lesson(
    steps=(
        LessonStep(
            "A finer first look",
            "Layer 1 moves its 7 × 7 windows by two pixels, where AlexNet moves by four: 108 × 108 places, pooled to "
            "36 × 36. There is no response normalisation, and pooling windows do not overlap.",
            layers=("layers.0",),
        ),
        LessonStep(
            "Full layers that slide",
            "Layer 7 reads 5 × 5 cells of all 1,024 maps. Written as a convolution it can move: on a picture of 257 "
            "pixels the maps are 6 × 6, and out come 2 × 2 answers instead of one. Turn the image knob and watch.",
            layers=("layers.6", "layers.7", "classes"),
        ),
        LessonStep(
            "Neighbours share their work",
            "Two windows that lie 36 pixels apart overlap almost everywhere. Cut out one by one, four of them would "
            "cost 21.4 G multiply-adds. Sliding computes what they share once: 8.0 G on a picture of 257 pixels.",
            layers=("layers.1", "layers.2", "layers.3"),
        ),
        LessonStep(
            "Where is it?",
            "For boxes the classifying layers are taken off and a regressor is put on. From each 5 × 5 cells it "
            "predicts the four edges of a box. The feature layers below stay as classification left them.",
            layers=("hidden.0", "hidden.1", "boxes"),
            variant="overfeat-regressor-scr",
        ),
        LessonStep(
            "One box, or one for each class?",
            "A thousand sets of edges could suit each class better. Yet the error of localisation rose from 31.3 % to "
            "44.1 %: each class has few boxes to learn from, and the top layer a thousand times the parameters.",
            layers=("boxes",),
            variant="overfeat-regressor-pcr",
        ),
        LessonStep(
            "Is there anything at all?",
            "Detection is classification at every place and scale, with one more answer: background. Wrong answers "
            "are picked as negative examples while it trains. All the boxes found are then merged, and their "
            "confidence adds up.",
            layers=("classes",),
        ),
    ),
    equations=(
        (
            r"n = \left\lfloor \frac{s - 221}{36} \right\rfloor + 1",
            "Answers along one side for a picture of s pixels, in the accurate model: strides 2 · 3 · 2 · 3 = 36.",
        ),
        (
            r"L = \lVert \hat b - b \rVert_2^2, \qquad b \in \mathbb{R}^4",
            "The regressor's loss: the squared distance between predicted and true edges (sec. 4.2).",
        ),
        (
            r"\mathrm{IoU}(A, B) = \frac{|A \cap B|}{|A \cup B|}",
            "How well a box fits: shared area over covered area. The challenge counts a box as right from one half on.",
        ),
    ),
    corrections=(
        Correction(
            "OverFeat learns to classify, to locate and to detect at once.",
            "The three share their feature layers, and at test time they run together. Training goes in turn: first "
            "the classifier; then its feature layers are fixed, and the regressor is trained on top of them.",
            "Sermanet et al. 2013, abstract, sec. 4, 4.2 and 6",
        ),
        Correction(
            "The accurate model is the larger one.",
            "It has fewer parameters than the fast one, 144,656,488 against 145,920,872. What it has more of is "
            "layers, nine against eight, and work: 5.36 G multiply-adds against 2.80 G.",
            "Sermanet et al. 2013, Tables 1, 3 and 4; the counts here",
        ),
        Correction(
            "The regressor reads 1,024 maps.",
            "The paper contradicts itself: text and Figure 8 say 256 maps after the last pooling, the tables of both "
            "models 1,024. The counts here follow the figure; a knob shows the other reading.",
            "Sermanet et al. 2013, sec. 4.2, Figure 8, Tables 1 and 3",
        ),
        Correction(
            "First layers find high-level features.",
            "The paper shows the filters of layer 1: edges in all directions, patterns and blobs. Parts and objects "
            "come late.",
            "Sermanet et al. 2013, sec. 3.1 and Figure 2",
        ),
    ),
    reading=(
        Reference(
            "Fully Convolutional Networks for Semantic Segmentation",
            "Long, Shelhamer and Darrell",
            2014,
            "CVPR 2015",
            "arXiv:1411.4038",
        ),
        Reference(
            "Rich feature hierarchies for accurate object detection and semantic segmentation",
            "Girshick, Donahue, Darrell and Malik",
            2013,
            "CVPR 2014",
            "arXiv:1311.2524",
        ),
    ),
)
