"""Keys in an encrypted file, for boxes without a keyring.

scrypt (RFC 7914; N = 2^15, r = 8, p = 1: 32 MB and about 0.1 s a try) makes a key of the passphrase, AES-256-GCM
encrypts and seals. Which sources it holds keys of stands in the open, sealed too; the keys do not. The file is
0600 in a 0700 folder and is written whole or not at all.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import stat
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from providers.base import ProviderError

_FORMAT = 1
_SCRYPT = {"n": 1 << 15, "r": 8, "p": 1}
_SHORTEST = 8  # characters of a passphrase

Held = dict[str, dict[str, str]]


@dataclass(slots=True)
class KeyFile:
    """The file, and what opens it for the rest of the session."""

    path: Path
    passphrase: str = field(default="", repr=False)
    _opened: tuple[int, Held] | None = field(default=None, repr=False)  # by the file's time of change
    _refused: tuple[int, str] | None = field(default=None, repr=False)  # a passphrase that did not fit then

    @property
    def is_open(self) -> bool:
        """Its keys can be read and added to."""
        return self._keys() is not None

    @property
    def locked(self) -> bool:
        return self.path.exists() and self._keys() is None

    @property
    def sources(self) -> tuple[str, ...]:
        try:
            return tuple(str(name) for name in self._read()["sources"])
        except (ProviderError, KeyError, TypeError):
            return ()

    def get(self, source: str) -> dict[str, str]:
        """The parts of a key; empty while the file is locked."""
        return dict((self._keys() or {}).get(source, {}))

    def unlock(self, passphrase: str) -> None:
        """Open it, or choose the passphrase of one that is still to be made."""
        if self.path.exists():
            self._opened = (self._changed(), _decrypted(self._read(), passphrase, self.path))
        elif len(passphrase) < _SHORTEST:
            raise ProviderError(
                f"a passphrase of at least {_SHORTEST} characters is needed: it guards all keys. Nothing was kept"
            )
        self.passphrase = passphrase

    def put(self, source: str, values: Mapping[str, str]) -> None:
        self._change(lambda held: {**held, source: dict(values)})

    def forget(self, source: str) -> bool:
        """Remove a key; False where there is none."""
        if source not in self.sources:
            return False
        self._change(lambda held: {name: values for name, values in held.items() if name != source})
        return True

    # -- the file --------------------------------------------------------------------------------------

    def _keys(self) -> Held | None:
        """What the file holds, as it is now; None where it is not there or not open."""
        if not self.passphrase or not self.path.exists():
            return None
        changed = self._changed()
        if self._refused == (changed, self.passphrase):
            return None
        if self._opened is None or self._opened[0] != changed:
            try:
                self._opened = (changed, _decrypted(self._read(), self.passphrase, self.path))
            except ProviderError:
                self._refused = (changed, self.passphrase)
                return None
        return self._opened[1]

    def _changed(self) -> int:
        return self.path.stat().st_mtime_ns

    def _change(self, change: Callable[[Held], Held]) -> None:
        if not self.passphrase:
            raise ProviderError(f"the key file {self.path} is locked: KEYS UNLOCK asks for its passphrase")
        with self._alone():
            held = _decrypted(self._read(), self.passphrase, self.path) if self.path.exists() else {}
            held = change(held)
            try:
                self._write(_encrypted(held, self.passphrase))
            except OSError as error:
                raise ProviderError(
                    f"the key file {self.path} cannot be written: {error.strerror}"
                ) from error
            self._opened = (self._changed(), held)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else of this user's programs changes the file meanwhile."""
        folder = self.path.parent
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if stat.S_IMODE(folder.stat().st_mode) & 0o077:
                folder.chmod(0o700)
            descriptor = os.open(self.path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise ProviderError(f"the folder {folder} cannot be used for keys: {error.strerror}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _read(self) -> dict[str, Any]:
        try:
            told = self.path.stat()
            if told.st_uid != os.geteuid() or stat.S_IMODE(told.st_mode) & 0o077:
                raise ProviderError(
                    f"the key file {self.path} may be read by others: it is not used. chmod 600 and your "
                    "ownership make it yours again"
                )
            body = json.loads(self.path.read_bytes())
        except OSError as error:
            raise ProviderError(f"the key file {self.path} cannot be read: {error.strerror}") from error
        except ValueError:
            body = None
        if not isinstance(body, dict) or body.get("format") != _FORMAT:
            raise ProviderError(
                f"the key file {self.path} is damaged or of another program: it is left as it is"
            )
        return body

    def _write(self, body: dict[str, Any]) -> None:
        temporary = self.path.with_name(f".{self.path.name}.{uuid.uuid4().hex}")
        try:
            descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(json.dumps(body, indent=1).encode())
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.path)
        finally:
            temporary.unlink(missing_ok=True)


def _derived(passphrase: str, salt: bytes, cost: Mapping[str, int]) -> bytes:
    return hashlib.scrypt(
        passphrase.encode(), salt=salt, n=cost["n"], r=cost["r"], p=cost["p"], maxmem=256 << 20, dklen=32
    )


def _sealed(body: Mapping[str, Any]) -> bytes:
    """What stands in the open and must not be changed."""
    return json.dumps(
        [body["format"], body["scrypt"], body["salt"], body["sources"]], sort_keys=True
    ).encode()


def _encrypted(held: Held, passphrase: str) -> dict[str, Any]:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt, nonce = os.urandom(16), os.urandom(12)
    body: dict[str, Any] = {
        "about": "keys of asof, encrypted with a passphrase",
        "format": _FORMAT,
        "sources": sorted(held),
        "scrypt": _SCRYPT,
        "salt": base64.b64encode(salt).decode(),
    }
    data = AESGCM(_derived(passphrase, salt, _SCRYPT)).encrypt(
        nonce, json.dumps(held).encode(), _sealed(body)
    )
    return {**body, "nonce": base64.b64encode(nonce).decode(), "data": base64.b64encode(data).decode()}


def _decrypted(body: Mapping[str, Any], passphrase: str, path: Path) -> Held:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        key = _derived(passphrase, base64.b64decode(body["salt"]), body["scrypt"])
        opened = AESGCM(key).decrypt(
            base64.b64decode(body["nonce"]), base64.b64decode(body["data"]), _sealed(body)
        )
        return {str(name): dict(parts) for name, parts in json.loads(opened).items()}
    except InvalidTag:
        raise ProviderError(
            f"that is not the passphrase of {path} (or the file was changed): nothing was opened or changed"
        ) from None
    except (KeyError, TypeError, ValueError, MemoryError):
        raise ProviderError(f"the key file {path} is damaged: it is left as it is") from None
