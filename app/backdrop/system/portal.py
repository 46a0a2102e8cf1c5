"""The desktop's portal for shortcuts: on Wayland, it grants keys that work in every program.

This is org.freedesktop.portal.GlobalShortcuts of xdg-desktop-portal, version 1, as documented. It is called on the session
bus, which connects the programs of one user. Imports no Qt because the doctor uses it, too. jeepney and not QtDBus:
PySide6 cannot send a list of structures, as shortcuts are, and crashes if one tries.
"""

import os
import select
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
PATIENCE = 20.0  # seconds for the portal, which may have to start first; the user may take any time

INSTALL = "backdrop install-desktop"
NO_BUS = N_("Shortcuts are not available: this desktop has no session bus.")
NO_PORTAL = N_("Shortcuts are not available: this desktop has no portal for them, or an older one.")
NOT_KNOWN = N_(
    "The desktop allows shortcuts only for installed applications. Run `{command}`, then restart Backdrop."
)
REFUSED = N_("You did not allow the shortcut.")
NO_KEYS = N_("The desktop did not assign any keys.")
FAILED = N_("The desktop could not set up the shortcut ({reason}).")
GONE = N_("The desktop has removed the shortcut.")


class PortalError(Exception):
    """There is no shortcut. str() is a sentence for the user, with the command that fixes it if there is one."""


class RefusedError(PortalError):
    """The user has said no."""


@dataclass(frozen=True, slots=True)
class Signal:
    """path: of the sending object. member: its name. body: its arguments, with variants as (type, value)."""

    path: str
    member: str
    body: tuple[Any, ...]


class Portal:
    """The portal, over a connection to the session bus. For one thread. Raises PortalError if there is no bus."""

    def __init__(self) -> None:
        try:
            self._bus: DBusConnection = open_dbus_connection(_address())
        except Exception as error:  # an unknown kind of address, a missing socket, a bus that does not answer
            raise PortalError(_(NO_BUS)) from error
        self._signals: deque[Message] = deque()
        self._bus.filter(MatchRule(type="signal"), queue=self._signals)
        self._owner = ""  # the only sender whose signals count as the portal's
        self._tokens = 0

    def close(self) -> None:
        """Disconnect, which ends the session in the portal, too. Harmless the second time."""
        self._bus.close()

    def version(self) -> int:
        """The version of the shortcuts portal, from 1. Raises PortalError if there is none."""
        try:
            (value,) = self._call("org.freedesktop.DBus.Properties", "Get", "ss", SHORTCUTS, "version")
            return int(value[1])
        except DBusErrorResponse as error:
            raise PortalError(_(NO_PORTAL)) from error

    def open_session(self, woken: int) -> str | None:
        """Begin a session of shortcuts. Returns its path, or None as soon as the file woken becomes readable.

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
            if error.name.endswith(".NotAllowed"):  # since 1.21, for programs without an ID
                raise PortalError(_(NOT_KNOWN, command=INSTALL)) from error
            raise
        return None if results is None else str(results["session_handle"][1])

    def bind(self, woken: int, session: str, id: str, description: str, trigger: str) -> str | None:
        """Request a shortcut, once per session; the desktop may ask the user. description: what it does, for the user.

        trigger: the preferred keys as in the shortcuts specification, such as "CTRL+ALT+b". Returns the assigned keys in
        the desktop's own words, "" if unknown, or None as soon as the file woken becomes readable. Raises RefusedError
        if the user says no, and PortalError.
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
        """Release the shortcuts of a session."""
        self._call(SESSION, "Close", path=session)

    def next_signal(self, woken: int) -> Signal | None:
        """Wait for a signal of the portal, or of the bus about it. None if woken becomes readable."""
        while True:
            while self._signals:
                message = self._signals.popleft()
                fields = message.header.fields
                if fields.get(HeaderFields.sender) in (self._owner, BUS):  # ignore all others
                    return Signal(fields[HeaderFields.path], fields[HeaderFields.member], message.body)
            if self._read():
                continue
            ready, _out, _bad = select.select([self._bus.sock, woken], [], [])
            if woken in ready:
                return None

    def _read(self) -> bool:
        """Receive a message that has already arrived. Returns whether there was one."""
        try:
            self._bus.recv_messages(timeout=0)
        except TimeoutError:
            return False
        return True

    def _register(self) -> None:
        """Tell the portal our application ID, before anything else; programs outside a sandbox may have none otherwise.

        Portals before 1.20 do not know this call. Others refuse it if the desktop entry is not installed; those that
        require an ID then report that later.
        """
        try:
            self._call(REGISTRY, "Register", "sa{sv}", ID, {})
        except DBusErrorResponse as error:
            if error.name in (f"{BUS}.Error.ServiceUnknown", f"{BUS}.Error.NameHasNoOwner"):
                raise PortalError(_(NO_PORTAL)) from error

    def _ask(
        self, woken: int, member: str, signature: str, *values: object, options: dict[str, Any] | None = None
    ) -> dict[str, Any] | None:
        """Call a method that is answered later, by a signal at a path agreed in advance. None if woken becomes readable."""
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
        """Call a method and wait for its reply. Raises DBusErrorResponse, TimeoutError or OSError."""
        message = new_method_call(DBusAddress(path, name, interface), member, signature or None, values)
        answer = self._bus.send_and_get_reply(message, timeout=PATIENCE)
        if answer.header.message_type is MessageType.error:
            raise DBusErrorResponse(answer)
        return answer.body


def shortcuts_version() -> int:
    """The version of this desktop's shortcuts portal, from 1. Raises PortalError if it has none.

    Takes as long as the portal takes to start, at most PATIENCE.
    """
    portal = Portal()
    try:
        return portal.version()
    except (TimeoutError, OSError) as error:
        raise PortalError(_(FAILED, reason=reason_of(error))) from error
    finally:
        portal.close()


def keys_of(shortcuts: list[tuple[str, dict[str, Any]]], id: str) -> str | None:
    """The keys of one of these shortcuts in the desktop's own words; None if it is not among them."""
    for each, about in shortcuts:
        if each == id:
            return str(about.get("trigger_description", ("s", ""))[1])
    return None


def reason_of(error: Exception) -> str:
    """The reason of an error on the bus, in its own words."""
    if isinstance(error, DBusErrorResponse) and error.data:
        return str(error.data[0])
    return str(error) or type(error).__name__


def _address() -> str:
    """The address of the session bus, from the environment or the default."""
    usual = f"unix:path={os.environ.get('XDG_RUNTIME_DIR', '')}/bus"
    return os.environ.get("DBUS_SESSION_BUS_ADDRESS") or usual
