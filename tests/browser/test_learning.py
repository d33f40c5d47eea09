"""Learning in the browser: an experiment from the prediction to the verdict, the neuron, a run taken away."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visitor
from tests.browser.test_training import start

pytestmark = pytest.mark.browser
SLOW = 120_000  # milliseconds for fifteen short runs on a machine that has other work


def test_an_experiment_from_prediction_to_verdict(visitor: Visitor):
    page = visitor.open("perceptron?view=learn&experiment=bias")
    run = page.get_by_role("button", name="Run it", exact=True)
    expect(run).to_be_disabled()
    expect(page.get_by_text("Not measured yet")).to_be_visible()
    page.get_by_role("radio", name="OR, but not AND").check()
    expect(page.get_by_text("chosen by you")).to_be_visible()
    run.click()
    expect(page.get_by_text(re.compile(r"\d+ of 15 runs done")).first).to_be_visible()
    expect(page.locator(".predict input").first).to_be_disabled()
    expect(page.locator(".ex-verdict")).to_have_text("Holds, here.", timeout=SLOW)
    expect(page.get_by_text("You were right.")).to_be_visible()
    expect(page.get_by_text("✓ measured")).to_be_visible()
    expect(page.locator(".ex-pill")).to_have_text("finished · 15 runs")
    expect(page.get_by_text("AND without bias").first).to_be_visible()
    expect(page.get_by_role("button", name="Run it again, 10 seeds")).to_be_enabled()


def test_an_experiment_can_be_cancelled(visitor: Visitor):
    page = visitor.open("feed_forward?view=learn&experiment=sigmoid")
    page.locator(".predict input").nth(1).check()
    page.get_by_role("button", name="Run it", exact=True).click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Run it", exact=True)).to_be_enabled()
    expect(page.get_by_text("chosen by you")).to_be_visible()


def test_only_what_the_learner_touched_is_red(visitor: Visitor):
    page = visitor.open("neuron")
    touched, other = page.get_by_label("weight w₁"), page.get_by_label("weight w₂")
    colour = "one => getComputedStyle(one).accentColor"
    before = other.evaluate(colour)
    assert touched.evaluate(colour) == before
    touched.focus()
    page.keyboard.press("ArrowRight")
    assert touched.evaluate(colour) != before
    assert other.evaluate(colour) == before


def test_a_sum_is_written_as_a_person_would(visitor: Visitor):
    page = visitor.open("neuron")
    expect(page.locator(".neuron .sum")).to_have_text("z₁ = 1.0 × 1.0 + (−1.0) × 0.5 + 0.5 × (−1.0) + 0.0 = 0.00")


def test_layers_are_built_up_by_hand(visitor: Visitor):
    page = visitor.open("neuron")
    page.get_by_role("button", name="one more: hidden neurons").click()
    page.get_by_role("button", name="one more: output neurons").click()
    expect(page.locator(".neuron .count")).to_have_text("(3 + 1) × 5 + (5 + 1) × 2 = 32 parameters.")
    page.get_by_role("button", name="output layer", exact=True).click()
    page.get_by_label("bias of neuron 1").fill("2")
    expect(page.locator(".neuron .sum")).to_have_text(re.compile(r"^y₁ = .* \+ 2\.0 = "))
    expect(page.get_by_role("img", name="3 inputs, 5 hidden neurons and 2 outputs")).to_be_visible()


def test_a_run_is_continued_from_home_and_taken_away(visitor: Visitor, tmp_path: Path):
    page = visitor.open("perceptron?view=train")
    start(page)
    page.wait_for_url(re.compile("run="))
    link = page.url
    page.get_by_role("link", name="Home").click()
    page.get_by_role("button", name=re.compile("Continue: Perceptron")).click()
    page.wait_for_url(link)
    page.get_by_role("link", name="Runs").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").first.click()
    download.value.save_as(tmp_path / "run.zip")
    names = zipfile.ZipFile(tmp_path / "run.zip").namelist()
    assert {"spec.json", "curves.csv", "run.json"} <= set(names)
    assert any(name.endswith(".safetensors") for name in names)


def test_the_gallery_is_searched_ordered_and_opened(visitor: Visitor):
    page = visitor.open()
    page.get_by_placeholder("Find a network").fill("rosenblatt")
    expect(page.locator(".gallery a.card")).to_have_count(1)
    page.get_by_placeholder("Find a network").fill("nobody")
    expect(page.get_by_text("No network here is called “nobody”")).to_be_visible()
    page.get_by_placeholder("Find a network").fill("")
    page.get_by_role("button", name="By year").click()
    page.wait_for_url(re.compile("order=year"))
    page.locator(".gallery a.card").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Perceptron")


def test_the_side_bar_starts_closed_on_narrow_pages(visitors: Callable[..., Visitor]):
    side_bar = "[data-testid=stSidebar]"
    wide, narrow = visitors(width=1200).open("cnn"), visitors(width=800).open("cnn")
    expect(wide.locator(side_bar)).to_have_attribute("data-collapsed", "false")
    expect(narrow.locator(side_bar)).to_have_attribute("data-collapsed", "true")
    cut = "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).map(one => one.innerText)"
    assert wide.locator(f"{side_bar} [data-testid=stPageLink-NavLink]").evaluate_all(cut) == []
