"""What a backfill is to fetch: an order of tasks that a document can hold, so that any process can take it up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from providers.merge import RANGED
from providers.source import Subject
from providers.subjects import NATURAL

if TYPE_CHECKING:
    from store import Store

KIND = "backfill"  # of the documents that hold orders and reports, one a job
ORDERS_KEPT, REPORTS_KEPT = 30, 300


@dataclass(frozen=True, slots=True)
class Task:
    """One data set of one subject. ``lookup``: sources are asked first who it is."""

    dataset: str
    subject: Subject
    start: date | None = None
    end: date | None = None
    detail: str = ""
    lookup: bool = False

    @property
    def label(self) -> str:
        return f"{self.subject.ticker} {self.dataset}"


@dataclass(frozen=True, slots=True)
class Order:
    """All that one job does."""

    title: str
    tasks: tuple[Task, ...]
    sources: tuple[str, ...] = ()
    refresh: bool = False


def tasks_for(
    subjects: Sequence[Subject],
    datasets: Sequence[str],
    start: date | None,
    end: date | None,
    strangers: frozenset[str] = frozenset(),
) -> tuple[Task, ...]:
    """A task for each subject and data set (``intraday:5m`` names a detail), all of one subject together."""
    tasks = []
    for subject in subjects:
        for at, word in enumerate(datasets):
            dataset, _, detail = word.partition(":")
            dataset = NATURAL.get(subject.asset_class, dataset) if dataset == "bars" else dataset
            ranged = dataset in RANGED
            tasks.append(
                Task(
                    dataset, subject, start if ranged else None, end if ranged else None, detail,
                    lookup=at == 0 and subject.identity in strangers,
                )
            )  # fmt: skip
    return tuple(tasks)


def written(order: Order) -> dict[str, Any]:
    """The order as a document."""

    def day(value: date | None) -> str | None:
        return None if value is None else value.isoformat()

    return {
        "title": order.title,
        "sources": list(order.sources),
        "refresh": order.refresh,
        "tasks": [
            {
                "dataset": task.dataset,
                "subject": asdict(task.subject)
                | {"first_day": day(task.subject.first_day), "last_day": day(task.subject.last_day)},
                "start": day(task.start),
                "end": day(task.end),
                "detail": task.detail,
                "lookup": task.lookup,
            }
            for task in order.tasks
        ],
    }


def order_of(document: Mapping[str, Any]) -> Order:
    """The order that a document holds."""

    def day(text: str | None) -> date | None:
        return None if text is None else date.fromisoformat(text)

    tasks = tuple(
        Task(
            each["dataset"],
            replace(
                Subject(**each["subject"]),
                first_day=day(each["subject"]["first_day"]),
                last_day=day(each["subject"].get("last_day")),
            ),
            day(each["start"]),
            day(each["end"]),
            each["detail"],
            each["lookup"],
        )
        for each in document["tasks"]
    )
    return Order(document["title"], tasks, tuple(document["sources"]), document["refresh"])


def documents(store: Store, job: str) -> tuple[Order | None, dict[str, Any] | None]:
    """The order of a job, and its report where it has one."""
    state = store.state(f"job {job}")
    order = state.get(KIND, "order")
    return (None if order is None else order_of(order)), state.get(KIND, "report")


def keep(store: Store, job: str, name: str, body: Mapping[str, Any]) -> None:
    """Keep a job's order or report."""
    store.state(f"job {job}").update(KIND, name, lambda _: body)


def tidy(store: Store, *, orders: int = ORDERS_KEPT, reports: int = REPORTS_KEPT) -> None:
    """Forget the orders of all but the last jobs, and the reports of those before: a nightly update's order is as
    large as all that is held. What was not brought to its end keeps its order for as long as a report."""
    jobs = [job for job in store.jobs.list(reports + 1_000) if job.kind == "backfill"]
    for at, job in enumerate(jobs):
        state = store.state(f"job {job.id}")
        old = [
            name
            for name in ("order", "report")
            if job.state != "running"
            and (at >= reports or (name == "order" and job.state == "done" and at >= orders))
        ]
        for name in set(old) & set(state.names(KIND) if old else ()):
            state.delete(KIND, name)
