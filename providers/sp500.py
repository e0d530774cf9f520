"""Members of the S&P 500 since 1996, those that were later dropped or died among them.

From the public list fja05680/sp500. It gives the days on which changes took effect and not those on which they
were announced, some days before: a change is taken as known on the morning it took effect, which errs late.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from providers.base import answer_hash
from providers.clocks import known_at_open
from providers.errors import Kind, SourceError, malformed
from providers.members import MEMBER
from providers.source import Answer, Limit, Reply, Service, SourceInfo
from providers.sp500_spells import Spell, continued, parse_changes, parse_spells, spells_of

if TYPE_CHECKING:
    import polars as pl

    from providers.clocks import Calendars
    from providers.source import Access, Request

INDEX = "index:SPX"
BASIS = "estimated: 09:30 New York of the day it took effect; it was announced some days before"
BEGUN = "A member already when the list begins."
LIST_TICKER = "Named after the list of index members; its ticker may be one that came later."
RULES = "sp500 1"

INFO = SourceInfo(
    name="sp500",
    title="S&P 500 members (fja05680/sp500)",
    base_urls={"": "https://raw.githubusercontent.com/fja05680/sp500/master"},
    services=(Service("membership", ("index",), "from 1996-01-02", note="the S&P 500 only"),),
    limits=(Limit(10, 60.0),),
    terms="A public list put together by hand, MIT licence; not by S&P Dow Jones Indices, which owns the index.",
    terms_url="https://github.com/fja05680/sp500",
)


@dataclass(frozen=True, slots=True)
class Sp500:
    """The source."""

    info: SourceInfo = INFO

    def fetch(self, request: Request, access: Access) -> Answer:
        if request.dataset != "membership" or request.subject.identity != INDEX:
            raise SourceError(Kind.NOT_SERVED, "this list has the members of the S&P 500 (SPX) and no others")
        spells = access.get("/sp500_ticker_start_end.csv")
        access.check_cancelled()
        changes = access.get("/sp500_changes_since_2019.csv")
        listed = continued(parse_spells(_text(spells)), parse_changes(_text(changes)))
        frames = frames_of(spells_of(listed), access.calendars)
        known = {name: frame.filter(frame["known_at"] <= access.now) for name, frame in frames.items()}
        return Answer(known, answer_hash(RULES, spells.content, changes.content))


SOURCE = Sp500()


def _text(reply: Reply) -> str:
    text = reply.text()
    if text.lstrip()[:1] in ("<", "{"):
        raise malformed(f"{reply.url} answered something else than the list of members")
    return text


def frames_of(spells: Sequence[Spell], calendars: Calendars) -> dict[str, pl.DataFrame]:
    """``membership`` and ``securities``, each row known on the morning of its day.

    A member that is renamed or leaves gets a new version of its row. The versions of one moment (left on the day
    of a rename) are one.
    """
    import polars as pl

    rows: list[dict[str, Any]] = []
    names: dict[tuple[str, Any], dict[str, Any]] = {}
    for spell in spells:
        base = {
            "identity": INDEX,
            "start_date": spell.start,
            MEMBER: spell.identity,
            "note": BEGUN if spell.open_start else None,
        }
        rows += [{**base, "day": day, "ticker": ticker, "end_date": None} for day, ticker in spell.tickers]
        if spell.end is not None:
            rows.append({**base, "day": spell.end, "ticker": spell.tickers[-1][1], "end_date": spell.end})
        for day, ticker in spell.tickers:
            names[spell.identity, day] = {
                "identity": spell.identity,
                "valid_from": day,
                "ticker": ticker,
                "name": ticker,
            }
    days = {"day": pl.Date(), "start_date": pl.Date(), "end_date": pl.Date(), "note": pl.String()}
    member = pl.DataFrame(rows, schema_overrides=days, infer_schema_length=None)
    member = member.unique(["start_date", MEMBER, "day"], keep="last", maintain_order=True)
    named = pl.DataFrame(list(names.values()), infer_schema_length=None).with_columns(
        market=pl.lit("US EQUITY"),
        asset_class=pl.lit("equity"),
        exchange=pl.lit(""),
        currency=pl.lit("USD"),
        calendar=pl.lit("XNYS"),
        unit=pl.lit("USD a share"),
        note=pl.lit(LIST_TICKER),
    )
    return {
        "membership": known_at_open(member, "day", BASIS, calendars).drop("day"),
        "securities": known_at_open(named, "valid_from", BASIS, calendars),
    }
