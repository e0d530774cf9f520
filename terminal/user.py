"""Whose desk it is: the name that preferences, watchlists and kept pages are stored under."""

from __future__ import annotations

import os


def user_name() -> str:
    """The account's name on this machine; the number, where the account has none (containers)."""
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return f"uid{os.geteuid()}"
