"""Numbers and names as the pages write them."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Sequence

THIN = "\u2009"
WORDS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve")
TEENS = ("Thirteen", "Fourteen", "Fifteen", "Sixteen", "Seventeen", "Eighteen", "Nineteen")
UNITS = ((10**12, "T"), (10**9, "G"), (10**6, "M"))
BYTES = ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB"))
TENS = ("Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety")


def in_words(number: int) -> str:
    """Return 0…99 in words with a capital, larger numbers in digits."""
    if number < 20:
        return (*WORDS, *TEENS)[number]
    if number > 99:
        return f"{number:,}"
    tens, ones = divmod(number, 10)
    return TENS[tens - 2] + (f"-{WORDS[ones].lower()}" if ones else "")


def spelled(number: int) -> str:
    """Return a large count as a title says it: 3, 266,610, 25.6 million, 175 billion."""
    for size, word in ((10**9, "billion"), (10**6, "million")):
        if number >= size:
            return f"{_three_digits(number / size)} {word}"
    return f"{number:,}"


def short(number: int) -> str:
    """Return a count in little room: 60,000, 25.6 M, 175 B."""
    for size, unit in ((10**9, "B"), (10**6, "M")):
        if number >= size:
            return f"{_three_digits(number / size)} {unit}"
    return f"{number:,}"


def large(number: int) -> str:
    """Return a count of multiply-adds: 326,520 or 4.09 G."""
    return _with_unit(number, UNITS) or f"{number:,}"


def in_bytes(number: int) -> str:
    """Return a size in memory: 3.24 kB, 115 MB."""
    return _with_unit(number, BYTES) or f"{number} bytes"


def _with_unit(number: int, units: Sequence[tuple[int, str]]) -> str:
    return next((f"{number / size:.3g} {unit}" for size, unit in units if number >= 0.9995 * size), "")


def percent(share: float, digits: int = 1) -> str:
    return f"{100 * share:.{digits}f}{THIN}%"


def figure(value: float, is_percent: bool) -> str:
    """Return a measured value: as per cent, or with three significant digits; the minus is a minus."""
    return (percent(value) if is_percent else f"{value:.3g}").replace("-", "−")


def ago(then: float, now: float | None = None) -> str:
    """Return how long ago a Unix time was, in words."""
    seconds = max(0.0, (time.time() if now is None else now) - then)
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {word}{'s' if count > 1 else ''} ago"
    return "just now"


def escape(text: str) -> str:
    """Return text that may stand in HTML."""
    return html.escape(text, quote=True)


def emphasised(text: str) -> str:
    """Return text that may stand in HTML, with `*…*` in italics and `**…**` bold; a star on its own stays a star."""
    bold = re.sub(r"\*\*(?=\S)(.+?)(?<=\S)\*\*", r"<b>\1</b>", escape(text))
    return re.sub(r"\*(?=\S)([^*]+?)(?<=\S)\*", r"<i>\1</i>", bold)


def _three_digits(number: float) -> str:
    return f"{number:.3g}" if number < 100 else f"{number:.0f}"
