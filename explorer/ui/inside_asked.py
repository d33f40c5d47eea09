"""What a component of the Look inside view may ask, read with care: it comes from the visitor's browser."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Mapping, Sequence

import numpy as np

from explorer.engine.messages import Json
from explorer.spec import SpecError


def number(question: Mapping[str, Json], name: str, low: float, high: float) -> float:
    """Return a number brought into low … high; raises SpecError for anything else."""
    value = question.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise SpecError(f"{name} = {str(value)[:40]} is not a number")
    return min(high, max(low, value))


def whole(question: Mapping[str, Json], name: str, most: int = 10**6) -> int:
    """Return a whole number brought into 0 … most."""
    return int(number(question, name, 0, most))


def word(question: Mapping[str, Json], name: str) -> str:
    """Return a short text; raises SpecError for anything else."""
    value = question.get(name)
    if not isinstance(value, str) or len(value) > 200:
        raise SpecError(f"{name} is not a short text")
    return value


def pixels(question: Mapping[str, Json], shape: Sequence[int]) -> np.ndarray:
    """Return a drawing, base64 of one byte a pixel, as uint8 of the shape; raises SpecError if it does not fit."""
    text, size = question.get("pixels"), math.prod(shape)
    if not isinstance(text, str) or len(text) > 2 * size + 8:
        raise SpecError(f"the drawing does not have {size} pixels")
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise SpecError("the drawing could not be read; draw it again") from None
    if len(content) != size:
        raise SpecError(f"the drawing has {len(content)} pixels; expected {size}")
    return np.frombuffer(content, np.uint8).reshape(tuple(shape)).copy()


def point(question: Mapping[str, Json], span: float) -> np.ndarray:
    """Return a point of the plane as two float32 within −span … span; raises SpecError for anything else."""
    values = question.get("point")
    if not isinstance(values, list) or len(values) != 2:
        raise SpecError("a point of the plane has two coordinates")
    return np.array([number({"coordinate": value}, "coordinate", -span, span) for value in values], np.float32)
