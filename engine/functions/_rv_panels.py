"""RV's figures: multiples of all, where the company stands, prices at the peers' median, scatter and ranks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite, nan
from typing import TYPE_CHECKING, Any

from engine.figures import Field, Form, Heatmap, Mark, Scatter, ScatterLine
from engine.frames import TypeWord, frame_of
from engine.function import Args
from engine.functions._rv_data import MEASURE, MEASURES, Company, Measure
from engine.functions._rv_peers import Compared
from engine.page import Bars, Column, Table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.quant.valuation import Among

PAIRS: Mapping[str, tuple[str, str]] = {
    "EVSALES": ("revenue_growth", "ev_to_sales"),
    "PE": ("income_growth", "price_to_earnings"),
    "PB": ("return_on_equity", "price_to_book"),
}
_AXES = {
    "revenue_growth": "revenue growth",
    "income_growth": "growth of net income",
    "return_on_equity": "ROE",
}
_MILLION = 1e6
_LEAST_LINE = 4  # peers that a line through them takes
_RANKED = 40


@dataclass(frozen=True, slots=True)
class Standing:
    """The company among its peers by one measure, and the price at their median (NaN: none follows)."""

    measure: Measure
    among: Among
    price: float
    formula: str


def column(found: Compared, name: str) -> NDArray[np.float64]:
    """The peers' values of a measure, NaN where blank."""
    import numpy as np

    return np.array([nan if (v := each.value(name)) is None else v for each in found.peers], dtype=np.float64)


def standings(found: Compared) -> tuple[Standing, ...]:
    """One for each measure."""
    from engine.quant.valuation import among

    made = []
    for measure in MEASURES:
        own = found.own.value(measure.name)
        placed = among(nan if own is None else own, column(found, measure.name))
        made.append(Standing(measure, placed, *_price(found.own, measure, placed.median)))
    return tuple(made)


def _price(own: Company, measure: Measure, median: float) -> tuple[float, str]:
    """The price at which the company has the peers' median, and how it follows."""
    from engine.quant.valuation import price_at_multiple, price_at_yield

    base = own.bases.get(measure.line)
    if not measure.base or base is None or not isfinite(median):
        why = (
            "no price follows from it"
            if not measure.base
            else "the company's own figure or the median is blank"
        )
        return nan, f"blank: {why}"
    what = f"{measure.line.replace('_', ' ')} a share"
    if measure.base == "yield":
        return price_at_yield(median, base), f"{what} / peers' median = {base:.6g} / {median:.6g}"
    if measure.base == "share":
        return price_at_multiple(median, base), f"peers' median x {what} = {median:.6g} x {base:.6g}"
    debt = own.bases.get("net_debt", nan)
    words = (
        f"peers' median x {what} - net debt and minorities a share = {median:.6g} x {base:.6g} - {debt:.6g}"
    )
    return price_at_multiple(median, base, debt, of_enterprise=True), words


def standing_table(found: Compared, placed: tuple[Standing, ...]) -> Table:
    """Own value, quartiles, rank, premium, and the price at the median."""
    close = found.own.close
    rows: list[dict[str, Any]] = []
    for each in placed:
        a, reading = each.among, found.own.readings.get(each.measure.name)
        digits = 2 if each.measure.kind == "ratio" else 1
        scale = 1.0 if each.measure.kind == "ratio" else 100.0
        rows.append({
            "measure": each.measure.label, "unit": "x" if scale == 1.0 else "%", "digits": digits,
            **{name: _known(getattr(a, name) * scale) for name in ("own", "low", "median", "high")},
            "rank": _known(a.rank), "premium": _known(a.premium) if scale == 1.0 else None, "peers": a.count,
            "price": _known(each.price),
            "against": each.price / close - 1.0 if close and isfinite(each.price) else None,
            "why": reading.formula if reading is not None else found.own.unpriced, "priced": each.formula,
        })  # fmt: skip
    frame = frame_of(
        rows, measure="text", unit="text", digits="integer", own="number", low="number", median="number",
        high="number", rank="number", premium="number", peers="integer", price="number", against="number",
        why="text", priced="text",
    )  # fmt: skip
    ticker = found.own.ref.ticker
    columns = (
        Column("measure", "measure"),
        Column("own", ticker, "number", formula_from="why", decimals_from="digits"),
        Column("median", "median", "number", formula="median of the peers, without the company itself",
               decimals_from="digits"),
        Column("unit", "in"),
        Column("premium", "premium", "change", 1, formula="own / peers' median - 1, of multiples"),
        Column("price", "price at it", "price", 2, found.own.ref.currency, formula_from="priced"),
        Column("against", "to close", "change", 1, formula="price at the peers' median / close - 1"),
        Column("rank", "rank", "percent", 0, formula="share of the peers below, half of those level"),
        Column("low", "quartile 1", "number", formula="a quarter of the peers lies below, interpolated linearly",
               decimals_from="digits"),
        Column("high", "quartile 3", "number", formula="a quarter of the peers lies above", decimals_from="digits"),
        Column("peers", "peers", "integer", formula="peers with a value of it"),
    )  # fmt: skip
    return Table(frame, columns, key=("measure",))


def _known(value: float) -> float | None:
    return value if isfinite(value) else None


def price_bars(found: Compared, placed: tuple[Standing, ...]) -> Bars | None:
    """The close beside the price at each median."""
    told = [(each.measure.label, each.price) for each in placed if isfinite(each.price)]
    if not told or found.own.close is None:
        return None
    labels, values = zip(("close", found.own.close), *told, strict=True)
    return Bars(tuple(labels), tuple(values), found.own.ref.currency, 2)


def multiples_table(found: Compared, placed: tuple[Standing, ...]) -> Table:
    """Everyone's figures, the company first, and when they were filed."""
    rows = [_row(company, at == 0) for at, company in enumerate(found.all)]
    median: dict[str, Any] = {"ticker": "median", "name": "of the peers", "emphasis": "strong"}
    for each in placed:
        median[each.measure.name] = _known(each.among.median)
        median[f"why_{each.measure.name}"] = f"median of {each.among.count} peers"
    types: dict[str, TypeWord] = {"ticker": "text", "name": "text", "cap": "number", "why_cap": "text"}
    for measure in MEASURES:
        types |= {measure.name: "number", f"why_{measure.name}": "text"}
    types |= {"end": "date", "filed": "date", "why_filed": "text", "emphasis": "text", "command": "text"}
    frame = frame_of([*rows, median], **types)
    measured = (
        Column(m.name, m.label, m.kind, 2 if m.kind == "ratio" else 1, formula_from=f"why_{m.name}")
        for m in MEASURES
    )
    columns = (
        Column("ticker", "ticker"),
        Column("end", "12m to", "date", formula="last day of the newest twelve months known"),
        Column("filed", "filed", "date", formula_from="why_filed"),
        Column("cap", "value m", "number", 0, formula_from="why_cap"),
        *measured,
        Column("name", "name", width=28),
    )
    return Table(frame, columns, key=("ticker",), command="command", emphasis="emphasis")


def _row(company: Company, own: bool) -> dict[str, Any]:
    cap = company.market_cap
    row: dict[str, Any] = {
        "ticker": company.ref.ticker, "name": company.ref.name, "end": company.end, "filed": company.filed,
        "why_filed": f"the newest filing that tells the twelve months: {company.filing}",
        "cap": cap.value / _MILLION if cap is not None and cap.value is not None else None,
        "why_cap": f"in millions; {cap.formula}" if cap is not None else company.unpriced,
        "emphasis": "strong" if own else "", "command": f"{company.ref.label} FA",
    }  # fmt: skip
    for measure in MEASURES:
        reading = company.readings.get(measure.name)
        row[measure.name] = None if reading is None else reading.value
        row[f"why_{measure.name}"] = company.unpriced if reading is None else reading.formula
    return row


def scatter(found: Compared, pair: str) -> tuple[str, Scatter]:
    """Two measures of all, a least-squares line through the peers, and what it says of the company, as a title."""
    import numpy as np

    from engine.quant.performance import market_model

    across, down = (MEASURE[name] for name in PAIRS[pair])
    marks = []
    for each in found.all:
        own_x, own_y = each.value(across.name), each.value(down.name)
        if own_x is not None and own_y is not None:
            group = "the company" if each is found.own else "peers"
            marks.append(Mark(own_x, own_y, each.ref.ticker, group, command=f"{each.ref.label} RV"))
    x, y = column(found, across.name), column(found, down.name)
    both = np.isfinite(x) & np.isfinite(y)
    x, y = x[both], y[both]
    axis = _AXES[across.name]
    title = f"{down.label} by {axis}"
    lines: tuple[ScatterLine, ...] = ()
    if len(x) >= _LEAST_LINE and np.ptp(x) > 0:
        model = market_model(y, x, periods=1.0)
        slope, base, fit = (float(each) for each in (model.beta, model.alpha, model.r_squared))
        told = f"{down.label} = {base:.3g} + {slope:.3g} x {axis}"
        ends = (float(x.min()), float(x.max()))
        words = f"{told}: least squares over {len(x)} peers, R2 {fit:.2f}"
        lines = (ScatterLine("peers' line", ends, tuple(base + slope * end for end in ends), words),)
        title += f": R2 {fit:.2f} of {len(x)} peers" + _by_line(found.own, across, down, base, slope)
    figure = Scatter(tuple(marks), axis, down.label, lines, across.kind, down.kind, 1, 2)
    return title, figure


def _by_line(own: Company, across: Measure, down: Measure, base: float, slope: float) -> str:
    x, y = own.value(across.name), own.value(down.name)
    if x is None or y is None:
        return ""
    return f"; {own.ref.ticker} {y:.2f}, by the line {base + slope * x:.2f}"


def ranks(found: Compared) -> Heatmap:
    """Of everyone the share of the others below, by measure."""
    import numpy as np

    from engine.quant.valuation import percentile_ranks

    shown = found.all[:_RANKED]
    values = np.array(
        [[nan if (v := each.value(m.name)) is None else v for m in MEASURES] for each in shown],
        dtype=np.float64,
    )
    return Heatmap(
        tuple(each.ref.ticker for each in shown), tuple(m.label for m in MEASURES), percentile_ranks(values),
        "percent", 0, "", "diverging", 0.5, 0.0, 1.0, "company", "measure",
        "share of the others that lie below, half of those level; blank where the figure is",
        tuple(f"{each.ref.label} RV" for each in shown),
    )  # fmt: skip


def form(args: Args, found: Compared) -> Form:
    """What the comparison rests on."""
    typed = args["universe"]
    return Form((
        Field("universe", "universe", typed or "", typed or "all known", given=typed is not None,
              basis="" if typed else found.basis, help="an index, a watchlist, a file, or tickers parted by commas"),
        Field("most", "peers at most", str(args["most"]), str(args["most"]), help="the nearest in market value"),
        Field("by", "peers by", args["by"], args["by"].lower(), choices=("AUTO", "INDUSTRY", "SECTOR"),
              help="AUTO widens from industry to sector until there are enough"),
        Field("xy", "scatter", args["xy"], args["xy"].lower(), choices=tuple(PAIRS)),
    ))  # fmt: skip
