"""Where the keys of sources come from, and where they are kept.

Looked for in this order: files in ``$CREDENTIALS_DIRECTORY`` (systemd and containers put them there), the
environment, the desktop's keyring, an encrypted file. A key is never asked for on standard input here, never
logged and never shown.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from providers.base import ProviderError
from providers.key_file import KeyFile
from providers.key_ring import Ring, desktop_ring
from providers.source import SourceInfo

_SHORTEST = 4


class KeyFault(ProviderError):
    """A key cannot be read or kept; the message is a sentence for the user."""


class Keys:
    """The keys of one user in one process.

    Parameters
    ----------
    folder : of the encrypted file; the user's configuration folder where not given
    environ : the environment; ``ASOF_PASSPHRASE`` in it opens the encrypted file
    ring : the desktop's keyring; looked for at first need where not given, False for none
    """

    def __init__(
        self,
        folder: Path | None = None,
        environ: Mapping[str, str] = os.environ,
        *,
        ring: Ring | bool | None = True,
    ) -> None:
        self._environ, self._ring_given = environ, ring
        self._ring: Ring | None = None if isinstance(ring, bool) else ring
        self._looked = ring is not True
        self.file = KeyFile(
            (folder or _config_folder(environ)) / "keys.json", environ.get("ASOF_PASSPHRASE", "")
        )

    def __repr__(self) -> str:
        return f"Keys({self.file.path.parent})"

    # -- reading -------------------------------------------------------------------------------------

    def secrets(self, info: SourceInfo) -> Mapping[str, str]:
        """The parts of a source's key; empty where there is none, or one part is missing."""
        return self._found(info)[0]

    def origin(self, info: SourceInfo) -> str:
        """Where the key comes from, in words; empty where there is none."""
        return self._found(info)[1]

    @property
    def locked(self) -> bool:
        """There is an encrypted file, and its passphrase was not given yet."""
        return self.file.locked

    @property
    def held_in_file(self) -> tuple[str, ...]:
        """The sources whose keys lie in the encrypted file, also while it is locked."""
        return self.file.sources

    def unlock(self, passphrase: str) -> None:
        """Open the encrypted file for this session; raises KeyFault where the passphrase is wrong."""
        try:
            self.file.unlock(passphrase)
        except ProviderError as fault:
            raise KeyFault(str(fault)) from fault

    def _found(self, info: SourceInfo) -> tuple[dict[str, str], str]:
        if info.key is None:
            return {}, ""
        for look in (self._from_credentials, self._from_environment, self._from_ring, self._from_file):
            found, where = look(info)
            if set(found) >= set(info.key.fields):
                return {part: found[part] for part in info.key.fields}, where
        return {}, ""

    def _from_credentials(self, info: SourceInfo) -> tuple[dict[str, str], str]:
        folder = self._environ.get("CREDENTIALS_DIRECTORY")
        found: dict[str, str] = {}
        if folder and info.key is not None:
            for part, names in zip(info.key.fields, info.key.variables, strict=True):
                for name in (*names, *(name.lower() for name in names)):
                    try:
                        content = (Path(folder) / name).read_text("utf-8").strip()
                    except (OSError, ValueError):
                        continue
                    if content:
                        found.setdefault(part, content)
        return found, "credentials folder"

    def _from_environment(self, info: SourceInfo) -> tuple[dict[str, str], str]:
        found: dict[str, str] = {}
        names_found = []
        if info.key is not None:
            for part, names in zip(info.key.fields, info.key.variables, strict=True):
                name = next((name for name in names if self._environ.get(name, "").strip()), None)
                if name is not None:
                    found[part] = self._environ[name].strip()
                    names_found.append(name)
        return found, f"environment {', '.join(names_found)}"

    def _from_ring(self, info: SourceInfo) -> tuple[dict[str, str], str]:
        ring = self.ring
        return (ring.get(info.name) if ring is not None else {}), "keyring"

    def _from_file(self, info: SourceInfo) -> tuple[dict[str, str], str]:
        return self.file.get(info.name), "encrypted file"

    # -- keeping -------------------------------------------------------------------------------------

    @property
    def ring(self) -> Ring | None:
        """The desktop's keyring, where one works; looked for once (it costs 150 ms)."""
        if not self._looked:
            self._looked, self._ring = True, desktop_ring(self._environ)
        return self._ring

    @property
    def needs_passphrase(self) -> bool:
        """Keeping a key now would need one: no keyring works here, and the file is locked or not there yet."""
        return self.ring is None and not self.file.is_open

    def put(self, info: SourceInfo, values: Mapping[str, str], *, passphrase: str = "") -> str:
        """Keep a key in the keyring, or where none works in the encrypted file; answers where, in words.

        Raises
        ------
        KeyFault
            A part is missing or no key by its look; the passphrase is missing or wrong; the file cannot be written.
        """
        if info.key is None:
            raise KeyFault(f"{info.title} needs no key")
        cleaned = {part: values.get(part, "").strip() for part in info.key.fields}
        for part, value in cleaned.items():
            if len(value) < _SHORTEST or not value.isprintable() or any(c.isspace() for c in value):
                raise KeyFault(f"the {part} of {info.title} is empty or no key by its look: nothing was kept")
        try:
            if self.ring is not None:
                self.ring.put(info.name, cleaned)
                return "the keyring"
            if passphrase:
                self.file.unlock(passphrase)
            self.file.put(info.name, cleaned)
        except ProviderError as fault:
            raise KeyFault(str(fault)) from None
        return f"the encrypted file {self.file.path}"

    def forget(self, info: SourceInfo) -> tuple[str, ...]:
        """Remove a source's key wherever it was kept; answers from where, in words.

        What the environment or the credentials folder hold stays: only their owner can take it away.
        """
        gone = []
        try:
            if self.ring is not None and self.ring.forget(info.name):
                gone.append("keyring")
            if self.file.forget(info.name):
                gone.append("encrypted file")
        except ProviderError as fault:
            raise KeyFault(str(fault)) from fault
        return tuple(gone)

    @property
    def place(self) -> str:
        """Where a key typed now would be kept, as a sentence."""
        if self.ring is not None:
            return f"Keys that you set are kept in {self.ring.title}."
        state = (
            "is locked (KEYS UNLOCK)"
            if self.locked
            else "is open"
            if self.file.is_open
            else "is not there yet"
        )
        return (
            "No keyring works on this box (it has no Secret Service): KEYS SET asks for a passphrase and keeps an "
            f"encrypted file, {self.file.path}, which {state}."
        )


@cache
def session_keys() -> Keys:
    """The keys of this process: what a passphrase opened stays open for all who ask here."""
    return Keys()


def _config_folder(environ: Mapping[str, str]) -> Path:
    named = environ.get("ASOF_CONFIG")
    if named:
        return Path(named).expanduser().absolute()
    from platformdirs import user_config_dir

    return Path(user_config_dir("asof", appauthor=False))
