"""Every page and view: it stands, nothing on it is a serious barrier, wrong addresses are answered."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from explorer import catalog
from tests.browser.conftest import COLOURS, Colours, Visitor

VIEWS = {"structure": "Structure", "train": "Train", "inside": "Look inside", "learn": "Learn"}
SINGLE = ("", "neuron", "compare", "runs")  # the views of compare: test_compare.py
ARCHITECTURES = [(card.key, COLOURS[number % 2]) for number, card in enumerate(catalog.cards())]  # in turn
SERIOUS = ("serious", "critical")
FRAMEWORK = "[data-testid=stToolbar], [data-testid=stDecoration]"  # drawn by Streamlit, not by us


def barriers(visitor: Visitor) -> list[str]:
    found = Axe().run(visitor.page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{each['id']}: {each['help']} — {node['target']}"
        for each in found
        if each["impact"] in SERIOUS
        for node in each["nodes"]
    ]


def stands(visitor: Visitor) -> None:
    """Whether the page shows what it should, and nothing on it is a serious barrier."""
    expect(visitor.page.locator("[data-testid=stException]")).to_have_count(0)
    expect(visitor.page.get_by_text("could not be drawn")).to_have_count(0)
    visitor.drawn()
    assert barriers(visitor) == []


@pytest.mark.parametrize("colours", COLOURS)
@pytest.mark.parametrize("place", SINGLE)
def test_page_stands_without_serious_barriers(visitors: Callable[..., Visitor], place: str, colours: Colours):
    visitor = visitors(colours)
    visitor.open(place)
    stands(visitor)


@pytest.mark.parametrize(("key", "colours"), ARCHITECTURES)
def test_every_view_and_lens_stands_without_serious_barriers(
    visitors: Callable[..., Visitor], key: str, colours: Colours
):
    visitor = visitors(colours)
    page = visitor.open(key)
    stands(visitor)
    for view in ("train", "inside", "learn"):
        page.get_by_role("radiogroup", name="View").get_by_role("radio", name=VIEWS[view], exact=True).click()
        page.wait_for_url(re.compile(f"view={view}"))
        visitor.settled()
        if view == "train":
            expect(page.get_by_text("this is how the network starts")).to_be_visible()
        stands(visitor)
        if view == "train":
            look_through_each_lens(visitor)


def look_through_each_lens(visitor: Visitor) -> None:
    """Pick one lens after the other on the Train view, where there are more than fit."""
    lenses = visitor.page.get_by_role("radiogroup", name="Look through").get_by_role("radio")
    for number in range(1, lenses.count()):
        lenses.nth(number).click()
        expect(lenses.nth(number)).to_be_checked()
        expect(visitor.page.get_by_text("The first picture is on its way")).to_have_count(0)
        expect(visitor.page.get_by_text("could not be drawn")).to_have_count(0)
        visitor.drawn()


def test_home_leads_to_every_architecture(visitor: Visitor):
    page = visitor.open()
    for card in catalog.cards():
        expect(page.get_by_role("link", name=re.compile(re.escape(card.title))).first).to_be_attached()


def test_dark_theme_is_dark(visitors: Callable[..., Visitor]):
    def ground(visitor: Visitor) -> int:
        colour = visitor.open("cnn").evaluate(
            "() => getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
        )
        return sum(int(part) for part in re.findall(r"\d+", colour)[:3])

    assert ground(visitors("light")) > 3 * 200
    assert ground(visitors("dark")) < 3 * 50


def test_a_wrong_page_names_the_nearest(visitor: Visitor):
    visitor.page.goto(f"{visitor.url}/perceptrn")
    expect(visitor.page.get_by_text(re.compile("perceptron", re.IGNORECASE)).first).to_be_visible()
    expect(visitor.page.get_by_text(re.compile("perceptrn")).first).to_be_visible()


def test_a_wrong_variant_names_the_nearest_and_the_page_stands(visitor: Visitor):
    page = visitor.open("cnn?variant=lenet5-1989")
    expect(page.get_by_text(re.compile("did you mean 'lenet5-1998'")).first).to_be_visible()


def test_an_unknown_run_is_answered(visitor: Visitor):
    page = visitor.open("cnn?view=train&run=nobody-has-this")
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
    expect(page.get_by_text(re.compile("nobody-has-this|no run", re.IGNORECASE)).first).to_be_visible()
    expect(page.get_by_text("this is how the network starts")).to_be_visible()  # in place of the run: a new one


def test_projector_size_is_larger(visitor: Visitor):
    size = "() => document.querySelector('h1').getBoundingClientRect().height"
    usual = visitor.open("cnn").evaluate(size)
    assert visitor.open("cnn?size=room").evaluate(size) >= 1.2 * usual


def test_narrow_pages_do_not_scroll_sideways(visitors: Callable[..., Visitor]):
    visitor = visitors(width=800)
    for place in ("", "cnn", "feed_forward?view=train", "gpt", "transformer?view=learn", "compare"):
        page = visitor.open(place)
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), place
