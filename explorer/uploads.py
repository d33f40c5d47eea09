"""Reads what a learner brings along, points as CSV and pictures as files, and says plainly what does not fit.

Nothing here trusts its input: sizes are limited before anything is decoded, and whatever goes wrong is an UploadError.
"""

from __future__ import annotations

import csv
import io
import math
import warnings

import numpy as np
from PIL import Image, ImageOps

from explorer.data import Dataset
from explorer.engine.errors import UploadError

MOST_CSV_BYTES = 500_000
MOST_ROWS, LEAST_ROWS = 5000, 10
MOST_CLASSES = 5
HELD_OUT = 5  # every fifth row of a class is kept for testing
MOST_IMAGE_BYTES = 8_000_000
MOST_PIXELS = 20_000_000
LEAST_SIDE = 4
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP")
STROKE_BOX = 20 / 28  # MNIST's digits lie in a box of 20 × 20, their centre of mass in the middle of 28 × 28


def parse_points(content: bytes, classes: int = 0) -> Dataset:
    """Read points of the plane from CSV: two numbers and a class in each row, a header allowed.

    Points are centred and scaled into −1 … 1. `classes` asks for exactly so many; 0 allows 2 to 5. Raises UploadError.
    """
    rows = _rows(_text(content))
    points = np.array([_numbers(row, number) for number, row in rows], np.float64)
    names = [_class(row, number) for number, row in rows]
    known = tuple(sorted(set(names), key=_by_number))
    _check_classes(known, classes)
    targets = np.array([known.index(name) for name in names], np.int64)
    inputs = _into_plane(points)
    held_out = _held_out(targets, len(known))
    return Dataset(
        inputs[~held_out], targets[~held_out], inputs[held_out], targets[held_out], known,
        f"Your own {len(names):,} points, {int(held_out.sum()):,} of them held out",
    )  # fmt: skip


def parse_image(content: bytes, shape: tuple[int, int, int], centred: bool = False) -> np.ndarray:
    """Read a picture as uint8 (channels, height, width) of the given shape; `centred`: laid out as MNIST's digits.

    Grey pictures come as ink: 255 is the stroke, 0 the paper, whichever way round they were. Raises UploadError.
    """
    channels, height, width = shape
    picture = _opened(content)
    if channels == 1:
        ink = _ink(np.asarray(picture.convert("L")))
        return (_centred(ink, height, width) if centred else _fitted(Image.fromarray(ink), height, width, 0))[None]
    return np.ascontiguousarray(_fitted(picture.convert("RGB"), height, width, (255, 255, 255)).transpose(2, 0, 1))


# ---- points ------------------------------------------------------------


def _text(content: bytes) -> str:
    if not content.strip():
        raise UploadError("The file is empty. Expected rows such as 0.4, -0.2, blue.")
    if len(content) > MOST_CSV_BYTES:
        raise UploadError(f"The file has {len(content):,} bytes; up to {MOST_CSV_BYTES:,} are read. Use fewer rows.")
    if b"\0" in content:
        raise UploadError("This is not a text file. Expected CSV: two numbers and a class in each row.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UploadError(
            f"Byte {error.start:,} is not UTF-8 text. Save the table as “CSV UTF-8” and upload it again."
        ) from None


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """Return (line number, cells) of every row that is not blank, without the header."""
    delimiter = max(",;\t", key=text.split("\n", 1)[0].count)
    try:
        read = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        rows = [(read.line_num, [cell.strip() for cell in row]) for row in read if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise UploadError(f"The table cannot be read: {error}. Expected two numbers and a class in each row.") from None
    if rows and len(rows[0][1]) == 3 and not (_is_number(rows[0][1][0]) or _is_number(rows[0][1][1])):
        rows = rows[1:]
    for number, row in rows:
        if len(row) != 3:
            raise UploadError(f"Row {number} has {len(row)} columns; expected three: two numbers and a class.")
    if not LEAST_ROWS <= len(rows) <= MOST_ROWS:
        raise UploadError(f"There are {len(rows):,} rows of points; expected {LEAST_ROWS} to {MOST_ROWS:,}.")
    return rows


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _numbers(row: list[str], number: int) -> tuple[float, float]:
    for place, cell in enumerate(row[:2], 1):
        if not _is_number(cell):
            raise UploadError(f"Row {number}, column {place} is “{cell[:30]}”; expected a number such as 0.4.")
        if not math.isfinite(float(cell)) or abs(float(cell)) > 1e12:
            raise UploadError(f"Row {number}, column {place} is {cell[:30]}; expected a finite number, 1e12 at most.")
    return float(row[0]), float(row[1])


def _class(row: list[str], number: int) -> str:
    name = row[2]
    if not name or len(name) > 40 or name.lower() in ("nan", "inf", "-inf"):
        raise UploadError(f"Row {number}, column 3 is “{name[:30]}”; expected the name or number of a class.")
    return name


def _by_number(name: str) -> tuple[int, float, str]:
    return (0, float(name), name) if _is_number(name) and math.isfinite(float(name)) else (1, 0.0, name)


def _check_classes(known: tuple[str, ...], wanted: int) -> None:
    least, most = (wanted, wanted) if wanted else (2, MOST_CLASSES)
    if not least <= len(known) <= most:
        expected = f"exactly {wanted}" if wanted else f"2 to {MOST_CLASSES}"
        some = ", ".join(known[:6])
        raise UploadError(f"The third column names {len(known)} classes ({some}); expected {expected}.")


def _into_plane(points: np.ndarray) -> np.ndarray:
    """Move the points' middle to the origin and the farthest coordinate to 0.95; both axes keep one scale."""
    middle = (points.min(0) + points.max(0)) / 2
    reach = float(np.abs(points - middle).max())
    if reach == 0:
        raise UploadError("All points lie in the same place; expected points that differ.")
    return ((points - middle) * (0.95 / reach)).astype(np.float32)


def _held_out(targets: np.ndarray, classes: int) -> np.ndarray:
    """Return which rows are kept for testing: of each class every fifth, and at least one of those with two or more."""
    kept = np.zeros(len(targets), bool)
    for each in range(classes):
        places = np.flatnonzero(targets == each)
        if len(places) < 2:
            raise UploadError("A class has only one point; expected two of each at least: one to learn, one to test.")
        kept[places[1::HELD_OUT]] = True
    return kept


# ---- pictures ------------------------------------------------------------


def _opened(content: bytes) -> Image.Image:
    """Return the picture, upright and loaded, on white where it is transparent."""
    if not content:
        raise UploadError("The file is empty. Expected a picture: PNG, JPEG, GIF, BMP or WebP.")
    if len(content) > MOST_IMAGE_BYTES:
        raise UploadError(f"The file has {len(content):,} bytes; up to {MOST_IMAGE_BYTES:,} are read.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit below is the stricter one
            picture = Image.open(io.BytesIO(content), formats=FORMATS)
            _check_size(*picture.size)
            picture.load()
            picture = ImageOps.exif_transpose(picture)
            return _on_white(picture)
    except UploadError:
        raise
    except Exception as error:  # decoders of broken files raise almost anything
        raise UploadError(
            "This cannot be read as a picture: it is damaged, cut short or of another type. "
            "Expected PNG, JPEG, GIF, BMP or WebP."
        ) from error


def _check_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise UploadError(f"The picture has {width:,} × {height:,} pixels; up to {MOST_PIXELS:,} are read.")
    if min(width, height) < LEAST_SIDE:
        raise UploadError(f"The picture has {width} × {height} pixels; expected at least {LEAST_SIDE} × {LEAST_SIDE}.")


def _on_white(picture: Image.Image) -> Image.Image:
    coloured = picture.convert("RGBA")
    ground = Image.new("RGBA", coloured.size, (255, 255, 255, 255))
    return Image.alpha_composite(ground, coloured).convert("RGB")


def _ink(grey: np.ndarray) -> np.ndarray:
    """Return the picture with dark paper: turned round if its border is bright."""
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    return 255 - grey if np.median(border) > 127 else grey


def _fitted(picture: Image.Image, height: int, width: int, ground: int | tuple[int, int, int]) -> np.ndarray:
    """Scale the whole picture into the frame, keeping its proportions, on the given ground."""
    return np.asarray(ImageOps.pad(picture, (width, height), Image.Resampling.LANCZOS, color=ground))


def _centred(ink: np.ndarray, height: int, width: int) -> np.ndarray:
    """Cut the stroke out, scale its longer side to 20 of 28, put its centre of mass in the middle."""
    rows, columns = np.flatnonzero((ink > 64).any(1)), np.flatnonzero((ink > 64).any(0))
    if not len(rows):
        return np.zeros((height, width), np.uint8)
    stroke = Image.fromarray(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    scale = STROKE_BOX * min(height, width) / max(stroke.size)
    size = (max(1, round(stroke.width * scale)), max(1, round(stroke.height * scale)))
    small = np.asarray(stroke.resize(size, Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR))
    return _placed(small, height, width)


def _placed(small: np.ndarray, height: int, width: int) -> np.ndarray:
    weight = max(float(small.sum(dtype=np.float64)), 1.0)
    y = float((small.sum(1, dtype=np.float64) * np.arange(small.shape[0])).sum()) / weight
    x = float((small.sum(0, dtype=np.float64) * np.arange(small.shape[1])).sum()) / weight
    top = min(max(round(height / 2 - 0.5 - y), 0), height - small.shape[0])
    left = min(max(round(width / 2 - 0.5 - x), 0), width - small.shape[1])
    out = np.zeros((height, width), np.uint8)
    out[top : top + small.shape[0], left : left + small.shape[1]] = small
    return out
