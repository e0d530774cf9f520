"""What FA DCF assumes of a company: each assumption typed, or derived at the clock with its basis."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from engine.errors import CommandError, DataError
from engine.function import Args
from engine.functions._fa_dcf_rate import Assumed, beta_of, risk_free_rate, statutory_tax
from engine.functions._fa_dcf_terms import TERM, TERMS
from engine.page import SecurityRef

if TYPE_CHECKING:
    from engine.context import Context
    from engine.quant.fundamentals.figures import Figures
    from engine.quant.valuation import Assumptions, CapitalCost, Starting, Valued

TERMINAL = 0.025
YEARS, MARGIN_YEARS, BETA_YEARS = 10, 5, 5
GROWTH_BY, RATE_BY, MARGIN_PART = 0.03, 0.01, 0.2
# divisions of the SIC code that take deposits, lend, insure: what they owe is what they work with
_LENDERS = ("60", "61", "63")
_LENDING_WORDS = ("bank", "insurance", "savings institution", "life insur", "credit institution")


@dataclass(frozen=True, slots=True)
class Found:
    """A valuation and what it rests on. ``assumed`` by the argument's name; ``price`` (close, session) or None."""

    ref: SecurityRef
    currency: str
    start: Starting
    assumed: dict[str, Assumed]
    assumptions: Assumptions
    valued: Valued
    capital: CapitalCost
    price: tuple[float, date] | None
    unpriced: str

    @property
    def per_share(self) -> float:
        return float(self.valued.value_per_share)

    @property
    def premium(self) -> float | None:
        """Value over price, less one."""
        return None if self.price is None else self.per_share / self.price[0] - 1.0

    def value_of(self, name: str) -> float:
        return self.assumed[name].value


def found_of(context: Context, args: Args, figures: Figures) -> Found:
    """Derive what is not typed, then value.

    Raises
    ------
    DataError, CommandError
        A figure is missing (and which argument gives it), or the discount rate is not above terminal growth.
    """
    from engine.functions._fa_overview import last_close
    from engine.quant.valuation import starting, value

    try:
        start = starting(figures, statutory_tax(context.today))
    except ValueError as fault:
        raise DataError(
            f"{context.security.ticker}: {fault}, and a discounted cash flow starts from them. FA INCOME Q shows "
            "what is known."
        ) from fault
    _refuse_lenders(context, args, start)
    assumed = _operations(context, args, start)
    close = last_close(context, figures)
    price = None if isinstance(close, str) else close
    capital = _capital(context, args, start, assumed, price)
    assumptions = _assumptions(args, assumed)
    try:
        valued = value(assumptions)
    except ValueError as fault:
        raise DataError(f"These assumptions give no value: {fault}. HELP FA lists them.") from fault
    return Found(
        context.security, figures.books.currency, start, assumed, assumptions, valued, capital, price,
        close if isinstance(close, str) else "",
    )  # fmt: skip


def _refuse_lenders(context: Context, args: Args, start: Starting) -> None:
    """Banks and insurers: what they owe is what they work with, and free cash flow to the firm means nothing."""
    words = lender(context)
    if not words:
        return
    who = f"{context.security.ticker} is a lender or an insurer ({words})"
    if start.margin.value is None and args["margin"] is None:
        raise DataError(
            f"{who}: debt is what it works with, no operating income is told, and discounting cash flow of "
            f"operations does not fit. {context.security.ticker} RV compares price / book and return on equity "
            "with peers."
        )
    context.note(f"{who}: discounted cash flow of operations fits such companies badly.", "warning")


def lender(context: Context) -> str:
    """The industry of a company that lends or insures, as its newest profile has it; else empty."""
    rows = context.reader.rows("profiles", [context.security.security_id]).sort("valid_from")
    if rows.is_empty():
        return ""
    row = rows.row(-1, named=True)
    code, industry = str(row["sic"] or ""), str(row["industry"] or "")
    lends = code[:2] in _LENDERS or any(word in industry.lower() for word in _LENDING_WORDS)
    return (industry or f"SIC {code}") if lends else ""


def _operations(context: Context, args: Args, start: Starting) -> dict[str, Assumed]:
    """All but the discount rate. What no figure tells is asked for, all at once."""
    from engine.quant.valuation import Start

    derived: dict[str, Start] = {
        "revenue": start.revenue, "growth": start.growth, "margin": start.margin, "target": start.target_margin,
        "tax": start.tax_rate, "capital": start.sales_to_capital, "netdebt": start.net_debt,
        "minority": start.minority_interest, "shares": start.shares,
    }  # fmt: skip
    if derived["target"].value is None and args["margin"] is not None:
        derived["target"] = Start(args["margin"] * TERM["margin"].scale, "the margin typed")
    found: dict[str, Assumed] = {}
    missing: list[str] = []
    for name, each in derived.items():
        typed = given(args, name)
        if typed is not None:
            found[name] = typed
        elif each.value is None or (name == "revenue" and each.value <= 0):
            why = each.basis if each.value is None else "revenue is not positive"
            missing.append(f"{name.upper()}= is needed: {why}")
        else:
            found[name] = Assumed(each.value, each.basis, doubt=each.doubt)
    if missing:
        raise DataError(
            f"{context.security.ticker} cannot be valued on what its filings tell at this clock. "
            f"{'. '.join(missing)}. HELP FA says what each argument counts in."
        )
    return found | _stated(args, found["target"].value)


def _stated(args: Args, target: float) -> dict[str, Assumed]:
    """What no figure can tell: as stated here until it is typed."""
    part = round(max(abs(target) * MARGIN_PART, 0.005), 3)
    stated = {
        "marginyears": (MARGIN_YEARS, "as stated"),
        "years": (YEARS, "as stated"),
        "betayears": (BETA_YEARS, "as stated"),
        "growthby": (GROWTH_BY, "as stated"),
        "rateby": (RATE_BY, "as stated"),
        "marginby": (part, "a fifth of the target margin"),
    }
    return {name: given(args, name) or Assumed(value, basis) for name, (value, basis) in stated.items()}


def given(args: Args, name: str) -> Assumed | None:
    """The assumption as typed, in the library's unit."""
    typed = args[name]
    return None if typed is None else Assumed(float(typed) * TERM[name].scale, "as typed", True)


def _capital(
    context: Context,
    args: Args,
    start: Starting,
    assumed: dict[str, Assumed],
    price: tuple[float, date] | None,
) -> CapitalCost:
    """Into ``assumed``: the risk-free rate, beta, premium, cost of debt, discount rate, and perpetuity's two."""
    from engine.quant.valuation import EQUITY_PREMIUM, cost_of_capital

    rate = given(args, "riskfree") or risk_free_rate(context)
    beta = given(args, "beta") or beta_of(context, int(assumed["betayears"].value), args["benchmark"])
    premium = given(args, "premium") or Assumed(EQUITY_PREMIUM, "as stated, over the ten-year Treasury")
    typed = given(args, "debtcost")
    debt = max(start.debt.value or 0.0, 0.0) if price is not None else 0.0
    equity = price[0] * assumed["shares"].value if price is not None else 1.0
    built = cost_of_capital(
        rate.value, beta.value, equity, debt, start.interest.value, assumed["tax"].value, premium.value,
        debt_cost=None if typed is None else typed.value,
    )  # fmt: skip
    before_tax = built.debt / (1.0 - assumed["tax"].value)
    words = _debt_words(start, rate.value)
    assumed |= {
        "riskfree": rate,
        "beta": beta,
        "premium": premium,
        "debtcost": typed or Assumed(before_tax, words),
    }
    weighed = "cost of equity and of debt by market value of equity and book value of debt"
    if price is None:
        weighed = "cost of equity alone: without a close there is no market value to weigh debt by"
    assumed["rate"] = given(args, "rate") or Assumed(built.weighted, f"cost of capital: {weighed}")
    least = min(TERMINAL, rate.value)
    assumed["terminal"] = given(args, "terminal") or Assumed(
        least, f"the lesser of {TERMINAL:.1%} and risk-free"
    )
    own = assumed["rate"].value
    words = "the discount rate: growth in perpetuity earns what it costs"
    assumed["roic"] = given(args, "roic") or Assumed(own, words)
    return built


def _debt_words(start: Starting, rate: float) -> str:
    if not start.debt.value:
        return "the risk-free rate: no debt is known"
    if start.interest.value is None:
        return f"the risk-free rate: {start.interest.basis}"
    paid = start.interest.value / start.debt.value
    limit = ", held within the risk-free rate and 15%" if not rate <= paid <= 0.15 else ""
    return (
        f"interest expense / debt = {start.interest.value:.12g} / {start.debt.value:.12g} = {paid:.2%}{limit}"
    )


def _assumptions(args: Args, assumed: dict[str, Assumed]) -> Assumptions:
    from engine.quant.valuation import Assumptions

    a = {term.name: assumed[term.name].value for term in TERMS}
    own_return = (
        None if args["roic"] is None else a["roic"]
    )  # else it goes with the discount rate, wherever that goes
    if a["rate"] <= a["terminal"]:
        at = (
            "rate" if args["rate"] is not None else "terminal" if args["terminal"] is not None else "riskfree"
        )
        raise CommandError(
            f"A discount rate of {a['rate']:.2%} is not above terminal growth of {a['terminal']:.2%}, and growth for "
            "ever at that rate has no value: raise RATE= or lower TERMINAL=.",
            argument=at,
        )
    return Assumptions(
        revenue=a["revenue"], growth=a["growth"], margin=a["margin"], target_margin=a["target"], tax_rate=a["tax"],
        discount_rate=a["rate"], terminal_growth=a["terminal"], sales_to_capital=a["capital"],
        terminal_return=own_return, net_debt=a["netdebt"], minority_interest=a["minority"], shares=a["shares"],
        years=int(a["years"]), margin_years=int(a["marginyears"]), mid_year=args["midyear"] != "NO",
    )  # fmt: skip
