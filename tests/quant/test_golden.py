"""Every golden value that lies beside the project is computed by the library, to its tolerance."""

from __future__ import annotations

import pytest

from tests.quant.golden import FOLDER, cases, distance, files, rows

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the golden values in ../shared are not here")


@pytest.mark.parametrize("file", files() if FOLDER.is_dir() else ["none"])
def test_golden(file: str) -> None:
    known, tolerances = cases(file)
    wrong, count = [], 0
    for row in rows(file):
        count += 1
        if row.function not in known:
            wrong.append(f"{row.id}: nothing computes {row.function}")
            continue
        tolerance = tolerances.get((row.function, row.quantity), row.tolerance)
        try:
            found = known[row.function](row.inputs, row.quantity)
        except Exception as fault:  # each row is told, not only the first that fails
            wrong.append(f"{row.id} {row.function} {row.quantity}: {type(fault).__name__}: {fault}")
            continue
        if not distance(row.expected, found) <= tolerance * (1 + 1e-9):
            wrong.append(f"{row.id} {row.function} {row.quantity}: {row.expected} expected, {found} found")
    assert count
    assert not wrong, f"{len(wrong)} of {count}:\n" + "\n".join(wrong[:40])
