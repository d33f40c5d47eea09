"""The numbers of some networks beside each other, differences told by a sign and by how many times.

Pure: blueprints in, rows and HTML out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from explorer.blueprint import Blueprint
from explorer.plots.dot import shape_text
from explorer.spec import Kind
from explorer.ui.compare_match import weight_depth
from explorer.ui.glyphs import mark
from explorer.ui.text import escape, in_bytes, large


@dataclass(frozen=True)
class Row:
    """One quantity: a number for each network, or none where the network has no such thing."""

    name: str
    values: tuple[int | None, ...]
    words: tuple[str, ...]
    note: str = ""
    kind: Kind | None = None  # for the rows that count operations

    @property
    def same(self) -> bool:
        return len(set(self.words)) == 1

    @property
    def told(self) -> str:
        """How the values differ, in words: "the same", "5.4 times"; nothing where they have no ratio."""
        if self.same:
            return "the same"
        if all(value is None for value in self.values):
            return "other"
        known = [value for value in self.values if value]
        if len(known) < len(self.values) or len(known) < 2:
            return "not in all"
        return times(max(known) / min(known))


def rows(blueprints: Sequence[Blueprint]) -> tuple[Row, ...]:
    """Return the rows of the table: what is counted of the whole, then operations by kind."""
    whole: list[tuple[str, str, Callable[[Blueprint], int | None], Callable[[int], str]]] = [
        ("Parameters, trainable", "", lambda each: each.trainable, _plain),
        ("Parameters, fixed", "part of the design, not trained", lambda each: each.fixed, _plain),
        ("Multiply–adds", "one input", lambda each: each.macs, large),
        ("Activation memory", "32-bit outputs of all operations", lambda each: each.activation_bytes, in_bytes),
        ("Sees, in the last map", "receptive field", lambda each: each.receptive_field, lambda side: f"{side:,} px"),
        ("Depth in layers with weights", "on the longest way", weight_depth, _plain),
    ]
    found = [_row(name, note, [value(each) for each in blueprints], written) for name, note, value, written in whole]
    shapes = tuple(f"{shape_text(each.input_shape)} → {shape_text(each.output_shape)}" for each in blueprints)
    found.append(Row("Input → output", (None,) * len(shapes), shapes))
    return tuple(row for row in found if any(row.values) or row.name.startswith("Input")) + _operations(blueprints)


def _row(name: str, note: str, values: Sequence[int | None], written: Callable[[int], str]) -> Row:
    words = tuple("–" if value is None else written(value) for value in values)
    return Row(name, tuple(values), words, note)


def _operations(blueprints: Sequence[Blueprint]) -> tuple[Row, ...]:
    counts = [Counter(node.kind for node in each.nodes if node.op != "input") for each in blueprints]
    return tuple(
        Row(_noun(kind), tuple(numbers), tuple(map(_plain, numbers)), kind=kind)
        for kind in Kind
        for numbers in [[count[kind] for count in counts]]
        if any(numbers)
    )


def _noun(kind: Kind) -> str:
    return "Other: add, join, reshape" if kind is Kind.RESHAPE else kind.value.capitalize()


def times(ratio: float) -> str:
    """Return a ratio in words: 1.26 times, 5.4 times, 2,916,667 times."""
    if ratio >= 100:
        return f"{ratio:,.0f} times"
    return f"{ratio:.3g} times" if ratio < 10 else f"{ratio:.1f} times"


def _plain(number: int) -> str:
    return f"{number:,}"


def table(names: Sequence[str], found: Sequence[Row]) -> str:
    """Return the table as HTML; `≠` and `=` say which rows differ, a bar how much, the last column how many times."""
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    first = next((i for i, row in enumerate(found) if row.kind), len(found))
    body = "".join(map(_line, found[:first]))
    if first < len(found):
        body += f'<tr class="part"><th scope="rowgroup" colspan="{len(names) + 3}">Operations, by kind</th></tr>'
    body += "".join(map(_line, found[first:]))
    return (
        '<div class="ex-compare ex-scroll" tabindex="0" role="region" aria-label="The numbers of these networks">'
        '<table class="numbers"><thead><tr><th scope="col"><span class="ex-sr">Differs</span></th>'
        f'<th scope="col">Counted</th>{heads}<th scope="col">Largest to smallest</th></tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _line(row: Row) -> str:
    most = max((value or 0 for value in row.values), default=0)
    cells = "".join(
        f'<td><span class="value">{escape(words)}</span>{_bar(value, most)}</td>'
        for value, words in zip(row.values, row.words, strict=True)
    )
    sign = f'<td class="sign">{"=" if row.same else "≠"}</td>'
    note = f' <span class="note">{escape(row.note)}</span>' if row.note else ""
    glyph = f"{mark(row.kind)} " if row.kind else ""
    name = f'<th scope="row">{glyph}{escape(row.name)}{note}</th>'
    told = f'<td class="told">{escape(row.told)}</td>'
    return f'<tr class="{"same" if row.same else "differs"}">{sign}{name}{cells}{told}</tr>'


def _bar(value: int | None, most: int) -> str:
    if value is None or not most:
        return ""
    return (
        f'<i class="bar"><i style="width:{max(0.4, 100 * value / most):.1f}%"></i></i>'
        if value
        else '<i class="bar"></i>'
    )
