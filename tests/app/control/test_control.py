"""The control socket: what it does, who may speak to it, and that nothing that is said to it breaks it."""

import json
import os
import re
import signal
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing.connection import Client
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from backdrop.cli.control import as_text, control, read_values
from backdrop.cli.parser import build_parser
from backdrop.control import answer as answers
from backdrop.control.client import NotRunningError, ask
from backdrop.control.instance import claim
from backdrop.control.peer import is_this_user
from backdrop.control.place import ControlError, address, folder
from backdrop.control.request import COMMANDS, MAX_REQUEST, TOGGLES, Request, encode, read_request
from backdrop.control.server import MAX_CALLERS, Server
from backdrop.control.unattended import HeadlessController, reached_by_commands
from backdrop.pipeline.pipeline import Result
from backdrop.run.engine import Engine
from backdrop.settings.file import settings_path
from backdrop.settings.presets import Presets, presets_path
from backdrop.settings.settings import NAMES, Settings, SettingsError
from tests import ROOT
from tests.conftest import NOBODY
from tests.line_ends import LONG

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the tests use Unix sockets")

START = Settings(camera="demo", width=320, height=180, backdrop="colour")


@pytest.fixture
def place(monkeypatch):
    """A folder for sockets that no other test uses, short enough for an address."""
    with tempfile.TemporaryDirectory(prefix="backdrop-") as parent:
        monkeypatch.setenv("XDG_RUNTIME_DIR", parent)
        monkeypatch.setenv("XDG_CONFIG_HOME", f"{parent}/config")  # presets
        yield Path(parent)


@pytest.fixture
def running(place):
    """An engine that listens; it need not run for that."""
    engine, stop = Engine(START), threading.Event()
    engine.asked_to_stop = stop
    with reached_by_commands(engine, stop, ""):
        yield engine


def speak(message: bytes) -> dict[str, Any]:
    """Send a message as it is to the running Backdrop. Returns the answer."""
    with Client(address("")) as connection:
        connection.send_bytes(message)
        assert connection.poll(20)
        return json.loads(connection.recv_bytes())


def speak_raw(raw: bytes) -> bytes:
    """Send bytes that need not be a message, hang up, and return all that comes back until the other side closes."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(20)
        connection.connect(address(""))
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(raw)
            connection.shutdown(socket.SHUT_WR)
        said = b""
        with suppress(ConnectionResetError):
            while piece := connection.recv(65536):
                said += piece
        return said


def test_blur_is_toggled_and_goes_back_to_what_was_there(running):
    assert ask(Request("toggle", "blur"))["settings"]["backdrop"] == "blur"
    assert running.settings.backdrop == "blur"
    assert ask(Request("toggle", "blur"))["settings"]["backdrop"] == "colour"


@pytest.mark.parametrize("what", TOGGLES)
def test_everything_that_can_be_toggled_is_and_goes_back(running, what):
    ask(Request("toggle", what))
    changed = [name for name in NAMES if getattr(running.settings, name) != getattr(START, name)]
    assert ("backdrop" if what == "blur" else what.replace("-", "_")) in changed
    ask(Request("toggle", what))
    assert running.settings in (START, START.with_blur_toggled().with_blur_toggled())


def test_settings_are_set_and_blur_remembers_what_was_there_before(running):
    said = ask(Request("set", settings={"backdrop": "blur", "blur_strength": 80, "mirror": True}))
    assert running.settings == Settings(
        camera="demo",
        width=320,
        height=180,
        backdrop="blur",
        before_blur="colour",
        blur_strength=80,
        mirror=True,
    )
    assert said["settings"] == {
        "backdrop": "blur",
        "before_blur": "colour",
        "blur_strength": 80,
        "mirror": True,
    }


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"mirror": True, "fps": 0}, "from 1 to 240, not 0"),
        ({"mirror": True, "fps": "30"}, "must be a whole number"),
        ({"mirror": True, "nonsense": 1}, "Unknown setting “nonsense”"),
        ({"mirror": True, "picture": "a\0b"}, "not a valid name"),
        ({"mirror": True, "colour": "red"}, "like #3b5b7a"),
        ({}, "must hold names"),
    ],
)
def test_of_settings_that_are_not_all_right_none_is_set(running, settings, says):
    said = speak(json.dumps({"do": "set", "settings": settings}).encode())
    assert (said["ok"], said["status"]) == (False, 2)
    assert says in said["error"]
    assert running.settings == START


def test_status_tells_the_settings_the_rates_and_who_it_is(running):
    status = ask(Request("status"))["status"]
    assert (status["pid"], status["window"]) == (os.getpid(), False)
    assert Settings(**status["settings"]) == START
    assert set(status["rates"]) == {"camera", "processing", "output"}
    text = as_text(status)
    rows = dict(re.split(r"\s{2,}", line, maxsplit=1) for line in text.splitlines())
    assert (rows["Backdrop"], rows["Virtual camera"]) == ("colour (#3b5b7a)", "off")


def test_a_snapshot_is_named_or_it_is_said_why_there_is_none(running, monkeypatch, tmp_path):
    with pytest.raises(ControlError, match="no picture of you"):
        ask(Request("snapshot"))
    monkeypatch.setenv("XDG_PICTURES_DIR", str(tmp_path))
    pixels, alpha = np.zeros((90, 160, 3), np.uint8), np.zeros((90, 160), np.uint8)
    running._shown = Result(pixels, alpha, 0, 0.0)
    assert ask(Request("snapshot"))["file"] == str(tmp_path / "Backdrop.png")
    assert (tmp_path / "Backdrop.png").is_file()


def test_quit_ends_it_and_show_says_that_there_is_no_window(running):
    assert ask(Request("show"))["shown"] is False
    for token in ("a b", "", "é", "x" * 201, 7, None):
        assert not speak(json.dumps({"do": "show", "token": token}).encode())["ok"]
    assert not running.asked_to_stop.is_set()
    ask(Request("quit"))
    assert running.asked_to_stop.wait(LONG)


class EndAtOnce(threading.Event):
    """Anyone who waits for it is given the time to end everything before the one who has set it goes on."""

    def __init__(self):
        super().__init__()
        self.ending = threading.Event()

    def set(self):
        super().set()
        assert self.ending.wait(LONG)
        time.sleep(0.3)


def test_who_asks_for_the_end_is_answered_though_it_comes_at_once(place):
    answers, stop = [], EndAtOnce()
    caller = threading.Thread(target=lambda: answers.append(ask(Request("quit"))))
    with reached_by_commands(Engine(START), stop, ""):
        caller.start()
        assert stop.wait(LONG)
        stop.ending.set()
    caller.join(LONG)
    assert [answer["pid"] for answer in answers] == [os.getpid()]


def test_without_a_running_backdrop_a_sentence_says_so(place):
    with pytest.raises(NotRunningError, match="No Backdrop is running: start one"):
        ask(Request("status"))
    with reached_by_commands(Engine(START), threading.Event(), "second"):
        assert ask(Request("status"), "second")["ok"]
        with pytest.raises(NotRunningError):
            ask(Request("status"))


def test_a_name_that_is_taken_is_refused_and_the_one_without_a_name_may_run_twice(running):
    with reached_by_commands(Engine(START), threading.Event(), ""):
        assert ask(Request("status"))["status"]["pid"] == os.getpid()
    assert ask(Request("status"))["ok"], "the first is still reached"
    with (
        reached_by_commands(Engine(START), threading.Event(), "second"),
        pytest.raises(ControlError, match="named second is already running"),
        reached_by_commands(Engine(START), threading.Event(), "second"),
    ):
        pass


@pytest.mark.parametrize("name", ["../evil", "a/b", "", "UPPER", "-x", "a" * 33, "a\n", "é"])
def test_no_name_leads_out_of_the_folder(place, name):
    if name:
        with pytest.raises(ControlError, match="instance's name"):
            claim(name)
    else:
        assert Path(address(name)).parent == folder()


def test_a_request_that_is_too_long_is_refused_and_the_next_is_answered(running):
    said = speak(b"x" * (MAX_REQUEST + 1))
    assert said == {"ok": False, "error": f"A request may have at most {MAX_REQUEST} bytes.", "status": 2}
    assert speak_raw(struct.pack("!i", 1_000_000) + b"x" * 1_000_000) == b"", "not even read"
    longest = json.dumps({"do": "toggle", "what": "mirror"}).encode().ljust(MAX_REQUEST)
    assert speak(longest)["ok"]
    assert not speak(b" " + longest)["ok"]
    assert running.settings.mirror
    with pytest.raises(ControlError, match="at most 4096 bytes"):
        encode(Request("set", settings={"picture": "é" * 4000}))


def test_a_caller_that_says_nothing_or_never_ends_its_message_is_closed_and_holds_up_nobody(running):
    with socket.socket(socket.AF_UNIX) as silent, socket.socket(socket.AF_UNIX) as slow:
        for each in (silent, slow):
            each.connect(address(""))
            each.settimeout(20)
        slow.sendall(struct.pack("!i", 20) + b'{"do": "sta')
        assert ask(Request("status"))["ok"]
        assert silent.recv(1) == slow.recv(1) == b""


def test_more_callers_than_it_serves_are_closed_and_later_ones_are_served(running):
    callers = [socket.socket(socket.AF_UNIX) for _ in range(3 * MAX_CALLERS)]
    try:
        for each in callers:
            each.settimeout(20)
            each.connect(address(""))
        assert callers[-1].recv(1) == b""
    finally:
        for each in callers:
            each.close()
    deadline = time.monotonic() + LONG
    while True:
        with suppress(ControlError):
            assert ask(Request("status"))["ok"]
            break
        assert time.monotonic() < deadline


IDLE = """
import selectors, socket, sys
# Thirty connections that say nothing; one that is closed is made again at once.
waiting = selectors.DefaultSelector()
def connect():
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(sys.argv[1])
    waiting.register(connection, selectors.EVENT_READ)
for _ in range(30):
    connect()
print("idle", flush=True)
while True:
    for key, _events in waiting.select():
        waiting.unregister(key.fileobj)
        key.fileobj.close()
        connect()
"""


@pytest.fixture
def idle() -> Iterator[Callable[[str], None]]:
    """Another process of this user that holds thirty connections, says nothing, and comes again."""
    started: list[subprocess.Popen[str]] = []

    def hold(place: str) -> None:
        started.append(
            subprocess.Popen([sys.executable, "-c", IDLE, place], stdout=subprocess.PIPE, text=True)
        )
        assert started[-1].stdout is not None
        assert started[-1].stdout.readline() == "idle\n"

    yield hold
    for each in started:
        each.kill()
        each.communicate()


def test_a_program_that_holds_many_connections_keeps_nobody_else_out(running, idle):
    idle(address(""))
    for _ in range(40):
        assert ask(Request("status"))["ok"]


def test_a_caller_that_hangs_up_early_harms_nothing(running):
    for raw in (
        b"",
        b'{"do": "status"}\n',
        b'{"do"',
        struct.pack("!i", 16),
        struct.pack("!i", 16) + b'{"do": "status"}',
    ):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(address(""))
            connection.sendall(raw)
    half = struct.pack("!i", 40) + b'{"do": "toggle", "what": "mirror"}'
    assert speak_raw(half) == b"", "a message that has no end is none"
    assert ask(Request("status"))["status"]["settings"]["mirror"] is False


@how(max_examples=50, deadline=None)
@given(st.binary(max_size=300))
def test_whatever_message_is_sent_to_the_socket_it_is_refused(listening, message):
    assert speak(message)["ok"] is False
    assert speak(b'{"do": "status"}')["ok"]


@how(max_examples=100, deadline=None)
@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda raw: struct.pack("!i", len(raw)) + raw))
def test_whatever_is_said_to_the_socket_it_closes_and_goes_on(listening, raw):
    speak_raw(raw)
    assert speak(b'{"do": "status"}')["ok"]


@pytest.fixture(scope="module")
def listening():
    """One that listens for the whole of a property's examples."""
    with tempfile.TemporaryDirectory(prefix="backdrop-") as parent, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", parent)
        with reached_by_commands(Engine(START), threading.Event(), ""):
            yield


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(NAMES),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
VALUES = st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=8), JSON, max_size=6)
ASKED = st.fixed_dictionaries(
    {"do": st.sampled_from(COMMANDS) | JSON},
    optional={"what": st.sampled_from(TOGGLES) | JSON, "settings": VALUES | JSON},
)


@how(max_examples=150, deadline=None)
@given(ASKED | JSON)
def test_whatever_json_is_asked_there_is_an_answer_and_the_settings_stay_right(asked):
    engine = Engine(START)
    said = answers.answer(json.dumps(asked).encode(), HeadlessController(engine, threading.Event()))
    told = json.loads(said)
    if told["ok"]:
        assert asked["do"] in COMMANDS
    else:
        assert told["error"]
        assert told["status"] in (1, 2)
        assert engine.settings == START, "a request is done whole or not at all"
    engine.settings.__post_init__()  # raises when it holds a wrong value


@how(deadline=None)
@given(st.sampled_from([b"[", b'{"a":', b"1", b"-", b'"\\ud800', b"9e"]), st.integers(1, MAX_REQUEST))
def test_json_that_is_deep_or_long_is_refused_like_any_other(piece, times):
    with pytest.raises(ControlError):
        read_request(piece * times)


def test_an_exception_is_an_answer_and_no_end():
    class Broken(HeadlessController):
        def status(self):
            raise RuntimeError("no rates")

    said = json.loads(answers.answer(b'{"do": "status"}', Broken(Engine(START), threading.Event())))
    assert (said["ok"], said["status"]) == (False, 1)
    assert "no rates" in said["error"]


# Where it lies


def test_the_folder_and_the_socket_are_this_users_alone(place):
    instance = claim()
    assert instance is not None
    assert stat.S_IMODE((place / "backdrop").stat().st_mode) == 0o700
    assert stat.S_IMODE((place / "backdrop" / "main.sock").stat().st_mode) == 0o600
    instance.close()
    assert not (place / "backdrop" / "main.sock").exists()


def test_a_folder_that_others_may_enter_is_closed_to_them(place):
    (place / "backdrop").mkdir()
    (place / "backdrop").chmod(0o777)
    assert stat.S_IMODE(folder().stat().st_mode) == 0o700


@pytest.mark.parametrize("runtime", [None, "", "relative", "/nowhere", "shared", "long"])
def test_without_a_runtime_folder_of_ones_own_there_is_one_among_the_temporary_files(
    tmp_path, monkeypatch, runtime
):
    if runtime == "shared":
        (tmp_path / "shared").mkdir()
        (tmp_path / "shared").chmod(0o777)
    if runtime == "long":
        (tmp_path / ("long" * 20)).mkdir(mode=0o700)
    value = {"shared": str(tmp_path / "shared"), "long": str(tmp_path / ("long" * 20))}.get(
        runtime or "", runtime
    )
    monkeypatch.delenv("XDG_RUNTIME_DIR") if value is None else monkeypatch.setenv("XDG_RUNTIME_DIR", value)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    wanted = {tmp_path / f"backdrop-{os.getuid()}", Path(f"/run/user/{os.getuid()}/backdrop")}
    assert folder() in wanted


def test_a_folder_that_is_a_link_or_belongs_to_somebody_else_is_refused(place):
    (place / "elsewhere").mkdir()
    (place / "backdrop").symlink_to(place / "elsewhere")
    with pytest.raises(ControlError, match="belongs to another user"):
        folder()
    (place / "backdrop").unlink()
    if os.getuid() == 0:
        (place / "backdrop").mkdir()
        os.chown(place / "backdrop", NOBODY, NOBODY)
        with pytest.raises(ControlError, match="belongs to another user"):
            claim()


CALL = """
import os, socket, sys
os.setuid(int(sys.argv[1]))
connection = socket.socket(socket.AF_UNIX)
connection.connect(sys.argv[2])
connection.recv(1)
"""


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can be two users")
def test_another_user_is_turned_away_even_where_the_folder_lets_them_in(place):
    place.chmod(0o755)
    path = place / "open.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        path.chmod(0o666)
        listener.listen()
        for user, ours in ((0, True), (NOBODY, False)):
            with subprocess.Popen([sys.executable, "-c", CALL, str(user), str(path)]):
                connection, _address = listener.accept()
                assert is_this_user(connection) is ours
                connection.close()


# One alone

CLAIM = """
import sys, time
from backdrop.control.instance import claim
sys.stdin.readline()
claimed = claim()
print("won" if claimed else "lost", flush=True)
sys.stdin.readline()
"""


def claimer():
    return subprocess.Popen(
        [sys.executable, "-c", CLAIM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def test_of_several_that_start_at_the_same_moment_exactly_one_wins(place):
    processes = [claimer() for _ in range(4)]
    for each in processes:
        each.stdin.write("\n")
        each.stdin.flush()
    said = [each.stdout.readline().strip() for each in processes]
    assert sorted(said) == ["lost", "lost", "lost", "won"]
    for each in processes:
        each.communicate()


def test_the_socket_of_one_that_was_killed_is_taken_over(place):
    first = claimer()
    first.stdin.write("\n")
    first.stdin.flush()
    assert first.stdout.readline() == "won\n"
    assert claim() is None
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert Path(address("")).exists(), "it could not tidy up"
    with pytest.raises(NotRunningError):
        ask(Request("status"))
    with reached_by_commands(Engine(START), threading.Event(), ""):
        assert ask(Request("status"))["ok"]


def test_callers_of_one_that_is_still_starting_wait_for_it(place):
    instance = claim()
    said = []
    caller = threading.Thread(target=lambda: said.append(ask(Request("status"), patience=20)))
    caller.start()
    server = Server(instance.listener, HeadlessController(Engine(START), threading.Event()))
    server.start()
    caller.join(20)
    assert said[0]["ok"]
    assert server.stop(LONG)
    instance.close()


# The commands


def test_values_in_words_become_settings_of_their_types():
    assert read_values(["backdrop=#102030", "mirror=on", "blur-strength=7", "camera=0"]) == {
        "backdrop": "colour",
        "colour": "#102030",
        "mirror": True,
        "blur_strength": 7,
        "camera": "0",
    }
    assert read_values(["backdrop=cafe"]) == {"backdrop": "picture", "picture": "cafe"}
    assert read_values(["picture="]) == {"picture": ""}


@pytest.mark.parametrize(
    "text",
    [
        "mirror",
        "mirror=perhaps",
        "fps=1e3",
        "fps=" + "9" * 5000,
        "nonsense=1",
        "backdrop=nowhere.jpg",
        "=",
        "",
    ],
)
def test_values_that_are_not_right_are_refused_before_anything_is_asked(text):
    with pytest.raises((ControlError, SettingsError)):
        read_values(["mirror=on", text])


def preset(name: str, deed: str = "use", **more: str) -> dict[str, Any]:
    return ask(Request("preset", preset={"name": name, "deed": deed, **more}))["settings"]


def test_presets_are_saved_used_renamed_and_deleted_by_command(running):
    preset("Red", "save")
    running.settings = Settings(camera="demo", width=320, height=180)
    assert preset("red") == {"backdrop": "colour"}
    assert running.settings.backdrop == "colour"
    status = ask(Request("status"))["status"]
    assert (status["presets"], status["preset"]) == (["Red"], "Red")
    assert "Preset" in as_text(status)
    preset("Red", "rename", to="Crimson")
    preset("1", "belong", to="Zoom")
    preset("Crimson", "delete")
    assert ask(Request("status"))["status"]["presets"] == []
    with pytest.raises(ControlError, match="no presets yet"):
        preset("Red")


def test_a_preset_never_shows_the_room_to_others_by_accident(running):
    running.settings = Settings(camera="demo", backdrop="none")
    preset("Open", "save")
    running.settings = Settings(camera="demo", virtual_camera=True)
    with pytest.raises(ControlError, match="shows your room") as refused:
        preset("Open")
    assert refused.value.status == 1
    assert running.settings.backdrop == "blur"
    assert preset("Open", room="yes")["backdrop"] == "none"
    running.settings = Settings(camera="demo", record=True)
    with pytest.raises(ControlError, match="shows your room"):
        preset("Open")
    running.settings = Settings(camera="demo")  # nobody can see it
    assert preset("Open")["backdrop"] == "none"


@pytest.mark.parametrize(
    "asked",
    [7, {}, {"name": "A"}, {"name": "A", "deed": "explode"}, {"name": 7, "deed": "use"},
     {"name": "A", "deed": "use", "more": "x"}, {"name": "A", "deed": "use", "room": True}],
)  # fmt: skip
def test_a_request_about_a_preset_that_makes_no_sense_is_refused(running, asked):
    said = speak(json.dumps({"do": "preset", "preset": asked}).encode())
    assert (said["ok"], said["status"]) == (False, 2)


def test_without_a_running_backdrop_the_presets_of_the_file_are_listed(place, capsys):
    Presets(presets_path(settings_path())).save("Work", START)
    assert control(build_parser().parse_args(["preset"])) == 0
    assert capsys.readouterr().out == "  1 Work\n"
    with pytest.raises(NotRunningError):
        control(build_parser().parse_args(["preset", "Work"]))
