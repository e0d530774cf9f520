"""The simulation of an option strategy: sessions in turn, one exact ledger.

A session: interest, a split, an ex-date, payments; contracts that settle on the open; shares left by exercise, at the
open; then, at its quotes, what was decided after the close before: exits, margin calls, entries; marks;
contracts that expire; early exercise for the next ex-date; margin. Then the rules decide on what that close
shows.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from engine.backtest.inputs import Outcome
from engine.backtest.market import Floats, Market
from engine.backtest.money import MINOR
from engine.backtest.options import lifecycle, trading
from engine.backtest.options.account import Account, opened
from engine.backtest.options.book import OptionRules
from engine.backtest.options.chain import ChainMarket
from engine.backtest.options.deciding import decide_entry, decide_exits
from engine.backtest.options.exposing import Exposing
from engine.backtest.options.marks import Marker
from engine.backtest.options.resulting import result_of
from engine.backtest.options.selecting import Chooser
from engine.backtest.options.telling import told_of
from engine.backtest.result import Costs, Terms
from engine.backtest.rules.selecting import rebalances


def run_options(
    chain: ChainMarket,
    underlying: Market,
    rules: OptionRules,
    costs: Costs | None = None,
    terms: Terms | None = None,
    *,
    rates: Floats | float = 0.0,
    known: Floats | None = None,
    announced: Floats | None = None,
    decided: ChainMarket | None = None,
    told: Callable[[int, int], None] | None = None,
    given: Callable[[int, tuple[str, ...]], None] | None = None,
) -> Outcome:
    """Simulates a strategy over a chain.

    Parameters
    ----------
    chain : quotes as they were known after each close of ``underlying``, on the same sessions.
    underlying : one symbol.
    costs : of shares, and interest on cash; contracts pay the spread quoted and the rules' commission.
    rates : a year, continuously compounded, one a session (n,) or one for all: what early exercise of puts,
    deltas and fitted surfaces go by.
    known : the underlying's closes as decisions knew them (n,), NaN where they were not; its closes where None.
    announced : dividends by ex-date (n,) as they were known the evening before it: what the account's own calls are
        exercised for. What was paid where None. Short calls are assigned by others, who knew what was paid.
    decided : the same contracts at the quotes that decisions knew; those of ``chain``, by which fills and marks
        go, where None.
    told : called with sessions done and all of them; what it raises ends the run.
    given : called after each session with its row and, in words and to the last bit, the account there and what was
        decided; what it raises ends the run.

    Returns
    -------
    Outcome
        Symbols are the underlying and every contract that was held; ``told`` says what had to be assumed.

    Raises
    ------
    ValueError
        The sessions of chain and underlying differ, or it has more than one symbol.
    """
    if len(underlying.symbols) != 1 or not np.array_equal(underlying.dates, chain.dates):
        raise ValueError("An option strategy takes one underlying, on the sessions of its chain.")
    yearly = np.broadcast_to(np.asarray(rates, dtype=np.float64), (len(chain.dates),))
    run = _Run(
        opened(
            chain, underlying, rules, costs or Costs(), terms or Terms(), yearly, known, announced, decided
        )
    )
    for row in range(len(chain.dates)):
        if told is not None:
            told(row, len(chain.dates))
        run.session(row)
        if given is not None:
            given(row, run.decided(row))
    account = run.account
    result = result_of(account, run.marker, run.exposing, run.equity, run.cash, run.values)
    return Outcome(result, "events", told_of(account, result, run.exposing.unknown))


def flat(account: Account) -> bool:
    """Whether nothing is open, but what was bought, is to be closed, and finds no bid."""
    return all(lot.closing and all(held.units > 0 for held in lot.legs) for lot in account.lots)


class _Run:
    def __init__(self, account: Account) -> None:
        self.account = account
        self.marker, self.exposing = Marker(account.chain), Exposing()
        rows = len(account.chain.dates)
        self.equity, self.cash = np.zeros(rows), np.zeros(rows)
        self.values: dict[tuple[int, int], float] = {}
        self.pending: trading.Pending | None = None
        self.called = False
        every = account.rules.every
        self.days = np.ones(rows, dtype=bool) if every == "flat" else rebalances(account.chain.dates, every)
        self.ended = False
        ahead = np.flatnonzero(self.days) if every != "flat" else np.array([], dtype=np.int64)
        rules = account.rules
        whole = every == "flat" and rules.profit is rules.loss is rules.before is None
        self.chooser = Chooser(account.decided, rules.legs, account.known, account.rates, ahead, whole)

    def session(self, row: int) -> None:
        account = self.account
        account.ledger.date = account.market.dates[row]
        lifecycle.before_trading(account, row)
        ratio = account.bars.split[row]
        if self.pending is not None and ratio > 0 and ratio != 1.0:
            self.pending = trading.after_split(account, row, self.pending, ratio)
        lifecycle.settle_open(account, row)
        self.flatten(row)
        close = account.bars.close[row]
        if math.isfinite(close):
            account.spot = close
            account.ledger.mark(0, close)
        self.trade(row)
        self.marker.mark(account, row)
        lifecycle.settle_close(account, row)
        if int(account.market.last[0]) == row:
            lifecycle.delist(account, row)
            self.ended = True
        lifecycle.exercise_early(account, row)
        self.called = trading.check_margin(account)
        self.record(row)
        if row + 1 < len(account.chain.dates) and not self.ended:
            self.decide(row)

    def flatten(self, row: int) -> None:
        """Shares that exercise or assignment left, at the open; a strategy that holds shares keeps them."""
        account = self.account
        first = account.bars.open[row]
        if math.isfinite(first) and (account.shares < 0 or (account.shares > 0 and not account.rules.hold)):
            account.trade_shares(row, -account.shares, first, "shares left by exercise")

    def trade(self, row: int) -> None:
        account = self.account
        trading.leave(account, row)
        if self.called:
            trading.meet_call(account, row)
        pending, self.pending = self.pending, None
        if pending is not None and not self.called:
            trading.enter(account, row, pending)

    def record(self, row: int) -> None:
        ledger = self.account.ledger
        self.equity[row], self.cash[row] = ledger.equity / MINOR, ledger.cash / MINOR
        held = ledger.held
        for column in held:
            self.values[row, column] = ledger.value(column) / MINOR
        if held:
            self.exposing.enter(self.account, row, held)

    def decided(self, row: int) -> tuple[str, ...]:
        """The account after a session, and what is to be done at the next quotes."""
        account = self.account
        found = [f"equity {float(self.equity[row])!r} and cash {float(self.cash[row])!r}"]
        if self.called:
            found.append("meet a margin call")
        for lot in account.lots:
            if lot.closing:
                legs = " and ".join(
                    f"{held.units} of {account.ledger.symbols[held.column]}" for held in lot.legs
                )
                found.append(f"close {legs}: {lot.closing}")
        if self.pending is not None:
            legs = " and ".join(account.chain.symbols[one] for one in self.pending.contracts)
            found.append(f"enter {self.pending.sets} sets of {legs}")
        return tuple(found)

    def decide(self, row: int) -> None:
        account = self.account
        decide_exits(account, row)
        wanted = bool(self.days[row]) and (account.rules.every != "flat" or flat(account))
        if wanted and math.isfinite(account.known[row]) and not self.called and account.equity > 0:
            self.pending = decide_entry(account, row, account.decided.session(row), self.chooser)
