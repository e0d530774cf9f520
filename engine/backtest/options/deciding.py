"""What a strategy decides after a close, on that close and its quotes: what to leave, and what to enter."""

from __future__ import annotations

import math

import numpy as np

from engine.backtest.money import MINOR
from engine.backtest.options.account import Account, Lot
from engine.backtest.options.chain import Quotes
from engine.backtest.options.margin import Position, lasting, requirement, worst
from engine.backtest.options.selecting import Chooser
from engine.backtest.options.trading import Pending, part_of, price


def decide_exits(account: Account, row: int) -> None:
    """Marks lots to be closed at the next quotes."""
    for lot in account.lots:
        lot.closing = lot.closing or why_close(account, row, lot)


def why_close(account: Account, row: int, lot: Lot) -> str:
    """Which way out a lot has reached: gains and losses at the marks, over the premium it brought or cost."""
    rules, basis = account.rules, abs(lot.premium)
    made = lot.premium + sum(held.units * account.seen_price(held, row) for held in lot.legs)
    if rules.profit is not None and basis > 0 and made >= rules.profit * basis:
        return f"{rules.profit:.0%} profit"
    if rules.loss is not None and basis > 0 and made <= -rules.loss * basis:
        return f"{rules.loss:.0%} loss"
    if rules.before is not None:
        nearest = min(held.expiry for held in lot.legs)
        if (nearest - account.chain.dates[row]) / np.timedelta64(1, "D") <= rules.before:
            return f"{rules.before} days before expiry"
    return ""


def decide_entry(account: Account, row: int, quotes: Quotes, chooser: Chooser) -> Pending | None:
    """The contracts and the sets wanted, where all legs are quoted; counts why not, where they are not."""
    if not len(quotes.contract):
        account.counts["no quotes"] += 1
        return None
    chosen = chooser.at(row)
    if not chosen.contracts:
        account.counts[f"not entered: {chosen.missing}"] += 1
        return None
    sets = wanted_sets(account, row, quotes, chosen.contracts)
    if not sets:
        account.counts["not entered: the account is too small for one set"] += 1
        return None
    return Pending(chosen.contracts, sets)


def wanted_sets(account: Account, row: int, quotes: Quotes, contracts: tuple[int, ...]) -> int:
    """Sets that the size asks for at this close; shares count at it, those that the next open sells among them."""
    size, chain, spot = account.rules.size, account.chain, float(account.known[row])
    if size.kind == "contracts":
        return int(size.value)
    positions, debit = [], 0.0
    for leg, contract in zip(account.rules.legs, contracts, strict=True):
        units = leg.side * leg.count * int(chain.multiplier[contract])
        found = price(quotes.of(contract), leg.side, account.rules.fill)
        if found is None:
            return 0
        expiry = int(chain.expiry[contract].astype(np.int64))
        positions.append(
            Position(int(chain.kind[contract]), float(chain.strike[contract]), units, found[1], expiry)
        )
        debit += units * found[0]
    most = max(abs(one.units) for one in positions)
    shares = most if account.rules.hold else 0
    if size.kind == "notional":
        return _count(size.value * account.seen_equity(row), most * spot)
    if size.kind == "cash_secured":
        tied = sum(lot.secured for lot in account.lots)
        have = account.ledger.cash / MINOR - tied + account.shares * spot
        return _count(have, worst(lasting(positions), shares) + shares * spot + max(debit, 0.0))
    part = part_of(int(chain.settlement[contract]) for contract in contracts)
    tied = requirement(positions, spot, part, shares)[0] + debit + shares * spot
    return _count(size.value * account.seen_equity(row), tied)


def _count(have: float, each: float) -> int:
    """Whole sets; of what ties up nothing, none: there is nothing to size it by."""
    return math.floor(max(have, 0.0) / each + 1e-9) if each > 0 else 0
