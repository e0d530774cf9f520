"""MEMB: who belongs to an index on the clock's day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import DataError
from engine.function import Args, Argument, Function, Kind
from engine.needs import Need
from engine.page import CellSource, Column, Page, Panel, SecurityRef, Table
from engine.securities import UnknownSecurity
from engine.universe import members, no_members, tickers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.context import Context

_DAY = 86_400.0


def unnamed(context: Context, loaded: SecurityRef | None) -> SecurityRef | None:
    """The loaded index where its members are held, else the S&P 500, whose members sources have."""
    index = loaded is not None and loaded.asset_class == "index"
    if loaded is not None and index and context.reader.coverage("membership", [loaded.security_id]).height:
        return loaded
    try:
        return context.directory.resolve("SPX", "INDEX").security.ref
    except UnknownSecurity:
        return None


def needs(context: Context, args: Args) -> Sequence[Need]:
    return (Need("membership", context.security, max_age_seconds=_DAY),)


def run(context: Context, args: Args) -> Page:
    import polars as pl

    ref = context.security
    day = args["on"] or context.today
    if day > context.today:
        raise DataError(f"Members of {day} are not known at {context.when}. Give an earlier day.")
    found = members(context.reader, ref.security_id, day)
    named = tickers(context.reader, found["security_id"].to_list(), day).select("security_id", "name")
    markets = [
        (security.ref.security_id, f"{security.ref.ticker} {security.ref.market} DES")
        for each in found["security_id"]
        if (security := context.directory.by_id(each)) is not None
    ]
    commands = pl.DataFrame(markets, schema={"security_id": pl.Int64, "command": pl.String}, orient="row")
    name = pl.when(pl.col("name") != pl.col("ticker")).then(pl.col("name"))
    frame = (
        found.join(named, on="security_id", how="left", maintain_order="left")
        .join(commands, on="security_id", how="left", maintain_order="left")
        .with_columns(name.alias("name"))
    )
    source = CellSource(
        "membership",
        "start_date",
        {"start_date": "start_date", "member_id": "security_id"},
        {"security_id": ref.security_id},
    )
    columns = (
        Column("ticker", "ticker", formula="the security's ticker on the day, as known at the clock"),
        Column("name", "name", width=40),
        Column("start_date", "member since", "date", source=source),
        Column("note", "note"),
    )
    title = f"{frame.height} members on {day}: type a number for one" if frame.height else "none"
    empty = no_members(ref.ticker)
    table = Table(frame, columns, key=("security_id",), command="command", empty=empty)
    return Page(f"{ref.label}  {ref.name}  members", (Panel("members", title, table),))


FUNCTIONS = (
    Function(
        "MEMB",
        "members of an index on the day, the later-dead among them",
        run,
        arguments=(Argument("on", Kind.DATE, "members on this day, as known at the clock; the clock's day"),),
        aliases=("MEMBERS",),
        security="required",
        asset_classes=frozenset({"index"}),
        examples=(
            ("MEMB", "members of the loaded index, or of the S&P 500"),
            ("SPX MEMB", "members at the clock"),
            ("SPX MEMB 2008-09-12", "members of that day"),
        ),
        about=(
            "Tickers are those of the day. A member is shown until the morning on which it left, and never after; "
            "one that joins is shown from the morning on which it joined. The list of the S&P 500 begins on "
            "1996-01-02: of members of that day it does not say since when.\n\n"
            "Without a security it is about the loaded index where its members are held, and else about the S&P 500."
        ),
        order=56,
        unnamed=unnamed,
        needs=needs,
    ),
)
