"""A difference of two networks as sentences and as a table.

Pure: a Difference in, HTML out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from explorer.blueprint import Blueprint
from explorer.ui.compare_difference import Change, Difference, Part, Row
from explorer.ui.glyphs import mark
from explorer.ui.text import escape, in_words, percent

SIGNS = {
    Change.SAME: "=", Change.NUMBER: "×", Change.SIZE: "≠", Change.KIND: "≠", Change.FIRST: "−", Change.SECOND: "+",
}  # fmt: skip
MOST_ROWS = 150
SHORTEST_RUN = 3  # so many rows of the same in a row become one


def said(found: Difference, names: tuple[str, str], first: Blueprint, second: Blueprint) -> str:
    """Return what the table shows, in two or three sentences."""
    if found.alike:
        return "Layer by layer the two are the same: same operations, same sizes."
    one, other = (f"<b>{escape(name)}</b>" for name in names)
    counts = [
        (found.count(Change.SIZE), "{} in both, in another size"),
        (found.count(Change.KIND), "{} in the same place, built differently"),
        (found.count(Change.NUMBER), "{} in both, repeated another number of times"),
        (found.count(Change.FIRST), "{} only in " + one),
        (found.count(Change.SECOND), "{} only in " + other),
    ]
    parts = "; ".join(words.format(_parts(count, not i)) for i, (count, words) in enumerate(_present(counts)))
    return f"{parts}. {_shared(found, one, other, first, second)}"


def _present(counts: Iterable[tuple[int, str]]) -> list[tuple[int, str]]:
    return [each for each in counts if each[0]]


def _parts(count: int, capital: bool) -> str:
    word = in_words(count)
    number = word if capital else word.lower()
    return f"{number} part{'' if count == 1 else 's'}" if capital else number


def _shared(found: Difference, one: str, other: str, first: Blueprint, second: Blueprint) -> str:
    """Say how many of the parameters stand in parts that are exactly alike."""
    if not found.shared:
        return "No layer with weights is exactly the same in both."
    mine, theirs = (
        "all" if found.shared == each.parameters else percent(found.shared / max(1, each.parameters))
        for each in (first, second)
    )
    return f"Parts that are exactly alike hold {found.shared:,} parameters: {mine} of {one} and {theirs} of {other}."


def listed(found: Difference, names: Sequence[str]) -> str:
    """Return the rows as an HTML table: what is the same in a row becomes one line; beyond a limit it says so."""
    lines = [line for same, rows in groupby(found.rows, _is_same) for line in _lines(list(rows), same)]
    more = len(lines) - MOST_ROWS
    if more > 0:
        lines = [*lines[:MOST_ROWS], f'<tr class="same"><td></td><td colspan="3">and {more:,} rows more</td></tr>']
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    return (
        '<div class="ex-compare ex-scroll tall" tabindex="0" role="region" aria-label="Where the two differ">'
        '<table class="difference"><thead><tr><th scope="col"><span class="ex-sr">Sign</span></th>'
        f'{heads}<th scope="col">How</th></tr></thead><tbody>{"".join(lines)}</tbody></table></div>'
    )


def _is_same(row: Row) -> bool:
    return row.change is Change.SAME


def _lines(rows: Sequence[Row], same: bool) -> list[str]:
    if not same or len(rows) < SHORTEST_RUN:
        return [_line(row) for row in rows]
    parts = [row.first for row in rows if row.first]
    weights = sum(part.parameters for part in parts)
    count = sum(part.count for part in parts)
    words = f"{escape(parts[0].name)} … {escape(parts[-1].name)}: {count} parts, {weights:,} parameters"
    cells = f'<td class="sign">=</td><td colspan="2">{_indented(rows[0], words)}</td><td>the same</td>'
    return [f'<tr class="same">{cells}</tr>']


def _line(row: Row) -> str:
    quiet = not any(part.parameters or part.tied for part in (row.first, row.second) if part)
    kind = "same" if row.change is Change.SAME else "quiet" if quiet else "differs"
    words = _how(row)
    cells = "".join(f"<td>{_indented(row, _part(part))}</td>" for part in (row.first, row.second))
    return f'<tr class="{kind}"><td class="sign">{SIGNS[row.change]}</td>{cells}<td>{words}</td></tr>'


def _how(row: Row) -> str:
    blocks = row.first and row.second and row.first.block and row.second.block
    words = "built differently" if blocks and row.change is Change.KIND else row.change.value
    if row.opened:
        words = "differs" if row.change is Change.SIZE else words
        return f"{words}, inside:"
    return words


def _indented(row: Row, html: str) -> str:
    return f'<div style="padding-left:{18 * row.depth}px">{html}</div>' if row.depth else html


def _name(part: Part) -> str:
    return f"{part.name} … {part.last}" if part.last and part.last != part.name else part.name


def _part(part: Part | None) -> str:
    if part is None:
        return '<span class="ex-sr">nothing</span>'
    many = f" <b>× {part.count}</b>" if part.count > 1 else ""
    twice = part.what.lower().startswith(part.name.lower())
    name, what = (part.what, "") if twice else (_name(part), part.what)
    weights = f"{part.parameters:,}" if part.parameters else "tied" if part.tied else ""
    return (
        f'{mark(part.kind)} {escape(name)}{many} <span class="what">{escape(what)}</span>'
        f'<span class="weights">{weights}</span>'
    )
