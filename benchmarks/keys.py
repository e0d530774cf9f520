"""Key to paint and bytes a key: the command bar against a bare Textual Input, tables, pages and repaints.

    python benchmarks/keys.py [ROUNDS]

Both programs run in a pty of 120x40 in 256 colours, alternating in one run. A key's time is from its sending to the
last byte of its answer, completion included (10,000 securities known).
"""

from __future__ import annotations

import json
import platform
import statistics
import sys
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from pty_run import PtyRun

HERE = Path(__file__).parent
TYPED = "ABCD GP 5Y LOG ASOF DIFF BADJ HP AAPL DES ".strip()
Answers = list[tuple[float, int]]


def summary(answers: Answers) -> dict[str, float]:
    times = sorted(seconds * 1000 for seconds, _ in answers)
    sizes = [size for _, size in answers]
    return {
        "p50_ms": round(statistics.median(times), 1),
        "p95_ms": round(times[min(len(times) - 1, int(len(times) * 0.95))], 1),
        "bytes_median": round(statistics.median(sizes)),
        "bytes_max": max(sizes),
        "keys": len(times),
    }


def press(run: PtyRun, keys: bytes, times: int = 1) -> Answers:
    answers: Answers = []
    for _ in range(times):
        seconds, size = run.answer(keys)
        if seconds is not None:
            answers.append((seconds, size))
    return answers


def type_line(run: PtyRun) -> Answers:
    answers = [answer for letter in TYPED for answer in press(run, letter.encode())]
    run.send(b"\x05" + b"\x7f" * len(TYPED))  # to the end, and rubbed out
    run.settle()
    return answers


def main(rounds: int) -> dict[str, object]:
    bare = PtyRun([sys.executable, str(HERE / "bare_textual.py")])
    bare.wait_for(b"ype a command")
    bare.settle()
    ours = PtyRun([sys.executable, str(HERE / "keys_program.py")])
    ours.wait_for(b"Welcome")
    ours.settle()
    typed: dict[str, Answers] = {"bare": [], "asof": []}
    for number in range(rounds + 1):
        for name, run in (("bare", bare), ("asof", ours)):
            answers = type_line(run)
            if number:
                typed[name] += answers
    bare.close()
    report: dict[str, object] = {
        "python": platform.python_version(),
        "textual": version("textual"),
        "typing_asof": summary(typed["asof"]),
        "typing_bare_input": summary(typed["bare"]),
    }
    medians = [statistics.median(seconds for seconds, _ in typed[name]) for name in ("asof", "bare")]
    report["typing_ratio"] = round(medians[0] / medians[1], 2)
    ours.answer(b"W\r")
    ours.settle()
    ours.answer(b"\t")
    ours.settle()
    report["table_row"] = summary(press(ours, b"\x1b[B", 20 * rounds))
    report["table_page"] = summary(press(ours, b"\x1b[6~", 10 * rounds))
    report["full_repaint"] = summary(press(ours, b"\x0c", 3 * rounds))
    ours.close()
    return report


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(int(sys.argv[1]) if sys.argv[1:] else 3), indent=1) + "\n")
