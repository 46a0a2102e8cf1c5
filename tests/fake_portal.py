"""A small real portal for shortcuts, as a program of its own on the session bus, and that bus.

    python tests/fake_portal.py gives

What it does with a shortcut that it is asked for: gives, refuses, withholds (it binds none), thinks (it never answers),
fails, insists on knowing the program and does not, or, absent, has another interface alone. It says on its output what
it was asked; a line on its input has it press, change or take what it gave, or press in somebody else's session.
As backend it is what a desktop has behind the real xdg-desktop-portal, and gives.
"""

import io
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    MessageType,
    message_bus,
    new_error,
    new_method_return,
    new_signal,
)
from jeepney.io.blocking import open_dbus_connection

NAME, PATH = "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop"
SHORTCUTS = "org.freedesktop.portal.GlobalShortcuts"
BACKEND, BEHIND = "org.freedesktop.impl.portal.desktop.test", "org.freedesktop.impl.portal.GlobalShortcuts"
XDG_DESKTOP_PORTAL = Path("/usr/libexec/xdg-desktop-portal")
KEYS = "Ctrl+Alt+B, says the desktop"
PATIENCE = 300.0
CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={socket}</listen><policy context="default">
<allow send_destination="*"/><allow eavesdrop="false"/><allow own="*"/></policy></busconfig>
"""


class Portal:
    """Answers on the bus, by the letter of the portal's documentation."""

    name, shortcuts_are = NAME, SHORTCUTS

    def __init__(self, way: str) -> None:
        self.way = way
        self.bus = open_dbus_connection()
        self.bus.send_and_get_reply(message_bus.RequestName(self.name))
        self.client = self.session = self.shortcut = ""

    def answer(self, call: Message) -> None:
        fields = call.header.fields
        sender, member = fields[HeaderFields.sender], fields[HeaderFields.member]
        prefix = sender.removeprefix(":").replace(".", "_")
        match member:
            case "Get" if self.way != "absent":
                self.give(call, "v", ("u", 1))
            case "Register" if self.way == "insists":
                self.refuse(call, "org.freedesktop.portal.Error.Failed", "App info not found")
            case "Register" if self.way != "absent":
                print("registered", call.body[0], flush=True)
                self.give(call)
            case "CreateSession" if self.way == "insists":
                self.refuse(call, "org.freedesktop.portal.Error.NotAllowed", "An app id is required")
            case "CreateSession":
                (options,) = call.body
                self.client = sender
                self.session = f"{PATH}/session/{prefix}/{options['session_handle_token'][1]}"
                handle = f"{PATH}/request/{prefix}/{options['handle_token'][1]}"
                # The answer may well overtake the call's: both sides know its path before.
                self.respond(handle, 0, {"session_handle": ("s", self.session)})
                self.give(call, "o", handle)
            case "BindShortcuts":
                session, [(self.shortcut, about)], parent, options = call.body
                assert session == self.session
                print("asked", about["preferred_trigger"][1], repr(parent), flush=True)
                handle = f"{PATH}/request/{prefix}/{options['handle_token'][1]}"
                self.give(call, "o", handle)
                if self.way != "thinks":
                    code = {"refuses": 1, "fails": 2}.get(self.way, 0)
                    given = [] if self.way == "withholds" else self.shortcuts(KEYS)
                    self.respond(handle, code, {"shortcuts": ("a(sa{sv})", given)} if code == 0 else {})
            case "Close":
                print("closed", flush=True)
                self.give(call)
            case _:
                self.refuse(call, "org.freedesktop.DBus.Error.UnknownMethod", f"No such method {member}")

    def obey(self, line: str) -> None:
        word, _space, rest = line.strip().partition(" ")
        if word == "press":
            nothing: dict[str, tuple[str, object]] = {}
            body = (rest or self.session, self.shortcut, 1000, nothing)
            self.tell(PATH, self.shortcuts_are, "Activated", "osta{sv}", body)
            self.tell(PATH, self.shortcuts_are, "Deactivated", "osta{sv}", body)
        elif word == "change":
            self.tell(
                PATH,
                self.shortcuts_are,
                "ShortcutsChanged",
                "oa(sa{sv})",
                (self.session, self.shortcuts(rest)),
            )
        elif word == "take":
            self.tell(self.session, "org.freedesktop.portal.Session", "Closed", "a{sv}", ({},))

    def shortcuts(self, keys: str) -> list[tuple[str, dict[str, tuple[str, str]]]]:
        return [(self.shortcut, {"trigger_description": ("s", keys)})]

    def respond(self, path: str, code: int, results: dict[str, tuple[str, object]]) -> None:
        self.tell(path, "org.freedesktop.portal.Request", "Response", "ua{sv}", (code, results))

    def tell(self, path: str, interface: str, member: str, signature: str, body: tuple[object, ...]) -> None:
        signal = new_signal(DBusAddress(path, interface=interface), member, signature, body)
        if self.client:
            signal.header.fields[HeaderFields.destination] = self.client
        self.bus.send(signal)

    def give(self, call: Message, signature: str | None = None, *values: object) -> None:
        self.bus.send(new_method_return(call, signature, values))

    def refuse(self, call: Message, name: str, why: str) -> None:
        self.bus.send(new_error(call, name, "s", (why,)))

    def serve(self) -> None:
        orders = io.FileIO(0)  # without a buffer, in which a line would wait unseen by select
        while True:
            try:
                message = self.bus.receive(timeout=0)
            except TimeoutError:
                ready, _out, _bad = select.select([self.bus.sock, orders], [], [])
                if orders in ready:
                    line = orders.readline()
                    if not line:
                        return
                    self.obey(line.decode())
                continue
            if message.header.message_type is MessageType.method_call:
                self.answer(message)


class Backend(Portal):
    """Answers the portal, which answers the application."""

    name, shortcuts_are = BACKEND, BEHIND

    def answer(self, call: Message) -> None:
        match call.header.fields[HeaderFields.member]:
            case "GetAll":
                self.give(call, "a{sv}", {"version": ("u", 1)})
            case "CreateSession":
                _handle, self.session, _app, _options = call.body
                self.give(call, "ua{sv}", 0, {})
            case "BindShortcuts":
                _handle, _session, [(self.shortcut, about)], parent, _options = call.body
                print("asked", about["preferred_trigger"][1], repr(parent), flush=True)
                self.give(call, "ua{sv}", 0, {"shortcuts": ("a(sa{sv})", self.shortcuts(KEYS))})
            case _:
                super().answer(call)


class Running:
    """The portal from the test's side."""

    def __init__(self, way: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, __file__, way], bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self.hear() == "ready"

    def hear(self) -> str:
        """The next line that it says."""
        assert self.process.stdout is not None
        assert select.select([self.process.stdout], [], [], PATIENCE)[0], "the portal was asked nothing"
        return self.process.stdout.readline().decode().strip()

    def tell(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


@contextmanager
def session_bus(folder: Path) -> Iterator[str]:
    """A bus of the test's own, on which nothing is started by being asked for. Gives its address."""
    configuration = folder / "bus.conf"
    configuration.write_text(CONFIGURATION.format(socket=folder / "bus"))
    command = ["dbus-daemon", f"--config-file={configuration}", "--nofork", "--nopidfile", "--print-address"]
    daemon = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert daemon.stdout is not None
    try:
        assert select.select([daemon.stdout], [], [], PATIENCE)[0], "dbus-daemon did not start"
        yield daemon.stdout.readline().strip()
    finally:
        daemon.kill()
        daemon.communicate()


@contextmanager
def real_portal(folder: Path) -> Iterator[None]:
    """xdg-desktop-portal itself on the session bus of this process, with what backend gives behind it."""
    (folder / "test.portal").write_text(f"[portal]\nDBusName={BACKEND}\nInterfaces={BEHIND}\nUseIn=test\n")
    (folder / "portals.conf").write_text("[preferred]\ndefault=test\n")
    told = {"XDG_DESKTOP_PORTAL_DIR": str(folder), "XDG_CURRENT_DESKTOP": "test", "HOME": str(folder)}
    process = subprocess.Popen(
        [XDG_DESKTOP_PORTAL], env=os.environ | told, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.kill()
        process.wait()


@contextmanager
def portal(way: str) -> Iterator[Running]:
    """The portal on the session bus of this process."""
    running = Running(way)
    try:
        yield running
    finally:
        running.end()


if __name__ == "__main__":
    serving = Backend("backend") if sys.argv[1] == "backend" else Portal(sys.argv[1])
    print("ready", flush=True)
    try:
        serving.serve()
    except ConnectionResetError:  # the bus has ended before
        os._exit(0)
