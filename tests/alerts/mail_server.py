"""A mail server on this machine that misbehaves where it is told to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# Where it hangs up: on being greeted, at a command, in the middle of the text, after all of it without an answer.
PLACES = ("EHLO", "MAIL", "RCPT", "DATA", "text", "dot")


class MailServer:
    """``taken``: the mails it has accepted. ``hangs_up_at``: one of PLACES, or nowhere."""

    def __init__(self, hangs_up_at: str = "") -> None:
        self.hangs_up_at = hangs_up_at
        self.taken: list[str] = []
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listening.getsockname()[1]

    def serve(self) -> None:
        while True:
            try:
                connection, _address = self.listening.accept()
            except OSError:
                return
            with connection:
                self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        lines = connection.makefile("rb")
        connection.sendall(b"220 here\r\n")
        for line in lines:
            command = line[:4].decode().upper()
            if command == self.hangs_up_at:
                return
            if command == "QUIT":
                connection.sendall(b"221 bye\r\n")
                return
            if command != "DATA":
                connection.sendall(b"250 good\r\n")
                continue
            connection.sendall(b"354 go ahead\r\n")
            if self.hangs_up_at == "text":
                return
            text = []
            for part in lines:
                if part == b".\r\n":
                    break
                text.append(part.decode("utf-8", "replace"))
            if self.hangs_up_at == "dot":
                return
            self.taken.append("".join(text))
            connection.sendall(b"250 taken\r\n")


@contextmanager
def mail_server(hangs_up_at: str = "") -> Iterator[MailServer]:
    """One that runs until the block ends."""
    server = MailServer(hangs_up_at)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.listening.close()
        thread.join(timeout=5)
