"""Every page and view: it stands, nothing on it is a serious barrier, wrong addresses are answered."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from explorer import catalog
from tests.browser.conftest import Colours, Visitor

VIEWS = ("structure", "train", "inside", "learn")
FIRST = ("perceptron", "feed_forward", "cnn")  # looked at in both themes; the others in turn in one or the other
SINGLE = ("", "neuron", "compare", "compare?view=chart", "compare?view=scale", "runs")
COLOURS: tuple[Colours, ...] = ("light", "dark")
PLACES = [(place, colours) for place in SINGLE for colours in COLOURS]
PLACES += [(f"{key}?view={view}", colours) for key in FIRST for view in VIEWS for colours in COLOURS]
PLACES += [
    (f"{key}?view={view}", COLOURS[(number + place) % 2])
    for number, key in enumerate(card.key for card in catalog.cards() if card.key not in FIRST)
    for place, view in enumerate(("structure", "learn", ("train", "inside")[number % 2]))
]
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


@pytest.mark.parametrize(("place", "colours"), PLACES)
def test_page_stands_without_serious_barriers(regular: Callable[[Colours], Visitor], place: str, colours: Colours):
    visitor = regular(colours)
    visitor.open(place)
    expect(visitor.page.locator("[data-testid=stException]")).to_have_count(0)
    expect(visitor.page.get_by_text("could not be drawn")).to_have_count(0)
    visitor.drawn()
    assert barriers(visitor) == []


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
