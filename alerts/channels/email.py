"""E-mail through Django's mail: a mail server in production, files under var/mail without one."""

from __future__ import annotations

import logging
import smtplib

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import translation
from django.utils.translation import gettext as _

from alerts.channels.base import Fate, Message, Permanent, Sent, Temporary, Uncertain
from alerts.wording import mail_html, mail_text
from audit.headers import Letter, header
from business.models import PortalSettings

log = logging.getLogger("alerts.email")
FILES = "django.core.mail.backends.filebased.EmailBackend"


class EmailChannel:
    """Plain text with a branded HTML alternative, and a way to stop in the header and at the foot."""

    def send(self, message: Message) -> Fate:
        connection = get_connection(fail_silently=False)
        try:
            connection.open()
        except smtplib.SMTPAuthenticationError:
            return Temporary(_("The mail server refuses our name or password. Check EMAIL_URL."))
        except (OSError, smtplib.SMTPException) as error:
            return Temporary(_("The mail server cannot be reached: %s") % _words(error))
        try:
            with translation.override(message.language or settings.LANGUAGE_CODE):
                mail = self._mail(message, connection)
            mail.send()
        except (OSError, smtplib.SMTPException) as error:
            return _fate_of(error, may_have_gone=getattr(connection, "text_begun", True))
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


def _fate_of(error: Exception, *, may_have_gone: bool) -> Fate:
    """What a failure while sending means. Source: RFC 5321 section 4.2.1, 4xx is for now and 5xx for good.

    ``may_have_gone``: the text was begun before the connection broke.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, reply = next(iter(error.recipients.values()), (550, b""))
        return _by_code(code, reply)
    if isinstance(error, smtplib.SMTPResponseException):
        return _by_code(error.smtp_code, error.smtp_error)
    if isinstance(error, FileNotFoundError | PermissionError | NotADirectoryError):
        return Temporary(_("The mail could not be written: %s") % _words(error))
    if not may_have_gone:
        return Temporary(
            _("The connection to the mail server broke before the mail was handed over: %s") % _words(error)
        )
    return Uncertain(_("The connection to the mail server broke while the mail was handed over: %s") % _words(error))


def _by_code(code: int, reply: bytes | str) -> Fate:
    words = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else str(reply)
    sentence = _("The mail server answers %(code)s: %(words)s") % {"code": code, "words": words[:200]}
    return Temporary(sentence) if 400 <= code < 500 else Permanent(sentence)


def _words(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:200]


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except (OSError, smtplib.SMTPException):
        log.info("the mail server hung up first")
