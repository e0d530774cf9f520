"""The desktop's keyring, where one of the well-known services runs; nothing else is ever taken for one.

``keyring`` would also load any plug-in that is installed: keyrings.alt and cryptfile keep keys in plain
files or ask for a passphrase on standard input, which is fatal below a full screen. So the services are
named here, and its own choosing is not used.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Protocol

from providers.base import ProviderError

SERVICE = "asof"
_BACKENDS = (  # module, class, what a person calls it
    ("keyring.backends.macOS", "Keyring", "the macOS keychain"),
    ("keyring.backends.Windows", "WinVaultKeyring", "the Windows credential locker"),
    ("keyring.backends.SecretService", "Keyring", "the Secret Service keyring"),
    ("keyring.backends.kwallet", "DBusKeyring", "KWallet"),
)


class Ring(Protocol):
    """Keeps the parts of a key under a source's name."""

    @property
    def title(self) -> str: ...

    def get(self, source: str) -> dict[str, str]: ...

    def put(self, source: str, values: Mapping[str, str]) -> None: ...

    def forget(self, source: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class KeyringService:
    """A service of the desktop, by way of a backend of ``keyring``."""

    title: str
    backend: Any = field(repr=False)

    def get(self, source: str) -> dict[str, str]:
        """The parts kept; empty also where the keyring is locked or does not answer."""
        try:
            kept = json.loads(self.backend.get_password(SERVICE, source) or "{}")
        except Exception:  # backends raise what their services raise
            return {}
        return {str(part): str(value) for part, value in kept.items()} if isinstance(kept, dict) else {}

    def put(self, source: str, values: Mapping[str, str]) -> None:
        try:
            self.backend.set_password(SERVICE, source, json.dumps(dict(values)))
        except Exception as error:
            raise ProviderError(
                f"{self.title} did not take the key ({type(error).__name__}): nothing was kept. Is it locked?"
            ) from None

    def forget(self, source: str) -> bool:
        try:
            if self.backend.get_password(SERVICE, source) is None:
                return False
            self.backend.delete_password(SERVICE, source)
        except Exception as error:
            raise ProviderError(f"{self.title} did not give up the key ({type(error).__name__})") from None
        return True


def desktop_ring(environ: Mapping[str, str]) -> KeyringService | None:
    """The first of the known services that runs; ``PYTHON_KEYRING_BACKEND`` set to null or fail turns all off."""
    if environ.get("PYTHON_KEYRING_BACKEND", "").endswith((".null.Keyring", ".fail.Keyring")):
        return None
    for module, name, title in _BACKENDS:
        try:
            backend = getattr(import_module(module), name)
            if backend.viable:
                return KeyringService(title, backend())
        except Exception:  # noqa: S112 - a service that is not there says so in its own way
            continue
    return None
