"""Runs every benchmark, or those named: ``python -m benchmarks [NAME ...]``. One has a ``main()`` of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def names() -> list[str]:
    return [path.stem for path in sorted(HERE.glob("[!_]*.py")) if "\ndef main(" in path.read_text("utf-8")]


def main() -> int:
    wanted = sys.argv[1:] or names()
    if unknown := [name for name in wanted if name not in names()]:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(names())}", file=sys.stderr)
        return 2
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    failed = 0
    for name in wanted:
        print(f"\n## {name}\n", flush=True)
        script = str(HERE / f"{name}.py")
        failed |= subprocess.run([sys.executable, script], env=environment, check=False).returncode
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
