"""What RV compares: companies' multiples and ratios as of the clock, read for all of them at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from engine.page import SecurityRef
from engine.quant.fundamentals.shares import Splits

if TYPE_CHECKING:
    import polars as pl

    from engine.context import Context
    from engine.quant.fundamentals.figures import Figures
    from engine.quant.fundamentals.ratios import Reading

_ZONE = ZoneInfo("America/New_York")
FRESH = 30  # days after which a close says nothing of today's value
OLD = 500  # days after which twelve months are no longer today's
_BACK = 1500  # days of facts: twelve months, those before, and what tells them anew
_BATCH = 60  # companies whose facts are read in one call
_COLUMNS = ("value", "form", "fiscal_year", "filed_date")
Base = Literal["share", "enterprise", "yield", ""]


@dataclass(frozen=True, slots=True)
class Measure:
    """One column. ``base``: how a price follows from it, if one does; ``line`` is what it is a multiple of."""

    name: str
    label: str
    kind: Literal["ratio", "percent", "change"]
    base: Base = ""
    line: str = ""


MEASURES: tuple[Measure, ...] = (
    Measure("price_to_earnings", "P/E", "ratio", "share", "eps_diluted"),
    Measure("price_to_book", "P/B", "ratio", "share", "equity"),
    Measure("price_to_sales", "P/S", "ratio", "share", "revenue"),
    Measure("ev_to_ebitda", "EV/EBITDA", "ratio", "enterprise", "ebitda"),
    Measure("ev_to_sales", "EV/sales", "ratio", "enterprise", "revenue"),
    Measure("free_cash_yield", "FCF yield", "percent", "yield", "free_cash_flow"),
    Measure("dividend_yield", "div. yield", "percent", "yield", "dividends_paid"),
    Measure("revenue_growth", "growth", "change"),
    Measure("income_growth", "NI growth", "change"),
    Measure("operating_margin", "op. margin", "percent"),
    Measure("net_margin", "net margin", "percent"),
    Measure("return_on_equity", "ROE", "percent"),
)
MEASURE = {each.name: each for each in MEASURES}
_RATIOS = ("revenue_growth", "income_growth", "operating_margin", "net_margin", "return_on_equity")


@dataclass(frozen=True, slots=True)
class Company:
    """One company at the clock. ``readings`` by measure; ``bases`` what a multiple is of, per share."""

    ref: SecurityRef
    close: float | None
    session: date | None
    end: date | None
    filed: date | None
    filing: str
    market_cap: Reading | None
    readings: dict[str, Reading] = field(default_factory=dict)
    bases: dict[str, float] = field(default_factory=dict)
    unpriced: str = ""

    def value(self, name: str) -> float | None:
        reading = self.readings.get(name)
        return None if reading is None else reading.value


@dataclass(frozen=True, slots=True)
class Known:
    """Facts and closes of candidates: facts by security as ``read_books`` takes them."""

    facts: dict[int, pl.DataFrame]
    splits: dict[int, Splits]
    closes: dict[int, tuple[float, date]]


def known(context: Context, refs: Sequence[SecurityRef]) -> Known:
    """All that the clock knows of ``refs``, a few calls for all of them."""
    ids = [ref.security_id for ref in refs]
    facts: dict[int, pl.DataFrame] = {}
    for at in range(0, len(ids), _BATCH):
        context.check_cancelled()
        context.progress(at, len(ids), "facts")
        facts |= _facts(context, ids[at : at + _BATCH])
    return Known(facts, _splits(context, ids), _closes(context, ids))


def _facts(context: Context, ids: list[int]) -> dict[int, pl.DataFrame]:
    import polars as pl

    from engine.quant.fundamentals.lines import CONCEPTS

    start = context.today - timedelta(days=_BACK)
    rows = context.reader.rows("facts", ids, start, columns=_COLUMNS)
    rows = rows.filter(pl.col("concept").is_in(sorted(CONCEPTS)))
    filed = context.reader.rows("filings", ids, start, columns=("accepted_at",))
    accepted = filed.select("security_id", "accession", "accepted_at")
    rows = rows.join(
        accepted.unique(["security_id", "accession"], keep="last"),
        on=["security_id", "accession"],
        how="left",
    )
    parts = rows.partition_by("security_id", as_dict=True)
    return {int(str(key[0])): part for key, part in parts.items()}


def _splits(context: Context, ids: list[int]) -> dict[int, Splits]:
    import polars as pl

    actions = context.reader.actions(ids, kinds=("split",), upcoming=False).filter(pl.col("ratio") > 0)
    return {
        int(str(key[0])): Splits.of(zip(part["ex_date"].to_list(), part["ratio"].to_list(), strict=True))
        for key, part in actions.partition_by("security_id", as_dict=True).items()
    }


def _closes(context: Context, ids: list[int]) -> dict[int, tuple[float, date]]:
    """The last close of each within the last days, adjusted for splits by the clock."""
    import polars as pl

    bars = context.reader.bars(ids, context.today - timedelta(days=FRESH), adjust="splits")
    last = bars.filter(pl.col("close") > 0).sort("session_date").group_by("security_id").last()
    rows = last.select("security_id", "close", "session_date").iter_rows()
    return {int(number): (float(close), session) for number, close, session in rows}


def cap_of(found: Known, ref: SecurityRef) -> float | None:
    """Market value by the newest count of shares: near enough to choose by."""
    import polars as pl

    from engine.quant.fundamentals.figures import Figures
    from engine.quant.fundamentals.lines import OUTSTANDING
    from engine.quant.fundamentals.told import read_books

    facts, close = found.facts.get(ref.security_id), found.closes.get(ref.security_id)
    if facts is None or close is None:
        return None
    counts = facts.filter(pl.col("concept").is_in(OUTSTANDING))
    shares = Figures(read_books(counts, found.splits.get(ref.security_id))).outstanding().value
    return shares * close[0] if shares else None


def companies(context: Context, found: Known, refs: Iterable[SecurityRef]) -> list[Company]:
    """Those of ``refs`` that have facts, each measured."""
    wanted = [ref for ref in refs if ref.security_id in found.facts]
    made = []
    for at, ref in enumerate(wanted):
        context.check_cancelled()
        context.progress(at, len(wanted), ref.ticker)
        if (company := _company(context, found, ref)) is not None:
            made.append(company)
    return made


def _company(context: Context, found: Known, ref: SecurityRef) -> Company | None:
    from engine.quant.fundamentals.figures import Figures
    from engine.quant.fundamentals.told import read_books

    figures = Figures(read_books(found.facts[ref.security_id], found.splits.get(ref.security_id)))
    end = next(iter(figures.ends("trailing")), None)
    if end is None or (context.today - end).days > OLD:
        return None
    close, session, unpriced = _priced(found, figures, ref)
    filed, filing = _filed(figures, end)
    cap, readings, bases = _measured(figures, close, session, end)
    return Company(ref, close, session, end, filed, filing, cap, readings, bases, unpriced)


def _priced(found: Known, figures: Figures, ref: SecurityRef) -> tuple[float | None, date | None, str]:
    close = found.closes.get(ref.security_id)
    if close is None:
        return None, None, f"no close of the last {FRESH} days is known"
    if ref.currency and ref.currency != figures.books.currency:
        return None, None, f"prices are in {ref.currency} and statements in {figures.books.currency}"
    late = [each for each in figures.books.implied if each.day > close[1]]
    if late:
        return None, None, f"the close may be of before the split that filing {late[0].accession} shows"
    return *close, ""


def _filed(figures: Figures, end: date) -> tuple[date | None, str]:
    """New York's day on which the newest of the filings that tell these twelve months was accepted (known, where
    that is not told), and the filing in words."""
    facts = [fact for line in ("revenue", "net_income") for fact in figures.cell(line, "trailing", end).facts]
    newest = max(facts, key=lambda fact: fact.accepted_at or fact.known_at, default=None)
    if newest is None:
        return None, "none tells revenue or net income"
    return (newest.accepted_at or newest.known_at).astimezone(_ZONE).date(), newest.filing


def _measured(
    figures: Figures, close: float | None, session: date | None, end: date
) -> tuple[Reading | None, dict[str, Reading], dict[str, float]]:
    from engine.quant.fundamentals.ratios import RATIOS, read
    from engine.quant.fundamentals.valuation import valuation

    readings = {r.name: read(figures, r, "trailing", end) for r in RATIOS if r.name in _RATIOS}
    if close is None or session is None:
        return None, readings, {}
    told = {each.name: each.reading for each in valuation(figures, close, session)}
    readings |= {name: reading for name, reading in told.items() if name in MEASURE}
    return told["market_cap"], readings, _bases(figures, told, close, end)


def _bases(figures: Figures, told: dict[str, Reading], close: float, end: date) -> dict[str, float]:
    """A share's part of what each multiple is of; net debt and minorities a share as ``net_debt``."""
    cap, enterprise = told["market_cap"].value, told["enterprise_value"].value
    if not cap:
        return {}
    shares = cap / close
    bases = {} if enterprise is None else {"net_debt": (enterprise - cap) / shares}
    day = next(iter(figures.balance_days()), end)
    for measure in MEASURES:
        if not measure.line:
            continue
        value = figures.value(measure.line, "trailing", day if measure.line == "equity" else end)
        if value is not None:
            bases[measure.line] = value if measure.line == "eps_diluted" else value / shares
    return bases
