"""The camera in PipeWire: its own PipeWire, and GStreamer as the program that reads it."""

import subprocess
import sys
import threading
from collections.abc import Iterator

import numpy as np
import pytest

if sys.platform != "linux":
    pytest.skip("PipeWire is a thing of Linux", allow_module_level=True)

from backdrop.frames import i420
from backdrop.outputs.base import OutputError
from backdrop.outputs.open import open_output
from backdrop.outputs.pipewire import PipeWireCamera, is_available
from backdrop.system import pipewire
from backdrop.system.pipewire_install import how_to_install
from backdrop.ui.output_choice import outputs
from tests.colour_chart import colour_chart, differences
from tests.pipewire_desktop import Desktop, desktop, in_bgr, missing, wait_for

SIZE = (640, 320)
lacking = missing()
needs_pipewire = pytest.mark.skipif(
    bool(lacking), reason=f"needs {lacking}; `make test` installs them on Debian, Ubuntu"
)


@pytest.fixture(scope="module")
def shared_desk() -> Iterator[Desktop]:
    with desktop() as made:
        yield made


@pytest.fixture
def desk(shared_desk, monkeypatch) -> Desktop:
    for name in ("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"):
        monkeypatch.setenv(name, shared_desk.environment[name])
    return shared_desk


class Sender:
    """Sends one frame again and again, 30 times a second, as the line does."""

    def __init__(self, output, frame):
        self.output, self._frame = output, frame
        self.error = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        while not self._stop.wait(1 / 30):
            try:
                self.output.send(self._frame)
            except OutputError as error:
                self.error = str(error)
                return

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        self.output.close()


@pytest.fixture
def sender(desk):
    with Sender(open_output("pipewire", *SIZE, 30), colour_chart()) as sending:
        yield sending


def ended(reader: "subprocess.Popen[str]", seconds: float = 60) -> tuple[int | None, str]:
    """The exit status of a reader and what it said; None where it has not ended by itself."""
    try:
        return reader.wait(seconds), reader.communicate()[1]
    except subprocess.TimeoutExpired:
        reader.kill()
        return None, reader.communicate()[1]


@needs_pipewire
@pytest.mark.parametrize("format", ["I420", "YUY2"])
def test_a_program_reads_the_colours_that_were_sent_in_the_format_that_it_takes(
    desk, sender, tmp_path, format
):
    assert ended(desk.reader(10, f"video/x-raw,format={format}", tmp_path / "frames")) == (0, "")
    apart = differences(in_bgr(tmp_path / "frames", *SIZE, format))
    print(f"ΔE 1976: mean {apart.mean():.2f}, worst {apart.max():.2f}")
    assert apart.max() < 3


@needs_pipewire
def test_desktops_see_a_camera_called_backdrop_while_it_is_open_and_none_after(desk):
    output = open_output("pipewire", *SIZE, 30)
    wait_for(desk.node)
    told = desk.node()
    assert {name: told[name] for name in ("media.class", "media.role", "node.description")} == {
        "media.class": "Video/Source",
        "media.role": "Camera",
        "node.description": "Backdrop",
    }
    output.close()
    output.close()
    wait_for(lambda: desk.node() is None)
    with pytest.raises(OutputError, match="closed"):
        output.send(colour_chart())


@needs_pipewire
def test_it_tells_whether_a_program_reads_it_and_which(desk, sender, tmp_path):
    assert sender.output.has_consumers() is False
    reader = desk.reader(10_000, "video/x-raw", tmp_path / "frames")
    wait_for(sender.output.has_consumers)
    wait_for(lambda: sender.output.readers() == ["gst-launch-1.0"])
    reader.kill()
    reader.communicate()
    wait_for(lambda: sender.output.has_consumers() is False)
    assert sender.output.readers() == []
    assert sender.error is None


@needs_pipewire
def test_two_programs_read_it_at_once(desk, sender, tmp_path):
    readers = [desk.reader(40, "video/x-raw", tmp_path / name) for name in ("one", "other")]
    assert [ended(each) for each in readers] == [(0, ""), (0, "")]
    for name in ("one", "other"):
        assert differences(in_bgr(tmp_path / name, *SIZE, "I420")).max() < 3


@needs_pipewire
def test_a_program_that_insists_on_another_rate_gets_the_frames_as_they_come(desk, sender, tmp_path):
    assert ended(desk.reader(10, "video/x-raw,framerate=15/1", tmp_path / "frames")) == (0, "")


@needs_pipewire
def test_a_program_that_insists_on_another_size_gets_nothing_and_harms_nobody(desk, sender, tmp_path):
    stubborn = desk.reader(10, "video/x-raw,width=320,height=240", tmp_path / "none")
    assert ended(desk.reader(10, "video/x-raw", tmp_path / "frames")) == (0, "")
    status, _ = ended(stubborn, 0.1)
    assert status != 0
    assert (tmp_path / "none").stat().st_size == 0
    assert sender.error is None


@needs_pipewire
def test_an_odd_size_loses_its_last_row_and_column(desk, tmp_path):
    with Sender(open_output("pipewire", 65, 49, 30), np.full((49, 65, 3), 90, np.uint8)):
        assert ended(desk.reader(3, "video/x-raw,format=I420", tmp_path / "frames")) == (0, "")
    assert np.abs(in_bgr(tmp_path / "frames", 64, 48, "I420").astype(int) - 90).max() <= 2


@needs_pipewire
def test_a_pipewire_that_ends_is_said_to_have_ended_and_can_be_opened_again_once_it_is_back(desk):
    with Sender(open_output("pipewire", *SIZE, 30), colour_chart()) as sending:
        desk.end_pipewire()
        wait_for(lambda: sending.error)
        assert sending.error.startswith("PipeWire stopped (")
        assert sending.output.has_consumers() is False
        with pytest.raises(OutputError, match=r"^PipeWire does not respond \(.*enable --now pipewire"):
            open_output("pipewire", *SIZE, 30)
        desk.start_pipewire()
    output = open_output("pipewire", *SIZE, 30)
    wait_for(desk.node)
    output.close()


@needs_pipewire
def test_devices_lists_it_where_pipewire_runs(desk, monkeypatch, tmp_path):
    command = [sys.executable, "-m", "backdrop", "devices"]
    said = subprocess.run(command, env=desk.environment, capture_output=True, text=True, timeout=600)
    assert "\n  pipewire       Backdrop" in said.stdout
    assert is_available()
    assert "pipewire" in dict(outputs())
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert not is_available()
    assert "pipewire" not in dict(outputs())


def test_where_pipewire_is_not_installed_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setattr(pipewire, "LIBRARY", "libnot-there.so.0")
    monkeypatch.setattr(pipewire, "_loaded", None)
    with pytest.raises(OutputError) as raised:
        PipeWireCamera(640, 360, 30)
    assert str(raised.value) == f"PipeWire is not installed: {how_to_install()}."
    assert not is_available()


def test_i420_becomes_yuy2_with_the_colours_of_both_rows():
    planes = i420.from_bgr(np.random.default_rng(1).integers(0, 255, (4, 6, 3), np.uint8))
    target = np.zeros((4, 6, 2), np.uint8)
    pipewire.to_yuy2(planes, target)
    brightness, blue, red = i420.planes(planes)
    assert (target[:, :, 0] == brightness).all()
    assert (target[:, 0::2, 1] == blue.repeat(2, axis=0)).all()
    assert (target[:, 1::2, 1] == red.repeat(2, axis=0)).all()


def test_the_format_that_was_settled_on_is_read_whether_it_is_a_value_or_a_choice_of_one():
    offered = pipewire._parameters(640, 360, 30)
    assert [pipewire.video_format(each) for each in offered[:2]] == [pipewire.I420, pipewire.YUY2]
    choice = pipewire._choice(0, 3, pipewire.YUY2.to_bytes(4, sys.byteorder))
    assert pipewire.video_format(pipewire._object(0x40003, 4, {0x20001: choice})) == pipewire.YUY2
    assert pipewire.video_format(pipewire._object(0x40003, 4, {})) is None
