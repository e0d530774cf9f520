"""What goes into a simulation besides prices, and what comes out: signals, costs, terms, trades, result.

Units: prices, cash and equity are in the market's currency; rates are fractions a year; costs are fractions of
notional unless named otherwise. Rows are sessions of the market, columns its symbols.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.backtest.market import Floats
from engine.backtest.ruin import returns_of

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Signals:
    """What is wanted, decided after the close of each session: it trades at the next session's open, no earlier.

    ``target`` (n, k): the weight of the account's equity (of the symbol's own account: 1 long, 0 flat, -1 short), NaN
    for no opinion (what is held is kept). ``reasons`` (n, k): places in ``names``, told of the trades they caused.
    """

    target: Floats
    reasons: Ints | None = None
    names: tuple[str, ...] = ()

    def reason(self, row: int, column: int) -> str:
        """The words of what was decided there; empty where none were given."""
        if self.reasons is None or row < 0:
            return ""
        code = int(self.reasons[row, column])
        return self.names[code] if 0 <= code < len(self.names) else ""


@dataclass(frozen=True, slots=True)
class Costs:
    """What trading and holding cost.

    A fill happens at ``price * (1 +- (spread / 2 + slippage + slippage_volatility * volatility + impact *
    volatility * sqrt(participation)))``: ``volatility`` a day's, of the sessions before the fill; the square root
    as in Almgren et al. (2005) and Torre (1997), ``participation`` the order's share of the session's volume. The
    commission is ``max(minimum, per_share * shares + per_notional * notional)`` at the fill's price.
    ``participation``: the part of a session's volume that orders may take, None for no limit. ``withholding``: of
    dividends received; a short pays all. ``debit_rate``: on borrowed cash, None for ``cash_rate``. Rates run over
    calendar days by ``day_count`` (actual/360).
    """

    per_share: float = 0.0
    per_notional: float = 0.0
    minimum: float = 0.0
    spread: float = 0.0
    slippage: float = 0.0
    slippage_volatility: float = 0.0
    impact: float | None = None
    participation: float | None = None
    borrow_rate: float = 0.0
    short_rebate: float = 0.0
    cash_rate: float = 0.0
    debit_rate: float | None = None
    withholding: float = 0.0
    day_count: int = 360

    def __post_init__(self) -> None:
        for name in ("per_share", "per_notional", "minimum", "spread", "slippage", "slippage_volatility"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} is {getattr(self, name)}; a cost is 0 or more")
        if self.spread / 2 + self.slippage >= 1:
            raise ValueError(
                "half the spread and the slippage together take the whole price; give less than 1"
            )
        if not 0 <= self.withholding <= 1:
            raise ValueError(f"withholding is {self.withholding}; it is a fraction from 0 to 1")
        if self.participation is not None and not 0 < self.participation <= 1:
            raise ValueError(f"participation is {self.participation}; it is a fraction above 0, 1 at most")

    @property
    def scaled(self) -> bool:
        """Whether a fill's price hangs on volatility or on the order's size."""
        return self.slippage_volatility > 0 or bool(self.impact)

    @property
    def financed(self) -> bool:
        """Whether holding costs or earns anything."""
        return any((self.borrow_rate, self.short_rebate, self.cash_rate, self.debit_rate))


@dataclass(frozen=True, slots=True)
class Terms:
    """The account: what it starts with, whether it holds fractions of shares, and what margin it must keep.

    ``initial_margin``: equity over gross exposure that a new position needs (0.5: twice the equity may be held);
    ``maintenance_margin``: where equity falls below it, positions are cut at the next open until the initial
    margin is met again. None for no such rule. ``lot``: positions are sized in whole lots of so many shares (odd
    ones that a split or a cut leaves are sold with the rest).
    """

    capital: float = 1_000_000.0
    fractional: bool = False
    initial_margin: float | None = None
    maintenance_margin: float | None = None
    lot: int = 1

    def __post_init__(self) -> None:
        if self.lot < 1 or (self.lot > 1 and self.fractional):
            raise ValueError(
                f"lot is {self.lot}; it is 1 share or more, and 1 where fractions of shares are held"
            )
        if not (np.isfinite(self.capital) and self.capital > 0):
            raise ValueError(f"capital is {self.capital}; an account starts with more than nothing")
        for name in ("initial_margin", "maintenance_margin"):
            value = getattr(self, name)
            if value is not None and not 0 < value <= 1:
                raise ValueError(f"{name} is {value}; it is a fraction of the exposure, above 0, 1 at most")


@dataclass(frozen=True, slots=True)
class Trade:
    """A position from flat to flat (or to the last session, ``open`` then). Prices are averages of the fills.

    ``pnl`` is what it made after ``costs`` (commissions and what spread, slippage and impact took), dividends and the
    cash for fractions included; ``return_`` is it over what was paid in or sold short. ``mae`` and ``mfe``: the worst
    and best close while held, as a return over the entry price. ``shares`` is negative of a short.
    """

    symbol: str
    entry_date: np.datetime64
    entry_price: float
    exit_date: np.datetime64
    exit_price: float
    shares: float
    pnl: float
    costs: float
    return_: float
    bars: int
    mae: float
    mfe: float
    entry_reason: str
    exit_reason: str
    open: bool = False


@dataclass(frozen=True, slots=True)
class Trades:
    """Trades as columns (m,), in order of symbol, then entry; a row by ``trades[i]``, all by iterating.

    ``symbol``: places in the market; ``entry`` and ``exit``: sessions' rows; reasons as in ``Trade``.
    """

    dates: NDArray[np.datetime64]
    symbols: tuple[str, ...]
    symbol: Ints
    entry: Ints
    exit: Ints
    entry_price: Floats
    exit_price: Floats
    shares: Floats
    pnl: Floats
    costs: Floats
    return_: Floats
    mae: Floats
    mfe: Floats
    open: NDArray[np.bool_]
    entry_reasons: tuple[str, ...] = ()
    exit_reasons: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.symbol)

    def __getitem__(self, row: int) -> Trade:
        return Trade(
            self.symbols[int(self.symbol[row])],
            self.dates[self.entry[row]],
            float(self.entry_price[row]),
            self.dates[self.exit[row]],
            float(self.exit_price[row]),
            float(self.shares[row]),
            float(self.pnl[row]),
            float(self.costs[row]),
            float(self.return_[row]),
            int(self.exit[row] - self.entry[row]),
            float(self.mae[row]),
            float(self.mfe[row]),
            self.entry_reasons[row] if self.entry_reasons else "",
            self.exit_reasons[row] if self.exit_reasons else "",
            bool(self.open[row]),
        )

    def __iter__(self) -> Iterator[Trade]:
        return (self[row] for row in range(len(self)))


class Event(NamedTuple):
    """Something an analyst should know of: a delisting, a margin call, an order cut by volume, a stale mark."""

    date: np.datetime64
    kind: str
    symbol: str
    text: str


@dataclass(frozen=True, slots=True)
class Result:
    """A run. ``equity`` (n,) is cash, what is owed to and by the account, and positions at their marks.

    ``gross`` and ``net`` (n,): exposure over equity; ``weights`` (n, k): each position over equity, both at the
    close; ``turnover`` (n,): what was bought and sold over the equity of the session before; all four 0 once the
    equity is lost (``ruin``); ``costs``: by kind, (n,), positive where the account paid. ``accounts`` (n, k): each
    symbol's own equity, None of one shared account. ``ledger``: every booking in order, of the event-driven path.
    """

    dates: NDArray[np.datetime64]
    symbols: tuple[str, ...]
    capital: float
    equity: Floats
    cash: Floats
    gross: Floats
    net: Floats
    weights: Floats
    turnover: Floats
    trades: Trades
    costs: Mapping[str, Floats]
    events: Sequence[Event] = ()
    accounts: Floats | None = None
    ledger: Sequence[object] = field(default=(), repr=False)

    @property
    def returns(self) -> Floats:
        """A session's simple returns (n,), the first over the capital; -1 where all is lost, 0 after (``ruin``)."""
        return returns_of(self.equity, self.capital)

    def frozen(self) -> Result:
        """The same, its arrays closed to writing."""
        for holder in (self, self.trades):
            for one in fields(holder):
                value = getattr(holder, one.name)
                if isinstance(value, np.ndarray):
                    value.setflags(write=False)
        return self
