"""OVME's figures: the price, its Greeks, calls and puts of both styles, values over spot and over a second axis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Any

from engine.figures import Heatmap
from engine.frames import frame_of
from engine.functions._ovme_contract import QUICK, Contract, spots_around
from engine.page import Column, Curve, CurveSeries, Metric, Metrics, Table

if TYPE_CHECKING:
    from engine.context import Context

_MODELS = {
    "BSM": "Black-Scholes-Merton", "GK": "Garman-Kohlhagen", "BLACK76": "Black-76", "BACHELIER": "Bachelier",
}  # fmt: skip
# name, label, what the practical unit divides by, that unit, and what it is
_GREEKS = (
    ("delta", "delta", 1.0, "per 1 of the underlying", "dV/dS"),
    ("gamma", "gamma", 1.0, "delta per 1 of the underlying", "d2V/dS2"),
    ("vega", "vega", 100.0, "per point of volatility", "dV/dvolatility"),
    ("theta", "theta", 365.0, "per calendar day", "dV/dt"),
    ("rho", "rho", 1e4, "per basis point", "dV/drate"),
    (
        "dividend_rho",
        "dividend rho",
        1e4,
        "per basis point",
        "dV/dyield; of a currency pair the foreign rate",
    ),
    ("vanna", "vanna", 100.0, "delta per point", "d2V/dS dvolatility"),
    ("volga", "volga", 1e4, "vega per point, per point", "d2V/dvolatility2 (vomma)"),
    ("charm", "charm", 365.0, "delta per day", "ddelta/dt"),
    ("veta", "veta", 36_500.0, "vega per point, per day", "dvega/dt"),
    ("vera", "vera", 1e6, "rho per basis point, per point", "drho/dvolatility"),
    ("delta_rho", "delta to rate", 1e4, "delta per basis point", "ddelta/drate"),
    ("rho_convexity", "rho convexity", 1e8, "rho per basis point, per basis point", "d2V/drate2"),
    ("theta_rho", "theta to rate", 3.65e6, "theta per day, per basis point", "dtheta/drate"),
    ("theta_theta", "theta to time", 133_225.0, "theta per day, per day", "dtheta/dt"),
    ("speed", "speed", 1.0, "gamma per 1 of the underlying", "dgamma/dS"),
    ("color", "color", 365.0, "gamma per day", "dgamma/dt"),
    ("zomma", "zomma", 100.0, "gamma per point", "dgamma/dvolatility"),
    ("ultima", "ultima", 1e6, "volga per point, per point", "dvolga/dvolatility"),
    ("dual_delta", "strike delta", 1.0, "per 1 of the strike", "dV/dstrike"),
    ("dual_gamma", "strike gamma", 1.0, "per 1 of the strike", "d2V/dstrike2"),
    ("elasticity", "elasticity", 1.0, "% per % of the underlying", "delta x S / V (lambda)"),
)


def model_words(contract: Contract) -> str:
    """The model and the method, for titles."""
    name = _MODELS[contract.model]
    if not contract.american:
        return name + (", escrowed dividends" if contract.dividends else "")
    return f"American, {name}: " + ("finite differences, cash dividends" if contract.dividends else "QdFp")


def summary(
    contract: Contract, value: float, price: float | None, implied: Metric | None, unit: str
) -> Metrics:
    """The value and what goes with it."""
    paid = value if price is None else price
    d = 4 if contract.spot < 20 else 2
    told = "the model's price" if price is None else "PRICE="
    sign = "+" if contract.kind > 0 else "-"
    even = contract.strike + contract.kind * paid
    return Metrics(
        (
            Metric("value", value, "price", max(d, 4), unit, f"{model_words(contract)}, with the assumptions below"),
            *(() if implied is None else (implied,)),
            Metric("intrinsic", contract.intrinsic, "price", d, unit, "max(kind x (spot - strike), 0)"),
            Metric("time value", value - contract.intrinsic, "price", d, unit, "value - intrinsic"),
            Metric("break-even", even, "price", d, unit, f"at expiry: strike {sign} {told}",
                   note=f"{even / contract.spot - 1.0:+.1%} from the spot" if contract.spot > 0 else ""),
            Metric("in the money", contract.in_the_money(), "percent", 1,
                   formula="N(kind x d2): risk-neutral, at expiry"),
            Metric("forward", contract.forward, "price", d, unit,
                   "(spot - cash dividends discounted at rate - yield) x exp((rate - yield) x years)"),
            Metric("discount", contract.discount, "number", 5, formula="exp(-rate x years)"),
            Metric("years", contract.years, "number", 4, formula="calendar days / 365"),
        )
    )  # fmt: skip


def greeks_table(contract: Contract) -> Table:
    """Each Greek as the plain derivative and in the unit that books use."""
    found = contract.greeks()
    rows = []
    for name, label, scale, unit, what in _GREEKS:
        value = getattr(found, name, None)
        if value is None or (name == "dividend_rho" and contract.model in ("BLACK76", "BACHELIER")):
            continue
        plain = float(value)
        rows.append(
            {
                "greek": label, "shown": plain / scale, "places": _places(plain / scale), "unit": unit,
                "plain": plain, "plain_places": _places(plain), "what": what,
                "why": f"{what} / {scale:g}" if scale != 1.0 else what,
            }
        )  # fmt: skip
    frame = frame_of(
        rows, greek="text", shown="number", places="integer", unit="text", plain="number",
        plain_places="integer", what="text", why="text",
    )  # fmt: skip
    method = (
        "closed form"
        if not contract.american
        else "central differences of prices"
        + ("" if contract.dividends else "; theta by the pricing equation")
    )
    columns = (
        Column("greek", "Greek"),
        Column("shown", "value", "number", 4, formula_from="why", decimals_from="places"),
        Column("unit", "unit"),
        Column(
            "plain",
            "derivative",
            "number",
            4,
            formula=f"per 1.00, per year; {method}",
            decimals_from="plain_places",
        ),
        Column("what", "is"),
    )
    return Table(frame, columns, ("greek",), pinned="greek")


def _places(value: float) -> int:
    """Decimals that leave four digits that say something."""
    from math import floor, log10

    if not isfinite(value) or value == 0.0:
        return 2
    return min(max(3 - floor(log10(abs(value))), 2), 10)


def styles_table(contract: Contract, unit: str) -> Table:
    """Call and put of one strike, European and American, and whether parity holds between them."""
    rows = []
    d = 4 if contract.spot < 20 else 2
    for kind, name in ((1, "call"), (-1, "put")):
        one = replace(contract, kind=kind)
        american = None if contract.model == "BACHELIER" else replace(one, american=True)
        european = float(one.european.price(spot_model=True, quick=False))
        early = None if american is None else float(american.price(quick=False))
        rows.append(
            {
                "option": name, "european": european, "american": early,
                "premium": None if early is None else max(early - european, 0.0),
            }
        )  # fmt: skip
    held = rows[0]["european"] - rows[1]["european"]  # type: ignore[operator]
    owed = contract.discount * (contract.forward - contract.strike)
    rows.append({"option": "call - put", "european": held})
    rows.append({"option": "discount x (forward - strike)", "european": owed})
    rows.append({"option": "parity error", "european": held - owed})
    frame = frame_of(rows, option="text", european="number", american="number", premium="number")
    columns = (
        Column("option", "option"),
        Column("european", "European", "price", max(d, 4), unit,
               "the model's price; with cash dividends by finite differences in the spot model"),
        Column("american", "American", "price", max(d, 4), unit, "QdFp, or finite differences with cash dividends"),
        Column("premium", "early exercise", "price", max(d, 4), unit, "American - European"),
    )  # fmt: skip
    return Table(frame, columns, ("option",))


def value_curve(contract: Contract, paid: float) -> Curve:
    """Value over spot: today, half way, and at expiry; and the profit at expiry of one bought."""
    import numpy as np

    spots = spots_around(contract, 25 if contract.dividends else 41, 2.0)
    d = 4 if contract.spot < 20 else 2
    x, labels = tuple(spots.tolist()), tuple(f"{each:,.{d}f}" for each in spots)
    payoff = np.maximum(contract.kind * (spots - contract.strike), 0.0)
    half = contract.after(contract.years / 2)
    lines = (
        ("now", contract.price(spots), "the model's value at each spot, all else as assumed"),
        ("half way", half.price(spots), "with half of the time to expiry gone"),
        ("at expiry", payoff, "max(kind x (spot - strike), 0)"),
        ("profit", payoff - paid, "at expiry: value - price paid, without interest on it"),
    )
    series = tuple(
        CurveSeries(name, x, labels, tuple(np.asarray(y).tolist()), formula) for name, y, formula in lines
    )
    return Curve(series, "spot", "", "price", d)


def value_map(context: Context, contract: Contract, paid: float, axis: str, show: str) -> Heatmap:
    """Value, or profit of one bought, over spot and volatility, or spot and days to expiry."""
    import numpy as np

    few = contract.american and contract.dividends
    spots = spots_around(contract, 7 if few else 11, 2.0)
    names, rows = _rows(contract, axis, 5 if few else 9)
    values = []
    for at, row in enumerate(rows):
        context.check_cancelled()
        context.progress(at, len(rows), "values over spot")
        values.append(np.asarray(row(spots), dtype=np.float64))
    grid, d = np.array(values), 4 if contract.spot < 20 else 2
    profit, title = show == "PROFIT", "volatility" if axis == "VOLATILITY" else "days left"
    formula = "the model's value" + (" - price paid" if profit else "") + ", all else as assumed"
    return Heatmap(
        names, tuple(f"{each:,.{d}f}" for each in spots), grid - paid if profit else grid, "price", d,
        scale="diverging" if profit else "sequential", row_title=title, column_title="spot", formula=formula,
    )  # fmt: skip


def _rows(contract: Contract, axis: str, count: int) -> tuple[tuple[str, ...], list[Callable[[Any], Any]]]:
    import numpy as np

    if axis == "VOLATILITY":
        vols = contract.volatility * np.linspace(0.5, 1.5, count)
        money = contract.model == "BACHELIER"
        names = tuple(f"{vol:,.2f}" if money else f"{vol:.1%}" for vol in vols)
        return names, [partial(contract.price, volatility=float(vol)) for vol in vols]
    days = sorted({round(part * contract.years * 365) for part in np.linspace(0.0, 1.0, count)}, reverse=True)
    left = [contract.after(contract.years - day / 365.0) for day in days]
    return tuple(f"{day}d" for day in days), [one.price for one in left]


def grids_told(contract: Contract) -> str:
    return f"{QUICK[0]} x {QUICK[1]} steps" if contract.dividends and contract.american else "QdFp, fast"
