"""Whether what is published is what was published: every live file fetched and compared, none of it kept."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from store.catalog import Catalog
from store.objects.address import read_address
from store.objects.bucket import Bucket
from store.objects.faults import Broken, Missing

_TOGETHER = 4


def check_published(
    catalog: Catalog, address: str, progress: Callable[[int, int, str], None] | None = None
) -> list[str]:
    """Problems of the files that a published catalog lists, as sentences; none where all is well.

    Raises
    ------
    StoreError
        Storage refuses or does not answer, which says nothing of the files.
    """
    bucket = Bucket(read_address(address))
    with catalog.read() as connection:
        files = connection.execute(
            "select path, bytes, sha256 from files where removed_seq is null order by path"
        ).fetchall()

    def problem(file: tuple[str, int, str]) -> str:
        try:
            bucket.check(*file)
        except (Missing, Broken) as fault:
            return str(fault)
        return ""

    problems = []
    with ThreadPoolExecutor(_TOGETHER) as pool:
        for done, found in enumerate(pool.map(problem, files)):
            if progress is not None:
                progress(done + 1, len(files), files[done][0])
            if found:
                problems.append(found)
    return problems
