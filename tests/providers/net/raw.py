"""A server that says exactly the bytes it is told to: for what no well-behaved server does."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Script = Callable[[socket.socket, int], None]


def head(*lines: str, status: str = "200 OK") -> bytes:
    return ("\r\n".join([f"HTTP/1.1 {status}", *lines]) + "\r\n\r\n").encode()


@contextmanager
def scripted(script: Script) -> Iterator[str]:
    """Runs ``script`` with each connection once its request has come, and the connection's number from 0."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)
    ended = threading.Event()

    def serve() -> None:
        count = 0
        while not ended.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            threading.Thread(target=speak, args=(connection, count), daemon=True).start()
            count += 1

    def speak(connection: socket.socket, number: int) -> None:
        with connection, suppress(OSError):
            connection.settimeout(5)
            read = b""
            while b"\r\n\r\n" not in read:
                part = connection.recv(65536)
                if not part:
                    return
                read += part
            script(connection, number)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        ended.set()
        thread.join(5)
        listener.close()


def trickle(connection: socket.socket, content: bytes, every: float) -> None:
    """One byte at a time."""
    for at in range(len(content)):
        connection.sendall(content[at : at + 1])
        time.sleep(every)


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
