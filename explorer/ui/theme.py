"""What Streamlit's own theme does not have: tokens, type roles, hairlines, the width of the column, the projector size."""  # noqa: E501

from __future__ import annotations

import base64
from functools import cache

import streamlit as st

from explorer.ui import glyphs

LIGHT = """--hand:#C5301A;--handsoft:#FBE9E4;--live:#2E7D46;--warn:#8A5A00;--line:#E2DED4;--line2:#B9B4A8;--control:#8C867B;
--text:#1C1E21;--text2:#53565C;--text3:#6B6E75;--surface:#FFFFFF;--sunken:#F4F2EC;--ink:#2B3442;
--convolution:#3F55B0;--linear:#AE7F2C;--attention:#9278ED;--normalisation:#3C95A3;--activation:#6E3401;
--pooling:#163C73;--recurrent:#3F7808;--reshape:#857577;--loss:#96304F;"""  # noqa: E501
DARK = """--hand:#FF8B70;--handsoft:#3A231E;--live:#6CC48A;--warn:#E3B45C;--line:#31363E;--line2:#565D68;--control:#747B87;
--text:#ECE9E2;--text2:#B6B4AE;--text3:#93928D;--surface:#1C1F24;--sunken:#101215;--ink:#D8DCE3;
--convolution:#909FF9;--linear:#E8C73A;--attention:#9D75F7;--normalisation:#4FCBD1;--activation:#D29C85;
--pooling:#3792B8;--recurrent:#91A20B;--reshape:#D9DEDC;--loss:#E2588C;"""  # noqa: E501

STYLE = """
.stApp { font-variant-numeric: tabular-nums lining-nums; }
[data-testid="stMainBlockContainer"] { max-width: 1194px; padding: 20px 32px 48px; margin-left: 0; }
[data-testid="stHeader"] { background: transparent; pointer-events: none; }
[data-testid="stHeader"] > * { pointer-events: auto; }
[data-testid="stMainBlockContainer"] h1 { padding: 0; line-height: 1.1; }
:focus-visible { outline: 2px solid var(--hand) !important; outline-offset: 2px; }
.ex-title { font: 600 31px/1.1 "Source Serif", Georgia, serif; margin: 0; color: var(--text); padding: 0; }
.ex-cite { font: 400 15px "Source Sans", sans-serif; color: var(--text3); margin-left: 12px; white-space: nowrap; }
.ex-lead { font: 400 16.5px/1.42 "Source Serif", Georgia, serif; color: var(--text2); margin: 6px 0 0; max-width: 72ch; }
.ex-claim { font: 400 25px/1.3 "Source Serif", Georgia, serif; color: var(--text); margin: 4px 0 2px; max-width: 46ch; }
.ex-verdict { font: 600 30px/1.2 "Source Serif", Georgia, serif; border-top: 3px solid var(--text); padding-top: 10px; }
.ex-body { font: 400 15px/1.5 "Source Serif", Georgia, serif; color: var(--text); max-width: 72ch; }
.ex-body ul { margin: 4px 0 0; padding-left: 20px; color: var(--text2); }
.ex-figure { font: 600 14px "Source Sans", sans-serif; color: var(--text); margin: 0; }
.ex-section { font: 600 18px "Source Serif", Georgia, serif; color: var(--text); margin: 18px 0 4px; }
.ex-caption { font: italic 13.5px/1.45 "Source Serif", Georgia, serif; color: var(--text2); max-width: 72ch; }
.ex-small { font: 400 13px/1.4 "Source Sans", sans-serif; color: var(--text3); }
.ex-number { display: inline-grid; place-items: center; width: 22px; height: 22px; border: 1.3px solid var(--text2);
  border-radius: 50%; font: 600 13px "Source Sans", sans-serif; margin-right: 10px; }
.ex-line { border: 0; border-top: 1px solid var(--line); margin: 0; }
.ex-brand { display: flex; gap: 8px; align-items: center;
  font: 600 20px "Source Serif", Georgia, serif; color: var(--text); }
.ex-family { display: flex; gap: 7px; align-items: center; font: 600 13px "Source Sans", sans-serif; color: var(--text2);
  margin: 12px 0 0; }
.ex-pill { display: inline-flex; gap: 7px; align-items: center; border: 1px solid var(--control); border-radius: 999px;
  padding: 2px 12px; min-height: 24px; font: 600 13px "Source Sans", sans-serif; color: var(--text2); white-space: nowrap; }
.ex-pill.recorded { border-style: dashed; }
.ex-pill.live { color: var(--text); }
.ex-pill.diverged, .ex-pill.failed { color: var(--loss); border-color: var(--loss); }
.ex-pillrow { display: flex; justify-content: flex-end; }
.ex-myth { display: grid; grid-template-columns: 1fr 1fr; gap: 4px 26px; border-top: 1px solid var(--line); 
  padding: 10px 0; font: 400 15px/1.45 "Source Serif", Georgia, serif; max-width: 1000px; }
.ex-myth .ex-small { grid-column: 2; }
@media (max-width: 900px) { .ex-myth { grid-template-columns: 1fr; } .ex-myth .ex-small { grid-column: 1; } }
[data-testid="stSidebar"] [data-testid="stVerticalBlock"] { gap: 2px; }
[data-testid="stSidebarUserContent"] { padding-top: 0; }
[data-testid="stSidebar"] { min-width: 212px; max-width: 212px; }
[data-testid="stSidebarContent"] { padding: 0; }
[data-testid="stSidebar"] [data-testid="stSidebarHeader"] { height: 20px; min-height: 20px; margin: 0; padding: 4px 8px 0; }
[data-testid="stSidebarUserContent"] { padding: 0 0 24px 16px !important; }
[data-testid="stSidebar"] [data-testid="stPageLink-NavLink"] { padding: 1px 8px 1px 14px; min-height: 24px;
  border-left: 3px solid transparent; border-radius: 0; background: transparent; }
[data-testid="stSidebar"] [data-testid="stPageLink-NavLink"] p { font-size: 14px; color: var(--text2); font-weight: 400; }
.ex-brand { margin: 0 0 8px; }
.st-key-here [data-testid="stPageLink-NavLink"] { border-left-color: var(--ink) !important; background: var(--surface) !important; }
.st-key-here [data-testid="stPageLink-NavLink"] p { color: var(--text) !important; font-weight: 600 !important; }
[class*="st-key-lesson-step"] { margin: -10px 0; }
.st-key-viewbar { border-bottom: 1px solid var(--line); }
.st-key-viewbar button { border: 0 !important; background: transparent !important; border-radius: 0 !important;
  border-bottom: 3px solid transparent !important; padding: 6px 2px !important; margin-right: 22px; }
.st-key-viewbar button p { font-size: 16px; color: var(--text2); }
.st-key-viewbar button[aria-checked="true"] { border-bottom-color: var(--ink) !important; }
.st-key-viewbar button[aria-checked="true"] p { color: var(--text); font-weight: 600; }
[data-testid="stSliderThumbValue"] { font-variant-numeric: tabular-nums; }
@media (max-width: 900px) { [data-testid="stMainBlockContainer"] { padding: 48px 24px 40px; } }
@media (prefers-reduced-motion: reduce) { .stApp * { animation: none !important; transition: none !important; } }
"""  # noqa: E501, W291
ROOM = '[data-testid="stMain"] { zoom: 1.25; }'
PRIMARY_IN_THE_DARK = '[data-testid="stBaseButton-primary"] p { color: #15171B !important; }'


def is_dark() -> bool:
    """Return whether the visitor's page is dark; Streamlit tells it from the ground's colour."""
    return st.context.theme.type == "dark"


def apply(room: bool, more: str = "") -> None:
    """Put the style into the page, `more` rules after it; `room` is the projector setting."""
    tokens = DARK if is_dark() else LIGHT
    extra = (PRIMARY_IN_THE_DARK if is_dark() else "") + (ROOM if room else "")
    st.html(f"<style>:root{{{tokens}}}\n{STYLE}\n{_icon()}\n{glyphs.style()}\n{more}\n{extra}</style>")


@cache
def _icon() -> str:
    picture = base64.b64encode((glyphs.FRONTEND / "icon.png").read_bytes()).decode()
    return f".ex-icon {{ width: 24px; height: 24px; background: url(data:image/png;base64,{picture}) center / contain no-repeat; }}"  # noqa: E501
