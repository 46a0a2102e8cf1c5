"""Without a camera the demo is shown to the person alone, and marked; others get the placeholder."""

from dataclasses import replace

import numpy as np
import pytest

from backdrop.cameras.base import CameraError, NoCameraError
from backdrop.cameras.demo import DemoCamera
from backdrop.cameras.open import open_camera
from backdrop.frames.placeholder import AWAY, DEMO, GROUND, marked, placeholder
from backdrop.run import camera_thread
from tests.app.cameras.test_open_camera import linux_without_cameras
from tests.line_ends import Recorder, SecretCamera
from tests.whole_line import ON, Line, is_composite, until

ANY = replace(ON, camera="")
NONE = NoCameraError("No camera works: plug one in.")


@pytest.fixture
def without_camera(line: Line, monkeypatch: pytest.MonkeyPatch) -> Line:
    """A line that has no camera but the demo, which shows the secret room here."""
    line.limits = replace(line.limits, fallback=0.1)
    monkeypatch.setattr(camera_thread, "_spec_of", lambda camera: "secret")
    line.cameras[""] = NONE
    line.cameras["demo"] = SecretCamera(name="Demo camera")
    return line


def is_marked(pixels: np.ndarray) -> bool:
    return tuple(pixels[0, 0]) == GROUND and tuple(pixels[-1, 0]) == (0x40, 0x30, 0x20)


def is_away(pixels: np.ndarray) -> bool:
    return np.array_equal(pixels, placeholder(320, 180, AWAY))


def no_demo_in(output: Recorder) -> bool:
    return all(map(is_away, output.sent))


@linux_without_cameras
def test_the_first_camera_that_works_is_never_the_demo():
    with pytest.raises(NoCameraError, match=r"^No camera works: connect one"):
        open_camera("", 320, 240, 15)
    assert isinstance(open_camera("demo", 320, 240, 15), DemoCamera)


def test_off_air_the_preview_shows_the_demo_and_says_that_it_is_one(without_camera):
    engine = without_camera.start(replace(ANY, virtual_camera=False))
    result = until(engine, lambda result: result.is_fallback)
    assert is_marked(result.pixels)
    assert engine.stats().camera == "Demo camera"
    assert without_camera.outputs == []


@pytest.mark.parametrize("held", ["hide", "freeze"])
def test_off_air_the_demo_that_is_held_is_no_fault(without_camera, held):
    engine = without_camera.start(replace(ANY, virtual_camera=False))
    until(engine, lambda result: result.is_fallback)
    engine.settings = replace(engine.settings, **{held: True})
    times: list[float] = []  # frozen, a result is shown again; hidden, one that is not the demo
    shown = until(engine, lambda result: result.notice is None)
    while shown.is_fallback and shown.captured_at not in times:
        times.append(shown.captured_at)
        shown = until(engine, lambda result: result.notice is None)
    assert engine.notice is None
    engine.settings = replace(engine.settings, virtual_camera=True)
    assert engine.notice == str(NONE), "others would see no demo"


@pytest.mark.parametrize("backdrop", ["colour", "none", "blur"])
@pytest.mark.usefixtures("impatient")
def test_on_air_there_is_the_placeholder_and_what_is_wrong_is_said(without_camera, backdrop):
    engine = without_camera.start(replace(ANY, backdrop=backdrop))
    output = without_camera.output()
    output.wait_for(is_away, 20)
    assert no_demo_in(output)
    assert engine.notice == str(NONE)
    assert engine.stats().camera == ""
    assert not until(engine, lambda _: True).is_fallback, "the preview shows what others see"
    engine.settings = ON


def test_going_on_air_and_off_again_lets_no_frame_of_the_demo_out(without_camera):
    engine = without_camera.start(replace(ANY, virtual_camera=False))
    for _ in range(10):
        until(engine, lambda result: result.is_fallback)
        engine.settings = ANY
        until(engine, lambda result: not result.is_fallback)
        without_camera.output().wait_for(is_away, 2)
        engine.settings = replace(ANY, virtual_camera=False)
    assert all(map(no_demo_in, without_camera.outputs))


@pytest.mark.usefixtures("impatient")
def test_a_camera_that_is_plugged_in_is_taken_and_the_demo_closed(without_camera):
    engine = without_camera.start(ANY)
    output = without_camera.output()
    output.wait_for(is_away, 3)
    demo = without_camera.cameras["demo"]
    without_camera.cameras[""] = SecretCamera()
    output.wait_for(is_composite, 3)
    assert engine.stats().camera == "secret camera"
    assert engine.notice is None
    assert demo.index > 0
    assert not any(map(is_marked, output.sent))


def test_the_demo_that_a_person_chose_goes_out(line):
    line.cameras["demo"] = SecretCamera(name="Demo camera")
    _engine, output = line.running(replace(ON, camera="demo"))
    assert not any(map(is_marked, output.sent))


@pytest.mark.usefixtures("impatient")
def test_where_not_even_the_demo_can_be_had_there_is_the_placeholder(without_camera):
    without_camera.cameras["demo"] = CameraError("It is damaged.")
    engine = without_camera.start(replace(ANY, virtual_camera=False))
    until(engine, lambda result: result.notice == str(NONE))


def test_the_mark_is_on_a_copy_and_fits_any_size():
    for width, height in ((64, 48), (320, 180), (1280, 720)):
        pixels = np.full((height, width, 3), 200, np.uint8)
        shown = marked(pixels, DEMO)
        assert (pixels == 200).all()
        assert (shown[-1] == 200).all()
        assert not (shown[0] == 200).all()


def test_the_command_without_a_camera_says_so_and_ends(monkeypatch, capsys):
    from backdrop.__main__ import main
    from backdrop.cameras.open import list_cameras

    if [info.spec for info in list_cameras()] != ["demo"]:
        pytest.skip("there is a camera")
    assert main(["run", "--output", "null", "--seconds", "1"]) == 1
    assert "No camera works" in capsys.readouterr().err
