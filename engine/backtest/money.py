"""Money as integers: no booking is lost in a float.

Cash is a whole number of 1e-4 of the currency unit: finer than a cent, so that interest and fees of a day on small
accounts do not round away, and coarse enough that what an account books is what a statement shows. A price is a
whole number of 1e-14: a coin of 1e-8 and what its fills slip by are told, too. Positions are whole lots: one share,
or 1e-8 of one where fractions are held. Products are exact (Python's integers have no bound); each booking is rounded
once, half to even, which leans to neither side over many bookings.
"""

from __future__ import annotations

MINOR = 10_000  # minor units of cash to the currency unit
TICK = 10**14  # ticks of a price to the currency unit
WHOLE, FRACTION = 1, 10**8  # lots to the share


def half_even(numerator: int, denominator: int) -> int:
    """The quotient as a whole number, halves to the even one; both may be below zero."""
    if denominator < 0:  # divmod's rest has the denominator's sign
        numerator, denominator = -numerator, -denominator
    quotient, rest = divmod(numerator, denominator)
    if 2 * rest > denominator or (2 * rest == denominator and quotient % 2):
        quotient += 1
    return quotient


def to_minor(value: float) -> int:
    """Cash in minor units."""
    return round(value * MINOR)


def to_ticks(price: float) -> int:
    """A price in ticks."""
    return round(price * TICK)


def amount(units: int, lots: int, ticks: int) -> int:
    """What ``units`` (each a share's ``lots``-th part) are worth at a price, in minor units."""
    return half_even(units * ticks * MINOR, lots * TICK)
