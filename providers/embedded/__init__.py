"""Market data that come with the installed packages: the first run needs no network and no key.

``embedded_loaded`` is cheap (standard library only); ``load_embedded`` reads the packages' data files.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from providers.base import LoadResult, Shelf
    from store import Store

__all__ = ["embedded_loaded", "load_embedded"]


def embedded_loaded(store: Store) -> bool:
    """Whether the embedded data are in the store, by the rules and facts of now. They come in one transaction:
    all or nothing. A published store is read as it is."""
    if store.address:
        return True
    from providers.embedded.reference import DATASET, SOURCE, stamp

    return store.has_ingest(SOURCE, DATASET, stamp())


def load_embedded(
    store: Store,
    progress: Callable[[int, int, str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    *,
    shelf: Shelf | None = None,
) -> LoadResult:
    """Read every embedded source and write all of it at once; what is there already is left alone, and what we
    had wrong ourselves is put right.

    Safe to call from several processes at once, and to be killed at any point: one load is acknowledged
    as a whole, or none. ``shelf`` is where files are read from (the installed packages).
    """
    from providers.base import InstalledPackages
    from providers.embedded.loader import load

    return load(store, shelf or InstalledPackages(), progress, cancelled)
