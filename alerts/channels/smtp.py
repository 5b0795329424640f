"""Django's connection to a mail server, that knows whether the text of a mail had begun to be handed over."""

from __future__ import annotations

import smtplib
from typing import Any

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend

# The server's go-ahead for the text (RFC 5321, 4.3.2).
GO_AHEAD = 354


class _Told(smtplib.SMTP):
    """Until the go-ahead nothing of the mail was said: whatever breaks before it, the mail did not go out."""

    text_begun = False
    text_was_begun = False
    seconds_to_accept: float = 0

    def getreply(self) -> tuple[int, bytes]:
        code, words = super().getreply()
        self.text_begun = code == GO_AHEAD
        self.text_was_begun = self.text_was_begun or self.text_begun
        if self.sock is not None:
            self.sock.settimeout(self.seconds_to_accept if self.text_begun else self.timeout)
        return code, words


class _ToldByTls(_Told, smtplib.SMTP_SSL):
    pass


class Backend(EmailBackend):
    """A mail server. ``seconds_to_accept``: how long it may take to answer once it has a whole mail (RFC 5321,
    4.5.3.2.6)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seconds_to_accept: float = settings.EMAIL_SECONDS_TO_ACCEPT

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _ToldByTls if self.use_ssl else _Told

    def open(self) -> bool | None:
        opened = super().open()
        if isinstance(self.connection, _Told):
            self.connection.seconds_to_accept = self.seconds_to_accept
        return opened

    @property
    def text_begun(self) -> bool:
        """Whether the mail under way may have been taken: its text was begun, and nothing answered since."""
        return isinstance(self.connection, _Told) and self.connection.text_begun

    @property
    def text_was_begun(self) -> bool:
        """Whether the text of a mail was begun on this connection, whatever was answered since."""
        return isinstance(self.connection, _Told) and self.connection.text_was_begun
