"""US Treasury: the daily par yield curve, from the feed of the Treasury's data centre."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from providers.base import answer_hash
from providers.clocks import NEW_YORK, local_instant
from providers.errors import Kind, SourceError, malformed
from providers.safe_xml import parse_xml
from providers.seen import known_by
from providers.series import one_a_key, set_aside
from providers.source import Access, Answer, Limit, Request, Service, SourceInfo

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    import polars as pl

RULES = "treasury 1"
FIRST_DAY = date(1990, 1, 2)
PATH = "/resource-center/data-chart-center/interest-rates/pages/xml"
PUBLISHED = (
    "estimated: 18:00 New York of its day; the market is read at about 15:30, the curve is out by then"
)
_TENOR = re.compile(r"BC_(\d+)(?:_(\d+))?(MONTH|YEAR)")
_NOT_A_TENOR = {"BC_30YEARDISPLAY"}  # the 30-year again, as the Treasury's own page shows it

INFO = SourceInfo(
    name="treasury",
    title="US Treasury",
    base_urls={"": "https://home.treasury.gov"},
    services=(
        Service("curve", ("government",), "daily since 1990-01-02",
                note="Par yields of 1 month to 30 years; tenors as the Treasury quotes them."),
    ),
    limits=(Limit(60, 60),),
    terms="Works of the US government, in the public domain.",
    terms_url="https://home.treasury.gov/utility/privacy-policy",
    max_bytes=8 << 20,
)  # fmt: skip


class Treasury:
    """One feed a year; of a range within one month, that month's."""

    info = INFO

    def fetch(self, request: Request, access: Access) -> Answer:
        import polars as pl

        if request.dataset != "curve" or request.subject.identity not in ("", "curve:UST"):
            raise SourceError(
                Kind.NOT_SERVED, f"{INFO.title} has the Treasury curve (UST), not {request.subject.ticker}"
            )
        today = access.now.astimezone(ZoneInfo(NEW_YORK)).date()
        start = max(request.start or FIRST_DAY, FIRST_DAY)
        end = min(request.end or today, today)
        contents, rows, odd = [], [], []
        periods = _periods(start, end)
        for done, (name, period) in enumerate(periods):
            access.check_cancelled()
            access.progress(done, len(periods), f"{INFO.title} {period}")
            reply = access.get(PATH, {"data": "daily_treasury_yield_curve", name: period})
            contents.append(reply.content)
            for row, reason in _rows(parse_xml(reply.content, reply.url)):
                if reason:
                    odd.append((reason, row))
                elif start <= cast(date, row["session_date"]) <= end:
                    rows.append(row)
        frame = pl.DataFrame(rows, schema=_schema())
        frame, contradicted = one_a_key(frame, ["session_date", "tenor"], "yield_curves")
        known = frame.with_columns(
            identity=pl.lit("curve:UST"),
            known_at=local_instant("session_date", 18, 0, NEW_YORK),
            known_basis=pl.lit(PUBLISHED),
        )
        frames = {"yield_curves": known_by(known, access.now), "securities": _security()}
        return Answer(
            frames, answer_hash(RULES, *contents), start, end, "Par yields, as fractions a year.",
            (*contradicted, *set_aside("yield_curves", odd)), positive=False,
        )  # fmt: skip


def _periods(start: date, end: date) -> list[tuple[str, str]]:
    """What to ask for: the parameter and its value."""
    if start > end:
        return []
    if (start.year, start.month) == (end.year, end.month):
        return [("field_tdr_date_value_month", f"{start:%Y%m}")]
    return [("field_tdr_date_value", str(year)) for year in range(start.year, end.year + 1)]


def _rows(root: Element) -> Iterator[tuple[dict[str, object], str]]:
    """Rows of the curve, each with why it cannot be one (empty where it can)."""
    if _local(root.tag) != "feed":
        raise malformed(f"{INFO.title} answered <{_local(root.tag)}> where the feed of the curve should be")
    for properties in root.iter():
        if _local(properties.tag) != "properties":
            continue
        quoted = {_local(element.tag): (element.text or "").strip() for element in properties}
        day = _day(quoted.get("NEW_DATE", ""))
        if day is None:
            yield dict(quoted), "no date that can be read"
            continue
        for name, text in quoted.items():
            if not name.startswith("BC_") or name in _NOT_A_TENOR or not text:
                continue  # an empty element is a tenor not quoted that day
            tenor = _tenor(name)
            try:
                rate = float(text)
            except ValueError:
                yield {"session_date": day, "element": name, "text": text}, "the rate is no number"
                continue
            if tenor is None:
                yield {"session_date": day, "element": name, "text": text}, "a tenor that cannot be read"
            else:
                # Quoted in hundredths of a percent: rounding takes out what the division leaves behind.
                yield (
                    {"session_date": day, "tenor": tenor[0], "years": tenor[1], "rate": round(rate / 100, 8)},
                    "",
                )


def _tenor(name: str) -> tuple[str, float] | None:
    """``BC_1_5MONTH`` is ("1.5M", 0.125): new tenors are read by the form of their names."""
    found = _TENOR.fullmatch(name)
    if not found:
        return None
    length = f"{found[1]}.{found[2]}" if found[2] else found[1]
    if found[3] == "MONTH":
        return f"{length}M", float(length) / 12
    return f"{length}Y", float(length)


def _day(text: str) -> date | None:
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _schema() -> dict[str, type[pl.DataType]]:
    import polars as pl

    return {"session_date": pl.Date, "tenor": pl.String, "years": pl.Float64, "rate": pl.Float64}


def _security() -> pl.DataFrame:
    """The curve as a security: there since the first day of the feed."""
    import polars as pl

    known = datetime(1990, 1, 2, 18, tzinfo=ZoneInfo(NEW_YORK)).astimezone(UTC)
    return pl.DataFrame(
        {
            "identity": ["curve:UST"], "valid_from": [FIRST_DAY], "ticker": ["UST"],
            "name": ["US Treasury par yield curve"], "market": ["GOVT"], "asset_class": ["government"],
            "exchange": [""], "currency": ["USD"], "calendar": [""], "unit": ["fraction a year"],
            "known_at": [known], "known_basis": [PUBLISHED],
        }
    )  # fmt: skip


SOURCE = Treasury()
