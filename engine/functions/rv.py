"""RV: a company's multiples against its peers', as the filings and prices of the clock have them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.function import Args, Argument, Function, Kind
from engine.needs import Need
from engine.page import Page, Panel

if TYPE_CHECKING:
    from engine.context import Context
    from engine.functions._rv_peers import Compared

_DAY = 86_400.0
_MOST_FETCHED = 12  # securities typed that their filings are fetched of
_FEW = 3


def needs(context: Context, args: Args) -> Sequence[Need]:
    """Filings and last closes of the company and of the peers typed, and who the company is."""
    refs = context.securities[:_MOST_FETCHED]
    wanted = [Need("profile", ref, max_age_seconds=30 * _DAY) for ref in refs[:1]]
    for ref in refs:
        wanted += [
            Need("facts", ref, max_age_seconds=_DAY),
            Need("filings", ref, max_age_seconds=_DAY),
            Need("actions", ref),
            Need("bars", ref, context.today - timedelta(days=10), context.today),
        ]
    return wanted


def run(context: Context, args: Args) -> Page:
    from engine.functions import _rv_panels as panels
    from engine.functions._fa_data import tell_estimated
    from engine.functions._rv_peers import compared

    found = compared(context, args)
    placed = panels.standings(found)
    own, count = found.own.ref, len(found.peers)
    priced = f"on the close of {found.own.session}" if found.own.session else "without a close"
    shown = [
        Panel(
            "standing", f"{own.ticker} among {count} peers, {priced}", panels.standing_table(found, placed), 3
        )
    ]
    bars = panels.price_bars(found, placed)
    if bars is not None:
        shown.append(Panel("prices", "price at the peers' median, by multiple", bars, 2, side=True))
    title, drawn = panels.scatter(found, args["xy"])
    shown += [
        Panel("multiples", "figures of all: a number shows the company's", panels.multiples_table(found, placed), 3),
        Panel("scatter", title, drawn, 3),
        Panel("ranks", "rank by each measure: share of the others below", panels.ranks(found), 3),
        Panel("assumptions", "assumptions: Tab goes to them, Enter applies", panels.form(args, found)),
    ]  # fmt: skip
    _tell(context, found)
    tell_estimated(context)
    return Page(f"{own.label}  {own.name}  relative value: {found.basis}", tuple(shown), security=own)


def _tell(context: Context, found: Compared) -> None:
    if found.left_out:
        more = f" and {len(found.left_out) - 8} more" if len(found.left_out) > 8 else ""
        context.note(
            f"Left out, without twelve months of filings known at this clock: {', '.join(found.left_out[:8])}{more}. "
            "FA on each fetches them.",
            "warning",
        )
    why: dict[str, list[str]] = {}
    for each in found.all:
        if each.unpriced:
            why.setdefault(each.unpriced, []).append(each.ref.ticker)
    for reason, tickers in why.items():
        context.note(f"{', '.join(tickers[:8])}: no multiple of price, since {reason}.", "warning")
    if len(found.peers) < _FEW:
        context.note(
            f"{len(found.peers)} peer(s) make no distribution: quartiles and ranks say little.", "warning"
        )
    ends = [each.end for each in found.all if each.end is not None]
    if ends and (max(ends) - min(ends)).days > 190:
        context.note(
            f"Twelve months end between {min(ends)} and {max(ends)}: companies file at different times, and each row "
            "says of when it is."
        )


ABOUT = """Multiples of the last close known at the clock on the newest twelve months and balance sheet that filings
accepted by then tell; each row says the period and when it was filed. A multiple of a loss, and a ratio whose
denominator is not positive, is blank, and WHY says so. Shares, closes and amounts a share are in the shares of
the clock. EV is market value + debt + minorities - cash and marketable securities, blank where no debt is told.

Peers are those typed (AAPL RV MSFT IBM), those of UNIVERSE= (a watchlist, a file, or tickers parted by commas:
all of it; an index: its members of the day in the company's industry), or else all companies known at the
clock in the same industry by their profiles, or, where those are fewer than five, SIC group or sector (BY=).
Of more than MOST= the nearest in market value by ratio count. Only companies with filings known at the clock
are there: none is fetched but those typed. Profiles are known from the day they were fetched, so that at an
earlier clock peers have to be typed or listed.

Quartiles and medians are the peers' without the company. Rank is the share of peers below, half of those
level. The premium is the company's multiple over the median, less one. The price at the median is the price
at which the company has the peers' median: median x its own figure a share, less net debt and minorities a
share for multiples of EV; for a yield its cash a share / the median.

The line through the scatter is least squares over the peers alone: XY=EVSALES is EV/sales by revenue growth,
XY=PE price/earnings by growth of net income, XY=PB price/book by return on equity. It is a description of
few points, and no model: what is above the line may be dear, or better (Damodaran, Investment Valuation, ch. 17
and 18)."""

FUNCTIONS = (
    Function(
        "RV",
        "relative value: multiples against peers, and the price at theirs",
        run,
        (
            Argument("universe", Kind.TEXT, "peers from an index, a watchlist, a file, or tickers parted by commas",
                     None, named_only=True),
            Argument("most", Kind.INTEGER, "peers at most, the nearest in market value", 12, minimum=2, maximum=60),
            Argument("by", Kind.CHOICE, "how wide a group peers are of", "AUTO",
                     choices={"AUTO": (), "INDUSTRY": (), "SECTOR": ()}),
            Argument("xy", Kind.CHOICE, "the scatter: EV/sales by growth, P/E by growth, P/B by ROE", "EVSALES",
                     choices={"EVSALES": (), "PE": (), "PB": ()}, named_only=True),
            Argument("others", Kind.SECURITY, "peers", (), many=True),
        ),
        aliases=("PEERS",),
        security="required",
        asset_classes=frozenset({"equity"}),
        examples=(
            ("AAPL RV MSFT IBM", "against two companies"),
            ("AAPL RV", "against the nearest in size of its industry"),
            ("AAPL RV UNIVERSE=SP500 MOST=20 XY=PE", "against members of the index in its industry"),
        ),
        about=ABOUT,
        needs=needs,
        order=46,
    ),
)  # fmt: skip
