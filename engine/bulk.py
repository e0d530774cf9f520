"""What is fetched in bulk, from the words for it: universes, macro series, and all that was fetched before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from engine.errors import DataError
from engine.period import months_before
from engine.universe import _SUFFIXES, WATCHLIST, _file_words, find, index_of, no_members
from engine.values import looks_like_ticker
from providers.members import WORDS

if TYPE_CHECKING:
    from providers.backfill_plan import Order
    from providers.source import Subject
    from store import Store
    from store.reader import AsOfReader

# Output, prices, work, money, credit and sentiment of the United States, by FRED's names.
US_CORE = (
    "GDPC1", "INDPRO", "TCU", "PAYEMS", "UNRATE", "ICSA", "JTSJOL", "CPIAUCSL", "CPILFESL", "PCEPI", "PCEPILFE",
    "PPIFIS", "RSAFS", "PCEC96", "DSPIC96", "HOUST", "PERMIT", "HSN1F", "DGORDER", "BUSINV", "M2SL", "FEDFUNDS",
    "DGS3MO", "DGS2", "DGS10", "T10Y2Y", "BAA", "AAA", "BAMLH0A0HYM2", "UMCSENT", "DTWEXBGS", "DCOILWTICO",
)  # fmt: skip
MACRO_LISTS = {"us-core": US_CORE}


def universe_order(
    store: Store,
    user: str,
    word: str,
    datasets: Sequence[str],
    *,
    years: int = 10,
    since: date | None = None,
    sources: tuple[str, ...] = (),
    refresh: bool = False,
) -> Order:
    """A universe's data over the years before today; of an index also those that left it in that time.

    Raises
    ------
    DataError
        The word names no universe.
    """
    from engine.clock import utc_now
    from providers.backfill_plan import Order, tasks_for

    now = utc_now()
    reader = store.reader(now)
    start = since or months_before(reader.session_date, years * 12)
    subjects, strangers, title = _subjects(store, user, word, start, reader)
    tasks = tasks_for(subjects, datasets, start, reader.session_date, strangers)
    return Order(f"{title}, {', '.join(datasets)} from {start}", tasks, sources, refresh)


def macro_order(word: str, sources: tuple[str, ...] = (), refresh: bool = False) -> Order:
    """Macro series: a list of ours, a file of them, or their names with commas between."""
    from providers.backfill_plan import Order, tasks_for
    from providers.subjects import macro_subject

    if word.lower() in MACRO_LISTS:
        title, names = f"macro list {word.lower()}", list(MACRO_LISTS[word.lower()])
    elif is_file(word):
        title, names = f"macro series of {word.rsplit('/', 1)[-1]}", _file_words(word)
    else:
        names = [name.strip() for name in word.split(",") if name.strip()]
        title = ", ".join(names) if len(names) < 4 else f"{len(names)} macro series"
    if not names:
        raise DataError(
            f"{word} names no macro series: take {', '.join(MACRO_LISTS)}, a file, or UNRATE,CPIAUCSL."
        )
    subjects = [macro_subject(name) for name in dict.fromkeys(names)]
    return Order(title, tasks_for(subjects, ("observations",), None, None), sources, refresh)


def update_order(store: Store, user: str, word: str = "") -> Order:
    """Everything that was fetched before, up to now; of a universe where one is named."""
    from engine.clock import utc_now
    from providers.backfill_plan import Order, Task
    from providers.merge import RANGED
    from providers.subjects import subject_of
    from store.vintages import all_fetched

    now = utc_now()
    reader = store.reader(now)
    today, only = reader.session_date, None
    if word:
        subjects, _, _ = _subjects(store, user, word, today, reader)
        only = {subject.identity for subject in subjects}
    begun: dict[tuple[str, int, str], date] = {}
    for record in all_fetched(store):
        name = (record.dataset, record.security_id, record.detail)
        begun[name] = min(record.end, begun.get(name, record.end))
    tasks = []
    for (dataset, number, detail), first_end in begun.items():
        subject = subject_of(store, number, now)
        if subject is None or (only is not None and subject.identity not in only):
            continue
        # from the end of the first range on: what lies between later ranges is asked for too
        start = first_end if dataset in RANGED else None
        tasks.append(Task(dataset, subject, start, today if start else None, detail))
    what = f"of {word}" if word else "of all that was fetched before"
    return Order(f"update {what}, to {today}", tuple(tasks))


def _subjects(
    store: Store, user: str, word: str, start: date, reader: AsOfReader
) -> tuple[list[Subject], frozenset[str], str]:
    """The subjects that a word names, which of them the store does not know, and what to call them."""
    from engine.directories import Directories
    from engine.securities import UnknownSecurity
    from providers.subjects import macro_subject, stranger, subject_of

    directory = Directories().at(reader)
    index = index_of(word, directory)
    ids: list[int] = []
    words: list[str] = []
    if index is None and word.upper() in WORDS:
        raise DataError(no_members(word.upper()))
    if index is not None:
        ids, title = _members(store, user, index, start), f"members of {word.upper()}"
        if not ids:
            find(word, store.reader(reader.asof), directory, store.state(user))  # says what to do
    elif is_file(word):
        words, title = _file_words(word), word.rsplit("/", 1)[-1]
    elif "," not in word and store.state(user).get(WATCHLIST, word.lower()) is not None:
        found = find(word, reader, directory, store.state(user))
        ids, title = list(found.ids), found.title
    else:
        words = [each.strip() for each in word.split(",") if each.strip()]
        title = ", ".join(words).upper() if len(words) < 6 else f"{len(words)} securities"
    strangers = set()
    subjects = []
    for each in words:
        try:
            ids.append(directory.resolve(each).security.ref.security_id)
        except UnknownSecurity as fault:
            if ":" in each:
                subjects.append(macro_subject(each))
            elif looks_like_ticker(each) and not fault.ties:
                subjects.append(stranger(each))
                strangers.add(subjects[-1].identity)
            else:
                raise DataError(f"{fault}.") from fault
    known = (subject_of(store, number, reader.asof) for number in dict.fromkeys(ids))
    subjects = [*(subject for subject in known if subject is not None), *subjects]
    if not subjects:
        raise DataError(f"{word} names nothing that could be fetched: take SP500, a file, or AAPL,MSFT.")
    return subjects, frozenset(strangers), title


def _members(store: Store, user: str, index: int, start: date) -> list[int]:
    """Everybody who belonged to an index since ``start``; its membership is fetched first where none is held."""
    import polars as pl

    from engine.clock import utc_now
    from engine.documents import read_preferences
    from engine.fetching import obey
    from providers.routing import open_router
    from providers.subjects import subject_of

    rows = store.reader(utc_now()).rows("membership", index)
    if rows.is_empty():
        subject = subject_of(store, index, utc_now())
        if subject is not None:
            asking = open_router(store, user)
            obey(asking, read_preferences(store.state(user))[0])
            asking.ensure("membership", subject)
        rows = store.reader(utc_now()).rows("membership", index)
    stayed = rows.filter(pl.col("end_date").is_null() | (pl.col("end_date") >= start))
    return [int(each) for each in stayed["member_id"].unique().sort().to_list()]


def is_file(word: str) -> bool:
    """Whether a word is a path by its look."""
    return "/" in word or word.startswith("~") or word.lower().endswith(_SUFFIXES)
