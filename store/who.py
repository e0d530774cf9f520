"""Who writes: the user, the machine, and the process, told apart from a later one with the same number."""

from __future__ import annotations

import os
import pwd
import socket
from functools import cache
from pathlib import Path


def user_name() -> str:
    """The user as the system knows it, whatever the environment says; one without an entry in passwd has
    a number."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


@cache
def host_name() -> str:
    return socket.gethostname()


def process_mark(pid: int) -> str:
    """When a process of this machine started, as a text that no other process of its number shares; "" where
    it is gone.

    Linux says the boot and the clock ticks since then (proc(5), stat, field 22). Elsewhere all that is known
    is that the number is taken.
    """
    if not Path("/proc/self/stat").exists():
        return "running" if _is_taken(pid) else ""
    try:
        # The second field is the program's name in brackets, which may hold blanks and brackets.
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return ""
    state, started = fields[0], fields[19]
    return "" if state in "ZX" else f"{_boot()}:{started}"


@cache
def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""


def _is_taken(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
