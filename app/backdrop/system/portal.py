"""The desktop's portal for shortcuts, which gives out keys that work in every program where the display is Wayland's.

org.freedesktop.portal.GlobalShortcuts of xdg-desktop-portal, version 1, by its documentation. It is asked on the session
bus, a socket between the programs of one user. Imports no Qt: the doctor asks, too. jeepney speaks D-Bus and not
QtDBus, for Qt has no Python for a list of structures, as shortcuts are, and ends the process where one is tried.
"""

import os
import select
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

from jeepney import (
    DBusAddress,
    DBusErrorResponse,
    HeaderFields,
    MatchRule,
    Message,
    MessageType,
    new_method_call,
)
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from backdrop.language import N_, _
from backdrop.system.desktop_entry import ID

BUS, BUS_PATH = "org.freedesktop.DBus", "/org/freedesktop/DBus"
NAME, PATH = "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop"
SHORTCUTS = "org.freedesktop.portal.GlobalShortcuts"
REQUEST, SESSION = "org.freedesktop.portal.Request", "org.freedesktop.portal.Session"
REGISTRY = "org.freedesktop.host.portal.Registry"
PATIENCE = (
    20.0  # seconds for an answer of the portal's, which may have to be started first; a person has for ever
)

INSTALL = "backdrop install-desktop"
NO_BUS = N_("Programs cannot ask this desktop for a shortcut: there is no session bus.")
NO_PORTAL = N_("This desktop gives programs no shortcuts: it has no portal for them, or an older one.")
NOT_KNOWN = N_(
    "The desktop gives shortcuts only to programs that it knows: run `{command}`, then start Backdrop anew."
)
REFUSED = N_("The desktop was told to give Backdrop no shortcut.")
NO_KEYS = N_("The desktop has given Backdrop no keys.")
FAILED = N_("The desktop could not give Backdrop a shortcut ({reason}).")
GONE = N_("The desktop has taken the shortcut back.")


class PortalError(Exception):
    """There is no shortcut. str() is a sentence for a person, with the command that mends it where there is one."""


class RefusedError(PortalError):
    """The person has said no."""


@dataclass(frozen=True, slots=True)
class Signal:
    """path: of the object that sent it. member: its name. body: its arguments, variants as (type, value)."""

    path: str
    member: str
    body: tuple[Any, ...]


class Portal:
    """A connection to the session bus, and the portal at its other end. For one thread. Raises PortalError without a bus."""

    def __init__(self) -> None:
        try:
            self._bus: DBusConnection = open_dbus_connection(_address())
        except (
            Exception
        ) as error:  # an address of another kind, a socket that is gone, a bus that does not answer
            raise PortalError(_(NO_BUS)) from error
        self._signals: deque[Message] = deque()
        self._bus.filter(MatchRule(type="signal"), queue=self._signals)
        self._owner = ""  # who may send signals in the portal's name
        self._tokens = 0

    def close(self) -> None:
        """Hang up; the portal ends what belongs to this connection. Harmless the second time."""
        self._bus.close()

    def version(self) -> int:
        """The version of the portal's shortcuts, from 1. Raises PortalError where there are none."""
        try:
            (value,) = self._call("org.freedesktop.DBus.Properties", "Get", "ss", SHORTCUTS, "version")
            return int(value[1])
        except DBusErrorResponse as error:
            raise PortalError(_(NO_PORTAL)) from error

    def open_session(self, woken: int) -> str | None:
        """Begin a session of shortcuts. Returns its path, None where woken, a file to watch, can be read before.

        Raises PortalError.
        """
        self._register()
        self.version()
        (self._owner,) = self._call(BUS, "GetNameOwner", "s", NAME, name=BUS, path=BUS_PATH)
        for interface in (SHORTCUTS, SESSION, REQUEST):
            self._listen_to(f"sender='{NAME}',interface='{interface}'")
        self._listen_to(f"sender='{BUS}',member='NameOwnerChanged',arg0='{NAME}'")
        options = {"session_handle_token": ("s", "backdrop")}
        try:
            results = self._ask(woken, "CreateSession", "a{sv}", options=options)
        except DBusErrorResponse as error:
            if error.name.endswith(".NotAllowed"):  # since 1.21 to who has no name
                raise PortalError(_(NOT_KNOWN, command=INSTALL)) from error
            raise
        return None if results is None else str(results["session_handle"][1])

    def bind(self, woken: int, session: str, id: str, description: str, trigger: str) -> str | None:
        """Ask for a shortcut, once a session; the desktop may ask the person. description: what it does, for people.

        trigger: the keys as the shortcuts specification writes them, such as "CTRL+ALT+b"; they are a wish. Returns the keys
        that were given in the desktop's own words, "" for unknown ones, None where woken can be read before. Raises
        RefusedError where the person said no, and PortalError.
        """
        wish = (id, {"description": ("s", description), "preferred_trigger": ("s", trigger)})
        results = self._ask(woken, "BindShortcuts", "oa(sa{sv})sa{sv}", session, [wish], "")
        if results is None:
            return None
        if "shortcuts" not in results:
            return ""
        given = keys_of(results["shortcuts"][1], id)
        if given is None:
            raise PortalError(_(NO_KEYS))
        return given

    def close_session(self, session: str) -> None:
        """Give the shortcuts of a session back."""
        self._call(SESSION, "Close", path=session)

    def next_signal(self, woken: int, seconds: float | None = None) -> Signal | None:
        """Wait for the portal, or what the bus says of it. None where woken can be read before, or time is up."""
        until = None if seconds is None else time.monotonic() + seconds
        while True:
            while self._signals:
                message = self._signals.popleft()
                fields = message.header.fields
                if fields.get(HeaderFields.sender) in (self._owner, BUS):  # nobody else speaks for them
                    return Signal(fields[HeaderFields.path], fields[HeaderFields.member], message.body)
            if self._read():
                continue
            left = None if until is None else max(0.0, until - time.monotonic())
            ready, _out, _bad = select.select([self._bus.sock, woken], [], [], left)
            if woken in ready or not ready:
                return None

    def _read(self) -> bool:
        """Take in a message that is here already. Returns whether there was one."""
        try:
            self._bus.recv_messages(timeout=0)
        except TimeoutError:
            return False
        return True

    def _register(self) -> None:
        """Tell the portal who this is, before all else; without it, programs outside a sandbox may have no name.

        Portals before 1.20 cannot be told; others refuse where the desktop entry is not installed, and then those that
        insist on a name say so later.
        """
        try:
            self._call(REGISTRY, "Register", "sa{sv}", ID, {})
        except DBusErrorResponse as error:
            if error.name in (f"{BUS}.Error.ServiceUnknown", f"{BUS}.Error.NameHasNoOwner"):
                raise PortalError(_(NO_PORTAL)) from error

    def _ask(
        self, woken: int, member: str, signature: str, *values: object, options: dict[str, Any] | None = None
    ) -> dict[str, Any] | None:
        """Call what is answered later, by a signal at a path that both sides know before. None where woken."""
        self._tokens += 1
        token = f"backdrop{self._tokens}"
        sender = str(self._bus.unique_name).removeprefix(":").replace(".", "_")
        path = f"{PATH}/request/{sender}/{token}"
        told = {"handle_token": ("s", token)} | (options or {})
        self._call(SHORTCUTS, member, signature, *values, told)
        while signal := self.next_signal(woken):
            if signal.member == "NameOwnerChanged":
                raise PortalError(_(GONE))
            if (signal.member, signal.path) == ("Response", path):
                code, results = signal.body
                if code == 1:
                    raise RefusedError(_(REFUSED))
                if code != 0:
                    raise PortalError(_(FAILED, reason=f"{member}: {code}"))
                return dict(results)
        return None

    def _listen_to(self, rule: str) -> None:
        self._call(BUS, "AddMatch", "s", f"type='signal',{rule}", name=BUS, path=BUS_PATH)

    def _call(
        self,
        interface: str,
        member: str,
        signature: str = "",
        *values: object,
        name: str = NAME,
        path: str = PATH,
    ) -> tuple[Any, ...]:
        """Call a method and wait for its answer. Raises DBusErrorResponse, TimeoutError, OSError."""
        message = new_method_call(DBusAddress(path, name, interface), member, signature or None, values)
        answer = self._bus.send_and_get_reply(message, timeout=PATIENCE)
        if answer.header.message_type is MessageType.error:
            raise DBusErrorResponse(answer)
        return answer.body


def shortcuts_version() -> int:
    """The version of the shortcuts of this desktop's portal, from 1. Raises PortalError where it has none.

    Takes as long as the portal takes to start, or PATIENCE.
    """
    portal = Portal()
    try:
        return portal.version()
    except (TimeoutError, OSError) as error:
        raise PortalError(_(FAILED, reason=reason_of(error))) from error
    finally:
        portal.close()


def keys_of(shortcuts: list[tuple[str, dict[str, Any]]], id: str) -> str | None:
    """The keys of a shortcut in the desktop's words, from what it tells of all; None where that one is not among them."""
    for each, about in shortcuts:
        if each == id:
            return str(about.get("trigger_description", ("s", ""))[1])
    return None


def reason_of(error: Exception) -> str:
    """What went wrong on the bus, in its own words."""
    if isinstance(error, DBusErrorResponse) and error.data:
        return str(error.data[0])
    return str(error) or type(error).__name__


def _address() -> str:
    """Where the session bus is, by the environment or at its usual place."""
    usual = f"unix:path={os.environ.get('XDG_RUNTIME_DIR', '')}/bus"
    return os.environ.get("DBUS_SESSION_BUS_ADDRESS") or usual
