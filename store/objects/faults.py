"""What may go wrong with object storage, in sentences: nothing of an answer's text gets into them, since it may
hold signatures, keys and addresses."""

from __future__ import annotations

import re

from store.errors import StoreError


class Missing(StoreError):
    """The object is not there."""


class Refused(StoreError):
    """Access is denied, or the credentials are none."""


class Unreachable(StoreError):
    """No answer, or only faults, after all tries."""


class Broken(StoreError):
    """What came is not what was put: cut short, or of another hash."""


_CREDENTIALS = (
    "credentials come from the environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
    "GOOGLE_APPLICATION_CREDENTIALS, AZURE_STORAGE_ACCOUNT_NAME and _KEY) or from the machine's role"
)
_CODE = re.compile(r"<Code>([A-Za-z]{1,60})</Code>")
_STATUS = re.compile(r"\b(?:status|code)\W{1,3}([45]\d\d)\b", re.IGNORECASE)
_CUT = "the answer was cut short"
_CAUSES = (
    (("timed out", "timedout", "kind: timeout"), "no answer in time"),
    (("connection refused", "connectionrefused"), "nobody listens there"),
    (("dns",), "its name is not known here"),
    (("certificate",), "its certificate is not trusted"),
    (("not implemented", "notimplemented", "not supported"), "this storage knows no conditional puts"),
    (("body error", "incompletebody", "unexpectedeof"), _CUT),
    (("error sending request",), "no connection"),
)


def told(fault: Exception, name: str, where: str) -> StoreError:
    """A fault of the library as an error of ours. ``where``: the address, which holds no secret."""
    kind, reason = type(fault).__name__, _reason(str(fault))
    if isinstance(fault, FileNotFoundError) or kind == "NotFoundError":
        return Missing(f"{where} has no {name}")
    if kind in ("PermissionDeniedError", "UnauthenticatedError") or reason in ("status 401", "status 403"):
        return Refused(f"{where} refuses access to {name}{_within(reason)}: {_CREDENTIALS}")
    if reason == _CUT:
        return Broken(f"{name} of {where} did not come whole: {reason}")
    return Unreachable(
        f"{name} of {where} cannot be reached{_within(reason)}: look at the network, the endpoint and the "
        "credentials (without any, the machine's role is asked for), then try again"
    )


def _within(reason: str) -> str:
    return f" ({reason})" if reason else ""


def _reason(text: str) -> str:
    low = text.lower()
    if found := _CODE.search(text):
        return found[1]
    if found := _STATUS.search(text):
        return f"status {found[1]}"
    return next((words for marks, words in _CAUSES if any(mark in low for mark in marks)), "")
