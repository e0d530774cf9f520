"""OMON: the option chain of a security, calls beside puts, at the clock."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from engine.errors import CommandError
from engine.function import Args, Argument, Function, Kind
from engine.functions._chain import at_the_money, quoted_between, read_chain
from engine.needs import Need
from engine.page import CellSource, Column, Metric, Metrics, Page, Panel, SecurityRef, Table

if TYPE_CHECKING:
    import polars as pl

    from engine.context import Context

_FRESH = 900.0  # seconds after which a live chain is asked for again
_SIDE = ("bid", "ask", "last", "volume", "open_interest", "implied_volatility", "delta")
_LABELS = {"open_interest": "OI", "implied_volatility": "IV", "volume": "vol", "delta": "Δ"}


def run(context: Context, args: Args) -> Page:
    ref = context.security
    chain = read_chain(context, ref)
    expiry = _chosen(chain, args["expiry"], chain["session_date"][0])
    of_expiry = chain.filter(chain["expiry"] == expiry)
    panels = (
        Panel("summary", "chain", Metrics(_summary(context, chain))),
        _strikes(of_expiry, expiry, args["strikes"]),
        _expiries(chain, ref),
    )
    if (context.today - chain["session_date"][0]).days > 4:
        context.note(f"The newest quotes known are of {chain['session_date'][0]}.", "warning")
    return Page(f"{ref.label}  {ref.name}: options of {expiry}", panels)


def _chosen(chain: pl.DataFrame, wanted: date | None, session: date) -> date:
    """The expiry asked for, or the nearest that had a week to go on the quotes' session (else the last)."""
    expiries: list[date] = chain["expiry"].unique().sort().to_list()
    if wanted is None:
        return next((day for day in expiries if (day - session).days >= 7), expiries[-1])
    if wanted not in expiries:
        near = sorted(expiries, key=lambda day: abs((day - wanted).days))[:3]
        raise CommandError(
            f"No option of the chain expires on {wanted}; the nearest are {', '.join(map(str, sorted(near)))}.",
            argument="expiry",
            suggestions=tuple(f"OMON {day}" for day in near),
        )
    return wanted


def _summary(context: Context, chain: pl.DataFrame) -> tuple[Metric, ...]:
    import polars as pl

    first, last = quoted_between(chain)
    spot = chain.drop_nulls("underlying_price")
    calls, puts = (chain.filter(pl.col("right") == right) for right in ("call", "put"))

    def total(frame: pl.DataFrame, column: str) -> int:
        return int(frame[column].fill_null(0).sum())

    bad = chain.filter(pl.col("remark").is_in(["crossed", "no quote", "no bid", "no ask"])).height
    interest = total(calls, "open_interest")
    return (
        Metric(
            "underlying", float(spot["underlying_price"][-1]) if spot.height else None, "price", 2,
            formula="the underlying's price as it came with the quotes",
        ),
        Metric("quotes of", last, "instant", note="" if first == last else f"oldest {context.show(first)}"),
        Metric("contracts", chain.height, "integer"),
        Metric("expiries", chain["expiry"].n_unique(), "integer"),
        Metric("volume", total(chain, "volume"), "integer"),
        Metric("open interest", total(chain, "open_interest"), "integer"),
        Metric(
            "put/call interest", total(puts, "open_interest") / interest if interest else None, "ratio", 2,
            formula="open interest of puts / of calls",
        ),
        Metric("one-sided, crossed", bad, "integer",
               formula="contracts without a bid or an ask, or with a bid above the ask; marked in the table"),
    )  # fmt: skip


def _strikes(chain: pl.DataFrame, expiry: date, count: int) -> Panel:
    """Calls and puts of one expiry by strike, as many strikes as asked around the money."""
    import polars as pl

    money = at_the_money(chain)
    strikes = chain["strike"].unique().sort()
    if money is not None and strikes.len() > count:
        at = int((strikes - money).abs().arg_min() or 0)
        low = max(0, min(at - count // 2, strikes.len() - count))
        strikes = strikes[low : low + count]
    elif money is None:
        strikes = strikes[:count]
    chosen = chain.filter(pl.col("strike").is_in(strikes.implode()))
    # adjusted contracts share a strike with ordinary ones: the root tells them apart
    chosen = chosen.with_columns(root=pl.col("contract").str.replace(r"\d{6}[CP]\d+$", ""))
    sides = [
        chosen.filter(pl.col("right") == right).select(
            "security_id", "session_date", "strike", "root",
            *[pl.col(name).alias(f"{right}_{name}") for name in (*_SIDE, "contract", "quoted_at", "remark")],
        )
        for right in ("call", "put")
    ]  # fmt: skip
    keys = ["security_id", "session_date", "strike", "root"]
    frame = sides[0].join(sides[1], on=keys, how="full", coalesce=True).sort("strike", "root")
    tone = pl.when(pl.col("strike") == money).then(pl.lit("strong")).otherwise(pl.lit(""))
    remarks = [
        pl.when(pl.col(f"{right}_remark").is_not_null()).then(pl.format(f"{right}: {{}}", f"{right}_remark"))
        for right in ("call", "put")
    ]
    frame = frame.with_columns(
        tone=tone if money is not None else pl.lit(""),
        remark=pl.concat_str(remarks, separator="; ", ignore_nulls=True),
    )
    roots = frame["root"].n_unique() > 1
    columns = (
        *_side("call", reverse=True),
        Column("strike", "STRIKE", "price", 2),
        *([Column("root", "root")] if roots else []),
        *_side("put", reverse=False),
        Column("remark", "remark", formula="what is wrong with a quote; open interest is OI"),
    )
    days = chain["days"][0]
    title = f"{expiry}, {days} day{'' if days == 1 else 's'}: C calls, P puts" + (
        "; nearest strike bold" if money else ""
    )
    return Panel(
        "strikes", title, Table(frame, columns, ("strike", "root"), emphasis="tone", pinned="strike"), 3
    )


def _side(right: str, *, reverse: bool) -> list[Column]:
    keys = {
        "security_id": "security_id", "session_date": "session_date", "quoted_at": f"{right}_quoted_at",
        "contract": f"{right}_contract",
    }  # fmt: skip
    kinds = {
        "volume": "integer",
        "open_interest": "integer",
        "implied_volatility": "percent",
        "delta": "number",
    }
    columns = [
        Column(
            f"{right}_{name}",
            f"{right[0].upper()} {_LABELS.get(name, name)}",
            kinds.get(name, "price"),  # type: ignore[arg-type]
            2 if name in ("bid", "ask", "last", "delta") else 1 if name == "implied_volatility" else None,
            formula="the vendor's own" if name in ("implied_volatility", "delta") else "",
            source=CellSource("option_quotes", name, keys),
        )
        for name in _SIDE
    ]
    return columns[::-1] if reverse else columns


def _expiries(chain: pl.DataFrame, ref: SecurityRef) -> Panel:
    import polars as pl

    spot = pl.col("underlying_price").median()
    nearest = (pl.col("strike") - spot).abs()
    at_money = pl.col("implied_volatility").sort_by(nearest, "contract").drop_nulls().head(2).mean()
    puts = pl.col("open_interest").filter(pl.col("right") == "put").sum()
    calls = pl.col("open_interest").filter(pl.col("right") == "call").sum()
    frame = (
        chain.group_by("expiry", maintain_order=True)
        .agg(
            pl.col("days").first(),
            pl.len().cast(pl.Int64).alias("contracts"),
            pl.col("volume").sum(),
            pl.col("open_interest").sum(),
            pl.when(calls > 0).then(puts / calls).alias("put_call"),
            at_money.alias("money_iv"),
        )
        .with_columns(command=pl.format("{} {} OMON {}", pl.lit(ref.ticker), pl.lit(ref.market), "expiry"))
        .sort("expiry")
    )
    columns = (
        Column("expiry", "expiry", "date"),
        Column("days", "days", "integer", formula="expiry - session of the quotes"),
        Column("contracts", "contracts", "integer"),
        Column("volume", "volume", "integer"),
        Column("open_interest", "open interest", "integer"),
        Column("put_call", "put/call", "ratio", 2, formula="open interest of puts / of calls"),
        Column(
            "money_iv", "IV at the money", "percent", 1,
            formula="mean of the vendor's implied volatility of the two contracts nearest the underlying",
        ),
    )  # fmt: skip
    return Panel(
        "expiries", "expiries: a number shows one", Table(frame, columns, ("expiry",), command="command"), 2
    )


def needs(context: Context, args: Args) -> tuple[Need, ...]:
    """The chain of now, where the clock stands at NOW: no source tells chains of the past."""
    if not context.live:
        return ()
    return (Need("options", context.security, context.today, context.today, max_age_seconds=_FRESH),)


FUNCTIONS = (
    Function(
        "OMON",
        "option chain: calls and puts by strike, and the expiries",
        run,
        arguments=(
            Argument("expiry", Kind.DATE, "one expiry; else the nearest that has a week to go"),
            Argument(
                "strikes",
                Kind.INTEGER,
                "how many strikes around the money",
                20,
                minimum=1,
                maximum=1_000,
                named_only=True,
            ),
        ),
        security="required",
        asset_classes=frozenset({"equity", "fund", "index"}),
        examples=(
            ("AAPL OMON", "the chain of the nearest expiry"),
            ("AAPL OMON 2026-12-18 STRIKES=60", "another expiry, sixty strikes"),
        ),
        about=(
            "Each contract's newest quote known at the clock, of the newest session that has quotes. Bids above "
            "asks, and quotes without two sides, are marked and make no mid. Implied volatility and delta are the "
            "vendor's; those worked out here come with OVME and OVDV. Delayed sources say so in KEYS. A chain is "
            "kept each time it is fetched, so that ASOF shows the chain of that evening."
        ),
        order=30,
        needs=needs,
    ),
)
