"""Errors of the store. Each message is written to be read by the user."""

from __future__ import annotations


class StoreError(Exception):
    """The store cannot do what was asked; the message says why and what to do."""


class BadBatch(StoreError):
    """A batch that does not fit the tables' declarations; nothing of it was written."""


class Damaged(StoreError):
    """A file that the catalog lists is missing or is not what was written."""


class Busy(StoreError):
    """Another process held the catalog for longer than we wait."""


class Interrupted(StoreError):
    """The caller cancelled; nothing was written."""


def read_only(address: str) -> StoreError:
    """The refusal to write to a published store."""
    return StoreError(
        f"this store is read from {address} and cannot be written: do it in the folder that it is published from, "
        f"then asof store publish {address}"
    )
