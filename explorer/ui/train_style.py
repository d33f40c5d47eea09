"""How the Train view is laid out, and what it shows where there is no picture yet."""

from __future__ import annotations

from html import escape

import streamlit as st

from explorer.spec import Card, Task


def dark() -> bool:
    return st.context.theme.type == "dark"


def show() -> None:
    """Lay out: transport, figure beside controls, curves below; one column under 900 px (figure, controls, curves)."""
    hand, loss, line, text2 = (
        ("#FF8B70", "#E2588C", "#31363E", "#B6B4AE") if dark() else ("#C5301A", "#96304F", "#E2DED4", "#53565C")
    )
    part = '.st-key-train [data-testid="stLayoutWrapper"]:has(> .st-key-train_{})'
    places = "".join(f"{part.format(name)} {{ grid-area: {name}; min-width: 0; }}\n" for name in PLACES)
    st.html(f"""<style>
.st-key-train {{ display: grid; grid-template-columns: minmax(0, 1fr) 210px; gap: 12px 20px; align-items: start;
  grid-template-areas: "transport transport" "figure controls" "curves controls"; grid-template-rows: auto auto 1fr; }}
{FRAGMENT}, {FRAGMENT} > [data-testid="stVerticalBlock"] {{ display: contents; }}
{places}
.st-key-train > [data-testid="stElementContainer"] {{ grid-column: 1 / -1; }}
{part.format("controls")} {{ border-left: 1px solid {line}; padding-left: 18px; }}
{part.format("curves")} {{ border-top: 1px solid {line}; padding-top: 12px; }}
.st-key-train_controls {{ gap: 6px; }}
.st-key-train_controls .part {{ font-weight: 600; font-size: 14px; margin-top: 6px; }}
.st-key-train_controls [data-testid="stSlider"] {{ margin-bottom: -8px; }}
.st-key-train [data-stale="true"] {{ opacity: 1 !important; }}
.hand-note {{ color: {hand}; font-size: 12.5px; margin-top: -6px; }}
[class*="st-key-turned_"] [data-testid="stWidgetLabel"] p,
[class*="st-key-turned_"] [data-testid="stSliderThumbValue"] {{ color: {hand}; }}
[class*="st-key-turned_"] [data-testid="stSlider"] div:has(> div > input[type="range"]) {{ background: {hand}; }}
.trouble {{ border-left: 3px solid {loss}; padding: 4px 0 4px 16px; }}
.trouble b {{ display: block; }} .trouble span, .quiet {{ color: {text2}; }}
.quiet {{ font-size: 13px; }}
.empty-figure {{ border: 1px solid {line}; border-radius: 6px; min-height: 330px; display: flex; flex-direction: column;
  align-items: center; justify-content: center; text-align: center; padding: 20px; color: {text2}; font-size: 15px; }}
.empty-figure em {{ font-family: "Source Serif", serif; font-size: 16.5px; max-width: 46ch; margin-bottom: 8px; }}
@media (max-width: 900px) {{
  .st-key-train {{ grid-template-columns: minmax(0, 1fr); grid-template-rows: none;
    grid-template-areas: "transport" "figure" "controls" "curves"; }}
  {part.format("controls")} {{ border-left: 0; padding-left: 0; }}
  .st-key-train_controls {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(190px, 1fr)); gap: 8px 26px;
    align-items: start; }}
  .st-key-train_controls > :has(.part, .quiet) {{ grid-column: 1 / -1; }}
}}
</style>""")


FRAGMENT = '.st-key-train > [data-testid="stLayoutWrapper"]:not(:has(> .st-key-train_controls))'
PLACES = ("transport", "figure", "controls", "curves")


def empty(task: Task, words: str) -> None:
    """Show the frame of the figure, what the task is, and what to do."""
    st.html(f'<div class="empty-figure"><em>{escape(task.lead)}</em>{escape(words)}</div>')


def not_yet(card: Card) -> None:
    """Say that this network does not train here yet, and what of it is here."""
    st.html(
        f'<div class="ex-body"><p><b>{escape(card.title)} does not train here yet.</b> Its network stands in Structure '
        "at the scale of its paper, and Learn has the idea, the equations and what is often told wrongly. "
        "A small one that trains while you look comes in a later version.</p></div>"
    )


def part(title: str) -> None:
    """Head a group of controls."""
    st.html(f'<div class="part">{escape(title)}</div>')


def trouble(what: str, why: str) -> None:
    st.html(f'<div class="trouble" role="alert"><b>{escape(what)}</b><span>{escape(why)}</span></div>')


def hand_note(words: str) -> None:
    st.html(f'<div class="hand-note">{escape(words)}</div>')


def quiet(words: str) -> None:
    st.html(f'<div class="quiet">{escape(words)}</div>')
