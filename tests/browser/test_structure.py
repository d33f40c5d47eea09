"""The Structure view in a real browser: keyboard, map, files, and settings that cannot be built."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor


def focused(page: Page) -> str | None:
    """Return the id of the layer that has the focus."""
    return page.evaluate(
        "() => { let at = document.activeElement; while (at?.shadowRoot) at = at.shadowRoot.activeElement;"
        " return at?.dataset?.id ?? null }"
    )


def test_arrows_follow_the_connections_enter_chooses_escape_closes(visitor: Visitor) -> None:
    page = visitor.open("cnn")
    page.locator(".graph .item[data-id=input]").focus()
    page.keyboard.press("ArrowRight")
    assert focused(page) == "C1"
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("node=C1"))
    opened = page.locator('.graph .item[data-id="C3"][aria-expanded=true]')
    expect(opened).to_have_count(1)
    opened.focus()
    page.keyboard.press("Escape")
    expect(opened).to_have_count(0)


def test_a_rectangle_of_the_map_chooses_its_layer(visitor: Visitor) -> None:
    page = visitor.open("cnn")
    page.locator(".treemap .tile[data-id=F6]").click()
    expect(page).to_have_url(re.compile("node=F6"))
    expect(page.locator(".treemap .tile.chosen")).to_have_attribute("data-id", "F6")
    expect(page.locator(".layers tr.chosen")).to_have_attribute("data-id", "F6")
    expect(page.get_by_text("10,164 = 84·120 + 84")).to_be_visible()


def test_the_graph_is_saved_as_svg(visitor: Visitor) -> None:
    page = visitor.open("cnn")
    expect(page.locator(".graph .item[data-id=C1]")).to_be_visible()
    with page.expect_download() as waiting:
        page.locator(".graph button[data-do=save]").click()
    text = waiting.value.path().read_text(encoding="utf-8")
    assert waiting.value.suggested_filename.endswith(".svg")
    assert "subsampling" in text
    assert "var(--" not in text  # colours stand in it as they are


def test_a_kernel_that_does_not_fit_says_why_and_the_field_keeps_it(visitor: Visitor) -> None:
    page = visitor.open("cnn?variant=lenet5-modern")
    page.get_by_role("button", name="kernel").first.click()
    field = page.get_by_role("spinbutton").first
    field.fill("4")
    field.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="32 − 4 + 1 = 29")).to_be_visible()
    expect(field).to_have_value("4")
    field.fill("99")
    field.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="99 is outside 1 … 9")).to_be_visible()
    expect(field).to_have_value("99")


def test_a_hundred_equal_blocks_are_one_box_until_they_are_opened(visitor: Visitor) -> None:
    page = visitor.open("gpt?variant=gpt3-175b")
    rest = page.locator('.graph .item.fold[data-id="blocks.1"]')
    expect(rest).to_contain_text("block 2–96")  # the first is open
    expect(page.locator('.graph .item.block[data-id="blocks.0"]')).to_be_visible()
    page.get_by_label("Find a layer by name").fill("blocks.95.attention.query")
    page.get_by_label("Find a layer by name").press("Enter")
    expect(page).to_have_url(re.compile(r"node=blocks\.95\.attention\.query"))


def test_a_tie_without_data_is_dashed_and_says_what_it_means(visitor: Visitor) -> None:
    page = visitor.open("moco")
    tie = page.locator(".graph .edge", has_text="momentum update")
    expect(tie.locator("path.wire")).to_have_attribute("stroke-dasharray", "4 3")


def test_a_long_network_is_drawn_in_rows(visitor: Visitor) -> None:
    page = visitor.open("googlenet")
    first, last = (page.locator(f'.graph .item[data-id="{id}"]') for id in ("inception_3a", "inception_5b"))
    expect(last).to_be_visible()
    above, below = first.bounding_box(), last.bounding_box()
    assert above
    assert below
    assert below["y"] > above["y"] + above["height"]
