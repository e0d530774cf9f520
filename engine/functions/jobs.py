"""JOBS and BACKFILL: what runs long, how far it is, what came of it; and years of data asked for in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.errors import CommandError, DataError
from engine.frames import frame_of
from engine.function import Args, Argument, Function, Kind
from engine.page import Blank, Column, Metric, Metrics, Page, Panel, Table

if TYPE_CHECKING:
    from engine.context import Context
    from store.jobs import Job

_HERE = 3  # tasks that the desk itself fetches; more run in a process of their own
_GAPS = 200
_TOLD = 3  # different reasons that are told above the page


def run_jobs(context: Context, args: Args) -> Page:
    words = (args["what"] or "").split()
    if len(words) == 2 and words[0].upper() == "STOP":
        job = _job(context, words[1])
        asked = context.desk.store.jobs.ask_to_stop(job.id)
        told = f"is asked to stop: {_stays(job)}" if asked else f"is {job.state} and runs no more"
        context.note(f"Job {job.id} {told}.", passing=True)
        return _detail(context, job.id)
    if len(words) == 2 and words[0].upper() == "RESUME":
        return _resumed(context, _job(context, words[1]))
    if len(words) == 1 and words[0].upper() not in ("STOP", "RESUME"):
        return _detail(context, _job(context, words[0]).id)
    if words:
        raise CommandError(
            "JOBS takes the id of a job, or STOP or RESUME and an id.", suggestions=("JOBS",), argument="what"
        )
    return _list(context)


def _resumed(context: Context, job: Job) -> Page:
    """A stopped or lost backfill or sweep goes on where it was, in a process of its own."""
    from engine import bulk_line
    from engine.runs import sweep_start

    if job.kind not in ("backfill", "sweep") or job.state not in ("stopped", "lost", "failed"):
        context.note(f"Job {job.id} is {job.state}: there is nothing to take up.", passing=True)
    elif not context.desk.program:
        raise DataError(f"This desk starts no processes: asof {job.kind} --resume {job.id} does.")
    elif job.kind == "sweep":
        sweep_start.taken_up(context, job)
        context.note("It goes on in processes of its own: what is done is not computed again.", passing=True)
    else:
        bulk_line.taken_up(context, job)
        context.note(
            "It goes on in a process of its own: what it had fetched is not asked again.", passing=True
        )
    return _detail(context, job.id)


def _job(context: Context, word: str) -> Job:
    """The job whose id begins with ``word``."""
    found = [job for job in context.desk.store.jobs.list(500) if job.id.startswith(word.lower())]
    if len(found) != 1:
        several = "several jobs begin so" if found else "no job has this id"
        raise CommandError(f"{word}: {several}.", suggestions=("JOBS",), argument="what")
    return found[0]


def _list(context: Context, kind: str | None = None) -> Page:
    jobs = [job for job in context.desk.store.jobs.list(100) if kind in (None, job.kind)]
    rows = [
        {
            "id": job.id, "state": job.state, "title": job.title, "progress": _progress(job), "label": _label(job),
            "user": job.user, "started": job.started_at, "finished": job.finished_at, "command": f"JOBS {job.id}",
            "tone": {"failed": "down", "lost": "down", "running": "strong"}.get(job.state, ""),
        }
        for job in jobs
    ]  # fmt: skip
    frame = frame_of(
        rows, id="text", state="text", title="text", progress="text", label="text", user="text",
        started="instant", finished="instant", command="text", tone="text",
    )  # fmt: skip
    columns = (
        Column("id", "id"),
        Column("state", "state"),
        Column("progress", "done"),
        Column("label", "how it goes", width=44, least=26),
        Column("title", "what", width=40),
        Column("user", "by"),
        Column("started", "started", "instant"),
        Column("finished", "ended", "instant"),
    )
    empty = "No job has run yet. BACKFILL SP500 10Y starts one; asof update, in a nightly cron, keeps up."
    running = sum(job.state == "running" for job in jobs)
    title = f"{len(jobs)} jobs, {running} running" if jobs else "jobs"
    table = Table(frame, columns, key=("id",), command="command", emphasis="tone", empty=empty)
    live = ("JOBS" if kind is None else "BACKFILL") if running else ""
    return Page("Jobs" if kind is None else "Backfills", (Panel("jobs", title, table),), live=live)


def _progress(job: Job) -> str:
    total = job.total or job.request.get("tasks", 0)
    return f"{job.done:,} of {total:,}" if total else ""


def _label(job: Job) -> str:
    if job.state == "lost":
        return f"its process is gone; JOBS RESUME {job.id[:6]} goes on"
    if job.state == "running":
        return job.label or "starting"
    said = job.summary.removeprefix(f"{job.title}: ")  # which stands beside it
    said = said.removeprefix(f"{_progress(job)} done ")
    return f"{job.facts['failed']:,} failed, {said}" if job.facts.get("failed") else said


def _detail(context: Context, id_: str) -> Page:
    from providers.backfill_plan import documents

    store = context.desk.store
    job = store.jobs.get(id_)
    if job is None:
        raise DataError(f"There is no job {id_}.")
    stopping = job.state == "running" and store.jobs.stop_asked(job.id)
    items = [
        Metric("job", job.id),
        Metric("state", "stopping" if stopping else job.state),
        Metric("what", job.title),
        Metric("done", _progress(job) or None),
        Metric("how it goes", _label(job) or None),
        Metric("by", f"{job.user}, process {job.pid} on {job.host}"),
        Metric("started", job.started_at, "instant"),
        Metric("ended", job.finished_at, "instant", blank=Blank.NOT_YET_KNOWN),
    ]
    names = {
        "rows": "rows written",
        "from_store": "held already",
        "failed": "failed",
        "quarantined": "rows set aside",
    }
    items += [Metric(label, job.facts[name], "integer") for name, label in names.items() if name in job.facts]
    panels = [Panel("job", job.title, Metrics(tuple(items)))]
    _, report = documents(store, job.id) if job.kind == "backfill" else (None, None)
    if report is not None and job.state != "running":  # of one taken up again it is the last one's
        panels += [_failures(report), *([_coverage(report)] if report["sessions"] else [])]
        for sentence in _reasons(report):
            context.note(sentence, "warning")
    if job.state == "running" and not stopping:
        context.note(f"JOBS STOP {job.id[:6]} stops it: {_stays(job)}.")
    elif job.state in ("lost", "stopped"):
        context.note(
            f"JOBS RESUME {job.id[:6]} takes it up where it was, as asof {job.kind} --resume {job.id} does."
        )
    if job.kind == "sweep":
        context.note(f"SWEEP ID={job.request['sweep']} shows its points, as they come.")
    return Page(f"Job {job.id}", tuple(panels), live=f"JOBS {job.id}" if job.state == "running" else "")


def _stays(job: Job) -> str:
    return "what is done is kept" if job.kind == "sweep" else "what it fetched stays"


def _reasons(report: dict[str, Any]) -> list[str]:
    """Why tasks failed, whole, where that is soon told: a table's cell would cut it."""
    told: dict[str, list[str]] = {}
    for failed in report["failures"]:
        told.setdefault(failed["why"].replace(failed["ticker"], "..."), []).append(failed["ticker"])
    if len(told) > _TOLD:
        return []
    return [
        f"{who[0]}: {why.replace('...', who[0])}" if len(who) == 1 else f"{len(who):,} failed alike: {why}"
        for why, who in told.items()
    ]


def _failures(report: dict[str, Any]) -> Panel:
    rows = [
        {
            "ticker": f["ticker"], "dataset": f["dataset"], "why": f["why"],
            "again": "in passing" if f["passing"] else "",
        }
        for f in report["failures"]
    ]  # fmt: skip
    columns = (
        Column("ticker", "ticker"),
        Column("dataset", "data"),
        Column("why", "why", width=90),
        Column("again", "may pass"),
    )
    frame = frame_of(rows, ticker="text", dataset="text", why="text", again="text")
    return Panel("failures", f"{len(rows)} failed", Table(frame, columns, empty="Nothing failed."))


def _coverage(report: dict[str, Any]) -> Panel:
    rows = [
        {
            "ticker": gap["ticker"], "missing": gap["missing"], "expected": gap["expected"],
            "first": gap["first"], "last": gap["last"],
            "days": ", ".join(gap["days"]) + (" ..." if gap["missing"] > len(gap["days"]) else ""),
        }
        for gap in report["gaps"][:_GAPS]
    ]  # fmt: skip
    columns = (
        Column("ticker", "ticker"),
        Column("missing", "missing", "integer"),
        Column("expected", "of sessions", "integer"),
        Column("first", "from"),
        Column("last", "to"),
        Column("days", "which", width=70),
    )
    frame = frame_of(
        rows, ticker="text", missing="integer", expected="integer", first="text", last="text", days="text"
    )
    missing = sum(gap["missing"] for gap in report["gaps"])
    title = f"coverage: {report['sessions'] - missing:,} of {report['sessions']:,} sessions of the calendars"
    return Panel("coverage", title, Table(frame, columns, key=("ticker",), empty="No session is missing."))


def run_backfill(context: Context, args: Args) -> Page:
    words = (args["what"] or "").split()
    if not words:
        return _list(context, "backfill")
    if context.desk.router is None:
        raise DataError(
            "This desk has no way to the sources: BACKFILL needs the terminal or the command line."
        )
    from engine.bulk_line import begun, fetched_here, ordered
    from engine.fetching import obey
    from providers.readiness import unready

    order, command = ordered(context, words)
    obey(context.desk.router, context.preferences)
    if why := unready(context.desk.router, order.tasks):
        raise DataError(why)
    if not context.live:
        context.note("BACKFILL fetches up to now, whatever the clock says.", passing=True)
    if len(order.tasks) > _HERE and context.desk.program:
        id_ = begun(context, order, command)
        context.note("It runs in a process of its own: closing the terminal does not stop it.", passing=True)
        return _detail(context, id_)
    return _detail(context, fetched_here(context, order))


FUNCTIONS = (
    Function(
        "JOBS",
        "what runs long: progress, failures, coverage",
        run_jobs,
        arguments=(Argument("what", Kind.TEXT, "a job's id, or STOP or RESUME and an id"),),
        changes=True,
        examples=(
            ("JOBS", "all jobs, the newest first"),
            ("JOBS STOP 3f2a", "stop the one whose id begins so"),
            ("JOBS RESUME 3f2a", "take a stopped one up where it was"),
        ),
        about=(
            "A job that is stopped or killed has lost nothing: what it fetched or computed is kept, and "
            "JOBS RESUME takes it up where it was. A job whose process is gone is called lost."
        ),
        order=860,
    ),
    Function(
        "BACKFILL",
        "fetch years of data of many securities",
        run_backfill,
        arguments=(
            Argument("what", Kind.TEXT, "an index, tickers, a file or macro series, and how far back"),
        ),
        changes=True,
        examples=(
            ("BACKFILL SP500 10Y", "the members of the index over ten years, those that left it too"),
            ("BACKFILL NVDA", "one security that the store does not know yet"),
            ("BACKFILL UNRATE,CPIAUCSL", "macro series with their vintages"),
            ("BACKFILL", "past and running backfills"),
        ),
        about=(
            "Asks the sources that you may use (KEYS) for what is missing, within their limits, which hold over all "
            "programs of this machine. Up to three series are fetched at once, more in a process of their own, "
            "which the page and JOBS follow. It ends with the sessions still missing, by security."
        ),
        order=850,
    ),
)
