"""Options are priced from one day's quotes: nothing in the package has a time axis."""

from engine.quant import options

PRICED = "a price of one contract from its inputs; there is no axis of time"
TIMELESS = {f"options.{name}": PRICED for name in options.__all__ if callable(getattr(options, name))}
TIMELESS = {name: why for name, why in TIMELESS.items() if not isinstance(getattr(options, name[8:]), type)}
