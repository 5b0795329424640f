"""Typed readers of the environment, loud on nonsense.

Every value that differs between one installation and the next comes through here, so that a wrong one
stops the start with a sentence that says which variable to set, instead of a fault a week later.
"""

from __future__ import annotations

from typing import Any, NoReturn

from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvError

_env = Env()
_MAIL_PORTS = {"smtp+tls": 587, "smtp+ssl": 465}


def _read(reader: str, name: str, default: Any, **options: Any) -> Any:
    try:
        return getattr(_env, reader)(name, default, **options)
    except (EnvError, ValueError) as error:
        raise ImproperlyConfigured(f"{name} is set to something that cannot be used: {error}") from error


def text(name: str, default: str = "") -> str:
    """The variable as text, without surrounding spaces."""
    return str(_read("str", name, default)).strip()


def flag(name: str, default: bool) -> bool:
    """The variable as yes or no: 1/0, true/false, yes/no, on/off."""
    return bool(_read("bool", name, default))


def number(name: str, default: int) -> int:
    """The variable as a whole number."""
    return int(_read("int", name, default))


def words(name: str, default: list[str]) -> list[str]:
    """The variable as a list, separated by commas."""
    return [word.strip() for word in _read("list", name, default) if word.strip()]


def database(name: str, default: str) -> dict[str, Any]:
    """The variable as a Django database, from a URL such as ``postgres://user:secret@host:5432/name``."""
    return dict(_read("dj_db_url", name, default))


def mail(name: str, default: str) -> dict[str, Any]:
    """The variable as Django mail settings, from a URL such as ``smtp+tls://user:secret@host:587``.

    ``smtp+tls`` begins in the clear and changes to TLS (port 587), ``smtp+ssl`` is TLS from the first byte (465),
    ``smtp`` stays in the clear (25).
    """
    found = dict(_read("dj_email_url", name, default))
    scheme = text(name, default).split(":", 1)[0].lower()
    if scheme in _MAIL_PORTS:
        found["EMAIL_BACKEND"] = "django.core.mail.backends.smtp.EmailBackend"
        found["EMAIL_USE_TLS"] = scheme == "smtp+tls"
        found["EMAIL_USE_SSL"] = scheme == "smtp+ssl"
        found["EMAIL_PORT"] = found["EMAIL_PORT"] or _MAIL_PORTS[scheme]
    if "EMAIL_BACKEND" not in found or (scheme.startswith("smtp") and not found["EMAIL_HOST"]):
        refuse(f"{name} must look like smtp+tls://user:secret@host:587, or begin with smtp+ssl:// or smtp://.")
    return found


def all_or_none(*names: str) -> list[str]:
    """Values that belong together: all of them, or all empty.

    Raises ImproperlyConfigured when only some are set, naming the missing ones.
    """
    values = [text(name) for name in names]
    missing = [name for name, value in zip(names, values, strict=True) if not value]
    if missing and len(missing) < len(names):
        refuse(f"{', '.join(missing)} must be set as well, or unset {', '.join(set(names) - set(missing))}.")
    return values


def refuse(sentence: str) -> NoReturn:
    """Stop the start with a sentence that says what to set."""
    raise ImproperlyConfigured(sentence)
