"""Orders of an option strategy against the quotes of a session: exits, margin calls, entries.

A purchase pays the mid and so much of the spread, a sale gets the mid less as much (half: the ask and the bid).
Shares that stand against contracts change hands at the session's close, the time of its last quotes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from engine.backtest.money import MINOR
from engine.backtest.options.account import Account, Held, Lot
from engine.backtest.options.chain import PHYSICAL
from engine.backtest.options.lifecycle import EXACT, expiry_row
from engine.backtest.options.margin import INDEX, STOCK, Position, lasting, requirement, worst
from engine.backtest.options.written import leg_text

LONG_SHARES, SHORT_SHARES = 0.25, 0.30  # maintenance of shares: FINRA Rule 4210(c)


@dataclass(frozen=True, slots=True)
class Pending:
    """An entry decided after a close: contracts one a leg, and the sets wanted."""

    contracts: tuple[int, ...]
    sets: int


def after_split(account: Account, row: int, pending: Pending, ratio: float) -> Pending | None:
    """An entry decided before a split, in the contracts it became; None where it became none that is listed."""
    chain, whole = account.chain, round(ratio)
    if whole < 1 or abs(ratio - whole) > EXACT:
        return None
    found = tuple(
        chain.find(int(chain.kind[one]), round(float(chain.strike[one]) / whole, 2), chain.expiry[one], row)
        for one in pending.contracts
    )
    listed = tuple(one for one in found if one is not None)
    if len(listed) < len(found):
        return None
    fixed = account.rules.size.kind == "contracts"
    return Pending(listed, pending.sets if fixed else pending.sets * whole)


def price(found: tuple[float, float] | None, side: int, part: float) -> tuple[float, float] | None:
    """The price at which one side trades, and the mid; None where that side is not quoted."""
    if found is None:
        return None
    bid, ask = found
    if not ask > 0:
        return (bid, bid) if side < 0 and bid > 0 else None
    if side < 0 and not bid > 0:
        return None
    bid = bid if bid > 0 else 0.0
    middle = (bid + ask) / 2
    filled = middle + side * part * (ask - bid)
    return (filled, middle) if filled > 0 else None


def quoted(account: Account, held: Held, row: int, side: int) -> tuple[float, float] | None:
    found = None if held.contract is None else account.chain.quote(row, held.contract)
    return price(found, side, account.rules.fill)


# exits ------------------------------------------------------------------------------------------------------


def leave(account: Account, row: int) -> None:
    """Closes what is to be closed: what was sold first, and what was bought only when nothing sold is left."""
    for lot in list(account.lots):
        if lot.closing:
            close_lot(account, row, lot)


def close_lot(account: Account, row: int, lot: Lot) -> None:
    """One lot, as far as its legs are quoted."""
    gone: list[Held] = []
    for held in sorted(lot.legs, key=lambda one: one.units):
        side = 1 if held.units < 0 else -1
        if side < 0 and any(one.units < 0 for one in lot.legs if one not in gone):
            break
        found = quoted(account, held, row, side)
        if found is None:
            account.counts["unfilled exit"] += 1
            continue
        account.trade_option(row, held, -held.units, *found, lot.closing)
        gone.append(held)
    account.drop(lot, gone)


# margin -----------------------------------------------------------------------------------------------------


def funds(account: Account) -> float:
    """Cash, what is owed, and shares: what stands behind short options."""
    ledger = account.ledger
    return (ledger.cash + ledger.receivable + ledger.value(0)) / MINOR


def part_of(settlements: Iterable[int]) -> float:
    """The underlying's part in a naked option's margin: less of an index, whose options settle in cash."""
    return STOCK if PHYSICAL in settlements else INDEX


def required(account: Account, initial: bool = False) -> float:
    """What all open sets and the shares tie up."""
    left, total = max(account.shares, 0), 0.0
    for lot in account.lots:
        found, covered = requirement(
            account.positions(lot), account.spot, part_of(one.settlement for one in lot.legs), left
        )
        total += found
        left -= covered
    return total + share_part(account, initial) * abs(account.ledger.value(0)) / MINOR


def share_part(account: Account, initial: bool) -> float:
    """How much of the shares' value must be the account's own; to buy them all of it, unless the terms say."""
    if not account.rules.hold:
        return LONG_SHARES if account.shares > 0 else SHORT_SHARES
    if initial:
        return account.terms.initial_margin or 1.0
    return account.terms.maintenance_margin or LONG_SHARES


def check_margin(account: Account) -> bool:
    """After a close: whether what stands behind the short options is less than they tie up."""
    if account.rules.size.kind == "cash_secured" or not any(
        held.units < 0 for lot in account.lots for held in lot.legs
    ):
        return False
    have, need = funds(account), required(account)
    if have >= need:
        return False
    account.tell(
        "margin call",
        -1,
        f"{have:,.2f} stands behind short options that tie up {need:,.2f}: sets are closed.",
    )
    return True


def meet_call(account: Account, row: int) -> None:
    """Closes sets, the newest first, at this session's quotes until the margin is met."""
    for lot in reversed(list(account.lots)):
        for held in lot.legs:
            found = quoted(account, held, row, 1)
            if found is not None:
                account.ledger.mark(held.column, found[1])
        if funds(account) >= required(account):
            return
        if any(held.units < 0 for held in lot.legs):
            lot.closing = "margin call"
            close_lot(account, row, lot)


# entries ----------------------------------------------------------------------------------------------------


def enter(account: Account, row: int, pending: Pending) -> None:
    """Fills an entry, all legs or none, for as many sets as the account carries."""
    chain, rules = account.chain, account.rules
    legs: list[tuple[Held, float, float]] = []
    for leg, contract in zip(rules.legs, pending.contracts, strict=True):
        found = price(chain.quote(row, contract), leg.side, rules.fill)
        last = expiry_row(chain.dates, chain.expiry[contract])
        if found is None or 0 <= last <= row or not math.isfinite(account.bars.close[row]):
            account.counts["unfilled"] += 1
            account.tell(
                "unfilled",
                -1,
                f"{chain.symbols[contract]} was not quoted after the decision: nothing was entered.",
            )
            return
        units = leg.side * leg.count * int(chain.multiplier[contract])
        legs.append((_held(account, contract, units, last), *found))
    sets = most_sets(account, legs, pending.sets)
    if sets < pending.sets:
        account.tell("margin", -1, f"Cut from {pending.sets:,} to {sets:,} sets by what the account carries.")
    if sets:
        _fill(account, row, pending.contracts, legs, sets)


def _held(account: Account, contract: int, units: int, last: int) -> Held:
    chain = account.chain
    return Held(
        -1, contract, int(chain.kind[contract]), float(chain.strike[contract]), chain.expiry[contract],
        last, units, int(chain.multiplier[contract]), bool(chain.american[contract]), int(chain.settlement[contract]),
    )  # fmt: skip


def set_shares(account: Account, legs: list[tuple[Held, float, float]]) -> int:
    """Shares that stand against one set."""
    return max(abs(held.units) for held, _, _ in legs) if account.rules.hold else 0


def most_sets(account: Account, legs: list[tuple[Held, float, float]], wanted: int) -> int:
    """The most sets, up to those wanted, that cash or margin carries: found by halving, as each set takes no less."""
    low, high = 0, wanted
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if carries(account, legs, middle) else (low, middle - 1)
    return low


def carries(account: Account, legs: list[tuple[Held, float, float]], sets: int) -> bool:
    """Whether the account can hold so many sets more."""
    spot, ledger = account.spot, account.ledger
    debit = sets * sum(held.units * filled for held, filled, _ in legs)
    fees = sets * sum(account.rules.commission * abs(held.units) / held.multiplier for held, _, _ in legs)
    each = set_shares(account, legs)
    target = sum(lot.shares for lot in account.lots) + sets * each
    bought = (target - account.shares) * spot if each else 0.0
    one = _positions(legs)
    if account.rules.size.kind == "cash_secured":
        tied = sum(lot.secured for lot in account.lots) + sets * worst(lasting(one), each)
        return ledger.cash / MINOR - tied - max(debit + fees, 0.0) - bought >= 0
    already, shares = required(account, initial=True), target if each else 0
    extra = sets * requirement(one, spot, part_of(held.settlement for held, _, _ in legs), each)[0]
    part = share_part(account, True)
    extra += part * (abs(shares) - abs(account.shares)) * spot if each else 0.0
    return funds(account) - debit - fees >= already + extra


def _positions(legs: list[tuple[Held, float, float]]) -> list[Position]:
    return [
        Position(held.kind, held.strike, held.units, middle, int(held.expiry.astype(np.int64)))
        for held, _, middle in legs
    ]


def _fill(
    account: Account, row: int, contracts: tuple[int, ...], legs: list[tuple[Held, float, float]], sets: int
) -> None:
    each = set_shares(account, legs)
    secured = 0.0
    if account.rules.size.kind == "cash_secured":
        secured = sets * worst(lasting(_positions(legs)), each)
    lot = Lot([], sets, 0.0, sets * each, secured)
    if each:
        target = sum(one.shares for one in account.lots) + lot.shares
        account.trade_shares(row, target - account.shares, account.spot, "held against the contracts")
    for leg, contract, (held, filled, middle) in zip(account.rules.legs, contracts, legs, strict=True):
        held.units *= sets
        held.column = account.column(contract)
        account.trade_option(row, held, held.units, filled, middle, leg_text(leg))
        lot.premium -= held.units * filled
        lot.legs.append(held)
    account.lots.append(lot)
    account.counts["entered"] += 1
