"""FA DCF: a company's value from its revenue growth to a share, every assumption shown and editable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.function import Args
from engine.functions._fa_data import read_figures, tell_estimated
from engine.functions._fa_dcf_found import Found, found_of
from engine.functions._fa_dcf_terms import TERM
from engine.page import Page, Panel

if TYPE_CHECKING:
    from engine.context import Context


def page(context: Context, args: Args) -> Page:
    from engine.functions import _fa_dcf_grids as grids
    from engine.functions import _fa_dcf_panels as panels
    from engine.quant.valuation.starting import span

    found = found_of(context, args, read_figures(context))
    _tell(context, found)
    ref, shown = context.security, found.assumptions.years
    start = span(found.start.kind, found.start.end)
    title = f"{found.currency} m, {shown} years from the clock"
    listed = (
        Panel("value", f"value a share, from {start}", panels.summary(found), 3),
        Panel("steps", "from operations as they stand to a share's value, and the price",
              panels.waterfall(found), 5, side=True),
        Panel("assumptions", "assumptions: Tab goes to them, Enter applies", panels.form(args, found), 5),
        Panel("implied", "what the price implies, one at a time: a number takes it",
              panels.implied_table(args, found), 2),
        Panel("capital", "cost of capital", panels.capital(found), 2, side=True),
        Panel("scenarios", "scenarios: a number takes its assumptions", grids.scenarios(args, found), 2),
        Panel("rates", "value a share by discount rate and terminal growth", grids.rate_map(found), 3),
        Panel("growth", "value a share by target margin and growth", grids.growth_map(found), 3, side=True),
        Panel("years", f"years projected, {title}", panels.years(found), 4),
    )  # fmt: skip
    return Page(f"{ref.label}  {ref.name}  discounted cash flow", listed)


def _tell(context: Context, found: Found) -> None:
    from engine.functions._fa_dcf_panels import HEAVY

    ticker, share = context.security.ticker, float(found.valued.terminal_share)
    if float(found.valued.equity_value) < 0:
        context.note(f"{ticker}: on these assumptions debt is worth more than the operations.", "warning")
    elif share > HEAVY:
        context.note(
            f"{ticker}: {share:.0%} of enterprise value lies in perpetuity, so that the value says little more than "
            "the discount rate and terminal growth do.",
            "warning",
        )
    for name, each in found.assumed.items():
        if each.doubt:
            context.note(
                f"{ticker}: {TERM[name].label}: {each.doubt}. {name.upper()}= types another.", "warning"
            )
    if found.price is None:
        context.note(f"{ticker}: the value is set against no price, since {found.unpriced}.", "warning")
    context.note(
        "Assumptions that are not typed carry the past on and forecast nothing: change them in the form, or on the "
        "line (GROWTH=8)."
    )
    tell_estimated(context)
