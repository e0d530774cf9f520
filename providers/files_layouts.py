"""Files in a layout of their own, known as a whole and not by mapped columns."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from providers.files import Imported, Mapped
from providers.files_members import members_of
from providers.files_names import names_of
from providers.files_read import FileError, OwnFile
from providers.files_spec import LAYOUTS, ImportSpec
from providers.merge import Asked, merged
from providers.source import Answer, Subject
from providers.sp500 import INDEX, frames_of
from providers.sp500_spells import parse_spells, spells_of

if TYPE_CHECKING:
    from providers.clocks import Calendars
    from store import Store

MOST_BYTES = 16 << 20
SPX = Subject(INDEX, "SPX", "INDEX", "index", "S&P 500 Index")


def run(
    store: Store, file: OwnFile, spec: ImportSpec, calendars: Calendars, now: datetime, *, write: bool
) -> Imported:
    """Load a list of members (``sp500-spells``, or of any index ``members``), or say what loading it would write."""
    if spec.layout not in LAYOUTS:
        raise FileError(f"There is no layout {spec.layout!r}; there is {', '.join(LAYOUTS)}.")
    if file.kind != "csv" or file.size > MOST_BYTES:
        raise FileError(f"{file.path} is no list of members: those are small CSV files.")
    mapped, read = _mapped(file, spec, store, calendars, now)
    frames = {n: f.filter(f["known_at"] <= now) for n, f in mapped.frames.items()}
    source = spec.source or f"file {file.path.name}"
    done, name = Imported(read=read), spec.named(file)
    if not write:
        done.count(Mapped(frames, mapped.aside, mapped.told), "membership")
        return done
    asked = Asked(source, "import membership", SPX)
    answer_hash = asked.named(name)
    if store.has_ingest(source, asked.dataset, answer_hash):
        done.repeated = 1
        return done
    batch = merged(store, Answer(frames, name, quarantined=mapped.aside), asked, now, calendars)
    result = store.append(replace(batch, answer_hash=answer_hash, note=file.path.name))
    done.seqs.append(result.seq)
    done.count(Mapped(dict(batch.frames), batch.quarantined, mapped.told), "membership")
    store.audit.record(
        "import", source=source, dataset=asked.dataset, file=file.path.name, file_hash=file.digest,
        rows=sum(done.rows.values()), quarantined=sum(done.aside.values()), repeated=0, stopped=False,
    )  # fmt: skip
    return done


def _mapped(
    file: OwnFile, spec: ImportSpec, store: Store, calendars: Calendars, now: datetime
) -> tuple[Mapped, int]:
    """The file's rows in canonical frames, and how many lines were read."""
    text = file.path.read_text("utf-8-sig", "strict")
    if spec.layout == "members":
        return members_of(text, spec, names_of(store.reader(now)), calendars)
    spells = spells_of(parse_spells(text))
    return Mapped(frames_of(spells, calendars), ()), len(spells)
