"""Files are opened as files: no name of one, and nothing written in one, leads to the network."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import av
import cv2
import numpy as np
import pytest

from backdrop.backdrops.arguments import read_picture
from backdrop.backdrops.base import BackdropError
from backdrop.backdrops.picture import Picture, find_picture
from backdrop.backdrops.video import opened, still_of
from backdrop.bench.cases import BenchError, cases
from backdrop.bench.loaded import _frames_of
from backdrop.cameras.base import CameraError
from backdrop.cameras.open import open_camera
from backdrop.cameras.video_file import VideoFile
from backdrop.cli.control import read_values
from backdrop.files.local import expanded, is_address
from backdrop.outputs.base import OutputError
from backdrop.outputs.open import open_output
from backdrop.outputs.sound import sounds_of
from backdrop.outputs.video_writer import VideoWriter
from backdrop.settings.file import load_settings
from backdrop.settings.settings import Settings, SettingsError
from sinet_core.training.evaluate.clips import read_frames
from tests.videos import greys, numbers, write_video


class Listener:
    """A server on this computer that counts who connects."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.callers = 0
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _address = self._socket.accept()
                self.callers += 1
                connection.close()

    def close(self) -> int:
        """Returns how many have connected."""
        # All who connected before this one have been counted when it is.
        before = self.callers
        with socket.create_connection(("127.0.0.1", self.port)):
            pass
        while self.callers == before:
            threading.Event().wait(0.01)
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._socket.close()
        return self.callers - 1


@pytest.fixture
def listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    """A server that nobody may connect to, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    listener = Listener()
    yield listener
    assert listener.close() == 0, "something asked the network"


def send_some(output: VideoWriter) -> None:
    for pixels in greys(3):
        output.send(pixels)
    output.close()


def frames_of(path: Path) -> int:
    with contextlib.closing(VideoFile(path, paced=False)) as file:
        count = 0
        with contextlib.suppress(CameraError):
            while True:
                file.read()
                count += 1
        return count


READERS: dict[str, Callable[[str], object]] = {
    "camera": lambda name: open_camera(name, 64, 48, 25).close(),
    "video file": lambda name: VideoFile(name).close(),
    "video backdrop": lambda name: opened(Path(name)).close(),
    "thumbnail": lambda name: still_of(Path(name), 64, 48),
    "sound": lambda name: sounds_of(name, SimpleNamespace(format=SimpleNamespace(name="mp4")), 0.0),  # type: ignore[arg-type]
    "bench": lambda name: _frames_of(Path(name), cases(["160x96"], ["colour"])[0]),
    "training": lambda name: read_frames(Path(name)),
}
REFUSALS = (av.FFmpegError, BackdropError, BenchError, CameraError, OutputError, SettingsError, OSError)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "called", ["tcp:127.0.0.1:{port}", "http:127.0.0.1:{port}", "list.m3u8", "list.ffconcat"]
)
def test_no_file_that_is_read_leads_to_the_network(called, reader, listener):
    name = called.format(port=listener.port)
    inside = f"http://127.0.0.1:{listener.port}/a.mp4"
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{inside}\n"
    Path(name).write_text(f"ffconcat version 1.0\nfile '{inside}'\n" if "concat" in called else playlist)
    with contextlib.suppress(*REFUSALS):
        READERS[reader](name)


WRITERS: dict[str, Callable[[str], object]] = {
    "output": lambda name: open_output(name, 64, 48, 25),
    "video": lambda name: VideoWriter(name, 64, 48, 25),
    "video, as a path": lambda name: VideoWriter(Path(name), 64, 48, 25),
    "setting": lambda name: Settings(output=name),
    "backdrop set": lambda name: read_values([f"output={name}"]),
}


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize(
    "address",
    [
        "tcp:127.0.0.1:{port}?.mkv",
        "rtmp://127.0.0.1:{port}/a/b.mp4",
        "tee:a.mp4",
        "HTTP://127.0.0.1:{port}/a.mkv",
    ],
)
def test_an_address_as_an_output_is_refused_with_a_sentence(address, writer, listener):
    with pytest.raises(
        (OutputError, SettingsError), match="is an address, and Backdrop never uses the network: use a file"
    ):
        WRITERS[writer](address.format(port=listener.port))
    assert list(Path().iterdir()) == []


def test_a_saved_address_is_not_used_and_said(tmp_path):
    (tmp_path / "settings.json").write_text('{"output": "tcp:127.0.0.1:9?.mkv", "mirror": true}')
    settings, notices = load_settings(tmp_path / "settings.json")
    assert settings == Settings(mirror=True)
    assert "never uses the network" in notices[0]


@pytest.mark.parametrize(
    "name",
    [
        "call-16:30.mp4",
        "a:b.mov",
        "./tcp:127.0.0.1:9?.mkv",
        "~x.mp4",
        "%03d.mkv",
        "a|b.webm",
        "-.mkv",
        "file:a.mp4",
    ],
)
def test_a_file_may_be_called_anything(name, listener):
    send_some(VideoWriter(name, 64, 48, 25))
    assert Path(name).stat().st_size > 0
    assert [path.name for path in Path().iterdir()] == [Path(name).name]
    assert frames_of(Path(name)) == 3
    if "file:" not in name:
        assert len(read_frames(Path(name))[0]) == 3
    assert numbers([still_of(Path(name), 64, 48)]) == [2]


def test_a_file_in_a_folder_with_a_colon_is_written_and_read(tmp_path):
    folder = tmp_path / "tcp:127.0.0.1:9"
    folder.mkdir()
    send_some(VideoWriter(folder / "a.mp4", 64, 48, 25))
    assert frames_of(folder / "a.mp4") == 3


def test_the_sound_of_a_file_with_a_colon_in_its_name_is_kept(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    source = write_video(tmp_path / "a.mp4", greys(3), sound="aac").rename(tmp_path / "16:30.mp4")
    send_some(VideoWriter("copy:1.mp4", 64, 48, 25, sound_of=source.name))
    with av.open(str(tmp_path / "copy:1.mp4")) as container:
        assert container.streams.audio


@pytest.mark.parametrize("name", ["~x.jpg", "~root.jpg", "call-16:30.jpg", "~"])
def test_a_picture_may_be_called_anything(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ok, encoded = cv2.imencode(".jpg", np.full((48, 64, 3), 90, np.uint8))
    assert ok
    Path(name).write_bytes(encoded.tobytes())
    assert read_picture(name) == str(tmp_path / name)
    assert find_picture(name) == Path(name)
    frame = np.zeros((48, 64, 3), np.uint8)
    assert Picture(find_picture(name)).render(frame, None)[0, 0, 0] == pytest.approx(90, abs=2)


def test_a_tilde_is_a_home_folder_where_there_is_one(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert expanded("~/a.jpg") == tmp_path / "a.jpg"
    assert expanded("~nobody-of-this-name/a.jpg") == Path("~nobody-of-this-name/a.jpg")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "demo",
        "null",
        "10",
        "/dev/video10",
        "OBS Virtual Camera",
        "a.mp4",
        r"C:\a.mp4",
        "call-16:30.mp4",
        "./tcp:a.mkv",
    ],
)
def test_what_is_no_address_is_let_through(name):
    assert not is_address(name)
    assert Settings(output=name).output == name
