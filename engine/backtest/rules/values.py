"""What expressions of rules say of every session and symbol, over arrays.

Three-valued logic (Kleene 1938, "On notation for ordinal numbers", the strong tables): a comparison with an unknown
value is unknown, false and anything is false, true or anything is true; what else has an unknown part is unknown, and
an unknown condition is no signal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from engine.backtest.market import Floats, Market
from engine.backtest.rules.characteristics import WARM_UP, characteristic
from engine.backtest.rules.errors import RuleError
from engine.backtest.rules.tree import (
    And,
    Arithmetic,
    Between,
    Comparison,
    Cross,
    Function,
    Known,
    Line,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Or,
    Previous,
)  # fmt: skip
from engine.backtest.rules.vocabulary import FIELDS
from engine.quant.indicators import Bars, compute, indicator

Truth: TypeAlias = NDArray[np.int8]
FALSE: Final = np.int8(-1)
UNKNOWN: Final = np.int8(0)
TRUE: Final = np.int8(1)
_SIGNS = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal, "=": np.equal,
          "!=": np.not_equal}  # fmt: skip


class Values:
    """Expressions answered over one market, each once.

    Prices are adjusted forwards for splits (``price``). ``panels``: what the caller knows of each
    session and symbol (n, k), NaN where it is not known by that session's close; they go before characteristics of
    the same name. Row t of every answer uses rows up to t.
    """

    def __init__(self, market: Market, panels: Mapping[str, Floats] | None = None) -> None:
        self.market, self.panels = market, dict(panels or {})
        self.shape = market.close.shape
        for name, panel in self.panels.items():
            if panel.shape != self.shape:
                raise ValueError(f"{name} has shape {panel.shape}; sessions by symbols are {self.shape}")
        self._factor: Floats | None = None
        self._prices: dict[str, Floats] = {}
        self._numbers: dict[Node, Floats] = {}
        self._truths: dict[Node, Truth] = {}
        self._lines: dict[tuple[Any, ...], Mapping[str, Floats]] = {}
        self._bars: dict[tuple[Node, ...], Bars] = {}
        self._gapless: bool | None = None

    def price(self, name: str) -> Floats:
        """A field of the bars, (n, k), in shares of the first session: the one of ``Market.signal_prices``."""
        if name not in self._prices:
            bars: Floats = getattr(self.market, name)
            if self._factor is None and not (self.market.split == 1.0).all():
                self._factor = self.market.forward_factor()
            if self._factor is not None:
                bars = bars / self._factor if name == "volume" else bars * self._factor
            self._prices[name] = bars  # as they are where nothing was split
        return self._prices[name]

    def number(self, node: Node) -> Floats:
        """A number, (n, k); NaN is unknown, and so is what is not finite. A constant may have shape ()."""
        if node not in self._numbers:
            with np.errstate(all="ignore"):
                found = self._number(node)
            endless = np.isinf(found)
            self._numbers[node] = np.where(endless, np.nan, found) if endless.any() else found
        return self._numbers[node]

    def truth(self, node: Node) -> Truth:
        """A condition, int8 (n, k): 1 true, -1 false, 0 unknown."""
        match node:
            case Not(of):
                return -self.truth(of)
            case And(parts):
                return cast(Truth, np.minimum.reduce([self.truth(each) for each in parts]))
            case Or(parts):
                return cast(Truth, np.maximum.reduce([self.truth(each) for each in parts]))
            case Comparison(left, sign, right):
                if node not in self._truths:  # an exit is often the entry's contrary
                    self._truths[node] = self._told(self.number(left), sign, self.number(right))
                return self._truths[node]
            case Between(of, low, high):
                x = self.number(of)
                return np.minimum(
                    self._told(x, ">=", self.number(low)), self._told(x, "<=", self.number(high))
                )
            case Cross():
                return self._crossed(node)
            case Known(of):
                known = np.broadcast_to(np.isfinite(self.number(of)), self.shape)
                return np.where(known, TRUE, FALSE).astype(np.int8)
            case _:
                raise TypeError(f"{type(node).__name__} is no condition")

    def previous(self, values: Floats, bars: int) -> Floats:
        """Of each symbol's bar the value so many of its own bars before; NaN where it has no bar."""
        if values.ndim == 0:
            return values
        found = np.full(self.shape, np.nan)
        if self.gapless:
            found[bars:] = values[: max(len(values) - bars, 0)]
            return found
        for symbol in range(self.shape[1]):
            places = np.flatnonzero(np.isfinite(self.market.close[:, symbol]))
            found[places[bars:], symbol] = values[places[: max(len(places) - bars, 0)], symbol]
        return found

    @property
    def gapless(self) -> bool:
        """Whether every session has a bar of every symbol."""
        if self._gapless is None:
            self._gapless = bool(np.isfinite(self.market.close).all())
        return self._gapless

    def _number(self, node: Node) -> Floats:
        match node:
            case Number(value):
                return np.asarray(value, dtype=np.float64)
            case Name():
                return self._named(node)
            case Negative(of):
                return np.asarray(-self.number(of))
            case Arithmetic(left, sign, right):
                x, y = self.number(left), self.number(right)
                return np.asarray(
                    {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}[sign](x, y)
                )
            case Function(name, args):
                parts = [self.number(each) for each in args]
                if name == "abs":
                    return np.abs(parts[0])
                found = parts[0]
                for each in parts[1:]:
                    found = np.maximum(found, each) if name == "larger" else np.minimum(found, each)
                return found
            case Previous(of, bars):
                return self.previous(self.number(of), bars)
            case Line():
                return self._line(node)
            case _:
                raise TypeError(f"{type(node).__name__} is no number")

    def _named(self, node: Name) -> Floats:
        if node.name in self.panels:
            return np.asarray(self.panels[node.name], dtype=np.float64)
        if node.name in FIELDS:
            return self.price(node.name)
        if node.name in WARM_UP:
            return characteristic(node.name, self.market)
        raise RuleError(
            f"{node.name} is not told by prices: it needs a panel of its values as they were known, and none was "
            "given.",
            *node.at,
        )

    def _line(self, node: Line) -> Floats:
        """One line; the others of the same call are kept for who asks next."""
        key = (node.indicator, node.inputs, node.settings)
        if key not in self._lines:
            entry = indicator(node.indicator)
            given = dict(zip((each.name for each in entry.parameters), node.settings, strict=True))
            bars = self._bars_of(node.inputs)
            fields = [f"{at}" for at in range(len(node.inputs))]
            try:
                self._lines[key] = compute(node.indicator, bars, inputs=fields, **given)
            except ValueError as fault:
                raise RuleError(str(fault), *node.at) from fault
        return self._lines[key][node.line]

    def _bars_of(self, inputs: tuple[Node, ...]) -> Bars:
        if inputs not in self._bars:
            fields: dict[str, NDArray[Any]] = {
                f"{at}": np.broadcast_to(self.number(each), self.shape) for at, each in enumerate(inputs)
            }
            self._bars[inputs] = Bars(fields | {"dates": self.market.dates})
        return self._bars[inputs]

    def _crossed(self, node: Cross) -> Truth:
        left, right = self.number(node.left), self.number(node.right)
        now, before = (">", "<=") if node.side == "above" else ("<", ">=")
        earlier = self._told(self.previous(left, 1), before, self.previous(right, 1))
        return np.minimum(self._told(left, now, right), earlier)

    def _told(self, left: Floats, sign: str, right: Floats) -> Truth:
        held = np.broadcast_to(_SIGNS[sign](left, right), self.shape)
        known = np.broadcast_to(np.isfinite(left) & np.isfinite(right), self.shape)
        found: Truth = (held.view(np.int8) * np.int8(2) - np.int8(1)) * known.view(np.int8)
        return np.ascontiguousarray(found)  # of indicators symbol by symbol; what follows goes by session
