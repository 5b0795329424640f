"""A mail server on this machine that misbehaves where it is told to."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

# Where it hangs up: on being greeted, at a command, in the middle of the text, after all of it without an answer.
PLACES = ("EHLO", "MAIL", "RCPT", "DATA", "text", "dot")


class MailServer:
    """``taken``: the mails it has accepted. ``hangs_up_at``: one of PLACES, or nowhere.

    ``refuses``: its answers to commands that it does not take, or to the whole text (``dot``), as long as the test
    leaves them there. ``password``: the
    only one it takes, if it asks for one at all (command AUTH). ``seconds_at_the_dot``: so long it takes to accept a
    mail. ``connections``: how many connections there were.
    """

    def __init__(self, hangs_up_at: str = "", password: str = "", seconds_at_the_dot: float = 0) -> None:
        self.hangs_up_at = hangs_up_at
        self.password = password
        self.refuses: dict[str, str] = {}
        self.seconds_at_the_dot = seconds_at_the_dot
        self.connections = 0
        self.over = threading.Event()
        self.taken: list[str] = []
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listening.getsockname()[1]

    def serve(self) -> None:
        while True:
            try:
                connection, _address = self.listening.accept()
            except OSError:
                return
            self.connections += 1
            with connection, suppress(ConnectionError):
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
            if answer := self._answer(command, line):
                connection.sendall(answer)
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
            if "dot" in self.refuses:
                connection.sendall(f"{self.refuses['dot']}\r\n".encode())
                continue
            self.over.wait(self.seconds_at_the_dot)
            self.taken.append("".join(text))
            connection.sendall(b"250 taken\r\n")

    def _answer(self, command: str, line: bytes) -> bytes:
        """To a command other than DATA; to that only where it is refused."""
        if command in self.refuses:
            return f"{self.refuses[command]}\r\n".encode()
        if command == "EHLO" and self.password:
            return b"250-here\r\n250 AUTH PLAIN\r\n"
        if command == "AUTH":
            _user, said = base64.b64decode(line.split()[2]).decode().rsplit("\0", 1)
            return b"235 welcome\r\n" if said == self.password else b"535 5.7.8 no such user: portico\r\n"
        return b"" if command == "DATA" else b"250 good\r\n"


@contextmanager
def mail_server(hangs_up_at: str = "", **how: Any) -> Iterator[MailServer]:
    """One that runs until the block ends."""
    server = MailServer(hangs_up_at, **how)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        # Closed alone, it would go on waiting for the next one.
        server.listening.shutdown(socket.SHUT_RDWR)
        server.listening.close()
        thread.join(timeout=5)
