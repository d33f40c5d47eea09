"""Training in the browser: the transport, a change in mid-run, a link that finds the run again."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visitor

STEP = re.compile(r"step ([\d,]+)")


def transport(page: Page, what: str) -> Locator:
    return page.locator(f".transport [data-do={what}]")


def step(page: Page) -> int:
    found = STEP.search(page.locator(".transport .count").inner_text())
    return int(found.group(1).replace(",", "")) if found else 0


def start(page: Page) -> None:
    expect(transport(page, "main")).to_contain_text("Train")
    transport(page, "main").click()
    expect(transport(page, "main")).to_contain_text("Pause")
    beyond(page, 0)


def pause(page: Page) -> int:
    """Pause and return the step at which the run stands."""
    transport(page, "main").click()
    expect(transport(page, "main")).to_contain_text("Train on")
    expect(page.locator(".transport .count")).to_contain_text("paused")
    return step(page)


def beyond(page: Page, least: int) -> None:
    """Wait until the run has gone past a step."""
    shown = page.locator(".transport .count").element_handle()
    said = """([shown, least]) => {
        const found = /step ([\\d,]+)/.exec(shown.textContent)
        return found && Number(found[1].replaceAll(",", "")) > least
    }"""
    page.wait_for_function(said, arg=[shown, least])


def turn_learning_rate(page: Page) -> None:
    """Move the learning rate's slider by two notches with the keyboard."""
    slider = page.get_by_role("slider", name=re.compile("learning rate", re.IGNORECASE)).first
    slider.wait_for(state="attached")
    slider.focus()
    slider.press("ArrowRight")
    slider.press("ArrowRight")


def test_train_change_pause_step_resume(visitor: Visitor):
    page = visitor.open("cnn?view=train")
    start(page)
    turn_learning_rate(page)
    mark = page.locator(".transport .mark").first
    expect(mark).to_have_attribute("title", re.compile(r"learning rate .* → "))
    stood = pause(page)
    transport(page, "step").click()
    beyond(page, stood)
    assert step(page) == stood + 1
    transport(page, "main").click()
    expect(transport(page, "main")).to_contain_text("Pause")
    beyond(page, stood + 1)
    pause(page)


def test_the_link_finds_the_run_again_after_a_reload(visitor: Visitor):
    page = visitor.open("feed_forward?view=train")
    start(page)
    page.wait_for_url(re.compile("[?&]run="))
    stood = pause(page)
    page.reload()
    expect(transport(page, "main")).to_contain_text("Train on")
    expect(page.locator(".transport .count")).to_contain_text(f"step {stood:,}")


def test_two_visitors_train_apart(visitors: Callable[..., Visitor]):
    one, other = visitors("light"), visitors("dark")  # of two browser profiles
    first, second = one.open("perceptron?view=train&task=clouds"), other.open("feed_forward?view=train")
    start(first)
    start(second)
    stood = pause(first)
    beyond(second, step(second))
    assert step(first) == stood
    for page in (first, second):
        page.wait_for_url(re.compile("[?&]run="))
    assert first.url != second.url
    pause(second)


def test_keyboard_pauses_and_steps(visitor: Visitor):
    page = visitor.open("feed_forward?view=train")
    start(page)
    page.locator("h1").first.click()
    page.keyboard.press(" ")
    expect(page.locator(".transport .count")).to_contain_text("paused")
    stood = step(page)
    page.keyboard.press(".")
    beyond(page, stood)
    assert step(page) == stood + 1


def test_a_line_drawn_while_it_trains_waits_for_the_next_start(visitor: Visitor):
    page = visitor.open("gan?view=train&task=drawing")
    start(page)
    paper, said = page.locator(".sketch .paper"), page.get_by_text("Start again to train with what you drew.")
    expect(said).to_have_count(0)
    page.locator(".sketch .clear").click()
    box = paper.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 90, steps=8)
    page.mouse.up()
    expect(said).to_be_visible()
    transport(page, "again").click()
    expect(said).to_have_count(0)
    beyond(page, 0)


@pytest.mark.parametrize(
    "place", [
        "rnn?view=train&task=sines", "gan?view=train&task=ring", "deconvolution?view=train", "overfeat?view=train",
        "simclr?view=train", "transformer?view=train", "esn?view=train", "gpt?view=train",
    ],
)  # fmt: skip
def test_one_of_each_kind_trains(visitor: Visitor, place: str):
    page = visitor.open(place)
    start(page)
    beyond(page, 3)
    expect(page.get_by_text("could not be drawn")).to_have_count(0)
    pause(page)
