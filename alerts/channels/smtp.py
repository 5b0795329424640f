"""Django's connection to a mail server, that knows whether the text of a mail had begun to be handed over."""

from __future__ import annotations

import smtplib

from django.core.mail.backends.smtp import EmailBackend

# The server's go-ahead for the text (RFC 5321, 4.3.2).
GO_AHEAD = 354
# How long it may take to accept what it was given. Whoever hangs up too early gets mails doubled; the RFC speaks of ten
# minutes (4.5.3.2.6), in which everything that waits for this worker would wait too.
SECONDS_TO_ACCEPT = 90


class _Told(smtplib.SMTP):
    """Until the go-ahead nothing of the mail was said: whatever breaks before it, the mail did not go out."""

    text_begun = False

    def getreply(self) -> tuple[int, bytes]:
        code, words = super().getreply()
        self.text_begun = code == GO_AHEAD
        if self.sock is not None:
            self.sock.settimeout(SECONDS_TO_ACCEPT if self.text_begun else self.timeout)
        return code, words


class _ToldByTls(_Told, smtplib.SMTP_SSL):
    pass


class Backend(EmailBackend):
    """A mail server."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _ToldByTls if self.use_ssl else _Told

    @property
    def text_begun(self) -> bool:
        """Whether the mail under way may have been taken: its text was begun, and nothing answered since."""
        return isinstance(self.connection, _Told) and self.connection.text_begun
