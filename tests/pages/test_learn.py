"""Learn: steps, corrections, and an experiment from the prediction to the verdict with the real engine."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from explorer import catalog
from explorer.engine.client import Client
from explorer.spec import Outcome
from explorer.ui import experiment as experiments
from explorer.ui import learn
from explorer.ui.session import KEY, Session
from tests.pages.conftest import everything, sound, until

Page = Callable[..., AppTest]


def test_turning_to_another_step_changes_the_address_and_the_words(page: Page) -> None:
    test = page("architecture", "perceptron", view="learn")
    test.button(key="step-perceptron-1").click().run()
    sound(test)
    assert "1" in test.query_params["step"]
    assert "learn" in test.query_params["view"]
    assert catalog.get("perceptron").lesson.steps[1].text in [each.value for each in test.markdown]


def test_a_step_beyond_the_last_is_the_last(page: Page) -> None:
    test = page("architecture", "perceptron", view="learn", step="99")
    sound(test)
    assert catalog.get("perceptron").lesson.steps[-1].text in [each.value for each in test.markdown]


@pytest.mark.parametrize("key", catalog.keys())
def test_every_layer_a_step_points_at_is_in_the_picture(engine: Client, key: str) -> None:
    card = catalog.get(key)
    for step in card.lesson.steps:
        blueprint = engine.blueprint(key, step.variant or card.usual.id)
        assert [path for path in step.layers if not learn.place(blueprint, path)] == []


def test_corrections_show_emphasis_not_stars(page: Page) -> None:
    said = everything(page("architecture", "cnn", view="learn"))
    assert "The <i>maps</i> move" in said
    assert "*maps*" not in said


def test_what_came_before_and_after_is_told(page: Page) -> None:
    said = everything(page("architecture", "feed_forward", view="learn"))
    assert "from Perceptron:" in said
    assert "to CNN (LeNet-5):" in said


def test_nothing_runs_before_the_learner_has_said_what_to_expect(page: Page) -> None:
    test = page("architecture", "perceptron", view="learn", experiment="bias")
    sound(test)
    assert test.button(key="run-bias").disabled
    assert "15 runs of 1,000 steps at most" in everything(test)


def test_an_experiment_from_prediction_to_verdict(page: Page, engine: Client) -> None:
    test = page("architecture", "perceptron", view="learn", experiment="bias")
    test.session_state[KEY] = Session(predictions={("perceptron", "bias"): 0})
    test.run()
    test.button(key="run-bias").click().run()
    sound(test)
    id = test.session_state[KEY].experiments["perceptron", "bias"]
    until(test, lambda test: engine.experiment_progress(id).verdict is not None, 120.0)
    test.run()
    sound(test)
    progress = engine.experiment_progress(id)
    assert progress.verdict is not None
    said = everything(test)
    assert progress.verdict.outcome is Outcome.HOLDS
    assert progress.verdict.outcome.value in said
    assert "5 seeds, 1,000 steps" in said
    assert "You were right." in said
    assert len({each.arm for each in progress.measured}) == 3
    assert test.button(key="again-bias").label == "Run it again, 10 seeds"


def test_a_cancelled_experiment_can_be_started_anew(page: Page, engine: Client) -> None:
    test = page("architecture", "perceptron", view="learn", experiment="xor")
    test.session_state[KEY] = Session(predictions={("perceptron", "xor"): 2})
    test.run()
    test.button(key="run-xor").click().run()
    id = test.session_state[KEY].experiments["perceptron", "xor"]
    test.button(key="cancel-xor").click().run()
    sound(test)
    assert engine.experiment_progress(id).message == "Stopped before it was done."
    assert ("perceptron", "xor") not in test.session_state[KEY].experiments
    assert not test.button(key="run-xor").disabled


@pytest.mark.parametrize("said", [None, True, -1, 3, "0", 0.0, [0]])
def test_only_an_option_counts_as_a_prediction(said: object) -> None:
    assert not experiments.predicted(catalog.get("perceptron").experiment("xor"), said)


def test_guessing_is_drawn_where_all_arms_share_it() -> None:
    card = catalog.get("feed_forward")
    assert [value for _, value in experiments.references(card, card.experiment("sigmoid"))] == [pytest.approx(0.6931)]
