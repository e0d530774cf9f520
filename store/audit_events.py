"""What the store itself tells the audit: commits, rows set aside, compactions."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from store.audit import Audit, Event
from store.audit_lines import Fact
from store.batch import Batch, CommitResult
from store.catalog import Catalog
from store.errors import StoreError

if TYPE_CHECKING:
    from store.compact import CompactResult


def tell_commits(audit: Audit, batches: Sequence[Batch], results: Sequence[CommitResult]) -> None:
    """A "write" for each batch that was new and a "quarantine" for what it set aside; a batch that was there
    already wrote nothing and is not told again."""
    events: list[Event] = []
    seqs = []
    for batch, result in zip(batches, results, strict=True):
        if result.duplicate:
            continue
        seqs.append(result.seq)
        said: dict[str, Fact] = {"seq": result.seq, "source": batch.source, "dataset": batch.dataset}
        tables = ", ".join(f"{name} {rows}" for name, rows in sorted(result.rows.items()) if rows)
        events.append(
            (
                "write",
                {
                    **said,
                    "rows": sum(result.rows.values()),
                    "tables": tables,
                    "answer_hash": batch.answer_hash,
                },
            )
        )
        for item in batch.quarantined:
            rows = 0 if item.rows is None else item.rows.height
            events.append(("quarantine", {**said, "table": item.table, "rows": rows, "reason": item.reason}))
    _tell(audit, events, f"commit {', '.join(map(str, seqs))}")


def tell_compaction(audit: Audit, result: CompactResult) -> None:
    facts: dict[str, Fact] = {
        "seq": result.seq, "table": result.table, "rows": result.rows,
        "fragments": result.fragments, "files": result.files,
    }  # fmt: skip
    _tell(audit, [("compact", facts)], f"commit {result.seq}")


def tell_untold(audit: Audit, catalog: Catalog) -> None:
    """An "untold" for each commit whose line never came."""
    from store.audit_check import settled_commits, told_by, untold

    with catalog.read() as connection:
        commits = settled_commits(connection, audit.clock())
    told = {seq for one in audit.events(sys.maxsize) if (seq := told_by(one)) is not None}
    why = "its writer was killed before it could tell of it, or the line was removed"
    audit.record_all([("untold", {"seq": seq, "why": why}) for seq in untold(commits, told)], durable=True)


def _tell(audit: Audit, events: Sequence[Event], what: str) -> None:
    """After the acknowledgement: where the line cannot be written the rows are there all the same."""
    try:
        audit.record_all(events, durable=True)
    except StoreError as error:
        raise StoreError(f"{what} is written and stays, but {error}") from error
