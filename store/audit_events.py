"""What the store itself tells the audit: commits, rows set aside, compactions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from store.audit import Audit, Event
from store.audit_lines import Fact
from store.batch import Batch, CommitResult
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


def _tell(audit: Audit, events: Sequence[Event], what: str) -> None:
    """After the acknowledgement: where the line cannot be written the rows are there all the same."""
    try:
        audit.record_all(events, durable=True)
    except StoreError as error:
        raise StoreError(f"{what} is written and stays, but {error}") from error
