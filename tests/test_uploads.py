from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from explorer import uploads
from explorer.engine.errors import UploadError

ROWS = [f"{i / 7:.3f},{-i / 5:.3f},{'blue' if i % 2 else 'amber'}" for i in range(20)]

NEARLY_A_TABLE = '0123456789.,;-+einaf"\n\r\t ab'


def table(rows: list[str]) -> bytes:
    return "\n".join(rows).encode()


def picture(size: tuple[int, int] = (60, 80), kind: str = "PNG", mode: str = "L", ground: object = 255) -> bytes:
    image = Image.new(mode, size, ground)  # type: ignore[arg-type]
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize("head", [[], ["x,y,class"], ["x;y;class"]])
def test_points_are_read_with_or_without_a_header(head: list[str]) -> None:
    rows = [row.replace(",", ";") for row in ROWS] if head and ";" in head[0] else ROWS
    dataset = uploads.parse_points(table([*head, *rows]))
    assert dataset.classes == ("amber", "blue")
    assert len(dataset.train_targets) + len(dataset.test_targets) == 20
    assert set(dataset.test_targets) == {0, 1}
    assert np.abs(np.concatenate([dataset.train_inputs, dataset.test_inputs])).max() == pytest.approx(0.95)
    assert dataset.train_inputs.dtype == np.float32
    assert dataset.train_targets.dtype == np.int64


def test_one_scale_serves_both_axes() -> None:
    rows = [f"{10 * i},{i},{i % 2}" for i in range(20)]
    dataset = uploads.parse_points(table(rows))
    spread = np.ptp(np.concatenate([dataset.train_inputs, dataset.test_inputs]), axis=0)
    assert spread[0] / spread[1] == pytest.approx(10, rel=1e-4)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"  \n ", "empty"),
        (b"\x89PNG\r\n\x1a\n\0\0", "not a text file"),
        ("0.1,0.2,naïve\n".encode("latin-1") * 20, "UTF-8"),
        (table(ROWS[:9]), "9 rows"),
        (table(ROWS * 300), "6,000 rows"),
        (b"0.1,0.2,a\n" * 60_000, "bytes"),
        (table([*ROWS, "1,2"]), "Row 21 has 2 columns"),
        (table([*ROWS, "1,2,blue,4"]), "Row 21 has 4 columns"),
        (table([*ROWS, "1,two,blue"]), "Row 21, column 2 is “two”"),
        (table([*ROWS, "nan,2,blue"]), "Row 21, column 1 is nan"),
        (table([*ROWS, "1,inf,blue"]), "Row 21, column 2 is inf"),
        (table([*ROWS, "1,2,"]), "Row 21, column 3"),
        (table([row.replace("blue", "amber") for row in ROWS]), "1 classes"),
        (table([f"{i},{i},{i % 6}" for i in range(30)]), "6 classes"),
        (table(["1,1,a"] * 10 + ["1,1,b"] * 10), "same place"),
        (table([*ROWS, "1,2,green"]), "only one point"),
    ],
)
def test_a_table_that_does_not_fit_is_refused_with_its_place(content: bytes, says: str) -> None:
    with pytest.raises(UploadError, match=says):
        uploads.parse_points(content)


def test_exactly_two_classes_when_the_task_has_two() -> None:
    rows = [f"{i},{i * i},{i % 3}" for i in range(30)]
    assert len(uploads.parse_points(table(rows)).classes) == 3
    with pytest.raises(UploadError, match="exactly 2"):
        uploads.parse_points(table(rows), classes=2)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.text(alphabet=NEARLY_A_TABLE, max_size=400).map(str.encode)))
def test_random_bytes_raise_nothing_but_an_upload_error(content: bytes) -> None:
    for parse in (uploads.parse_points, lambda each: uploads.parse_image(each, (1, 28, 28), centred=True)):
        with contextlib.suppress(UploadError):  # anything else fails the test
            parse(content)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_damaged_pictures_raise_nothing_but_an_upload_error(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(uploads.FORMATS))
    whole = bytearray(picture(kind=kind, mode="RGB", ground=(9, 99, 199)))
    for _ in range(data.draw(st.integers(0, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    with contextlib.suppress(UploadError):
        assert uploads.parse_image(cut, (3, 32, 32)).shape == (3, 32, 32)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"GIF89a", "cannot be read"),
        (b"%PDF-1.7 and so on", "cannot be read"),
        (picture()[:60], "cannot be read"),
        (picture((3, 40)), "at least 4"),
        (picture((5000, 5000)), "5,000 × 5,000"),
        (b"\x89PNG" + bytes(uploads.MOST_IMAGE_BYTES), "bytes"),
    ],
)
def test_a_picture_that_does_not_fit_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(UploadError, match=says):
        uploads.parse_image(content, (1, 28, 28))


@pytest.mark.parametrize("dark_on_bright", [True, False])
def test_a_digit_is_laid_as_mnist_lays_its_own(dark_on_bright: bool) -> None:
    page = np.full((300, 200), 255 if dark_on_bright else 0, np.uint8)
    page[20:120, 150:160] = 0 if dark_on_bright else 255  # a stroke in a corner
    out = io.BytesIO()
    Image.fromarray(page).save(out, "PNG")
    ink = uploads.parse_image(out.getvalue(), (1, 28, 28), centred=True)[0]
    rows, columns = np.nonzero(ink)
    assert rows.max() - rows.min() + 1 == 20
    assert abs(rows.mean() - 13.5) <= 0.5
    assert abs(columns.mean() - 13.5) <= 0.5
    assert ink.max() == 255


def test_a_blank_page_is_a_blank_digit() -> None:
    assert uploads.parse_image(picture(), (1, 28, 28), centred=True).max() == 0


def test_colour_is_kept_and_transparency_becomes_white() -> None:
    red = uploads.parse_image(picture((40, 40), mode="RGB", ground=(200, 10, 20)), (3, 32, 32))
    assert red[:, 16, 16].tolist() == [200, 10, 20]
    clear = uploads.parse_image(picture((40, 40), mode="RGBA", ground=(0, 0, 0, 0)), (3, 32, 32))
    assert clear[:, 16, 16].tolist() == [255, 255, 255]
