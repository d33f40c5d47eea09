"""What to understand about convolutional networks."""

from explorer.spec import Correction, Lesson, LessonStep, Reference

LESSON = Lesson(
    steps=(
        LessonStep(
            "One small window, everywhere",
            "A unit of C1 looks at 5 × 5 pixels: 25 weights and a bias. The next unit looks one pixel further with "
            "the *same* weights. "
            "All 28 × 28 of them together are one feature map, made with 26 numbers.",
            layers=("C1",),
        ),
        LessonStep(
            "Several maps, several questions",
            "Six maps ask six different questions of every place: a stroke leaning left, an end, a blank. "
            "156 parameters make 4,704 outputs, through 122,304 connections.",
            layers=("C1",),
        ),
        LessonStep(
            "Pool: where exactly matters less",
            "S2 sums each 2 × 2 of a map, times one trained number, plus another. The map halves, and a stroke that "
            "moved by a pixel looks almost the same.",
            layers=("S2",),
        ),
        LessonStep(
            "Strokes of strokes",
            "C3 looks at 5 × 5 cells of S2, which are 14 × 14 pixels of the picture. Each of its maps sees only "
            "three, four or all six of the maps below: "
            "the table of 1998 breaks the symmetry and saves work. Open C3 to see its sixteen parts.",
            layers=("C3",),
        ),
        LessonStep(
            "From maps to an answer",
            "C5 covers the whole of S4: 120 numbers with no place left. F6 makes 84 of them, one for each dot of a 7 "
            "× 12 bitmap.",
            layers=("C5", "F6"),
        ),
        LessonStep(
            "Ten distances",
            "Each output unit holds a drawn bitmap of its digit and measures how far F6 is from it. The smallest "
            "distance wins. "
            "The bitmaps are fixed: 840 numbers that are not trained.",
            layers=("output",),
        ),
    ),
    equations=(
        (
            r"y_{c,i,j} = b_c + \sum_{d,u,v} w_{c,d,u,v}\; x_{d,\,i+u,\,j+v}",
            "A convolution: the same kernel w at every place (i, j).",
        ),
        (
            r"o = \left\lfloor \frac{i + 2p - k}{s} \right\rfloor + 1",
            "The side of the output: input i, padding p, kernel k, stride s.",
        ),
        (r"\text{parameters} = c_{out}\,(c_{in}\,k^2 + 1)", "Independent of the picture's size."),
        (r"f(a) = 1.7159\,\tanh\!\left(\tfrac{2}{3}a\right)", "The squashing function of 1998: f(1) = 1, f(−1) = −1."),
        (r"y_i = \sum_j (x_j - w_{ij})^2", "The output of 1998: the squared distance to the bitmap of class i."),
    ),
    corrections=(
        Correction(
            "LeNet-5 has 61,706 parameters.",
            "The published network has 60,000: its C3 is sparse (1,516 instead of 2,416), its pooling is trained (44 "
            "numbers), and its output layer is fixed. 61,706 is what most code builds.",
            "LeCun et al. 1998, sec. II.B and table I",
        ),
        Correction(
            "LeNet-5 takes 28 × 28 pictures.",
            "It takes 32 × 32, so that strokes at the border can lie in the middle of a window. Code for 28 × 28 adds "
            "padding in C1 instead.",
            "LeCun et al. 1998, sec. II.B",
        ),
        Correction(
            "A convolutional network recognises an object wherever it is.",
            "The *maps* move with the object. A read-out with a weight for every cell does not: in the experiment on "
            "shifted digits it falls far below. Averaging each map before the read-out is what makes the answer "
            "independent of place.",
            "measured here: Learn, Shifted digits",
        ),
        Correction(
            "First layers find high-level features such as edges.",
            "Edges are the low level. Parts and whole objects come in late layers.",
            "Zeiler & Fergus 2013, on features by layer",
        ),
    ),
    reading=(
        Reference(
            "Visualizing and Understanding Convolutional Networks",
            "Zeiler and Fergus",
            2013,
            "ECCV 2014",
            "arXiv:1311.2901",
        ),
        Reference(
            "A guide to convolution arithmetic for deep learning", "Dumoulin and Visin", 2016, "", "arXiv:1603.07285"
        ),
    ),
)
