"""KEYS: every source, what it needs and where its key comes from; never a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import CommandError, DataError, NeedsSecret, SecretField
from engine.function import Args, Argument, Function, Kind
from engine.functions._keys_pages import overview, source_page
from engine.functions._keys_test import told_by
from engine.page import Page
from engine.secret_lines import REFUSED
from engine.sources_desk import SourcesDesk, sources_desk
from providers.sources import NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.context import Context
    from providers.source import SourceInfo

_ACTIONS = {
    "SET": (), "TEST": (), "ALLOW": (), "DENY": (), "FORGET": (), "CONTACT": (), "UNLOCK": (),
}  # fmt: skip
_ABOUT_ONE = frozenset({"SET", "TEST", "ALLOW", "DENY", "FORGET"})


def run(context: Context, args: Args) -> Page:
    with sources_desk(context) as desk:
        return _run(context, desk, args)


def _run(context: Context, desk: SourcesDesk, args: Args) -> Page:
    action, word = args["action"], args["value"] or ""
    if action == "CONTACT":
        return _contact(context, desk, word)
    if action == "UNLOCK":
        return _unlock(context, desk)
    info = desk.info(args["source"]) if args["source"] else None
    sure = word.upper() == "YES" and action == "ALLOW"
    if word and not sure:
        raise CommandError(
            REFUSED if action == "SET" else f"KEYS does not know {word!r}.", suggestions=("KEYS",)
        )
    if info is None:
        if action in _ABOUT_ONE:
            raise CommandError(
                f"KEYS {action} needs the name of a source.", suggestions=(f"KEYS {action} FRED", "KEYS")
            )
        return overview(context, desk)
    match action:
        case "SET":
            raise _asked(context, desk, info)
        case "TEST":
            for sentence, level in told_by(context, desk, info):
                context.note(sentence, level)
        case "ALLOW" | "DENY":
            _choose(context, desk, info, allowed=action == "ALLOW", sure=sure)
        case "FORGET":
            _forget(context, desk, info)
    return source_page(context, desk, info)


def _asked(context: Context, desk: SourcesDesk, info: SourceInfo) -> Exception:
    """What asks for a key: the front end does, in masked fields."""
    if info.key is None:
        return DataError(f"{info.title} needs no key. KEYS {info.name.upper()} shows what it serves.")
    name, fields = (
        info.name.upper(),
        tuple(SecretField(part, f"{info.title} {part}") for part in info.key.fields),
    )
    if desk.keys.needs_passphrase:
        what = (
            "passphrase of the key file"
            if desk.keys.locked
            else "a passphrase for the new key file, 8 or more"
        )
        fields = (*fields, SecretField("passphrase", what))
    where = (f"A key is had at {info.key.where}", desk.keys.place)

    def keep(values: Mapping[str, str]) -> str:
        parts = {part: value for part, value in values.items() if part != "passphrase"}
        place = desk.put(info, parts, values.get("passphrase", ""))
        context.desk.store.audit.record("key", source=info.name, origin=place, change="set")
        return f"The key of {info.title} is kept in {place}. KEYS TEST {name} tries it."

    return NeedsSecret(f"The key of {info.title}", where, fields, keep, f"KEYS {name}")


def _unlock(context: Context, desk: SourcesDesk) -> Page:
    if not desk.keys.locked:
        context.note("There is no locked key file.")
        return overview(context, desk)

    def keep(values: Mapping[str, str]) -> str:
        desk.unlock(values["passphrase"])
        return (
            f"The key file is open for this session: {', '.join(desk.keys.held_in_file) or 'no keys in it'}."
        )

    raise NeedsSecret(
        "The passphrase of the key file", (str(desk.keys.file.path),), (SecretField("passphrase", "passphrase"),),
        keep, "KEYS",
    )  # fmt: skip


def _choose(context: Context, desk: SourcesDesk, info: SourceInfo, *, allowed: bool, sure: bool) -> None:
    name = info.name.upper()
    if allowed and info.consent and not sure and info.name not in desk.choices.allowed:
        context.note(f"Terms of {info.title}: {info.terms} {info.terms_url}".strip(), "warning")
        context.note(f"Nothing was changed. Type KEYS ALLOW {name} YES to agree to them.", "warning")
        return
    desk.allow(info, allowed)
    done = "may be asked now" if allowed else "is not asked any more"
    if not info.consent:
        done = "needs no consent: nothing was changed" if allowed else f"{done}, until KEYS ALLOW {name}"
    context.note(f"{info.title} {done}. Kept for {context.user}.")


def _forget(context: Context, desk: SourcesDesk, info: SourceInfo) -> None:
    gone = desk.forget(info)
    left = desk.keys.origin(info)
    if gone:
        context.desk.store.audit.record("key", source=info.name, origin=", ".join(gone), change="forgotten")
        context.note(f"The key of {info.title} was removed from the {' and the '.join(gone)}.")
    elif not left:
        context.note(f"No key of {info.title} was kept here.")
    if left:
        context.note(f"A key still comes from the {left}: only who put it there can take it away.", "warning")


def _contact(context: Context, desk: SourcesDesk, mail: str) -> Page:
    if not mail:
        context.note(f"Contact: {desk.choices.contact or 'none; KEYS CONTACT you@firm.com sets it'}.")
    else:
        name, at, host = mail.partition("@")
        if not (name and at and "." in host and mail.isascii() and mail.isprintable()) or set(mail) & set(
            ' ()<>,;"'
        ):
            raise CommandError(
                f"{mail!r} is no mail address.", suggestions=("KEYS CONTACT you@firm.com",), argument="value"
            )
        desk.set_contact(mail)
        context.note(
            f"Sources are told {mail} in the User-Agent header from now on. Kept for {context.user}."
        )
    return overview(context, desk)


FUNCTIONS = (
    Function(
        "KEYS",
        "sources: what each serves, its key, consent, limits and terms",
        run,
        arguments=(
            Argument("action", Kind.CHOICE, "what to do", None, choices=_ACTIONS),
            Argument("source", Kind.CHOICE, "a source", None, choices={name.upper(): () for name in NAMES}),
            Argument("value", Kind.TEXT, "a mail address (CONTACT); YES (ALLOW)"),
        ),
        examples=(
            ("KEYS", "every source, and what it still needs"),
            ("KEYS FRED", "one source: services, limits left, terms"),
            ("KEYS SET FRED", "ask for its key in a masked field"),
            ("KEYS TEST FRED", "ask it one small question"),
            ("KEYS ALLOW YAHOO", "show its terms, then agree to them"),
            ("KEYS CONTACT you@firm.com", "how EDGAR can reach you"),
        ),
        about=(
            "Keys are looked for in the credentials folder of the service manager, the environment, the desktop's "
            "keyring, and an encrypted file, in this order. KEYS SET asks for one in a masked field: a key typed "
            "into the line is refused and kept nowhere. On a shell, asof keys set fred reads it from the keyboard "
            "without showing it, or from standard input. Limits are shared by all programs of this box that use "
            "the same key."
        ),
        changes=True,
        order=905,
    ),
)
