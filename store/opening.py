"""Opening a store: of a folder, which is made where missing, or the one that is published at an address."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from store.catalog import Catalog
from store.clock import utc_now
from store.commit import Fault, no_fault
from store.core import Store
from store.errors import StoreError
from store.objects.address import is_address
from store.paths import Layout, default_home
from store.schema import TABLES

STORE = "ASOF_STORE"


def open_store(
    home: Path | str | None = None,
    *,
    create: bool = True,
    clock: Callable[[], datetime] = utc_now,
    fault: Fault | None = None,
) -> Store:
    """Open the store at ``home`` (``ASOF_STORE``, ``ASOF_HOME``, or the user's data folder), making it where missing;
    or, for reading, the one that is published at an address (s3://bucket/prefix).

    ``clock`` and ``fault`` are seams for tests: what time it is, and what to do at each step of a commit.
    """
    home = os.environ.get(STORE) or None if home is None else home
    if is_address(home):
        from store.objects.opened import open_published

        return open_published(str(home), clock=clock)
    layout = Layout(default_home() if home is None else Path(home).expanduser().absolute())
    if not layout.catalog.exists() and not create:
        raise StoreError(f"there is no store at {layout.home}")
    catalog = Catalog(layout.catalog)
    identity = catalog.identity() if layout.catalog.exists() else None
    if identity is None:
        if not create:
            raise StoreError(f"there is no store at {layout.home}")
        layout.make(tuple(TABLES))
        catalog.prepare()
        identity = catalog.identity() or ""
    elif not catalog.is_current():
        layout.make(tuple(TABLES))
        catalog.prepare()  # a store of an earlier format gets what it lacks; what it has is left as it is
    return Store(layout, catalog, identity, clock, fault or no_fault)
