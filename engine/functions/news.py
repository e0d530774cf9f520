"""NEWS: headlines and filings about a security, or of the whole market, as they were published by the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.errors import CommandError
from engine.function import Args, Argument, Function, Kind
from engine.functions._filing_items import named_items
from engine.needs import Need
from engine.page import CellSource, Column, Metric, Metrics, Page, Panel, SecurityRef, Table, Text
from engine.period import Period

if TYPE_CHECKING:
    import polars as pl

    from engine.context import Context

_MOST = 500
_FRESH = 900.0  # seconds after which headlines are asked for again
_DEFAULT = Period("M", 1)


def run(context: Context, args: Args) -> Page:
    if args["item"] is not None:
        return _item(context, args["item"])
    ref = None if args["scope"] == "ALL" or not context.securities else context.securities[0]
    frame = _stories(context, ref, args)
    shown = frame.head(_MOST)
    if frame.height > _MOST:
        context.note(
            f"The newest {_MOST} of {frame.height:,} are shown: narrow the range, or search for words."
        )
    about = f"{ref.label}  {ref.name}: news" if ref is not None else "News of the whole market"
    title = f"{shown.height:,} stories, newest first: a number shows one" if shown.height else "no story"
    table = _table(context, shown, ref, args)
    return Page(about, (Panel("news", title, table),))


def _stories(context: Context, ref: SecurityRef | None, args: Args) -> pl.DataFrame:
    """Headlines and filings as one list, newest first."""
    import polars as pl

    start, end = (args["period"] or _DEFAULT).bounds(context.today)
    ids = None if ref is None else [ref.security_id]
    reader, parts = context.reader, []
    if args["kind"] in ("BOTH", "HEADLINES"):
        rows = reader.rows("headlines", ids, start, end)
        parts.append(
            rows.select(
                "security_id", pl.lit("headline").alias("kind"), pl.col("published_at").alias("at"), "title",
                pl.col("publisher").alias("from"), pl.col("headline_id").alias("item"), "session_date", "url",
            )
        )  # fmt: skip
    if args["kind"] in ("BOTH", "FILINGS"):
        # one accepted in the evening is filed under a later day; its day here is that of its acceptance
        rows = reader.rows("filings", ids, start)
        form, described = pl.col("form").str.to_uppercase(), pl.col("description").fill_null("")
        said = described.str.to_uppercase()
        own = (said != "") & (said != form) & (said != "FORM " + form)  # most only repeat their form
        told = pl.concat_str(
            pl.when(form.str.contains(r"^\d+(/A)?$")).then("Form " + pl.col("form")).otherwise("form"),
            pl.when(own).then(": " + described),
            pl.when(pl.col("items").fill_null("") != "").then(
                ": " + pl.col("items").map_elements(named_items, return_dtype=pl.String)
            ),
            ignore_nulls=True,
        )
        parts.append(
            rows.select(
                "security_id", pl.lit("filing").alias("kind"), pl.col("accepted_at").alias("at"),
                told.alias("title"), pl.lit("SEC EDGAR").alias("from"), pl.col("accession").alias("item"),
                pl.col("filed_date").alias("session_date"), "url",
            )
        )  # fmt: skip
    day = pl.col("at").dt.convert_time_zone("America/New_York").dt.date()
    frame = pl.concat(parts).filter(day <= end)
    if start is not None:
        frame = frame.filter(day >= start)
    if args["search"]:
        words = str(args["search"]).lower().split()
        frame = frame.filter(
            pl.all_horizontal(
                pl.col("title").str.to_lowercase().str.contains(word, literal=True) for word in words
            )
        )
    # one story about several securities is one line where the market is shown
    return frame.sort("at", "item", "security_id", descending=[True, False, False]).unique(
        ["item"] if ref is None else ["item", "security_id"], keep="first", maintain_order=True
    )


def _table(context: Context, frame: pl.DataFrame, ref: SecurityRef | None, args: Args) -> Table:
    import polars as pl

    tickers = {
        each: found.ref.ticker
        for each in frame["security_id"].unique().to_list()
        if (found := context.directory.by_id(each)) is not None
    }
    frame = frame.with_columns(
        ticker=pl.col("security_id").replace_strict(
            list(tickers), list(tickers.values()), default=None, return_dtype=pl.String
        )
        if tickers
        else pl.lit(None, pl.String),
        command=pl.format("NEWS ITEM={}", "item"),
    )
    columns = [
        Column("at", "published", "instant"),
        *([Column("ticker", "about")] if ref is None else []),
        Column("title", "headline", width=90, least=48),
        Column("from", "from", width=24),
        Column("kind", "kind"),
        Column("url", "address", width=60),
    ]
    return Table(
        frame,
        tuple(columns),
        key=("item", "security_id"),
        command="command",
        empty=_nothing(context, ref, args),
    )


def _nothing(context: Context, ref: SecurityRef | None, args: Args) -> str:
    """Why there may be no story, and what to type."""
    who = ref.label if ref is not None else "any security"
    start, end = (args["period"] or _DEFAULT).bounds(context.today)
    what = {"HEADLINES": "headline", "FILINGS": "filing"}.get(args["kind"], "headline or filing")
    search = f" with {args['search']!r} in it" if args["search"] else ""
    further = "1Y" if start is not None and (end - start).days < 360 else "MAX"
    words = f"NEWS {further}" + (f' SEARCH="{args["search"]}"' if args["search"] else "")
    ahead = f"{words} looks further back; " if start is not None else ""
    return (
        f"No {what} about {who}{search} is in the store from {start or 'the first day'} to {end}. {ahead}"
        "KEYS shows which sources of news are set up (NewsAPI, Massive, Alpaca, Alpha Vantage; SEC "
        "EDGAR for filings)."
    )


def _item(context: Context, item: str) -> Page:
    """One headline or filing, whole."""
    import polars as pl

    for table, name in (("headlines", "headline_id"), ("filings", "accession")):
        rows = context.reader.rows(table).filter(pl.col(name) == item)
        if rows.height:
            return _headline(context, rows) if table == "headlines" else _filing(context, rows)
    raise CommandError("No headline or filing of this name is known at this clock.", argument="item")


def _headline(context: Context, rows: pl.DataFrame) -> Page:
    row = rows.row(0, named=True)
    source = _source("headlines", "title", row, ("session_date", "headline_id"))
    told = (
        Metric("published at", row["published_at"], "instant", source=source),
        Metric("from", row["publisher"]),
        Metric("about", _about(context, rows)),
        Metric("language", row["language"]),
        Metric("address", row["url"]),
    )
    panels = [Panel("facts", "headline", Metrics(told))]
    if row["summary"]:
        panels.append(Panel("summary", "summary, as the publisher gives it", Text((row["summary"],)), 2))
    return Page(str(row["title"]), tuple(panels))


def _filing(context: Context, rows: pl.DataFrame) -> Page:
    row = rows.row(0, named=True)
    source = _source("filings", "form", row, ("filed_date", "accession"))
    told = (
        Metric("form", row["form"], source=source),
        Metric("accepted at", row["accepted_at"], "instant", source=source),
        Metric("filed", row["filed_date"], "date"),
        Metric("about", _about(context, rows)),
        Metric("period", row["report_date"], "date"),
        Metric("items", named_items(row["items"]) if row["items"] else None),
        Metric("document", row["document"]),
        Metric("description", row["description"]),
        Metric("accession", row["accession"]),
        Metric("address", row["url"]),
    )
    return Page(f"{row['form']} of {_about(context, rows)}", (Panel("facts", "filing", Metrics(told)),))


def _about(context: Context, rows: pl.DataFrame) -> str:
    found = (
        context.directory.by_id(each) for each in rows["security_id"].unique(maintain_order=True).to_list()
    )
    return ", ".join(security.ref.label for security in found if security is not None)


def _source(table: str, column: str, row: dict[str, Any], keys: tuple[str, ...]) -> CellSource:
    return CellSource(table, column, {}, {name: row[name] for name in ("security_id", *keys)})


def needs(context: Context, args: Args) -> tuple[Need, ...]:
    """The security's headlines of the range, a quarter of an hour old at most, and its filings of a day."""
    if args["item"] is not None or args["scope"] == "ALL" or not context.securities:
        return ()
    ref = context.securities[0]
    if ref.asset_class not in ("equity", "fund"):
        return ()
    start, end = (args["period"] or _DEFAULT).bounds(context.today)
    wanted = []
    if args["kind"] != "FILINGS":
        wanted.append(Need("news", ref, start, end, max_age_seconds=_FRESH if context.live else None))
    if args["kind"] != "HEADLINES":
        wanted.append(Need("filings", ref, None, end, max_age_seconds=86_400.0 if context.live else None))
    return tuple(wanted)


FUNCTIONS = (
    Function(
        "NEWS",
        "headlines and filings by the clock, of a security or the whole market",
        run,
        arguments=(
            Argument(
                "scope", Kind.CHOICE, "the whole market, not the loaded security", None, choices={"ALL": ("MARKET",)}
            ),
            Argument(
                "kind", Kind.CHOICE, "headlines, filings or both", "BOTH",
                choices={"BOTH": (), "HEADLINES": (), "FILINGS": ()},
            ),
            Argument("period", Kind.PERIOD, "range, counted back from the clock's day: 1M"),
            Argument("item", Kind.TEXT, "one story, by its name in the list", named_only=True),
            Argument("search", Kind.TEXT, "words that the headline holds", named_only=True),
        ),
        aliases=("N",),
        security="optional",
        examples=(
            ("AAPL NEWS", "a month of headlines and filings about Apple"),
            ("NEWS ALL 1W", "a week of the whole market"),
            ('AAPL NEWS 1Y FILINGS SEARCH="10-Q"', "a year of its quarterly reports"),
        ),
        about=(
            "A headline is known from its publication, a filing from its acceptance by EDGAR; neither is shown "
            "before. Text is shown as it came and is never run or followed. NEWS does not search the web: it shows "
            "what was fetched from the sources that are set up (KEYS), and asks them for what is missing."
        ),
        order=50,
        needs=needs,
    ),
)  # fmt: skip
