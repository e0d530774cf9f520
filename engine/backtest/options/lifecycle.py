"""What happens to contracts without a trade: splits, dividends, interest, early exercise, expiry, a delisting.

Sources: exercise by exception of what is in the money by a cent at expiry (OCC Rule 805); adjustment of contracts for
splits (OCC By-Laws, Article VI, section 11A); calls are exercised the day before an ex-date where the dividend is
worth more than what is left of time value (Hull 2018, "Options, Futures, and Other Derivatives", section 15.12; Cboe
Options Institute, "Early assignment"). A put is exercised early where waiting until the next session costs more
interest on its strike than there is time value left: the same comparison, one step ahead.
"""

from __future__ import annotations

import math

import numpy as np

from engine.backtest import actions
from engine.backtest.money import TICK
from engine.backtest.options.account import Account, Held, Lot
from engine.backtest.options.chain import CASH_AM, PHYSICAL
from engine.backtest.options.marks import DAYS

CENT, PIN = 0.01, 0.01
EXACT = 1e-9


def before_trading(account: Account, row: int) -> None:
    """Interest of the nights before, a split, an ex-date, payments."""
    market, ledger = account.market, account.ledger
    days = account.bars.nights[row]
    if days and account.costs.financed:
        finance(account, days, row)
    ratio = account.bars.split[row]
    if ratio > 0 and ratio != 1.0:
        split(account, row, ratio)
    if account.bars.dividend[row] > 0 and ledger.units[0]:
        actions.dividend(ledger, market, account.costs, row, 0, account.tape)
    ledger.settle(row)


def finance(account: Account, days: int, row: int) -> None:
    """Interest on cash, premiums received among it; a short sale's proceeds earn the rebate and cost the borrow
    fee.
    """
    short = max(-account.ledger.value(0), 0)
    actions.interest(account.ledger, account.costs, days, row, account.tape, short)


def split(account: Account, row: int, ratio: float) -> None:
    """Shares, and contracts: of a whole ratio so many times as many, their strike divided, to the nearest cent."""
    if account.ledger.units[0]:
        actions.split(account.ledger, account.market, row, 0, account.tape)
    account.spot /= ratio
    whole = round(ratio)
    seen: dict[int, float] = {}
    for lot in list(account.lots):
        if abs(ratio - whole) > EXACT or whole < 1:
            _unadjusted(account, row, lot, ratio)
            continue
        lot.shares *= whole
        for held in lot.legs:
            _adjust(account, row, held, whole)
            seen[held.column] = ratio
    account.columns = {
        held.contract: held.column for lot in account.lots for held in lot.legs if held.contract is not None
    }
    for column in seen:
        account.ledger.mark(column, account.ledger.marks[column] / TICK / ratio)
        account.adjusted.append((row, column, ratio))


def _adjust(account: Account, row: int, held: Held, whole: int) -> None:
    old = held.strike
    held.strike = round(old / whole, 2)
    account.ledger.book("split", held.column, held.units * (whole - 1), 0.0, 0)
    held.units *= whole
    held.contract = account.chain.find(held.kind, held.strike, held.expiry, row)
    text = f"Adjusted for a split of {whole} for 1: {whole} contracts for one, strike {old:g} became {held.strike:g}."
    account.tell("adjustment", held.column, text)


def _unadjusted(account: Account, row: int, lot: Lot, ratio: float) -> None:
    """A split of no whole ratio changes what a contract delivers: it is closed at its last mark, and said."""
    for held in lot.legs:
        account.book_away(row, held, "adjustment", account.price(held), "split of no whole ratio")
        account.tell(
            "adjustment", held.column, f"A split of {ratio:g} for 1 is not whole: closed at the last mark."
        )
    account.drop(lot, list(lot.legs))


def settle_open(account: Account, row: int) -> None:
    """Contracts that settle on the open of this session."""
    price = account.bars.open[row]
    spot, account.spot = account.spot, price if math.isfinite(price) else account.spot
    _expire(account, row, at_open=True)
    account.spot = spot


def settle_close(account: Account, row: int) -> None:
    """Contracts whose last session this is."""
    _expire(account, row, at_open=False)


def _expire(account: Account, row: int, at_open: bool) -> None:
    for lot in list(account.lots):
        gone = [one for one in lot.legs if one.expires == row and (one.settlement == CASH_AM) == at_open]
        for held in gone:
            _end(account, row, held)
        account.drop(lot, gone)


def _end(account: Account, row: int, held: Held) -> None:
    """One leg's expiry: exercised, assigned, settled in cash, or worthless."""
    gain = held.kind * (account.spot - held.strike)
    if held.units < 0 and held.settlement == PHYSICAL and abs(account.spot / held.strike - 1) <= PIN:
        account.tell(
            "pin risk",
            held.column,
            f"Expired with the underlying at {account.spot:g}, {account.spot / held.strike - 1:+.2%} from the "
            "short strike: "
            f"{'assigned' if gain >= CENT - EXACT else 'not assigned'} here; "
            "holders may decide otherwise after the close.",
        )
    if gain < CENT - EXACT:
        account.ledger.book("expiry", held.column, -held.units, 0.0, 0)
        account.tape.close(row, held.column, -float(held.units), 0.0, "expired worthless")
    elif held.settlement != PHYSICAL:
        account.book_away(row, held, "settlement", held.intrinsic(account.spot), "settled in cash")
    else:
        kind, reason = (
            ("exercise", "exercised at expiry") if held.units > 0 else ("assignment", "assigned at expiry")
        )
        account.deliver(row, held, kind, reason)
    account.counts["settled" if gain >= CENT - EXACT else "worthless"] += 1


def exercise_early(account: Account, row: int) -> None:
    """After a close: calls before the next session's ex-date, short puts whose interest is worth more than
    waiting.
    """
    bars = account.bars
    if not account.lots or row + 1 >= len(bars.close) or not math.isfinite(bars.close[row]):
        return
    ratio = bars.split[row + 1] if bars.split[row + 1] > 0 else 1.0
    paid, announced = bars.dividend[row + 1] * ratio, float(account.announced[row + 1]) * ratio
    nights = bars.nights[row + 1]
    for lot in list(account.lots):
        gone = []
        for held in lot.legs:
            own = held.units > 0
            why = _why_early(account, row, held, announced if own else paid, nights)
            if own and not why and paid != announced and _why_early(account, row, held, paid, nights):
                account.counts["unannounced"] += 1
            if why:
                side = "exercised" if held.units > 0 else "assigned"
                account.deliver(row, held, "exercise" if held.units > 0 else "assignment", f"{side} early")
                account.tell("early exercise", held.column, f"{side.capitalize()} before expiry: {why}.")
                account.counts["early"] += 1
                gone.append(held)
        account.drop(lot, gone)


def _why_early(account: Account, row: int, held: Held, dividend: float, nights: int) -> str:
    """Why a contract is exercised tonight, or nothing. Only on a mark of this session's own; the account's own
    contracts by the prices that decisions know.
    """
    own = held.units > 0
    inside = held.intrinsic(float(account.known[row]) if own else account.spot)
    if (
        not held.american
        or held.settlement != PHYSICAL
        or held.column not in account.fresh
        or not inside >= CENT
    ):
        return ""
    left = (account.seen_price(held, row) if own else account.price(held)) - inside
    if held.kind > 0:
        if dividend > 0 and dividend > left:
            return f"the dividend of {dividend:g} is more than the time value of {left:.4g}"
        return ""
    earned = held.strike * float(account.rates[row]) * nights / DAYS
    if held.units < 0 and earned > 0 and earned > left:
        return (
            f"interest of {earned:.4g} on the strike until the next session is more than the time value of "
            f"{left:.4g}"
        )
    return ""


def delist(account: Account, row: int) -> None:
    """The underlying's end: contracts settle at their intrinsic value on the final price, shares at it."""
    market, ledger = account.market, account.ledger
    final = float(market.final_return[0])
    account.spot *= 1 + (final if math.isfinite(final) else 0.0)
    for lot in list(account.lots):
        for held in lot.legs:
            account.book_away(row, held, "delisting", held.intrinsic(account.spot), "underlying delisted")
        account.drop(lot, list(lot.legs))
    if ledger.units[0]:
        account.tell("delisting", 0, actions.delist(ledger, market, row, 0, account.tape))
    else:
        account.tell("delisting", 0, actions.ended_text(final))


def expiry_row(dates: np.ndarray, expiry: np.datetime64) -> int:
    """The last session up to an expiry; -1 where it lies beyond the sample."""
    row = int(np.searchsorted(dates, expiry, side="right")) - 1
    beyond = row == len(dates) - 1 and dates[row] < expiry
    day = np.timedelta64(1, "D")
    if beyond and np.busday_count(
        dates[row].astype("datetime64[D]") + day, expiry.astype("datetime64[D]") + day
    ):
        return -1
    return row
