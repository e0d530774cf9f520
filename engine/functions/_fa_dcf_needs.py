"""What FA DCF would like fetched, and how HELP explains it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.errors import DataError
from engine.function import Args
from engine.needs import Need, price_need
from engine.page import SecurityRef
from engine.period import Period
from engine.returns import benchmark

if TYPE_CHECKING:
    from engine.context import Context

_TREASURY = SecurityRef(0, "UST", "GOVT", "US Treasury par yield curve", "government", "USD")


def dcf_needs(context: Context, args: Args) -> Sequence[Need]:
    """Prices for beta, of the company and the benchmark; the Treasury's curve; who the company is."""
    ref = context.security
    wanted: list[Need] = [Need("profile", ref, max_age_seconds=30 * 86_400.0)]
    if args["beta"] is None:
        years = Period("Y", args["betayears"] or 5)
        wanted += price_need(context, ref, years, before=14)
        with suppress(DataError):  # the run says that the benchmark is not known
            wanted += price_need(context, benchmark(context, args["benchmark"]), years, before=14)
    if args["riskfree"] is None:
        curve = (s.ref for s in context.directory if (s.ref.ticker, s.ref.market) == ("UST", "GOVT"))
        wanted.append(
            Need("curve", next(curve, _TREASURY), context.today - timedelta(days=14), context.today)
        )
    return wanted


ABOUT = """DCF discounts free cash flow to the firm, in two stages and a perpetuity (Damodaran, Investment Valuation,
ch. 12 and 15; Koller, Goedhart and Wessels, Valuation, ch. 2). Revenue grows at GROWTH= for half of YEARS=,
then in a straight line to TERMINAL=; the operating margin goes in a line from MARGIN= to TARGET=; taxes are
TAX= of operating income; growth needs its increase in revenue / CAPITAL= of new capital. After the years,
income after tax x (1 - TERMINAL / ROIC) / (RATE - TERMINAL). Less net debt and minority interest, by shares.
MIDYEAR=NO has cash come at the end of each year. Years run from the clock, not from the last balance sheet.

Each assumption is derived from what the clock knew until it is typed, on the line or in the form: growth is
that of three years (else two, one) within -10% and 20%; the target margin the mean of up to five fiscal years;
the tax rate the company's own within 10% and 35%, else the statutory one (35% until 22 December 2017, 21%
since); sales to capital within 0.3 and 5; terminal growth the lesser of 2.5% and the risk-free rate; new
capital in perpetuity earns the discount rate, so that growth there adds no value. Percentages are typed as
numbers (GROWTH=8), money and shares in millions.

The discount rate is the cost of capital: the ten-year Treasury yield (else an Aaa yield, a bill's, or 4%) +
beta x a premium of 5%, a statement and no estimate; debt at interest expense / debt, at least the risk-free
rate and at most 15%, after tax; weighed by market value of equity and book value of debt. Beta is of five
years of weekly total returns on the S&P 500 (BENCHMARK=), 2/3 of it + 1/3 (Blume 1975).

The steps change one assumption at a time, in the order told: another order would share value out otherwise.
What the price implies is each assumption alone at which the value is the close. Scenarios move growth, target
margin and discount rate together by GROWTHBY=, MARGINBY= and RATEBY= points; maps step by half of those.

DCF does not forecast, and does not count options on shares, leases, pensions, or stakes at market value. A
bank's or insurer's debt is what it works with: DCF is refused where no operating income is told (RV compares
them)."""
