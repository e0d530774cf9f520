"""What a run over options had to assume, in sentences."""

from __future__ import annotations

from engine.backtest.options.account import Account
from engine.backtest.options.book import QUOTES
from engine.backtest.options.chain import CASH_AM, PHYSICAL
from engine.backtest.result import Result


def told_of(account: Account, result: Result, unknown: int = 0) -> tuple[str, ...]:
    """The sentences, the weightiest first; ``unknown``: closes of contracts without a delta."""
    return (
        *_prices(account), *_settling(account, result), *_margin(account), *_exposed(unknown), *_not_entered(account),
    )  # fmt: skip


def _exposed(unknown: int) -> list[str]:
    whole = f" {_count(unknown, 'close')} of contracts that implied none count whole." if unknown else ""
    return [
        "Exposure counts a contract by its delta x the underlying it stands for, at the volatility that its mark "
        "implies; turnover is the premium traded." + whole
    ]


def _prices(account: Account) -> list[str]:
    rules, chain, counts = account.rules, account.chain, account.counts
    found = []
    if chain.basis == "simulated":
        made = rules.prices
        how = f" of {made.window} sessions with a spread of {made.spread:.2%}" if made else ""
        found.append(
            f"SIMULATED: no market quoted these contracts. Their prices are Black and Scholes's at the "
            f"realised volatility{how}; they hold no skew, no premium over realised volatility and no "
            "dividends, and cannot be exercised early."
        )
    where = (
        "the ask bought, the bid sold"
        if rules.fill == QUOTES
        else f"the mid and {rules.fill:.0%} of the spread"
    )
    found.append(
        f"Decided after a close on its quotes; filled at the next session's quotes ({where}; {rules.commission:g} a "
        "contract)." + " Shares held against contracts trade at that session's close." * rules.hold
    )
    marks = [
        ("quotes", "at the mid"),
        ("surface", "from the session's fitted surface"),
        ("last", "at the last mark"),
    ]
    total = sum(counts[name] for name, _ in marks)
    if total:
        said = ", ".join(f"{counts[name]:,} {words}" for name, words in marks if counts[name])
        found.append(f"Marks of contracts after closes: {said}.")
    return found


def _settling(account: Account, result: Result) -> list[str]:
    ways = set(account.settlements.values())
    found = []
    if PHYSICAL in ways:
        found.append(
            "In the money by a cent at expiry is exercised (OCC Rule 805), at no fee; shares that this leaves trade "
            "at the next open."
        )
    if PHYSICAL in ways and account.chain.american.any():
        found.append(
            "A call before an ex-date whose dividend exceeds its time value, and a short put whose interest until "
            "the next session does, are exercised that evening. Short ones by holders who knew the dividend paid; "
            "your own calls only for a dividend that was known by that close; your own puts never before expiry."
        )
    if account.counts["unannounced"]:
        found.append(
            f"{_count(account.counts['unannounced'], 'time')} an own call was kept over an ex-date although its "
            "dividend exceeded the time value: the store knows of no announcement before that date."
        )
    if ways - {PHYSICAL}:
        am = CASH_AM in ways
        found.append(
            "Contracts settle in cash on the underlying's "
            + (
                "open of their last day, which stands in for the special opening quotation."
                if am
                else "close."
            )
        )
    pins = sum(event.kind == "pin risk" for event in result.events)
    if pins:
        found.append(
            f"{pins} short contract{'s' * (pins > 1)} expired within 1% of the strike: pin risk, see the events."
        )
    return found


def _margin(account: Account) -> list[str]:
    if not any(leg.side < 0 for leg in account.rules.legs):
        return []
    if account.rules.size.kind == "cash_secured":
        return ["The most that the sets can owe at expiry is kept in cash; there are no margin calls."]
    return [
        "Short options tie up the exchanges' strategy-based margin (Cboe Margin Manual; Rule 10.3): 20% of the "
        "underlying (15% where they settle in cash) less what they are out of the money, at least 10%, or "
        "what a spread can lose."
    ]


def _not_entered(account: Account) -> list[str]:
    counts = account.counts
    found = []
    if counts["no quotes"]:
        found.append(f"On {_count(counts['no quotes'], 'day')} of decision no contract was quoted.")
    for name, count in counts.items():
        if name.startswith("not entered: "):
            found.append(
                f"On {_count(count, 'day')} nothing was entered: {name.removeprefix('not entered: ')}."
            )
    if counts["unfilled"]:
        found.append(
            f"{_count(counts['unfilled'], 'time')} an entry lapsed: a leg was not quoted on the session after."
        )
    if counts["unfilled exit"]:
        found.append(
            f"{_count(counts['unfilled exit'], 'time')} a leg could not be closed for want of a quote, and waited."
        )
    return found


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"
