"""Where ticks stand and how their values read: steps of 1, 2 and 5, linear and logarithmic."""

from __future__ import annotations

from math import ceil, floor, isfinite, log10

STEPS = (1, 2, 5, 10)
DECADE_PARTS = ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 5, 7), (1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9))


def nice_step(span: float, most: int) -> float:
    """The smallest step of 1, 2 or 5 times a power of ten that makes at most ``most`` intervals of span."""
    if not (isfinite(span) and span > 0):
        return 1.0
    raw = span / max(1, most)
    power = 10.0 ** floor(log10(raw))
    # the tolerance keeps 0.2 / 2 from needing a step of 0.2 for rounding alone
    return next((step * power for step in STEPS if step * power >= raw * (1 - 1e-9)), 10 * power)


def linear_ticks(low: float, high: float, most: int) -> list[float]:
    """Multiples of a nice step within [low, high], at most about ``most`` of them."""
    if not (isfinite(low) and isfinite(high)) or high < low:
        return []
    step = nice_step(high - low, most)
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [round(index * step, 12) for index in range(first, last + 1)]


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """Ticks for a logarithmic axis: parts of decades, or linear steps where the span is under an octave."""
    if not (isfinite(low) and isfinite(high)) or low <= 0 or high < low:
        return []
    best: list[float] = []
    for parts in DECADE_PARTS:
        powers = range(floor(log10(low)) - 1, floor(log10(high)) + 1)
        ticks = [part * 10.0**power for power in powers for part in parts]
        ticks = [tick for tick in ticks if low * (1 - 1e-9) <= tick <= high * (1 + 1e-9)]
        if len(ticks) <= most and len(ticks) > len(best):
            best = ticks
    linear = [tick for tick in linear_ticks(low, high, most) if tick > 0]
    return linear if high / low < 2 or len(best) < 2 else best


def step_decimals(ticks: list[float], most: int = 8) -> int:
    """Decimals needed to tell the ticks apart and write each exactly."""
    for decimals in range(most):
        if all(abs(round(tick, decimals) - tick) <= abs(tick) * 1e-9 + 1e-12 for tick in ticks):
            return decimals
    return most


def price(value: float, decimals: int) -> str:
    """A price with thousands separated; a dash where there is none."""
    return f"{value:,.{decimals}f}" if isfinite(value) else "—"


def compact(value: float, digits: int = 3) -> str:
    """A volume in k, M, B or T to about three digits: 512, 9.62M, 184M."""
    if not isfinite(value):
        return "—"
    if value == 0:
        return "0"
    size = abs(value)
    for unit, suffix in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        if size >= unit * (1 - 0.5 * 10.0**-digits):
            scaled = value / unit
            whole = len(str(int(abs(scaled) + 0.5 * 10.0 ** (1 - digits))))
            return f"{scaled:.{max(0, digits - whole)}f}{suffix}"
    return f"{value:.0f}" if size >= 100 or float(value).is_integer() else f"{value:.2f}"


def compact_tick(value: float) -> str:
    """A volume tick: as short as it can be written exactly (50M, 2.5B, 0)."""
    text = compact(value)
    head, unit = (text[:-1], text[-1]) if text[-1:].isalpha() else (text, "")
    return (head.rstrip("0").rstrip(".") if "." in head else head) + unit
