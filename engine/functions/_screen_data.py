"""Columns of fields over a day's universe, as known at the clock, each read once for all securities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from engine.functions._screen_books import fundamentals
from engine.functions._screen_prices import panels
from engine.page import SecurityRef

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.context import Context
    from engine.quant.screener import Field, Panels

_FRESH_DAYS = 7  # calendar days for which prices count as the clock's


@dataclass(slots=True)
class Columns:
    """Values by field, (n,) each in the order of ``refs``; ``why`` has the formula of a cell where cells differ."""

    context: Context
    refs: Sequence[SecurityRef]
    values: dict[str, NDArray[Any]] = field(default_factory=dict)
    why: dict[str, list[str]] = field(default_factory=dict)
    priced: date | None = None  # the day of the last prices
    filed: int | None = None  # how many have facts; None where none were asked for

    def add(self, names: Iterable[str]) -> None:
        """Read what these fields need and is not there yet."""
        from engine.quant.screener import FIELDS

        wanted = [FIELDS[name] for name in dict.fromkeys(names) if name not in self.values]
        facts = [each for each in wanted if "facts" in each.needs]
        prices = [each for each in wanted if each.group == "price"]
        if facts and "close" not in self.values and all(each.name != "close" for each in prices):
            prices.append(FIELDS["close"])
        if prices:
            self._prices(prices)
        if facts:
            self._facts(facts)
        if any("profile" in each.needs for each in wanted):
            self._profiles()
        for each in wanted:
            if "listing" in each.needs:
                self.values[each.name] = _listing(self.context, self.refs, each.name)

    def only(self, places: Sequence[int]) -> Columns:
        """The same columns of some securities."""
        rows = list(places)
        return Columns(
            self.context, [self.refs[at] for at in rows],
            {name: values[rows] for name, values in self.values.items()},
            {name: [told[at] for at in rows] for name, told in self.why.items()}, self.priced, self.filed,
        )  # fmt: skip

    def unknown(self, name: str) -> int:
        import numpy as np

        values = self.values[name]
        if values.dtype.kind == "O":
            return sum(not each for each in values)
        return int(np.isnan(values).sum())

    def _prices(self, fields: Sequence[Field]) -> None:
        from engine.quant.screener import price_fields

        self.context.progress(0, len(self.refs), "reading prices")
        self.context.check_cancelled()
        found, day = panels(self.context, [ref.security_id for ref in self.refs], fields, self.priced)
        self.values |= price_fields([each.name for each in fields], found)
        if day is None:
            self.context.note(
                "No price of this universe is known at this clock: price fields are unknown. BACKFILL fetches "
                "prices; DATA shows what the store holds.",
                "warning",
            )
        elif self.priced is None:
            self.priced = day
            self._tell_age(day)
            self._tell_unpriced(found, day)

    def _tell_age(self, day: date) -> None:
        if (age := (self.context.today - day).days) > _FRESH_DAYS:
            self.context.note(
                f"The newest prices of this universe are of {day}, {age:,} days before the clock: price fields are "
                f"of that day. BACKFILL fetches what is missing; ASOF {day} asks what was known then.",
                "warning",
            )

    def _tell_unpriced(self, found: Panels, day: date) -> None:
        import numpy as np

        priced = (np.isfinite(found.closes[-5:]) | np.isfinite(found.totals[-5:])).any(axis=0)
        if count := int((~priced).sum()):
            self.context.note(
                f"{count:,} of {len(self.refs):,} have no price in the five sessions to {day}: price fields of them "
                "are unknown. BACKFILL fetches prices of an index or of tickers.",
                "warning",
            )

    def _facts(self, fields: Sequence[Field]) -> None:
        import numpy as np

        close = [float(each) if np.isfinite(each) else None for each in self.values["close"]]
        told = fundamentals(self.context, self.refs, close)
        self.filed = len(told)
        for each in fields:
            readings = [told.get(ref.security_id, {}).get(each.name) for ref in self.refs]
            values = [np.nan if r is None or r.value is None else r.value for r in readings]
            self.values[each.name] = np.array(values, dtype=np.float64)
            none = f"{each.formula}: no filing of the company is known at the clock"
            self.why[each.name] = [none if r is None else r.formula for r in readings]

    def _profiles(self) -> None:
        ids = [ref.security_id for ref in self.refs]
        names = ("sector", "industry", "country", "sic")
        rows = self.context.reader.rows("profiles", ids, end=self.context.today, columns=names)
        told = {row["security_id"]: row for row in rows.sort("valid_from").iter_rows(named=True)}
        for name in names[:3]:
            self.values[name] = _texts(_profile(told.get(each), name) for each in ids)


def _profile(row: dict[str, Any] | None, name: str) -> str:
    if row is None:
        return ""
    if name == "sector" and not row["sector"] and row["sic"]:
        return f"SIC {row['sic'][:2]}"
    return str(row[name] or "")


def _texts(values: Iterable[str]) -> NDArray[np.object_]:
    import numpy as np

    return np.array(list(values), dtype=object)


def _listing(context: Context, refs: Sequence[SecurityRef], name: str) -> NDArray[Any]:
    if name != "age":
        return _texts(str(getattr(ref, name)) for ref in refs)
    import numpy as np

    found = np.full(len(refs), np.nan)
    for at, ref in enumerate(refs):
        security = context.directory.by_id(ref.security_id)
        days = [each.listing_date for each in security.namings if each.listing_date] if security else []
        if days:
            found[at] = (context.today - min(days)).days / 365.25
    return found
