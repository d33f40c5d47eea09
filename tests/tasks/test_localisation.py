from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from explorer import tasks
from explorer.tasks import detection, localisation
from explorer.tasks.detection import Found
from explorer.tasks.localisation import FIRST, IGNORED, REACH, STRIDE, overlap

CLASSES = 10
# two digits in a scene of 64: a 3 around (24, 32), a 7 around (48, 48); then a place for a third
OBJECTS = torch.tensor([[[3, 14, 22, 34, 42], [7, 40, 38, 56, 58], [-1, -1, -1, -1, -1]]])


def ideal(objects: Tensor, side: int = 5) -> Tensor:
    """Return the maps of a network that knows everything."""
    maps = torch.zeros(len(objects), CLASSES + 5, side, side)
    wanted = localisation.labels(objects, maps[:, :-4])
    for scene, row, column in torch.cartesian_prod(torch.arange(len(objects)), torch.arange(side), torch.arange(side)):
        label = int(wanted[scene, row, column])
        maps[scene, CLASSES if label == IGNORED else label, row, column] = 20.0
        if 0 <= label < CLASSES:
            place = torch.tensor([column, row, column, row]) * STRIDE + FIRST
            (own,) = objects[scene][objects[scene, :, 0] == label]
            maps[scene, -4:, row, column] = (own[1:] - place) / REACH
    return maps


def test_locations_near_an_object_answer_for_it_those_far_away_say_nothing() -> None:
    found = localisation.labels(OBJECTS, torch.zeros(1, CLASSES + 1, 5, 5))[0]
    assert int(found[2, 1]) == 3  # location (24, 32), on the middle of the 3
    assert int(found[4, 4]) == 7
    assert int(found[0, 0]) == int(found[0, 4]) == CLASSES
    assert int(found[2, 2]) == IGNORED  # eight pixels beside the 3
    assert sorted(found.unique().tolist()) == [IGNORED, 3, 7, CLASSES]


def test_a_network_that_knows_everything_has_no_loss_and_finds_all() -> None:
    maps = ideal(OBJECTS)
    assert float(localisation.class_loss(maps[:, :-4], OBJECTS)) < 1e-6
    assert float(localisation.box_loss(maps[:, -4:], OBJECTS)) < 1e-10
    boxes = localisation.boxes(maps[:, -4:])
    assert boxes[0, 2, 1].tolist() == pytest.approx([14, 22, 34, 42])
    score = {name: float(value) for name, value in tasks.get("detection").score(maps, OBJECTS).items()}
    assert score == {"recall": 1.0, "precision": 1.0}


def test_one_object_is_answered_for_the_whole_picture() -> None:
    alone = OBJECTS.clone()
    alone[:, 1] = -1
    maps = ideal(alone)
    assert localisation.probabilities(maps)[0].argmax() == 3
    assert float(localisation.probabilities(maps).sum()) == pytest.approx(1)
    score = localisation.score(maps, alone)
    assert float(score["accuracy"]) == 1
    assert float(score["iou"]) == pytest.approx(1, abs=1e-3)


def test_the_loss_of_the_boxes_is_a_squared_error_and_empty_scenes_cost_nothing() -> None:
    edges = ideal(OBJECTS)[:, -4:] + 0.5
    assert float(localisation.box_loss(edges, OBJECTS)) == pytest.approx(0.25)
    nobody = torch.full_like(OBJECTS, -1)
    assert float(localisation.box_loss(edges, nobody)) == 0
    assert (localisation.labels(nobody, torch.zeros(1, CLASSES + 1, 5, 5)) == CLASSES).all()


def test_intersection_over_union() -> None:
    one = torch.tensor([0.0, 0, 10, 10])
    others = torch.tensor([[0.0, 0, 10, 10], [5, 0, 15, 10], [20, 20, 30, 30], [8, 8, 2, 2]])
    assert overlap(one, others).tolist() == pytest.approx([1, 50 / 150, 0, 0])
    assert detection.overlap(others.numpy(), one.numpy()).tolist() == pytest.approx([1, 50 / 150, 0, 0])


def found(*rows: tuple[float, float, float, float, int, float]) -> Found:
    table = np.array(rows)
    return Found(table[:, :4], table[:, 4].astype(int), table[:, 5])


def test_boxes_of_one_class_that_overlap_become_their_weighted_mean_and_confidence_adds_up() -> None:
    merged = detection.merged(
        found((0, 0, 10, 10, 3, 0.75), (4, 0, 14, 10, 3, 0.25), (0, 0, 10, 10, 5, 0.5), (40, 40, 50, 50, 3, 0.9))
    )
    assert merged.sure.tolist() == pytest.approx([1.0, 0.9, 0.5])
    assert merged.classes.tolist() == [3, 3, 5]
    assert merged.boxes[0].tolist() == pytest.approx([1, 0, 11, 10])


def test_a_box_turned_inside_out_is_merged_with_nothing_and_does_not_stop_the_merging() -> None:
    assert len(detection.merged(found((9, 9, 1, 1, 3, 0.9), (8, 8, 2, 2, 3, 0.8))).sure) == 2


def test_an_object_is_found_once_by_the_surest_box_of_its_class() -> None:
    boxes = found((14, 22, 34, 42, 3, 2.0), (15, 22, 35, 42, 3, 1.0), (40, 38, 56, 58, 8, 0.9))
    there = OBJECTS[0].numpy()
    assert detection.right(boxes, there).tolist() == [True, False, False]
    assert detection.right(boxes, there, 0.99).tolist() == [True, False, False]
    assert detection.right(boxes, there[2:]).tolist() == [False] * 3


def test_nothing_seen_is_nothing_found() -> None:
    maps = torch.zeros(1, CLASSES + 5, 5, 5)
    maps[:, CLASSES] = 9.0
    assert len(detection.merged(detection.found(maps)).sure) == 0
    score = detection.score(maps, OBJECTS)
    assert (float(score["recall"]), float(score["precision"])) == (0, 0)
