"""Who a company is compared with: those typed, those of a universe, or the nearest in size of its own industry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING, Any

from engine.errors import DataError
from engine.function import Args
from engine.functions._rv_data import Company, Known, cap_of, companies, known
from engine.page import SecurityRef
from engine.universe import find

if TYPE_CHECKING:
    from engine.context import Context

LEAST = 5  # peers that an industry has to have before a wider one is taken
Profile = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Compared:
    """The company and its peers, the largest first. ``basis`` says in words how they were chosen."""

    own: Company
    peers: tuple[Company, ...]
    basis: str
    left_out: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[Company, ...]:
        return (self.own, *self.peers)


def compared(context: Context, args: Args) -> Compared:
    """Choose and measure.

    Raises
    ------
    DataError
        Nothing is known of the company, or of anyone to compare it with; with what to type.
    """
    typed = tuple({ref.security_id: ref for ref in context.securities}.values())
    if len(typed) > 1:
        return _made(context, typed[0], typed[1:], "as typed")
    if args["universe"]:
        return _of_universe(context, args)
    return _of_industry(context, args, None, "")


def _of_universe(context: Context, args: Args) -> Compared:
    """All of a list; of an index those of the company's industry, where that is known."""
    found = find(args["universe"], context.reader, context.directory, context.desk.state)
    if found.unknown:
        context.note(f"Not known at this clock: {', '.join(found.unknown[:8])}.", "warning")
    if found.index_id is not None:
        return _of_industry(context, args, set(found.ids), f" among {found.title}")
    members = [s.ref for each in found.ids if (s := context.directory.by_id(each)) is not None]
    return _nearest(context, args, members, found.title)


def _of_industry(context: Context, args: Args, among: set[int] | None, where: str) -> Compared:
    own, profiles = context.security, _profiles(context)
    profile = profiles.get(own.security_id)
    if profile is None:
        raise DataError(
            f"The industry of {own.label} is not known at this clock, so that no peers can be named: type some "
            f"({own.ticker} RV MSFT IBM), or UNIVERSE= with a list (./mine.txt, a watchlist). Profiles come with "
            "FA PROFILE and stand from the day that they were fetched."
        )
    widest: tuple[str, list[SecurityRef]] = ("", [])
    for words, key in _levels(profile, args["by"]):
        alike = _alike(context, profiles, key, among)
        if len(alike) > len(widest[1]) or not widest[0]:
            widest = (words, alike)
        if len(alike) >= LEAST:
            break
    words, alike = widest
    if not words:
        raise DataError(
            f"The profile of {own.label} tells no industry: type peers ({own.ticker} RV MSFT IBM), or UNIVERSE=."
        )
    return _nearest(context, args, alike, f"{words}{where}")


def _levels(profile: Profile, by: str) -> list[tuple[str, Callable[[Profile], str]]]:
    """From the narrowest group to the widest: industry, SIC's industry group and major group, sector."""
    groups: list[tuple[str, str, Callable[[Profile], str]]] = [
        ("INDUSTRY", "industry {}", lambda row: str(row["industry"] or "")),
        ("INDUSTRY", "SIC group {}x", lambda row: str(row["sic"] or "")[:3]),
        ("SECTOR", "SIC group {}xx", lambda row: str(row["sic"] or "")[:2]),
        ("SECTOR", "sector {}", lambda row: str(row["sector"] or "")),
    ]
    kept = [(words, key) for level, words, key in groups if by in ("AUTO", level)]
    return [(words.format(key(profile)), key) for words, key in kept if key(profile)]


def _profiles(context: Context) -> dict[int, Profile]:
    """The newest profile of every company known at the clock."""
    rows = context.reader.rows("profiles", None, columns=("sector", "industry", "sic", "cik"))
    return {row["security_id"]: row for row in rows.sort("valid_from").iter_rows(named=True)}


def _alike(
    context: Context, profiles: dict[int, Profile], key: Callable[[Profile], str], among: set[int] | None
) -> list[SecurityRef]:
    """Equities of the same group; of a company with several classes of shares one."""
    own = context.security.security_id
    group, seen = key(profiles[own]), {profiles[own]["cik"] or own}
    found = []
    for number, row in profiles.items():
        company = row["cik"] or number
        if (
            number == own
            or key(row) != group
            or company in seen
            or (among is not None and number not in among)
        ):
            continue
        security = context.directory.by_id(number)
        if security is not None and security.ref.asset_class == "equity":
            seen.add(company)
            found.append(security.ref)
    return found


def _nearest(context: Context, args: Args, candidates: Sequence[SecurityRef], basis: str) -> Compared:
    """The nearest by market value, of those with filings."""
    own, most = context.security, args["most"]
    others = [ref for ref in candidates if ref.security_id != own.security_id]
    held = known(context, [own, *others])
    with_facts = [ref for ref in others if ref.security_id in held.facts]
    if len(with_facts) > most:
        caps = {ref.security_id: cap_of(held, ref) for ref in with_facts}
        mine = cap_of(held, own)
        sized = [ref for ref in with_facts if caps[ref.security_id]]
        target = log(mine) if mine else None

        def apart(ref: SecurityRef) -> float:
            size = log(caps[ref.security_id] or 1.0)
            return abs(size - target) if target is not None else -size

        with_facts = sorted(sized, key=apart)[:most]
        basis += f", the {most} nearest in market value of {len(sized)}"
    return _measured(context, held, own, with_facts, basis, others)


def _made(context: Context, own: SecurityRef, peers: Sequence[SecurityRef], basis: str) -> Compared:
    return _measured(context, known(context, [own, *peers]), own, peers, basis, peers)


def _measured(
    context: Context, held: Known, own: SecurityRef, peers: Sequence[SecurityRef], basis: str,
    asked: Sequence[SecurityRef],
) -> Compared:  # fmt: skip
    from engine.functions._fa_data import nothing

    found = {company.ref.security_id: company for company in companies(context, held, [own, *peers])}
    mine = found.pop(own.security_id, None)
    if mine is None:
        raise nothing(context, "fundamentals of the last twelve months")
    if not found:
        known_ones = f"{len(asked):,} known" if asked else "none known"
        raise DataError(
            f"No peer of {own.label} ({basis}; {known_ones}) has filings known at this clock. FA on a company "
            "fetches its own from SEC EDGAR (MSFT FA); asof import reads files. Peers can be typed: "
            f"{own.ticker} RV MSFT IBM."
        )
    left_out = tuple(ref.ticker for ref in peers if ref.security_id not in found)
    order = sorted(found.values(), key=lambda each: -((each.market_cap and each.market_cap.value) or 0.0))
    return Compared(mine, tuple(order), basis, left_out)
