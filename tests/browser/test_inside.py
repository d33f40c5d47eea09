"""Look inside in the browser: a drawing laid in its place, a kernel that does not fit, a point taken apart."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor

SEVEN = ((0.0, 0.0), (1.0, 0.0), (0.35, 1.6))


def draw(page: Page, strokes: tuple[tuple[float, float], ...], left: float, top: float, size: float) -> None:
    """Draw lines with the mouse; places and sizes as shares of the picture."""
    field = page.locator("[aria-label^='Picture. Draw']")
    field.scroll_into_view_if_needed()
    box = field.bounding_box()
    assert box
    for at, (x, y) in enumerate(strokes):
        page.mouse.move(
            box["x"] + box["width"] * (left + size * x), box["y"] + box["height"] * (top + size * y), steps=5
        )
        if at == 0:
            page.mouse.down()
    page.mouse.up()


def test_a_small_digit_in_the_corner_is_laid_as_mnist_lays_its_own(visitor: Visitor):
    page = visitor.open("cnn?view=inside")
    page.locator(".inspector .clear").click()
    expect(page.get_by_text("Nothing is drawn yet")).to_be_visible()
    draw(page, SEVEN, 0.06, 0.06, 0.16)
    expect(page.locator(".classes button[aria-label^='7: '] i.best")).to_have_count(1)
    expect(page.get_by_text("Moved and scaled as MNIST’s digits were")).to_be_visible()
    page.locator(".inspector .segments button", has_text="Grad-CAM").click()
    expect(page.locator(".why .caption")).to_contain_text("last convolution’s maps speak for “7”")
    assert not visitor.errors


def test_a_stride_that_does_not_fit_is_shown_with_its_formula(visitor: Visitor):
    page = visitor.open("cnn?view=inside")
    stride = page.locator(".walk input[data-key=stride]")
    stride.focus()
    stride.press("ArrowRight")
    stride.press("ArrowRight")
    expect(page.locator(".walk .formula")).to_have_text("A stride of 3 does not fit: (28 − 5) / 3 + 1 = 8.67. Try 1.")
    stride.press("Home")
    expect(page.locator(".walk .formula")).to_have_text(re.compile("the result is 24 × 24"))


def test_a_point_of_the_plane_is_taken_apart_once_trained(visitor: Visitor):
    page = visitor.open("perceptron?view=inside")
    page.locator(".probe .ground").click(position={"x": 250, "y": 80})
    expect(page.locator(".probe .where")).to_contain_text("You picked (")
    page.locator(".probe .columns button").last.click()
    expect(page.locator(".probe .taken")).to_contain_text("Its sigmoid is the answer")
