"""The catalogue of fields: what a name means, how it is computed, where the definition is from, what it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from engine.quant.fundamentals.ratios import RATIOS
from engine.quant.screener.check import FieldKind

Shown: TypeAlias = Literal["text", "integer", "number", "price", "percent", "change", "ratio", "date"]
Need: TypeAlias = Literal[
    "prices", "total", "volume", "benchmark", "dividends", "facts", "profile", "listing"
]


@dataclass(frozen=True, slots=True)
class Field:
    """One field. Percent and change are fractions (0.05 is 5%). ``needs``: what it is computed from; ``sessions``:
    how many sessions of prices; ``also``: its other names."""

    name: str
    label: str
    group: str
    kind: Shown
    formula: str
    source: str
    needs: tuple[Need, ...]
    unit: str = ""
    sessions: int = 0
    also: tuple[str, ...] = ()

    @property
    def type(self) -> FieldKind:
        return "text" if self.kind == "text" else "number"


_BARS = "exchange's daily bars, adjusted for splits known at the clock"
_TOTAL = "daily closes, adjusted for splits and dividends known at the clock"
_MOMENTUM = "Jegadeesh and Titman (1993), Journal of Finance 48"


def _price(
    name: str, label: str, kind: Shown, formula: str, sessions: int, *needs: Need, source: str = _BARS,
    unit: str = "", also: tuple[str, ...] = (),
) -> Field:  # fmt: skip
    return Field(name, label, "price", kind, formula, source, needs or ("prices",), unit, sessions, also)


def _return(name: str, label: str, sessions: int, *also: str) -> Field:
    formula = f"total-return level / level {sessions} sessions before - 1"
    return _price(name, label, "change", formula, sessions, "total", source=_TOTAL, also=also)


PRICE = (
    _price("close", "close", "price", "last close known, of the last five sessions", 0,
           also=("price", "px_last", "last")),
    _price("volume", "volume", "integer", "shares traded in the last session with a bar", 0, "volume", unit="shares"),
    _price("adv_20", "traded a day, 20d", "integer", "mean of close x volume as traded over 20 sessions, ten at "
           "least", 20, "volume", unit="money", also=("adv", "dollar_volume")),
    _return("ret_1d", "return 1d", 1),
    _return("ret_1w", "return 1w", 5),
    _return("ret_1m", "return 1m", 21),
    _return("ret_3m", "return 3m", 63),
    _return("ret_6m", "return 6m", 126),
    _return("ret_1y", "return 1y", 252, "ret_12m"),
    _price("mom_12_1", "momentum 12-1", "change", "level 21 sessions ago / level 252 sessions ago - 1", 252, "total",
           source=_MOMENTUM, also=("momentum", "mom")),
    _price("mom_6_1", "momentum 6-1", "change", "level 21 sessions ago / level 126 sessions ago - 1", 126, "total",
           source=_MOMENTUM),
    _price("vol_3m", "volatility 3m", "percent", "deviation of 63 daily total returns x sqrt(252), 50 at least", 63,
           "total", source=_TOTAL),
    _price("vol_1y", "volatility 1y", "percent", "deviation of 252 daily total returns x sqrt(252), 200 at least",
           252, "total", source=_TOTAL, also=("volatility", "realized_volatility")),
    _price("beta_1y", "beta 1y", "ratio", "cov(r, b) / var(b) of 252 daily returns against the S&P 500 (SPX), 200 at "
           "least", 252, "total", "benchmark", source="Sharpe (1964)", also=("beta",)),
    _price("high_52w_pct", "from 52w high", "change", "close / highest close of 252 sessions - 1", 252,
           source="George and Hwang (2004), with closes"),
    _price("low_52w_pct", "from 52w low", "change", "close / lowest close of 252 sessions - 1", 252),
    _price("drawdown", "drawdown", "change", "total-return level / its highest of 252 sessions - 1", 252, "total",
           source=_TOTAL),
    _price("max_drawdown_1y", "worst drawdown 1y", "change", "the lowest of level / highest level before it - 1 in "
           "252 sessions", 252, "total", source=_TOTAL, also=("max_drawdown",)),
    _price("rsi_14", "RSI 14", "number", "100 - 100 / (1 + mean gain / mean loss), Wilder's means of 14 sessions "
           "over 250", 250, source="Wilder (1978)", also=("rsi",)),
    _price("sma_50_dist", "from 50d mean", "change", "close / mean of the last 50 closes - 1", 50),
    _price("sma_200_dist", "from 200d mean", "change", "close / mean of the last 200 closes - 1", 200),
    _price("dividend_yield", "dividend yield", "percent", "dividends a share that went ex in the year to the clock / "
           "close", 0, "prices", "dividends", source="declared dividends known at the clock",
           also=("div_yield", "dvd_yield")),
)  # fmt: skip

_MULTIPLES: tuple[tuple[str, str, str, Shown, str, str, tuple[str, ...]], ...] = (
    ("mktcap", "market_cap", "market cap", "integer", "close x shares outstanding", "money", ("market_cap", "cap")),
    ("ev", "enterprise_value", "enterprise value", "integer",
     "market capitalisation + debt + minority interest - cash and marketable securities", "money",
     ("enterprise_value",)),
    ("pe", "price_to_earnings", "P/E", "ratio", "close / diluted earnings a share of twelve months", "",
     ("p_e", "price_to_earnings")),
    ("pb", "price_to_book", "P/B", "ratio", "market capitalisation / shareholders' equity", "",
     ("p_b", "price_to_book")),
    ("ps", "price_to_sales", "P/S", "ratio", "market capitalisation / revenue of twelve months", "",
     ("p_s", "price_to_sales")),
    ("ev_ebitda", "ev_to_ebitda", "EV/EBITDA", "ratio",
     "enterprise value / (operating income + depreciation and amortization) of twelve months", "", ("ev_to_ebitda",)),
    ("ev_sales", "ev_to_sales", "EV/sales", "ratio", "enterprise value / revenue of twelve months", "",
     ("ev_to_sales",)),
    ("fcf_yield", "free_cash_yield", "FCF yield", "percent",
     "free cash flow of twelve months / market capitalisation", "", ("free_cash_yield",)),
    ("payout_yield", "dividend_yield", "dividends paid yield", "percent",
     "dividends paid in twelve months / market capitalisation", "", ()),
)  # fmt: skip
MULTIPLES: Mapping[str, str] = {name: read for name, read, *_ in _MULTIPLES}
_SHORT = {"return_on_equity": "roe", "return_on_assets": "roa", "return_on_capital": "roic"}
RATIO_NAMES: Mapping[str, str] = {_SHORT.get(each.name, each.name): each.name for each in RATIOS}
# lines of statements, of twelve months or of the newest balance sheet
LINE_NAMES: Mapping[str, str] = {
    "revenue": "revenue", "net_income": "net income", "operating_income": "operating income", "ebitda": "EBITDA",
    "free_cash_flow": "free cash flow", "gross_profit": "gross profit", "assets": "total assets",
    "equity": "shareholders' equity", "debt": "debt", "cash": "cash and equivalents",
}  # fmt: skip
_BALANCE = ("assets", "equity", "debt", "cash")
_FILED = "filings accepted by the clock"


def _fundamental() -> tuple[Field, ...]:
    multiples = [
        Field(name, label, "valuation", kind, formula, _FILED, ("prices", "facts"), unit, 0, also)
        for name, _, label, kind, formula, unit, also in _MULTIPLES
    ]
    names = {read: name for name, read in RATIO_NAMES.items()}
    ratios = [
        Field(names[r.name], r.label + (" growth" if r.growth else ""), r.group, r.kind, r.formula, r.source,
              ("facts",), also=(r.name,) if names[r.name] != r.name else ())
        for r in RATIOS
    ]  # fmt: skip
    growth = Field("asset_growth", "asset growth", "growth", "change", "total assets / those a year before - 1",
                   "Cooper, Gulen and Schill (2008)", ("facts",))  # fmt: skip
    profit = Field("gross_profitability", "gross profit / assets", "returns", "percent",
                   "gross profit of twelve months / total assets", "Novy-Marx (2013)", ("facts",))  # fmt: skip
    lines = [
        Field(name, label, "statement", "integer",
              f"{label} {'of the newest balance sheet' if name in _BALANCE else 'of the newest twelve months'}",
              _FILED, ("facts",), "money")
        for name, label in LINE_NAMES.items()
    ]  # fmt: skip
    return (*multiples, *ratios, growth, profit, *lines)


_LISTED = "the directory of securities as known at the clock"
LISTING = (
    Field("ticker", "ticker", "listing", "text", "the ticker of the clock's day", _LISTED, ("listing",),
          also=("symbol",)),
    Field("name", "name", "listing", "text", "the name on the clock's day", _LISTED, ("listing",)),
    Field("exchange", "exchange", "listing", "text", "market identifier code (ISO 10383)", _LISTED, ("listing",)),
    Field("currency", "currency", "listing", "text", "currency that it trades in (ISO 4217)", _LISTED, ("listing",)),
    Field("age", "years listed", "listing", "number", "(the clock's day - first day of listing) / 365.25", _LISTED,
          ("listing",), "years"),
    Field("sector", "sector", "profile", "text", "of the newest profile known at the clock; the two first digits of "
          "its SIC (SIC 35) where it tells no sector", "company profile", ("profile",)),
    Field("industry", "industry", "profile", "text", "of the newest profile known at the clock", "company profile",
          ("profile",)),
    Field("country", "country", "profile", "text", "of the newest profile known at the clock", "company profile",
          ("profile",)),
)  # fmt: skip

FIELDS: Mapping[str, Field] = {each.name: each for each in (*PRICE, *_fundamental(), *LISTING)}
KINDS: Mapping[str, FieldKind] = {name: each.type for name, each in FIELDS.items()}
ALIASES: Mapping[str, str] = {other: each.name for each in FIELDS.values() for other in each.also}


def search(text: str) -> tuple[Field, ...]:
    """Fields whose name, label, group, formula or other names hold every word of ``text``."""
    words = text.lower().split()

    def told(each: Field) -> str:
        return " ".join((each.name, each.label, each.group, each.formula, *each.also)).lower()

    return tuple(each for each in FIELDS.values() if all(word in told(each) for word in words))
