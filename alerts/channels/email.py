"""E-mail through Django's mail: a mail server in production, files under var/mail without one."""

from __future__ import annotations

import logging
import smtplib

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import translation
from django.utils.translation import gettext as _

from alerts.channels.base import Fate, Held, Message, Permanent, Sent, Temporary, Uncertain, said_by_carrier
from alerts.channels.smtp import Backend
from alerts.wording import mail_html, mail_text
from audit.headers import Letter, header
from business.models import PortalSettings

log = logging.getLogger("alerts.email")
FILES = "django.core.mail.backends.filebased.EmailBackend"
# By which a server says that it does not know us, at whatever command: to authenticate first, that the way is too weak,
# that name or password is wrong, that it wants encryption first. RFC 4954, 6 (https://www.rfc-editor.org/rfc/rfc4954)
# and RFC 3207, 4.
REFUSES_US = frozenset({530, 534, 535, 538})


class EmailChannel:
    """Plain text with a branded HTML alternative, and a way to stop in the header and at the foot."""

    def send(self, message: Message) -> Fate:
        connection = get_connection(fail_silently=False)
        if message.urgent and isinstance(connection, Backend):
            connection.seconds_to_accept = settings.EMAIL_TIMEOUT
        try:
            connection.open()
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            _close(connection)
            return _fate_of_a_closed_door(error)
        try:
            with translation.override(message.language or settings.LANGUAGE_CODE):
                mail = self._mail(message, connection)
            mail.send()
        except (OSError, smtplib.SMTPException) as error:
            begun = getattr(connection, "text_begun", True)
            return _fate_of(
                error, may_have_gone=begun, text_was_begun=begun or getattr(connection, "text_was_begun", True)
            )
        finally:
            _close(connection)
        # The ledger tells of each: at the first start of the demo these lines would push its addresses away.
        log.debug("mail to %s: %s", message.to, message.subject)
        if settings.EMAIL_BACKEND == FILES:
            return Sent(note=_("Written to a file: no mail server is set (EMAIL_URL)."))
        return Sent()

    def _mail(self, message: Message, connection: BaseEmailBackend) -> Letter:
        domain = settings.DEFAULT_FROM_EMAIL.rsplit("@", 1)[-1].rstrip("> ")
        # The same message tried again carries the same ID: mail programs show it once.
        headers = {"Message-ID": f"<{message.key}@{domain}>", "Auto-Submitted": "auto-generated"}
        if message.stop_url:
            headers["List-Unsubscribe"] = header(f"<{message.stop_url}>")
            if message.stop_url.startswith("https://"):
                # One click at the mail provider (RFC 8058), which asks for https: it posts these words there.
                headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        mail = Letter(
            subject=message.subject,
            body=mail_text(message.body, message.stop_url),
            from_email=PortalSettings.load().mail_sender,
            to=message.to,
            reply_to=message.reply_to,
            headers=headers,
            connection=connection,
        )
        mail.attach_alternative(mail_html(message.subject, message.body, message.stop_url), "text/html")
        return mail


def _fate_of_a_closed_door(error: Exception) -> Fate:
    """What it means that no connection was made, or that we were not let in."""
    if isinstance(error, UnicodeEncodeError):
        # smtplib encodes user name and password in ASCII. The error itself holds the password.
        return Held(_("The user name or password of the mail server has a character that mail cannot carry."))
    if isinstance(error, smtplib.SMTPResponseException) and (
        error.smtp_code in REFUSES_US or (isinstance(error, smtplib.SMTPAuthenticationError) and error.smtp_code >= 500)
    ):
        return _held(error.smtp_code, error.smtp_error)
    # It offers no way to sign in, or not this one; no encryption. smtplib says the second by its bare class.
    if isinstance(error, smtplib.SMTPNotSupportedError) or type(error) is smtplib.SMTPException:
        return Held(_refuses_us(), _words(error))
    # A name of a host that is none is a UnicodeError too.
    return Temporary(_("The mail server cannot be reached: %s") % _words(error))


def _held(code: int, reply: bytes | str) -> Held:
    return Held(_refuses_us(), f"{code} {_said(reply)}")


def _refuses_us() -> str:
    return _("The mail server refuses our user name or password.")


def _fate_of(error: Exception, *, may_have_gone: bool, text_was_begun: bool) -> Fate:
    """What a failure while sending means. Source: RFC 5321 section 4.2.1, 4xx is for now and 5xx for good.

    ``may_have_gone``: the text was begun before the connection broke. ``text_was_begun``: whatever came then.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, reply = next(iter(error.recipients.values()), (550, b""))
        return _by_code(code, reply, text_was_begun=text_was_begun)
    if isinstance(error, smtplib.SMTPResponseException):
        # 500 with a text is smtplib's own word for an answer that is too long to be read.
        code = error.smtp_code if isinstance(error.smtp_error, bytes) else -1
        return _by_code(code, error.smtp_error, text_was_begun=text_was_begun)
    if isinstance(error, FileNotFoundError | PermissionError | NotADirectoryError):
        return Temporary(_("The mail could not be written: %s") % _words(error))
    if not may_have_gone:
        return Temporary(
            _("The connection to the mail server broke before the mail was handed over: %s") % _words(error)
        )
    return Uncertain(
        _("The connection to the mail server broke while the mail was handed over: %s") % _words(error), let_in=True
    )


def _by_code(code: int, reply: bytes | str, *, text_was_begun: bool) -> Fate:
    """``text_was_begun``: then only what says plainly that it was not taken means that it was not."""
    if code in REFUSES_US:
        return _held(code, reply)
    sentence = _("The mail server answers %(code)s: %(words)s") % {"code": code, "words": _said(reply)[:200]}
    if 400 <= code < 500:
        return Temporary(sentence, let_in=True)
    if 500 <= code < 600:
        return Permanent(sentence)
    return Uncertain(sentence) if text_was_begun else Temporary(sentence)


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_said(error.smtp_error)}"[:200]
    return _said(str(error) or type(error).__name__)[:200]


def _said(words: bytes | str) -> str:
    """A server's words without our password, also as it was sent: alone (AUTH LOGIN) or with the name (AUTH PLAIN)."""
    password, name = str(settings.EMAIL_HOST_PASSWORD or ""), settings.EMAIL_HOST_USER
    return said_by_carrier(words, f"\0{name}\0{password}" if password else "", password)


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except (OSError, smtplib.SMTPException):
        log.info("the mail server hung up first")
