"""KEYS TEST: one small question to a source by the way that all questions go, and what came of it."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from engine.context import Context
    from engine.sources_desk import SourcesDesk
    from providers.source import Request, SourceInfo

Told = tuple[str, Literal["info", "warning", "error"]]


def told_by(context: Context, desk: SourcesDesk, info: SourceInfo) -> list[Told]:
    """Sentences for the page; nothing is written to the store."""
    from providers.access import WebAccess
    from providers.embedded.loader import StoreCalendars
    from providers.errors import Kind, SourceError

    router = desk.router
    if router is None or router.offline or router.paused:
        return [
            (
                "Nothing is fetched while the program is offline: SET offline=no, and ASOF_OFFLINE not set.",
                "warning",
            )
        ]
    if (missing := desk.ready(info)) != "":
        return [(f"Not asked: {missing}.", "warning")]
    request = _request(context, desk, info)
    if request is None:
        return [(f"{info.title} serves nothing that one small question could be about.", "warning")]
    access = WebAccess(
        info=info, client=router.client, now=context.desk.clock(),
        calendars=StoreCalendars(context.reader.calendars.get), secrets=desk.keys.secrets(info),
        base_urls=router.base_urls.get(info.name, {}), progress=context.progress, cancelled=context.cancelled,
        contact=desk.choices.contact,
    )  # fmt: skip
    began = time.perf_counter()
    try:
        answer = desk.sources()[info.name].fetch(request, access)
    except SourceError as fault:
        if fault.kind is Kind.CANCELLED:
            context.check_cancelled()
        return [(f"{info.title} gave no rows ({fault.kind}): {fault}.", "error")]
    seconds = time.perf_counter() - began
    rows = ", ".join(f"{frame.height:,} of {table}" for table, frame in answer.frames.items()) or "no rows"
    aside = sum(one.rows.height for one in answer.quarantined if one.rows is not None)
    more = f", {aside:,} rows could not be used" if aside else ""
    about = f"{request.dataset} of {request.subject.ticker}"
    return [
        (f"{info.title} answered in {seconds:.1f} s ({about}): {rows}{more}. Nothing was stored.", "info")
    ]


def _request(context: Context, desk: SourcesDesk, info: SourceInfo) -> Request | None:
    """The source's own small question, or one about a well-known subject that its first service is about."""
    from providers.source import Request, Subject

    own = getattr(desk.sources()[info.name], "test_request", None)
    if own is not None:
        return own if isinstance(own, Request) else None
    subjects = {
        "equity": Subject("us-equity:AAPL", "AAPL"),
        "currency": Subject("fx:EURUSD", "EURUSD", "CURNCY", "currency", exchange="", calendar=""),
        "crypto": Subject("crypto:BTCUSD", "BTCUSD", "CRYPTO", "crypto", exchange="", calendar=""),
        "macro": Subject("macro:UNRATE", "UNRATE", "INDEX", "macro", exchange="", calendar=""),
        "government": Subject("curve:UST", "UST", "GOVT", "government", exchange="", calendar=""),
        "factor": Subject("factor:MKTRF", "MKTRF", "INDEX", "factor", exchange="", calendar=""),
        "index": Subject("index:SPX", "SPX", "INDEX", "index"),
    }
    by_dataset = {
        "observations": "macro",
        "curve": "government",
        "factors": "factor",
        "membership": "index",
    }
    today = context.desk.clock().date()
    for service in info.services:
        wanted = service.asset_classes or (by_dataset.get(service.dataset, "equity"),)
        subject = next((subjects[name] for name in wanted if name in subjects), None)
        if subject is not None:
            detail = "1h" if service.dataset == "intraday" else ""
            return Request(service.dataset, subject, today - timedelta(days=7), today, detail)
    return None
