"""Compare in a real browser: selection in step, the chart by keyboard, the squares, both themes, narrow pages."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visitor
from tests.browser.test_pages import barriers
from tests.browser.test_structure import focused

LENETS = "a=cnn/lenet5-1998&b=cnn/lenet5-modern"
VIEWS = ("sides", "chart", "scale")


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_each_view_stands_without_serious_barriers(visitors: Callable[..., Visitor], view: str, colours: str) -> None:
    visitor = visitors(colours)
    page = visitor.open(f"compare?{LENETS}&view={view}&node=a:C1")
    drawn = {"sides": ".graph .item", "chart": ".scatter .point", "scale": ".scale .square"}[view]
    expect(page.locator(drawn).first).to_be_visible()
    expect(page.get_by_text("could not be drawn")).to_have_count(0)
    assert barriers(visitor) == []


def test_a_click_in_one_network_marks_the_counterpart_in_the_other(visitor: Visitor) -> None:
    page = visitor.open(f"compare?{LENETS}")
    first, second = page.locator(".graph").nth(0), page.locator(".graph").nth(1)
    first.locator(".item[data-id=C1]").click()
    expect(page).to_have_url(re.compile("node=a(%3A|:)C1"))
    expect(second.locator(".item.selected")).to_have_attribute("data-id", "C1")
    expect(page.get_by_text("is its counterpart: the same module path, C1")).to_be_visible()
    second.locator(".item[data-id=F6]").click()
    expect(page).to_have_url(re.compile("node=b(%3A|:)F6"))
    expect(first.locator(".item.selected")).to_have_attribute("data-id", "F6")


def test_the_address_keeps_the_networks_when_another_is_chosen(visitor: Visitor) -> None:
    page = visitor.open(f"compare?{LENETS}&view=chart")
    field = page.get_by_role("combobox", name=re.compile("Network C"))
    field.click()
    field.fill("XOR 2-2-1")
    page.get_by_role("option").first.click()
    expect(page).to_have_url(re.compile("c=feed_forward(%2F|/)mlp-xor"))
    for part in ("lenet5-1998", "lenet5-modern", "view=chart"):
        expect(page).to_have_url(re.compile(part))
    expect(page.locator(".scatter .point.chosen")).to_have_count(3)


def test_the_chart_is_walked_with_arrows_and_enter_opens_the_page(visitor: Visitor) -> None:
    page = visitor.open(f"compare?{LENETS}&view=chart")
    expect(page.locator(".scatter .point[tabindex='0']")).to_have_count(1)
    page.locator('.scatter .point[data-id="perceptron/perceptron-2"]').focus()
    page.keyboard.press("ArrowRight")
    there = focused(page)
    assert there
    assert there != "perceptron/perceptron-2"
    expect(page.locator(".scatter .say")).to_contain_text("parameters")
    page.keyboard.press("Enter")
    key, variant = there.split("/")
    expect(page).to_have_url(re.compile(rf"/{key}\?.*variant={variant}"))


def test_area_and_logarithm_are_links(visitor: Visitor) -> None:
    page = visitor.open(f"compare?{LENETS}&view=scale")
    expect(page.locator(".scale figcaption")).to_contain_text("one pixel is")
    page.get_by_role("button", name="logarithm").click()
    expect(page.locator(".scale figcaption")).to_contain_text("ten times as many")
    expect(page).to_have_url(re.compile("scale=logarithm"))
    page.get_by_role("button", name="alone").click()
    expect(page).to_have_url(re.compile("ladder=without"))
    expect(page.locator(".scale .square")).to_have_count(2)


def test_squares_have_the_areas_of_their_numbers(visitor: Visitor) -> None:
    """LeNet-5 as published has 60,000 + 840 parameters, today's form 61,706."""
    page = visitor.open(f"compare?{LENETS}&view=scale&ladder=without")
    expect(page.locator(".scale .frame")).to_have_count(2)
    sides = page.locator(".scale .frame").evaluate_all("all => all.map(one => Number(one.getAttribute('width')))")
    assert (sides[0] / sides[1]) ** 2 == pytest.approx(61_706 / 60_840, rel=1e-6)


def test_narrow_pages_do_not_scroll_sideways(visitors: Callable[..., Visitor]) -> None:
    visitor = visitors(width=800)
    for view in VIEWS:
        page = visitor.open(f"compare?{LENETS}&c=perceptron&d=feed_forward&view={view}")
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), view
        main = page.get_by_test_id("stMain")
        assert main.evaluate("main => main.scrollWidth <= main.clientWidth"), view
