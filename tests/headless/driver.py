"""``asof`` in a process of its own with a fake desk: what the command line does, apart from what functions do."""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from engine.errors import Cancelled, CommandError, DataError
from engine.page import Page, text_page
from store.errors import Damaged
from terminal.arguments import Options
from terminal.cli import main
from tests import pages


class FakeDesk:
    """Answers every kind of page and failure; carries a counter from line to line."""

    def __init__(self) -> None:
        self.asof: datetime | None = None
        self.recorded: datetime | None = None
        self.zone = ZoneInfo("America/New_York")
        self.lines = 0

    def instant(self, text: str) -> datetime | None:
        if text == "NOW":
            return None
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    def run(self, line: str, *, progress=None) -> Page:
        self.lines += 1
        match line.upper().split():
            case ["FAIL"]:
                raise CommandError("No function FAIL.", line, 0, 4, ("AAPL FA",))
            case ["NODATA"]:
                raise DataError("Nothing of \x1b[31mthat\x1b[0m is known.")
            case ["DAMAGED"]:
                try:
                    raise Damaged("a file is missing")
                except Damaged as fault:
                    raise DataError(str(fault)) from fault
            case ["CRASH"]:
                raise ZeroDivisionError("by zero")
            case ["CANCEL"]:
                raise Cancelled
            case ["SLEEP"]:
                sys.stderr.write("asleep\n")
                sys.stderr.flush()
                for _ in range(600):  # in pieces: a signal just before a sleep does not cut it short
                    time.sleep(0.1)
            case ["MANY"]:
                return text_page("Many", ["line " * 20] * 50_000)
            case ["EMPTY"]:
                return pages.empty_table()
            case ["STATE"]:
                return text_page("State", [f"line {self.lines}", f"asof {self.asof}", f"rec {self.recorded}"])
            case ["ECHO", *_]:
                return text_page("Echo", [line])
        return pages.every_figure()


def open_desk(options: Options) -> FakeDesk:
    if os.environ.get("FAKE_STORE") == "broken":
        raise Damaged("the catalog cannot be read")
    return FakeDesk()


def run_terminal(*, home=None, line=None, asof=None) -> None:
    sys.stdout.write(f"terminal home={home} line={line} asof={asof}\n")


if __name__ == "__main__":
    sys.exit(main(open_desk=open_desk, run_terminal=run_terminal))
