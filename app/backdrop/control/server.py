"""The side of the control socket that listens: a few callers at a time, and a deadline for each."""

import logging
import os
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Client, Connection, Listener

from backdrop.control.answer import Controlled, answer, refuse
from backdrop.control.instance import Instance
from backdrop.control.peer import is_this_user, process_and_user
from backdrop.control.request import MAX_REQUEST, too_long

log = logging.getLogger(__name__)

MAX_CALLERS = 16  # another one takes the place of the oldest caller of the process that has the most
PATIENCE = 1.0  # seconds for a caller to send its request, and again to take the answer


def listen(instance: Instance, backdrop: Controlled) -> "Server":
    """Start to answer at an instance's socket."""
    server = Server(instance.listener, backdrop)
    server.start()
    return server


class Server:
    """Answers at a listener from start() until stop(). What a caller does wrong ends only its own connection.

    Each caller has a thread, so a silent one keeps nobody waiting; requests are answered one after the other.
    """

    def __init__(self, listener: Listener, backdrop: Controlled) -> None:
        self._listener = listener
        self._backdrop = backdrop
        self._callers: dict[Connection[bytes, bytes], int] = {}  # each with its process, the oldest first
        self._threads = threading.BoundedSemaphore(MAX_CALLERS)
        self._table = threading.Lock()  # guards _callers, and keeps a connection open while it is in there
        self._answering = threading.Lock()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="control", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, deadline: float = 1.0) -> bool:
        """End the thread, after the answer that is being sent, so that `backdrop quit` gets its answer.

        Returns whether both happened in time.
        """
        self._stopping = True
        if self._thread.is_alive():
            with suppress(OSError):
                Client(self._listener.address).close()  # only a caller can wake accept()
            self._thread.join(deadline)
        answered = self._answering.acquire(timeout=deadline)
        if answered:
            self._answering.release()
        return answered and not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping:
            try:
                connection = self._listener.accept()
                process = process_and_user(connection)[0]
            except (OSError, EOFError):  # the caller has gone, or no more files may be opened: that passes
                time.sleep(0.01)
                continue
            if not is_this_user(connection):
                connection.close()
                continue
            with self._table:
                if len(self._callers) >= MAX_CALLERS:
                    count = Counter(self._callers.values())
                    oldest = max(self._callers, key=lambda each: count[self._callers[each]])
                    self._hang_up(oldest)
                    del self._callers[oldest]
                self._callers[connection] = process
            self._threads.acquire()
            threading.Thread(target=self._serve, args=(connection,), name="caller", daemon=True).start()

    def _serve(self, connection: "Connection[bytes, bytes]") -> None:
        with suppress(OSError, EOFError):
            with self._deadline(connection):
                if not connection.poll(PATIENCE):
                    raise TimeoutError
                message = connection.recv_bytes(16 * MAX_REQUEST)
            with self._answering:
                if self._stopping:
                    raise ConnectionAbortedError
                fits = len(message) <= MAX_REQUEST
                said = answer(message, self._backdrop) if fits else refuse(too_long(), 2)
                with self._deadline(connection):
                    connection.send_bytes(said)
        with self._table:
            self._callers.pop(connection, None)
            connection.close()
        self._threads.release()

    @contextmanager
    def _deadline(self, connection: "Connection[bytes, bytes]") -> Iterator[None]:
        """Hang up on a caller who takes longer than PATIENCE."""

        def late() -> None:
            with self._table:
                if connection in self._callers:
                    self._hang_up(connection)

        timer = threading.Timer(PATIENCE, late)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _hang_up(self, connection: "Connection[bytes, bytes]") -> None:
        """Make the reads and writes of a connection fail, in whichever thread they are.

        Not on Windows: there a message arrives whole or not at all, and poll() ends in time.
        """
        if sys.platform != "win32":
            with suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as twin:
                twin.shutdown(socket.SHUT_RDWR)
