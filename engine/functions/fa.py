"""FA: fundamentals as they were known: statements, trailing figures, ratios, filings, profile, and a valuation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.function import Args, Argument, Function, Kind
from engine.functions import _fa_filings
from engine.functions._fa_data import read_figures
from engine.functions._fa_dcf_needs import ABOUT, dcf_needs
from engine.functions._fa_dcf_terms import ARGUMENTS, refuse_elsewhere
from engine.needs import Need
from engine.page import Page
from engine.quant.fundamentals.lines import Statement

if TYPE_CHECKING:
    from engine.context import Context

_DAY = 86_400.0
_STATEMENTS: Mapping[str, Statement] = {"INCOME": "income", "BALANCE": "balance", "CASH": "cash"}


def run(context: Context, args: Args) -> Page:
    section = args["section"]
    if section == "DCF":
        from engine.functions._fa_dcf import page

        return page(context, args)
    refuse_elsewhere(args)
    if section == "FILINGS":
        return _fa_filings.filings(context, args)
    if section == "PROFILE":
        return _fa_filings.profile(context, args)
    if section == "OVERVIEW":
        from engine.functions._fa_overview import overview

        return overview(context, args)
    if section == "RATIOS":
        return _ratios(context, args)
    return _statement(context, args)


def _statement(context: Context, args: Args) -> Page:
    from engine.functions._fa_statements import BASES, TITLES, periods_panel, share_panels, statement_panel

    ref, kind = context.security, BASES[args["basis"]]
    statement = _STATEMENTS[args["section"]]
    figures = read_figures(context)
    if statement == "balance" and kind == "trailing":
        context.note("A balance sheet is of one day: its quarters are shown.")
        kind = "quarter"
    periods = figures.periods(kind, args["periods"], balance=statement == "balance")
    panels = [statement_panel(context, figures, statement, kind, periods)]
    if statement == "income":
        panels += share_panels(context, figures, kind, periods)
    panels.append(periods_panel(figures, kind, periods, statement))
    return Page(f"{ref.label}  {ref.name}  {TITLES[statement]}", tuple(panels))


def _ratios(context: Context, args: Args) -> Page:
    from engine.functions._fa_statements import BASES, periods_panel, ratio_panels

    ref, kind = context.security, BASES[args["basis"]]
    figures = read_figures(context)
    periods = figures.periods(kind, args["periods"])
    panels = (*ratio_panels(figures, kind, periods), periods_panel(figures, kind, periods, "income"))
    return Page(f"{ref.label}  {ref.name}  ratios", panels)


def needs(context: Context, args: Args) -> Sequence[Need]:
    """Facts and filings not older than a day; for the valuation the last sessions and every split."""
    ref = context.security
    if args["section"] == "PROFILE":
        return (Need("profile", ref, max_age_seconds=30 * _DAY),)
    filings = Need("filings", ref, max_age_seconds=_DAY)
    if args["section"] == "FILINGS":
        return (filings,)
    return (
        *(dcf_needs(context, args) if args["section"] == "DCF" else ()),
        Need("facts", ref, max_age_seconds=_DAY),
        filings,
        Need("actions", ref),
        Need("bars", ref, context.today - timedelta(days=10), context.today),
    )


FUNCTIONS = (
    Function(
        "FA",
        "fundamentals: statements, trailing figures, ratios, filings, profile, discounted cash flow",
        run,
        arguments=(
            Argument("section", Kind.CHOICE, "which page", "OVERVIEW", choices={
                "OVERVIEW": ("KEY",), "INCOME": ("IS",), "BALANCE": ("BS",), "CASH": ("CF", "CASHFLOW"),
                "RATIOS": ("RATIO",), "FILINGS": ("FILING",), "PROFILE": (), "DCF": ("VALUATION", "WATERFALL")}),
            Argument("basis", Kind.CHOICE, "quarters, fiscal years, or twelve months to each quarter's end", "A",
                     choices={"Q": ("QUARTERLY",), "A": ("ANNUAL", "Y"), "TTM": ("LTM",)}),
            Argument("periods", Kind.INTEGER, "how many periods", 5, minimum=1, maximum=80),
            Argument("form", Kind.CHOICE, "FILINGS of this form only, amendments with it", "ALL",
                     choices=dict.fromkeys(("ALL", *_fa_filings.FORMS), ())),
            *ARGUMENTS,
        ),
        aliases=("FUNDAMENTALS",),
        security="required",
        asset_classes=frozenset({"equity", "fund"}),
        needs=needs,
        examples=(
            ("AAPL FA", "twelve months, balance sheet, valuation on the last close, filing dates"),
            ("AAPL FA INCOME Q 8", "eight quarters; the fourth is the year less nine months"),
            ("AAPL FA RATIOS TTM", "ratios of twelve months to each quarter's end"),
            ("AAPL FA FILINGS 10-K", "annual reports with the instant the SEC accepted them"),
            ("AAPL FA DCF", "value per share from revenue growth on, every assumption with its basis"),
            ("AAPL FA DCF GROWTH=8 TARGET=30 RATE=9", "the same on three assumptions of your own, in percent"),
        ),
        about=(
            "Figures are facts of filings accepted by the clock; a restatement counts from its own filing on, and a "
            "column says which periods it changed. WHY on a cell shows concept, form, accession and when it was "
            "accepted, or the formula where the cell is worked out. Quarters that no filing tells are the year to "
            "date less the one before. Twelve months are the year, or the year + the year to date - the same months "
            "of the year before, or four quarters in a row; where a piece is missing they are blank. Earnings a "
            "share do not add up: those of twelve months and of fourth quarters are net income over weighted shares "
            "(ASC 260-10). Shares and amounts a share are in the shares of the clock. A ratio with a zero or "
            "negative denominator is blank, and WHY says so. Form 4 is typed FORM=4.\n\n"
            f"{ABOUT}"
        ),
        order=45,
    ),
)  # fmt: skip
