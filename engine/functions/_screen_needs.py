"""What SCREEN wants fetched before it reads the store."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from engine.function import Args
from engine.functions._screen_line import Line, split
from engine.needs import Need, price_need
from engine.period import Period
from engine.universe import index_of

if TYPE_CHECKING:
    from engine.context import Context

_DAY = 86_400.0
_MOST_FETCHED = 20


def needs(context: Context, args: Args) -> Sequence[Need]:
    """The members of the index; of a few typed tickers what the screen takes. Prices and filings of hundreds of
    companies are BACKFILL's work."""
    from engine.functions._screen_universe import ALL, DEFAULT

    if args["page"] or args["delete"] or args["name"] or not args["expression"]:
        return ()
    line = split(args)
    word = (line.args["universe"] or DEFAULT).strip()
    if word.upper() == ALL:
        return ()
    if "," in word:
        return _few(context, line, word.split(","))
    index = index_of(word, context.directory)
    security = None if index is None else context.directory.by_id(index)
    return () if security is None else (Need("membership", security.ref, max_age_seconds=_DAY),)


def _few(context: Context, line: Line, words: Sequence[str]) -> Sequence[Need]:
    """Prices of typed securities, and filings of companies where a field takes them."""
    from engine.quant.screener import FIELDS, field_names
    from engine.securities import UnknownSecurity

    refs = []
    for word in filter(None, (each.strip() for each in words)):
        with suppress(UnknownSecurity):
            refs.append(context.directory.resolve(word).security.ref)
    if len(refs) > _MOST_FETCHED:
        return ()
    score = line.parsed("score", "number") if line.args["score"] else None
    names = (*field_names(line.parsed("expression", "condition")), *(field_names(score) if score else ()))
    made_of = {need for name in names for need in FIELDS[name].needs}
    found = [need for ref in refs for need in price_need(context, ref, Period("Y", 1), before=40)]
    companies = [ref for ref in refs if ref.asset_class == "equity"]
    if "facts" in made_of:
        found += [Need("facts", ref, max_age_seconds=_DAY) for ref in companies]
    if "facts" in made_of or "dividends" in made_of:
        found += [Need("actions", ref) for ref in companies]
    if "profile" in made_of:
        found += [Need("profile", ref, max_age_seconds=30 * _DAY) for ref in companies]
    return found
