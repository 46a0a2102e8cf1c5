"""The control socket on Windows, where Python has no Unix sockets: a named pipe, to which Windows lets its owner write.

Made and spoken to by multiprocessing.connection, in bytes: nothing is pickled. The tests run it over a Unix socket, the
other thing that multiprocessing can listen on; on Windows it has not been run.
"""

import contextlib
import logging
import threading
from multiprocessing.connection import Client, Connection, Listener

from backdrop.control.answer import Controlled, answer, refuse
from backdrop.control.request import LONGEST, too_long

log = logging.getLogger(__name__)

MOST = 64  # callers at one time
PATIENCE = 1.0  # seconds for a caller to send its line
LONGEST_ANSWER = 1_000_000  # bytes


def exchange(place: str, line: bytes, patience: float) -> bytes:
    """Send a line and return the one that comes back. Raises OSError."""
    with Client(place) as connection:
        connection.send_bytes(line)
        if not connection.poll(patience):
            raise TimeoutError("timed out")
        try:
            return connection.recv_bytes(LONGEST_ANSWER)
        except EOFError as error:
            raise ConnectionError("closed") from error


class PipeServer:
    """Answers at a pipe, from start() until stop(). See Server, which it stands in for.

    Each caller has a thread of its own, so that one who says nothing keeps nobody waiting.
    """

    def __init__(self, place: str, backdrop: Controlled) -> None:
        self._place = place
        self._listener = Listener(place)
        self._backdrop = backdrop
        self._stopping = False
        self._places = threading.Semaphore(MOST)
        self._answering = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="control", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, deadline: float = 1.0) -> bool:
        """End the thread. Returns whether it has ended in time."""
        self._stopping = True
        if self._thread.ident is not None and self._thread.is_alive():
            with contextlib.suppress(OSError):
                Client(self._place).close()  # accept() can only be woken by a caller
            self._thread.join(deadline)
        return not self._thread.is_alive()

    def _run(self) -> None:
        with self._listener:
            while not self._stopping:
                try:
                    connection = self._listener.accept()
                except (OSError, EOFError):  # the caller has gone
                    continue
                self._places.acquire()
                threading.Thread(target=self._serve, args=(connection,), name="caller", daemon=True).start()

    def _serve(self, connection: "Connection[bytes, bytes]") -> None:
        try:
            with connection, contextlib.suppress(OSError, EOFError):
                if self._stopping or not connection.poll(PATIENCE):
                    return
                line = connection.recv_bytes(16 * LONGEST)
                with self._answering:
                    said = refuse(too_long(), 2) if len(line) > LONGEST else answer(line, self._backdrop)
                connection.send_bytes(said)
        finally:
            self._places.release()
