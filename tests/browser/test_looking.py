"""Looking at a network in the browser: open a block and click a layer; draw a digit and see it classified."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.test_training import beyond, pause, start

ENOUGH = 150  # steps after which digits are told apart


def test_open_a_block_and_click_a_layer(visitor: Visitor):
    page = visitor.open("cnn")
    folded = page.locator(".item.fold").first
    expect(folded).to_have_attribute("aria-expanded", "false")
    name = folded.get_attribute("data-id")
    nodes = page.locator(".item.node")
    before = nodes.count()
    folded.focus()
    folded.press("Enter")
    expect(page.locator(f'.item.block[data-id="{name}"]')).to_have_attribute("aria-expanded", "true")
    expect(nodes).not_to_have_count(before)
    page.locator('.item.node[data-id="C1"]').click()
    page.wait_for_url(re.compile("[?&]node=C1"))
    expect(page.get_by_text(re.compile("156")).first).to_be_visible()  # 6 maps of 5 × 5 weights and a bias


def draw_a_one(page: Page) -> None:
    """Draw a vertical stroke with the mouse."""
    field = page.locator("[aria-label^='Picture. Draw']")
    field.scroll_into_view_if_needed()
    box = field.bounding_box()
    assert box
    middle = box["x"] + box["width"] / 2
    page.mouse.move(middle, box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(middle, box["y"] + 0.8 * box["height"], steps=15)
    page.mouse.up()


def test_draw_a_digit_and_see_it_classified(visitor: Visitor):
    page = visitor.open("cnn?view=train")
    start(page)
    beyond(page, ENOUGH)
    pause(page)
    page.goto(page.url.replace("view=train", "view=inside"))
    page.locator(".clear").click()
    draw_a_one(page)
    expect(page.locator(".classes button[aria-label^='1: '] i.best")).to_have_count(1)
    expect(page.get_by_text("Your drawing").first).to_be_visible()
