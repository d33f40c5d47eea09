"""Values that a learner chooses: knobs, hyperparameters, their ranges, and what is said when a value does not fit."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

Value: TypeAlias = bool | int | float | str | tuple[int, ...]
Settings: TypeAlias = Mapping[str, Value]


class SpecError(ValueError):
    """A name or value the card does not allow; the message says what was expected and the nearest right one."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` for the known name closest to `name`, or the list of all if none is close."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f"did you mean '{close[0]}'?" if close else f"known: {', '.join(names)}"


def int_of(settings: Settings, name: str) -> int:
    """Read a whole number from the settings."""
    return _as_int(settings[name])


def float_of(settings: Settings, name: str) -> float:
    """Read a number from the settings."""
    return _as_float(settings[name])


def widths_of(settings: Settings, name: str = "widths") -> tuple[int, ...]:
    """Read a list of whole numbers from the settings."""
    return _as_widths(settings[name])


class Scale(StrEnum):
    LINEAR = "linear"
    LOG = "log"


@dataclass(frozen=True)
class Knob:
    """Something to choose before a network is built or data are made: a number in a range, one of some choices, widths.

    A tuple default means a list of integers (layer widths), each within minimum..maximum.
    """

    name: str
    label: str
    default: Value
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    choices: tuple[Value, ...] = ()
    scale: Scale = Scale.LINEAR
    help: str = ""
    variants: tuple[str, ...] = ()  # the paper-scale variants that have this knob; empty: all

    def check(self, value: Value) -> Value:
        """Return `value` in the knob's own type; raise SpecError naming value and range if it does not fit."""
        value = self._typed(value)
        if self.choices and value not in self.choices:
            expected = ", ".join(str(choice) for choice in self.choices)
            raise SpecError(f"{self.name} = {value} is not one of {expected}")
        for number in value if isinstance(value, tuple) else (value,):
            self._check_range(number)
        return value

    def clamp(self, value: Value) -> Value:
        """Return the nearest allowed value; values that cannot be read as the knob's type become the default."""
        try:
            value = self._typed(value)
        except SpecError:
            return self.default
        if self.choices:
            return value if value in self.choices else self.default
        if isinstance(value, tuple):
            return tuple(int(self._into_range(number)) for number in value) or self.default
        if isinstance(value, (bool, str)):
            return value
        inside = self._into_range(value)
        return int(inside) if isinstance(self.default, int) else float(inside)

    def _typed(self, value: Value) -> Value:
        try:
            if isinstance(self.default, bool):
                return _as_bool(value)
            if isinstance(self.default, tuple):
                return _as_widths(value)
            if isinstance(self.default, int):
                return _as_int(value)
            if isinstance(self.default, float):
                return _as_float(value)
        except (TypeError, ValueError):
            raise SpecError(f"{self.name} = {value!r} is not {_WANTED[type(self.default)]}") from None
        return str(value)

    def _check_range(self, number: Value) -> None:
        if isinstance(number, (bool, str, tuple)):
            return
        low, high = self.minimum, self.maximum
        if (low is not None and number < low) or (high is not None and number > high):
            raise SpecError(f"{self.name} = {number} is outside {low} … {high}")

    def _into_range(self, number: float) -> float:
        low = number if self.minimum is None else max(number, self.minimum)
        return low if self.maximum is None else min(low, self.maximum)


@dataclass(frozen=True)
class Hyper(Knob):
    """A knob that may be turned while a run is training."""


_WANTED = {bool: "true or false", int: "a whole number", float: "a number", tuple: "whole numbers like 8-8-6"}


def _as_bool(value: Value) -> bool:
    words = {"true": True, "false": False, "1": True, "0": False}
    if str(value).lower() not in words:
        raise ValueError
    return words[str(value).lower()]


def _as_float(value: Value) -> float:
    if isinstance(value, tuple):
        raise TypeError
    number = float(value)
    if not math.isfinite(number):
        raise ValueError
    return number


def _as_int(value: Value) -> int:
    number = _as_float(value)
    if number != int(number):
        raise ValueError
    return int(number)


def _as_widths(value: Value) -> tuple[int, ...]:
    if isinstance(value, str):
        return tuple(_as_int(part) for part in value.replace(",", "-").split("-") if part)
    if isinstance(value, (bool, int, float)):
        return (_as_int(value),)
    return tuple(_as_int(part) for part in value)
