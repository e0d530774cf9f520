"""The pages of KEYS: all sources, and one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.frames import frame_of
from engine.page import Column, Metric, Metrics, Page, Panel, Table

if TYPE_CHECKING:
    from engine.context import Context
    from engine.sources_desk import SourcesDesk
    from providers.source import SourceInfo


def overview(context: Context, desk: SourcesDesk) -> Page:
    """Every source, in the order in which they are asked."""
    choices, known = desk.choices, desk.sources()
    order = [
        *(name for name in choices.order if name in known),
        *(n for n in known if n not in choices.order),
    ]
    rows = [_row(context, desk, known[name].info) for name in order]
    columns = (
        Column("source", "source", width=14),
        Column("state", "state", width=16),
        Column("key", "key from", width=30),
        Column("serves", "serves", width=44),
        Column("left", "left of its limits", width=30),
        Column("last", "last answer", width=22),
    )
    frame = frame_of(
        rows, source="text", state="text", key="text", serves="text", left="text", last="text", command="text",
        emphasis="text",
    )  # fmt: skip
    table = Table(
        frame, columns, ("source",), command="command", emphasis="emphasis",
        empty="No source is installed with this program.",
    )  # fmt: skip
    context.note(desk.keys.place, passing=True)
    return Page("Sources and their keys", (Panel("sources", "a row's page says what to type", table),))


def _row(context: Context, desk: SourcesDesk, info: SourceInfo) -> dict[str, str]:
    missing, name = desk.ready(info), info.name.upper()
    return {
        "source": name,
        "state": _state(desk, info, missing),
        "key": key_words(desk, info),
        "serves": ", ".join(dict.fromkeys(service.dataset for service in info.services)),
        "left": left_words(desk, info),
        "last": _last(context, desk, info),
        "command": f"KEYS {name}",
        "emphasis": "muted" if missing else "",
    }


def _state(desk: SourcesDesk, info: SourceInfo, missing: str) -> str:
    """In two words; the source's own page says what to type."""
    if not missing:
        return "experimental" if info.experimental else "ready"
    choices = desk.choices
    if info.consent and info.name not in choices.allowed:
        return "terms not agreed"
    if info.contact and "@" not in choices.contact:
        return "contact missing"
    return "key file locked" if desk.keys.locked and info.name in desk.keys.held_in_file else "key missing"


def key_words(desk: SourcesDesk, info: SourceInfo) -> str:
    """Where its key comes from, never the key."""
    if info.key is None:
        return "none needed"
    if origin := desk.keys.origin(info):
        return origin
    if desk.keys.locked and info.name in desk.keys.held_in_file:
        return "encrypted file, locked"
    missing = f"missing: {', '.join(names[0] for names in info.key.variables)}"
    return f"optional, {missing}" if info.key.optional else missing


def left_words(desk: SourcesDesk, info: SourceInfo) -> str:
    left = desk.limits.left(info, desk.keys.secrets(info))
    return "; ".join(one.words for one in left) or "none stated"


def _last(context: Context, desk: SourcesDesk, info: SourceInfo) -> str:
    found = desk.limits.last_answer(info, desk.keys.secrets(info))
    if found is None:
        return "never asked"
    return f"{found[1]} at {context.show(found[0])}"


def source_page(context: Context, desk: SourcesDesk, info: SourceInfo) -> Page:
    """What one source serves, needs and allows."""
    if missing := desk.ready(info):
        context.note(f"{missing[:1].upper()}{missing[1:]}.", "warning")
    choices = desk.choices
    consent = "not asked for"
    if info.consent:
        consent = "given" if info.name in choices.allowed else "not given"
    contact = "not asked for" if not info.contact else choices.contact or "missing"
    facts = (
        Metric("key", key_words(desk, info)),
        Metric("a key is had at", info.key.where if info.key else "none needed"),
        Metric("consent to its terms", consent),
        Metric("contact told", contact),
        Metric("left of its limits", left_words(desk, info)),
        Metric("last answer", _last(context, desk, info)),
        Metric("address", ", ".join(dict.fromkeys(info.base_urls.values()))),
        Metric("terms", f"{info.terms} {info.terms_url}".strip()),
    )
    rows = [
        {
            "dataset": service.dataset,
            "about": ", ".join(service.asset_classes) or "whatever it is about",
            "history": service.history or "all there is",
            "note": service.note,
        }
        for service in info.services
    ]
    columns = (
        Column("dataset", "serves", width=16),
        Column("about", "about", width=36),
        Column("history", "how far back", width=36),
        Column("note", "note", width=60),
    )
    frame = frame_of(rows, dataset="text", about="text", history="text", note="text")
    return Page(
        f"{info.title}",
        (
            Panel("facts", info.name.upper(), Metrics(facts)),
            Panel(
                "services", "what it serves", Table(frame, columns, ("dataset", "about"), empty="Nothing.")
            ),
        ),
    )
