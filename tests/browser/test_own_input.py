"""Own pictures and own text in the browser: what can be read is looked at, what cannot is answered in words."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, expect

from tests.browser.conftest import Visitor

NASTY = "<img src=x onerror=alert(1)> \u202eשלום 🙂 \x07 zzzzqqq _"


def png(width: int, height: int) -> bytes:
    picture = io.BytesIO()
    Image.new("L", (width, height), 255).save(picture, "PNG")
    return picture.getvalue()


def test_pictures_that_cannot_be_read_are_refused_in_words_and_a_good_one_is_looked_at(visitor: Visitor):
    page = visitor.open("resnet?view=inside")
    page.get_by_text("Use a picture of your own").click()
    chooser = page.locator("[data-testid=stFileUploader] input[type=file]")
    for name, content, answer in (
        ("broken.png", png(64, 64)[:60], "This cannot be read as a picture"),
        ("huge.png", png(9000, 9000), "9,000 × 9,000 pixels"),
        ("tiny.png", png(1, 1), "1 × 1 pixels"),
    ):
        chooser.set_input_files(FilePayload(name=name, mimeType="image/png", buffer=content))
        expect(page.get_by_text(answer)).to_be_visible()
        expect(page.locator("[data-testid=stException]")).to_have_count(0)
    chooser.set_input_files(FilePayload(name="good.png", mimeType="image/png", buffer=png(64, 64)))
    expect(page.get_by_text("Your picture").first).to_be_visible()


@pytest.mark.parametrize("place", ["gpt?", "bert?", "transformer?task=verses&", "lstm?"])
def test_text_of_a_visitor_is_read_as_text_and_nothing_breaks(visitor: Visitor, place: str):
    page = visitor.open(f"{place}view=inside")
    visitor.drawn()
    field = page.locator("textarea:visible, input[type=text]:visible").first
    for text in (NASTY, "", "word " * 400):
        field.fill(text)
        field.press("Tab")
        page.wait_for_timeout(600)  # the field waits for the writer to pause
        visitor.settled()
        expect(page.locator("[data-testid=stException]")).to_have_count(0)
        expect(page.get_by_text("could not be drawn")).to_have_count(0)
        assert page.locator("img[src=x]").count() == 0
    assert not visitor.errors
