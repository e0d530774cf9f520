"""Kenneth French's data library: the research factors, daily, monthly and annual, as returns in fractions.

The embedded data hold the three factors of a 2018 vintage as ``observations``, monthly and in percent. Here the same
identities (factor:MKTRF, factor:SMB, factor:HML, factor:RF) have ``factor_returns``: fractions, three frequencies.
The two tables never meet. ``factor:SMB`` is the size factor of the three-factor model; that of the five-factor model
is another series and has another identity, ``factor:SMB5``.

Each file is one vintage of the whole history ("created using the 202603 CRSP database"). Values that the store does
not have yet are known by the rule below; values that a later vintage tells differently are, for the store,
corrections known from that fetch.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from providers.base import answer_hash
from providers.clocks import NEW_YORK
from providers.errors import Kind, SourceError
from providers.french_files import read_blocks, unzip
from providers.seen import known_by
from providers.series import one_a_key
from providers.source import Access, Answer, Limit, Request, Service, SourceInfo

if TYPE_CHECKING:
    import polars as pl

RULES = "kenfrench 1"
FOLDER = "/pages/faculty/ken.french/ftp/"
RELEASED = (
    "estimated: 17:00 New York of the last day of the second month after; the library follows within some weeks "
    "(the file of March 2026 was made on 29 April), and not before the factors were first published; each file tells "
    "the whole history anew, what was told then may have been another figure"
)


@dataclass(frozen=True, slots=True)
class Factor:
    """A column of one of the files. ``published``: when the factor was first told to the world."""

    column: str
    name: str
    published: date


@dataclass(frozen=True, slots=True)
class Model:
    """A pair of files: ``monthly`` has an annual block as well."""

    monthly: str
    daily: str
    since: date
    factors: dict[str, Factor]  # by the identity's last word


# Fama and French, Journal of Financial Economics 33(1), February 1993; Carhart, Journal of Finance 52(1), March 1997;
# Fama and French, Journal of Financial Economics 116(1), April 2015. Nobody had these series before.
_1993, _1997, _2015 = date(1993, 2, 28), date(1997, 3, 31), date(2015, 4, 30)
MODELS: tuple[Model, ...] = (
    Model(
        "F-F_Research_Data_Factors_CSV.zip", "F-F_Research_Data_Factors_daily_CSV.zip", date(1926, 7, 1),
        {
            "MKTRF": Factor("Mkt-RF", "Fama-French: market less risk-free", _1993),
            "SMB": Factor("SMB", "Fama-French: small minus big", _1993),
            "HML": Factor("HML", "Fama-French: high minus low book to market", _1993),
            "RF": Factor("RF", "Fama-French: one-month risk-free rate", _1993),
        },
    ),
    Model(
        "F-F_Research_Data_5_Factors_2x3_CSV.zip", "F-F_Research_Data_5_Factors_2x3_daily_CSV.zip",
        date(1963, 7, 1),
        {
            "SMB5": Factor("SMB", "Fama-French five factors: small minus big", _2015),
            "RMW": Factor("RMW", "Fama-French five factors: robust minus weak profitability", _2015),
            "CMA": Factor("CMA", "Fama-French five factors: conservative minus aggressive investment", _2015),
        },
    ),
    Model(
        "F-F_Momentum_Factor_CSV.zip", "F-F_Momentum_Factor_daily_CSV.zip", date(1926, 11, 1),
        {"MOM": Factor("Mom", "Momentum: high minus low prior return", _1997)},
    ),
)  # fmt: skip

INFO = SourceInfo(
    name="kenfrench",
    title="Ken French's data library",
    base_urls={"": "https://mba.tuck.dartmouth.edu"},
    services=(
        Service("factors", ("factor",), "from July 1926, five factors from July 1963",
                note="MKTRF SMB HML RF, SMB5 RMW CMA, MOM; daily, monthly, annual."),
    ),
    limits=(Limit(30, 60),),
    terms="Copyright Eugene F. Fama and Kenneth R. French; free to use in research.",
    terms_url="https://mba.tuck.dartmouth.edu/pages/faculty/ken.french/data_library.html",
    max_bytes=8 << 20,
)  # fmt: skip


class KenFrench:
    """Two files a model: months with years, and days. A file's other factors come along."""

    info = INFO

    def fetch(self, request: Request, access: Access) -> Answer:
        import polars as pl

        model = _model(request)
        wanted = {name for name in ("day", "month", "year") if request.detail in ("", name)}
        files = [model.monthly] * bool(wanted & {"month", "year"}) + [model.daily] * ("day" in wanted)
        contents, blocks, vintages = [], [], []
        for done, file in enumerate(files):
            access.check_cancelled()
            access.progress(done, len(files), f"{INFO.title}: {file}")
            reply = access.get(FOLDER + file)
            contents.append(reply.content)
            vintage, read = read_blocks(unzip(reply.content, file), file)
            vintages.append(vintage or "of no stated vintage")
            blocks += [block for block in read if block["frequency"][0] in wanted]
        columns = {factor.column.lower(): name for name, factor in model.factors.items()}
        rows = pl.concat(blocks).filter(pl.col("column").str.to_lowercase().is_in(list(columns)))
        if rows.is_empty():
            raise SourceError(
                Kind.MALFORMED, f"{files[0]} has none of the columns {', '.join(columns)}: its layout changed"
            )
        named = rows.with_columns(
            ticker=pl.col("column").str.to_lowercase().replace_strict(columns, return_dtype=pl.String)
        )
        low, high = request.start or date.min, request.end or date.max
        known = known_by(_known(named, model), access.now).filter(
            pl.col("session_date").is_between(low, high)
        )
        frame = known.select(
            pl.concat_str(pl.lit("factor:"), "ticker").alias("identity"),
            "session_date", "frequency", "value", "known_at", "known_basis",
        )  # fmt: skip
        frame, aside = one_a_key(frame, ["identity", "session_date", "frequency"], "factor_returns")
        note = f"Vintage {', '.join(dict.fromkeys(vintages))}; returns as fractions."
        frames = {"factor_returns": frame, "securities": _securities(model)}
        return Answer(
            frames, answer_hash(RULES, *contents), note=note, quarantined=tuple(aside), positive=False
        )


def _model(request: Request) -> Model:
    name = request.subject.identity.removeprefix("factor:")
    if request.dataset == "factors" and request.detail in ("", "day", "month", "year"):
        for model in MODELS:
            if name in model.factors:
                return model
    known = ", ".join(name for model in MODELS for name in model.factors)
    raise SourceError(
        Kind.NOT_SERVED, f"{INFO.title} has the factors {known} (by day, month, year), not {name}"
    )


def _known(rows: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Clocks: two months after the month in which the period ends, not before the factor was published."""
    import polars as pl

    published = {name: factor.published for name, factor in model.factors.items()}
    released = pl.col("session_date").dt.month_start().dt.offset_by("2mo").dt.month_end()
    first = pl.col("ticker").replace_strict(published, return_dtype=pl.Date)
    hour = pl.time(17, 0)
    return rows.with_columns(
        known_at=pl.max_horizontal(released, first)
        .dt.combine(hour, time_unit="us")
        .dt.replace_time_zone(NEW_YORK)
        .dt.convert_time_zone("UTC"),
        known_basis=pl.lit(RELEASED),
    )


def _securities(model: Model) -> pl.DataFrame:
    """The factors as securities, there from when they were published. Where the embedded data name the same one,
    theirs is the later telling and stays what is shown."""
    import polars as pl

    rows = [
        {
            "identity": f"factor:{name}", "valid_from": model.since, "ticker": name, "name": factor.name,
            "market": "MACRO", "asset_class": "factor", "exchange": "", "calendar": "",
            "unit": "fraction a period", "known_basis": RELEASED,
            "known_at": datetime(factor.published.year, factor.published.month, factor.published.day, 17,
                                 tzinfo=ZoneInfo(NEW_YORK)).astimezone(UTC),
        }
        for name, factor in model.factors.items()
    ]  # fmt: skip
    return pl.DataFrame(rows)


SOURCE = KenFrench()
