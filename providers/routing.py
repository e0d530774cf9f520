"""The router of a program: keys, choices, limits and addresses as this user and this environment have them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from store.clock import utc_now

if TYPE_CHECKING:
    from providers.router import Router
    from store import Batch, CommitResult, Store

OFFLINE = "ASOF_OFFLINE"


def is_offline(environ: Mapping[str, str]) -> bool:
    return environ.get(OFFLINE, "").strip().lower() not in ("", "0", "no", "false")


def open_router(
    store: Store,
    user: str,
    *,
    environ: Mapping[str, str] = os.environ,
    clock: Callable[[], datetime] = utc_now,
    commit: Callable[[Batch], CommitResult] | None = None,
    patience: float | None = None,
    version: str = "",
) -> Router:
    """A router for ``user``. Where the environment gives addresses of this machine for some sources, no others are
    asked. ``patience``: how many seconds a rate limit may make one request wait."""
    from providers.addresses import source_urls
    from providers.choices import read_choices
    from providers.http import Client
    from providers.http_cache import HttpCache, folder_name
    from providers.keys import Keys, session_keys
    from providers.limits import PATIENCE, RateLimits
    from providers.router import Router
    from providers.sources import sources

    roles = {name: tuple(source.info.base_urls) for name, source in sources().items()}
    urls = source_urls(environ, roles)
    limits = RateLimits(
        store.home / "limits.sqlite", user, patience=PATIENCE if patience is None else patience
    )
    state = store.state(user)
    return Router(
        store,
        client=Client(
            user_agent=f"asof/{version or '0'}",
            limits=limits,
            cache=HttpCache(store.home / "cache" / "http" / folder_name(user)),
        ),
        keys=session_keys() if environ is os.environ else Keys(environ=environ),
        choices=lambda: read_choices(state),
        clock=clock,
        base_urls=urls,
        offline=is_offline(environ),
        only_addressed=bool(urls),
        commit=commit,
    )
