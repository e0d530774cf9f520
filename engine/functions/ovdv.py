"""OVDV: the volatility surface of a security's option chain at the clock, and what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from math import isnan
from typing import TYPE_CHECKING

from engine.errors import CommandError
from engine.figures import Field, Form
from engine.function import Args, Argument, Function, Kind
from engine.functions._chain import quoted_between
from engine.functions._ovdv_data import Fitted, fitted, treasury
from engine.functions._ovdv_figures import AXES, smile_of, surface_of, term_structure
from engine.functions._ovdv_realised import realised_of
from engine.functions._ovdv_tables import (
    checks_of,
    expiries_of,
    parameters_of,
    quotes_of,
    reasons_of,
    thrown_out,
)
from engine.needs import Need
from engine.page import Metric, Metrics, Page, Panel

if TYPE_CHECKING:
    from engine.context import Context

_FRESH = 900.0  # seconds after which a live chain is asked for again
_MONTH = 30 / 365
_MODELS = {"SVI": "each expiry by itself", "SSVI": "all expiries at once, without arbitrage"}


def run(context: Context, args: Args) -> Page:
    ref = context.security
    found = fitted(context, args)
    expiry = _chosen(found, args["expiry"])
    spot_delta = args["delta"] == "SPOT"
    if spot_delta and isnan(found.spot):
        raise CommandError(
            "A spot delta needs the underlying's price, which did not come with these quotes.", argument="delta",
            suggestions=(f"{ref.ticker} OVDV DELTA=FORWARD",),
        )  # fmt: skip
    _tell(context, found)
    shape = surface_of(found, args["axis"])
    words = _delta_words(args)
    panels = (
        Panel("summary", f"{args['model']}: {_MODELS[args['model']]}", Metrics(_summary(context, found))),
        Panel("surface", f"implied volatility by {AXES[args['axis']]} and expiry", shape, 3),
        Panel("smile", f"smile of {expiry}", smile_of(found, expiry), 2),
        Panel("term", f"term structure, {words}", term_structure(found, spot_delta), 2, side=True),
        Panel("expiries", f"expiries, {words}: a number shows one", expiries_of(found, ref, args), 3),
        Panel("checks", "arbitrage: the worst found of each kind", checks_of(found), 2),
        Panel("realised", "implied beside realised", realised_of(context, found)),
        Panel("quotes", f"quotes of {expiry} and the fit", quotes_of(found, expiry), 2),
        Panel("reasons", "what became of the chain", reasons_of(found)),
        Panel("thrown", "quotes thrown out", thrown_out(found), 2),
        Panel("parameters", "raw SVI and jump-wings", parameters_of(found)),
        Panel("assumptions", "assumptions: Tab goes to them, Enter applies", _form(found, args)),
    )  # fmt: skip
    return Page(f"{ref.label}  {ref.name}: volatility surface of {found.session}", panels)


def _chosen(found: Fitted, wanted: date | None) -> date:
    """The expiry asked for, or the one nearest to thirty days."""
    if wanted is None:
        return min(zip(found.days, found.expiries, strict=True), key=lambda pair: abs(pair[0] - 30))[1]
    if wanted not in found.expiries:
        near = sorted(found.expiries, key=lambda day: abs((day - wanted).days))[:3]
        raise CommandError(
            f"The surface has no smile of {wanted}; the nearest are {', '.join(map(str, sorted(near)))}. An expiry "
            "with fewer than five usable quotes has none.",
            argument="expiry",
            suggestions=tuple(f"OVDV EXPIRY={day}" for day in near),
        )
    return wanted


def _tell(context: Context, found: Fitted) -> None:
    """What the reader must know of how the figures were made."""
    if found.american:
        context.note(
            "The options are American: forwards are of near-the-money pairs with the premium of early exercise taken "
            "off, volatilities are those at which QuantLib's QdFp engine gives the mid, dividends as a yield. "
            f"Discounted at {found.rate_told}."
        )
    else:
        context.note(f"The options are European. Discounted at {found.rate_told}.")
    report = found.built.report
    crossed = int((report.calendar_quoted < -1e-10).sum())
    wings = int((~report.calendar_free).sum()) - crossed
    if crossed or wings > 0:
        context.note(
            f"Calendars cross at {crossed} of {len(found.expiries)} expiries where both are quoted, and at "
            f"{max(wings, 0)} more in wings beyond the quotes; MODEL=SSVI is fitted without."
        )
    kept = [each for each in found.built.forwards.basis if each == "pooled"]
    if kept and not found.american:
        context.note(
            f"{len(kept)} expiries are too short or too thin for a rate of their own: the chain's is taken."
        )


def _summary(context: Context, found: Fitted) -> tuple[Metric, ...]:
    import numpy as np

    from engine.quant.surface import smile_measures

    built = found.built
    oldest, newest = quoted_between(found.rows)
    month = smile_measures(built.surface, _MONTH)
    error = built.fitted[built.used] - built.quotes.mid[built.used]
    weight = built.quality.quotes / built.quality.quotes.sum()
    total = found.rows.height + found.odd.height
    fit = "sqrt(mean squared (fit - mid)) over all quotes used"
    return (
        Metric("underlying", None if isnan(found.spot) else found.spot, "price", 2,
               formula="the underlying's price as it came with the quotes"),
        Metric("quotes of", newest, "instant", note="" if oldest == newest else f"oldest {context.show(oldest)}"),
        Metric("age", _age(context, found), formula="the clock less the newest quote"),
        Metric("used", int(built.used.sum()), "integer", note=f"of {total:,}"),
        Metric("30-day ATM", float(month.at_the_money[0]), "percent", 2,
               formula="total variance in a straight line between the expiries around 30 days"),
        Metric("30-day 25d RR", float(month.risk_reversal_25[0]), "percent", 2,
               formula="25-delta call less put, forward delta"),
        Metric("fit RMSE", float(np.sqrt(np.mean(error**2))), "percent", 2, formula=fit),
        Metric("inside the spread", float(np.nansum(built.quality.inside * weight)), "percent", 0,
               formula="share of quotes whose fit lies within bid and ask"),
        Metric("arbitrage", _arbitrage(found)[0], note=_arbitrage(found)[1],
               formula="expiries with butterflies, crossed calendars or verticals"),
    )  # fmt: skip


def _age(context: Context, found: Fitted) -> str:
    seconds = max(0, int((context.asof - found.quoted_at).total_seconds()))
    days = (context.today - found.session).days
    if days >= 2:
        return f"{days:,} days"
    return f"{seconds // 3600} h {seconds % 3600 // 60} min"


def _arbitrage(found: Fitted) -> tuple[str, str]:
    """How many expiries fail a check, those apart that fail only in wings that no quote supports."""
    report = found.built.report
    bad = ~report.free
    if not bad.any():
        return "none found", ""
    hard = bad & ~(report.butterfly_free & report.vertical_free & ~(report.calendar_quoted < -1e-10))
    wings = int(bad.sum() - hard.sum())
    told = f"{int(hard.sum())} of {len(found.expiries)} expiries"
    return told, f"{wings} more in the wings" if wings else ""


def _delta_words(args: Args) -> str:
    return "spot delta" if args["delta"] == "SPOT" else "forward delta"


def _form(found: Fitted, args: Args) -> Form:
    """What the page assumes; each may be changed where it stands."""
    rate = args["rate"]
    return Form(
        (
            Field("model", "model", args["model"], args["model"], choices=tuple(_MODELS),
                  help="; ".join(f"{name}: {what}" for name, what in _MODELS.items())),
            Field("axis", "axis of the surface", args["axis"], args["axis"], choices=tuple(AXES)),
            Field("delta", "delta", args["delta"], args["delta"], choices=("FORWARD", "SPOT"),
                  help="FORWARD: N(d1); SPOT: times discount x forward / spot. The premium is in neither"),
            Field("rate", "rate", "" if rate is None else f"{rate:g}", "implied" if rate is None else f"{rate:.2f}%",
                  "" if rate is None else "a year, continuous", given=rate is not None, basis=found.rate_told),
            Field("wide", "widest spread", f"{args['wide']:g}", f"{args['wide']:g}%", "of the mid",
                  help="wider quotes are thrown out where the spread is also above 0.05"),
            Field("stale", "stale after", str(args["stale"]), str(args["stale"]), "minutes",
                  help="behind the newest quote of the chain"),
        )
    )  # fmt: skip


def needs(context: Context, args: Args) -> Sequence[Need]:
    """The chain of now, where the clock stands at NOW; prices for realised volatility; the curve to discount at."""
    ref, today = context.security, context.today
    bars = Need("bars", ref, today - timedelta(days=400), today)
    curve = Need("curve", treasury(context), today - timedelta(days=10), today)
    if not context.live:
        return (bars, curve)
    return (Need("options", ref, today, today, max_age_seconds=_FRESH), bars, curve)


FUNCTIONS = (
    Function(
        "OVDV",
        "volatility surface: smiles, term structure, forwards, arbitrage checks",
        run,
        arguments=(
            Argument("model", Kind.CHOICE, "SVI: each expiry by itself; SSVI: all at once, without arbitrage", "SVI",
                     choices={"SVI": (), "SSVI": ()}),
            Argument("axis", Kind.CHOICE, "what the surface is drawn over", "DELTA",
                     choices={"DELTA": (), "MONEYNESS": ("MONEY",), "STRIKE": ()}),
            Argument("expiry", Kind.DATE, "whose smile and quotes are shown; else the one nearest to 30 days"),
            Argument("delta", Kind.CHOICE, "how deltas are counted: of the forward, or of the underlying", "FORWARD",
                     choices={"FORWARD": (), "SPOT": ()}, named_only=True),
            Argument("rate", Kind.NUMBER, "continuous rate to discount at, per cent a year (4)", None, minimum=-10,
                     maximum=100, named_only=True, percent=True),
            Argument("wide", Kind.NUMBER, "spreads above so many per cent of the mid are thrown out", 50.0, minimum=1,
                     maximum=200, named_only=True, percent=True),
            Argument("stale", Kind.INTEGER, "quotes so many minutes behind the newest are thrown out", 30, minimum=1,
                     maximum=10_000, named_only=True),
        ),
        aliases=("SURF",),
        security="required",
        asset_classes=frozenset({"equity", "fund", "index"}),
        examples=(
            ("AAPL OVDV", "the surface of the newest chain known, an SVI smile an expiry"),
            ("AAPL OVDV SSVI MONEYNESS", "one surface without arbitrage, over strike / forward"),
            ("AAPL OVDV EXPIRY=2026-12-18", "that expiry's smile, and the fit quote by quote"),
        ),
        about=(
            "Cleaning. Each contract's newest quote known at the clock, of the newest session that has any. "
            "Thrown out, with the reason: expired, without bid or ask, crossed, stale, too wide, outside what an "
            "option can be worth, verticals and butterflies that could be traded for a gain at the quoted prices, "
            "and what lies six robust deviations and more than its spread off its smile.\n\n"
            "Forwards. Call - put = discount x (forward - strike), by a regression over strikes, weighted by "
            "spreads, begun with Theil and Sen's median slope and ended with Huber's weights. American options: "
            "pairs within 10% of the money, early exercise taken off by QuantLib's QdFp engine; the discount is "
            "RATE=, the Treasury's curve where the store has one, or one rate that the chain itself implies.\n\n"
            "Smiles. Total variance w = volatility^2 x years over k = ln(strike / forward), of quotes out of the "
            "money. SVI (Gatheral 2004): w = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2)) by least squares "
            "weighted by vega / spread; where the fit has butterflies it is fitted again without, and beyond an "
            "expiry's quotes its wings lean on SSVI as if that were quoted ten points wide. SSVI (Gatheral and "
            "Jacquier 2014): theta an expiry, one rho, phi = eta / (theta^gamma (1 + theta)^(1 - gamma)), within "
            "the conditions that exclude butterflies and calendars. Between expiries w runs in a straight line at "
            "fixed forward moneyness; beyond the last the volatility stays; wings are straight in k and no "
            "steeper than Lee's 2.\n\n"
            "Checks. g(k) >= 0 and the density's integral (butterflies), w not below the expiry before "
            "(calendars), digitals within 0 and 1 and falling (verticals), each told where it is worst.\n\n"
            "Deltas are N(d1) at the smile's own volatility; DELTA=SPOT takes discount x forward / spot times "
            "that. Realised volatility is of log returns without their mean, beside implied at the money at the "
            "same distance. The difference of their squares is no variance risk premium: that takes a variance "
            "swap's rate, of all strikes, and what is realised afterwards. Cash dividends are taken as a yield, "
            "weekends and announcements count as any day, and options settled at the open of their last day as if "
            "at its close. There is no local volatility here, "
            "and no calendar constraint on SVI: SSVI is the surface without arbitrage."
        ),
        order=32,
        needs=needs,
    ),
)  # fmt: skip
