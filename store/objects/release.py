"""What says that a snapshot is published: a small document, put after all that it stands for."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass

from store.errors import StoreError
from store.objects.address import Address

FORM = 1
LATEST = "latest.json"
OWNER = "store.json"
_STORE = re.compile(r"[0-9a-f]{32}")
_MOST = 1 << 32  # snapshots, and bytes of a catalog
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Release:
    """A published snapshot: whose it is, its sequence number, and its catalog's bytes and SHA-256."""

    store: str
    seq: int
    catalog_bytes: int
    catalog_sha256: str
    recorded_at: int  # of its newest commit, microseconds since 1970
    form: int = FORM

    @property
    def name(self) -> str:
        return f"snapshots/{self.seq:09d}.json"

    @property
    def catalog(self) -> str:
        return f"catalogs/{self.seq:09d}-{self.catalog_sha256[:16]}.sqlite"

    def document(self) -> bytes:
        return json.dumps(asdict(self), sort_keys=True).encode()


def release_name(seq: int) -> str:
    """Where the document of a snapshot lies."""
    return f"snapshots/{seq:09d}.json"


def read_release(content: bytes, address: Address) -> Release:
    """The release that a document tells. What it says becomes names of files: it is checked.

    Raises
    ------
    StoreError
        It is none, or of a later form.
    """
    try:
        body = json.loads(content)
        form = int(body["form"])
        found = Release(
            str(body["store"]), int(body["seq"]), int(body["catalog_bytes"]), str(body["catalog_sha256"]),
            int(body["recorded_at"]), form,
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        raise StoreError(f"{address} holds something else than a published store") from None
    if form > FORM:
        raise StoreError(f"{address} was published by a later version of this program: update it")
    named = _STORE.fullmatch(found.store) and _SHA256.fullmatch(found.catalog_sha256)
    if not (named and 0 < found.seq < _MOST and 0 < found.catalog_bytes < _MOST):
        raise StoreError(f"{address} holds something else than a published store")
    return found


def owner_document(store: str) -> bytes:
    """What is put first under an address: whose store it is."""
    return json.dumps({"form": FORM, "store": store}, sort_keys=True).encode()
