"""The end of the control socket that listens: one thread, a few callers, a second for each."""

import contextlib
import logging
import selectors
import socket
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol

from backdrop.control.answer import Controlled, answer, refuse
from backdrop.control.instance import Instance
from backdrop.control.peer import is_this_user, process_of
from backdrop.control.place import address
from backdrop.control.request import LONGEST, too_long

log = logging.getLogger(__name__)

MOST = 8  # callers at one time; for another one, whoever has the most of them loses its oldest
PATIENCE = 1.0  # seconds for a caller to send its line, and again to take the answer
PIECE = 65536


@dataclass
class Caller:
    """One connection. asked: what has come so far. said: what is still to be sent; None before there is an answer."""

    socket: socket.socket
    until: float
    process: int = 0
    asked: bytearray = field(default_factory=bytearray)
    said: bytes | None = None


class Listening(Protocol):
    """What answers to commands: Server, or on Windows PipeServer."""

    def start(self) -> None: ...

    def stop(self, deadline: float = 1.0) -> bool: ...


def listen(instance: Instance, backdrop: Controlled) -> Listening:
    """What answers at an instance's socket, started. Raises OSError where a pipe cannot be made."""
    server: Listening
    if instance.listener is None:
        from backdrop.control.pipe import PipeServer

        server = PipeServer(address(instance.name), backdrop)
    else:
        server = Server(instance, backdrop)
    server.start()
    return server


class Server:
    """Answers at an instance's socket, from start() until stop(). What a caller does wrong ends its own connection."""

    def __init__(self, instance: Instance, backdrop: Controlled) -> None:
        self._listener = instance.listener
        self._backdrop = backdrop
        self._callers: dict[socket.socket, Caller] = {}
        self._selector = selectors.DefaultSelector()
        self._wake, self._woken = socket.socketpair()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="control", daemon=True)

    def start(self) -> None:
        assert self._listener is not None
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._thread.start()

    def stop(self, deadline: float = 1.0) -> bool:
        """Close all connections and end the thread. Returns whether it has ended in time."""
        self._stopping = True
        if self._thread.ident is None:
            return True
        with contextlib.suppress(OSError):
            self._wake.send(b"!")
        self._thread.join(deadline)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._stopping or self._owes():
                for key, _events in self._selector.select(self._wait()):
                    if key.fileobj is self._listener:
                        self._accept()
                    elif isinstance(key.fileobj, socket.socket) and key.fileobj in self._callers:
                        self._serve(self._callers[key.fileobj])
                now = time.monotonic()
                for caller in [each for each in self._callers.values() if each.until <= now]:
                    self._close(caller)
        finally:
            for caller in list(self._callers.values()):
                self._close(caller)
            self._selector.close()
            self._wake.close()
            self._woken.close()

    def _owes(self) -> bool:
        """Whether an answer is on its way: whoever asked for the end is told of it, too."""
        return any(caller.said for caller in self._callers.values())

    def _wait(self) -> float | None:
        if not self._callers:
            return None
        return max(0.0, min(each.until for each in self._callers.values()) - time.monotonic())

    def _accept(self) -> None:
        assert self._listener is not None
        try:
            connection, _address = self._listener.accept()
        except OSError:  # the caller has gone, or this process may open no more files: that passes
            time.sleep(0.01)
            return
        if not is_this_user(connection):
            connection.close()
            return
        if len(self._callers) >= MOST:
            self._close(self._greediest())
        connection.setblocking(False)
        self._callers[connection] = Caller(connection, time.monotonic() + PATIENCE, process_of(connection))
        self._selector.register(connection, selectors.EVENT_READ)

    def _greediest(self) -> Caller:
        """The oldest caller of the process that has the most, so that one which holds many keeps nobody else out."""
        count = Counter(each.process for each in self._callers.values())
        return max(
            self._callers.values(), key=lambda each: (each.said is None, count[each.process], -each.until)
        )

    def _serve(self, caller: Caller) -> None:
        try:
            if caller.said:
                self._send(caller)
            else:
                self._receive(caller)
        except BlockingIOError:
            return
        except OSError:  # the caller has gone
            self._close(caller)

    def _receive(self, caller: Caller) -> None:
        piece = caller.socket.recv(PIECE)
        if not piece:
            self._close(caller)
        elif caller.said is None:  # else it is answered already, and only listened to until it hangs up
            caller.asked += piece[:LONGEST]
            line, end, _rest = bytes(caller.asked[:LONGEST]).partition(b"\n")
            if end:
                self._answer(caller, answer(line, self._backdrop))
            elif len(line) == LONGEST:
                self._answer(caller, refuse(too_long(), 2))

    def _answer(self, caller: Caller, said: bytes) -> None:
        caller.said, caller.until = said, time.monotonic() + PATIENCE
        self._selector.modify(caller.socket, selectors.EVENT_WRITE)

    def _send(self, caller: Caller) -> None:
        assert caller.said is not None
        caller.said = caller.said[caller.socket.send(caller.said) :]
        if not caller.said:
            # Closed with something unread, a connection is reset, and the answer could be lost: the caller hangs up.
            caller.socket.shutdown(socket.SHUT_WR)
            self._selector.modify(caller.socket, selectors.EVENT_READ)

    def _close(self, caller: Caller) -> None:
        del self._callers[caller.socket]
        self._selector.unregister(caller.socket)
        caller.socket.close()
