"""Option rules as text that reads back as the same rules, with nothing left unsaid."""

from __future__ import annotations

from decimal import Decimal

from engine.backtest.options.book import QUOTES, Leg, OptionRules, OptionSize


def write(rules: OptionRules) -> str:
    """The rules on one line; every default stands there as if it had been typed."""
    legs = ", ".join(leg_text(leg) for leg in rules.legs)
    clauses = [legs + " and hold shares" * rules.hold]
    clauses += [
        f"close at {_percent(part)} {name}"
        for name, part in (("profit", rules.profit), ("loss", rules.loss))
        if part is not None
    ]
    if rules.before is not None:
        clauses.append(f"close {rules.before} days before expiry")
    clauses.append("when flat" if rules.every == "flat" else f"every {rules.every}")
    clauses.append(f"size {_size(rules.size)}")
    clauses.append("fill quotes" if rules.fill == QUOTES else f"fill mid {_percent(rules.fill)}")
    made = rules.prices
    clauses.append(
        "prices quoted" if made is None else f"prices simulated({made.window}, {_percent(made.spread)})"
    )
    clauses.append(f"commission {_number(rules.commission)}")
    return "; ".join(clauses)


def leg_text(leg: Leg) -> str:
    """One leg in the words it was read from."""
    side, count = "sell" if leg.side < 0 else "buy", f"{leg.count} " * (leg.count > 1)
    named = {"delta": f"delta {_number(leg.value)}", "share": f"strike {_percent(leg.value)}",
             "price": f"strike {_number(leg.value)}"}[leg.strike]  # fmt: skip
    return f"{side} {count}{leg.right} {named} expiry {leg.days}"


def _size(size: OptionSize) -> str:
    if size.kind == "cash_secured":
        return size.kind
    value = _number(size.value) if size.kind == "contracts" else _percent(size.value)
    return f"{size.kind}({value})"


def _percent(value: float) -> str:
    """With %, to the last digit: 0.481 is 48.1%."""
    text = f"{Decimal(repr(value)).scaleb(2):f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + "%"


def _number(value: float) -> str:
    text = f"{Decimal(repr(value)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
