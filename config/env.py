"""Typed readers of the environment, loud on nonsense.

Every value that differs between one installation and the next comes through here, so that a wrong one
stops the start with a sentence that says which variable to set, instead of a fault a week later.
"""

from __future__ import annotations

import re
import sys
from importlib import import_module
from ipaddress import ip_address
from typing import Any, NoReturn
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvError

_env = Env()
_HINTS = {
    "str": "",
    "bool": "It is yes or no: write 1 or 0.",
    "list": "It is a list, separated by commas.",
    "dj_db_url": "It must look like postgres://user:password@host:5432/name.",
    "dj_email_url": "It must look like smtp+tls://user:password@host:587.",
}
_MAIL_PORTS = {"smtp+tls": 587, "smtp+ssl": 465}


def _read(reader: str, name: str, default: str | bool | list[str]) -> Any:
    try:
        return getattr(_env, reader)(name, default)
    except (EnvError, ValueError):
        # Not the value: it may hold a password.
        raise ImproperlyConfigured(f"{name} is set to something that cannot be used. {_HINTS[reader]}") from None


def text(name: str, default: str = "") -> str:
    """The variable as text, without surrounding spaces."""
    return str(_read("str", name, default)).strip()


def flag(name: str, default: bool) -> bool:
    """The variable as yes or no: 1/0, true/false, yes/no, on/off. Empty counts as unset."""
    return bool(_read("bool", name, default)) if text(name) else default


def number(name: str, default: int, at_least: int = 0) -> int:
    """The variable as a whole number, not below ``at_least``. Empty counts as unset."""
    value = text(name)
    if value and not value.lstrip("-").isdecimal():
        refuse(f"{name} must be a whole number, not {value!r}.")
    if value and int(value) < at_least:
        refuse(f"{name} must be {at_least} or more, not {value}.")
    return int(value) if value else default


def one_of(name: str, default: str, allowed: tuple[str, ...]) -> str:
    """The variable as one of a few words, whatever its case."""
    words = {word.lower(): word for word in allowed}
    wanted = (text(name) or default).lower()
    if wanted not in words:
        refuse(f"{name} must be one of {', '.join(allowed)}, not {text(name)!r}.")
    return words[wanted]


def code(name: str, default: str, length: int) -> str:
    """The variable as a code of that many capital letters: a country (2), a currency (3)."""
    value = (text(name) or default).upper()
    if len(value) != length or not (value.isascii() and value.isalpha()):
        refuse(f"{name} must be a code of {length} letters such as {default}, not {text(name)!r}.")
    return value


def zone(name: str, default: str) -> str:
    """The variable as the name of a time zone."""
    value = text(name) or default
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        refuse(f"{name} must name a time zone such as {default}, not {value!r}.")
    return value


def site(name: str, default: str, *, schemes: tuple[str, ...]) -> str:
    """The variable as the address of a site: scheme, host, perhaps a port, and nothing behind it."""
    value = (text(name) or default).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in schemes or not parts.hostname or parts.path or parts.query or parts.fragment:
        refuse(f"{name} must be set to the public address, such as {schemes[-1]}://portal.example.com.")
    return value


def tiles(name: str) -> str:
    """The variable as the address of a map's tiles, such as ``https://tiles.example.com/{z}/{x}/{y}.png``, or nothing.

    ``{s}`` may stand at its beginning for one of the letters a, b, c. Only https: else the browser would refuse them.
    """
    value = text(name)
    parts = urlsplit(value.replace("{s}.", "", 1))
    whole = all(part in parts.path for part in ("{z}", "{x}", "{y}"))
    if value and (parts.scheme != "https" or not whole or not re.fullmatch(r"[a-z0-9.-]+(:\d+)?", parts.netloc)):
        refuse(f"{name} must look like https://tiles.example.com/{{z}}/{{x}}/{{y}}.png, or be unset.")
    return value


def hosts_of(tiles: str) -> list[str]:
    """The hosts a page asks for a map's tiles, as a Content-Security-Policy names them."""
    return [f"https://{urlsplit(tiles.replace('{s}', '*')).netloc}"] if tiles else []


def words(name: str, default: list[str]) -> list[str]:
    """The variable as a list, separated by commas."""
    return [word.strip() for word in _read("list", name, default) if word.strip()]


def addresses(name: str, default: list[str]) -> list[str]:
    """The variable as a list of network addresses (IPv4 or IPv6), each in its usual spelling."""
    try:
        return [str(ip_address(word)) for word in words(name, default)]
    except ValueError:
        refuse(f"{name} must be a list of network addresses such as 127.0.0.1,10.0.0.5, not {text(name)!r}.")


def database(name: str, default: str) -> dict[str, Any]:
    """The variable as a Django database, from a URL such as ``postgres://user:secret@host:5432/name``."""
    return dict(_read("dj_db_url", name, default))


def mail(name: str, default: str) -> dict[str, str | int | bool]:
    """The variable as Django mail settings, from a URL such as ``smtp+tls://user:secret@host:587``.

    ``smtp+tls`` begins in the clear and changes to TLS (port 587), ``smtp+ssl`` is TLS from the first byte (465),
    ``smtp`` stays in the clear (25).
    """
    found: dict[str, str | int | bool] = dict(_read("dj_email_url", name, default))
    scheme = text(name, default).split(":", 1)[0].lower()
    if scheme.startswith("smtp"):
        found["EMAIL_BACKEND"] = "alerts.channels.smtp.Backend"
    if scheme in _MAIL_PORTS:
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


def require_settings() -> None:
    """At the start of a program: stop with the sentence alone, without a traceback, when a setting is wrong."""
    try:
        import_module("config.settings")
    except ImproperlyConfigured as error:
        sys.exit(f"Portico cannot start. {error}")


def refuse(sentence: str) -> NoReturn:
    """Stop the start with a sentence that says what to set."""
    raise ImproperlyConfigured(sentence)
