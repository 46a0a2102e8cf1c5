"""The engine over small real cameras and outputs: what leaves it, when something fails, and how it stops."""

import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from backdrop.cameras.base import CameraError, CameraInfo
from backdrop.frames.mailbox import Mailbox
from backdrop.frames.placeholder import HIDDEN, placeholder
from backdrop.outputs.base import OutputError
from backdrop.pipeline.pipeline import Result
from backdrop.run import camera_thread
from tests.line_ends import LONG, SecretCamera
from tests.secret_room import DiscFinder, leaked, person_disc, secret_frame
from tests.waiting import wait_until
from tests.whole_line import ON, PERSON, is_card, is_composite, leaks, until


def test_the_person_comes_through_and_the_room_does_not(line):
    engine = line.start()
    shown = line.output().wait_for(is_composite, 10)
    result = until(engine, lambda result: result.notice is None)
    assert leaked(result.pixels, PERSON) == 0
    assert engine.notice is None
    assert engine.error is None
    sure = person_disc(320, 180) > 0
    sure[:66] = sure[114:] = sure[:, :136] = sure[:, 184:] = False  # well inside
    frames = [secret_frame(seed=seed) for seed in range(50)]
    for pixels in shown:
        # One whole frame, although the camera fills its buffer again while the frame is processed.
        assert any(np.array_equal(pixels[sure], frame[sure]) for frame in frames)


def rates(stats):
    return stats.capture_fps, stats.process_fps, stats.output_fps


def test_the_engine_says_how_it_is_doing(line):
    engine, _output = line.running(count=70)
    until(engine, lambda result: all(0 < rate <= 70 for rate in rates(engine.stats())))  # of a camera's 60
    stats = engine.stats()
    assert stats.frames >= 70
    assert stats.milliseconds > 0
    assert (stats.camera, stats.output) == ("secret camera", "recorder")


def test_frames_that_come_too_fast_are_dropped_and_counted(line):
    class Slow(DiscFinder):
        def predict_lowres(self, frame: NDArray[np.uint8], input_scale: float = 1.0) -> NDArray[np.float32]:
            line.cameras["secret"].closed.wait(0.1)
            return super().predict_lowres(frame)

    engine, _output = line.running(segmenter=Slow)
    stats = engine.stats()
    assert stats.dropped > 3
    assert stats.frames + stats.dropped <= line.cameras["secret"].index


def test_the_threads_have_names_and_are_gone_after_stop(line):
    before = set(threading.enumerate())
    engine, _output = line.running()
    assert {"camera", "processing"} <= {thread.name for thread in set(threading.enumerate()) - before}
    assert engine.stop(LONG)
    assert not set(threading.enumerate()) - before
    assert line.outputs[0].closed.is_set()
    assert line.cameras["secret"].closed.is_set()
    assert engine.ended.is_set()
    assert engine.preview.closed
    assert engine.stop()


def test_until_the_network_is_loaded_there_is_the_card(line):
    may_load = threading.Event()

    def load() -> DiscFinder:
        assert may_load.wait(LONG)
        return DiscFinder()

    engine = line.start(segmenter=load)
    first = engine.preview.take(LONG)
    assert first is not None
    assert first.alpha is None
    assert not first.is_raw
    assert leaked(first.pixels) == 0
    may_load.set()
    line.output().wait_for(is_composite)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("backdrop", ["blur", "none"])
def test_without_a_network_the_card_goes_out_at_the_rate_even_with_the_effect_off(line, backdrop):
    def load() -> DiscFinder:
        raise RuntimeError("sinet.onnx is cut short.")

    engine = line.start(replace(ON, backdrop=backdrop), segmenter=load)
    sent = line.output().wait_for(is_card, 10)
    assert all(map(is_card, sent))
    assert "sinet.onnx is cut short." in (engine.notice or "")
    assert isinstance(engine.error, RuntimeError)
    assert leaked(until(engine, lambda result: True).pixels) == 0


def test_a_network_that_fails_later_gives_the_card_and_recovers(line):
    trouble = threading.Event()

    class Moody(DiscFinder):
        def predict_lowres(self, frame: NDArray[np.uint8], input_scale: float = 1.0) -> NDArray[np.float32]:
            if trouble.is_set():
                raise RuntimeError("no answer")
            return super().predict_lowres(frame)

    engine, output = line.running(segmenter=Moody)
    trouble.set()
    output.wait_for(is_card, 3)
    assert "no answer" in (engine.notice or "")
    trouble.clear()
    output.wait_for(is_composite, 3)
    until(engine, lambda result: result.notice is None)


@pytest.mark.usefixtures("impatient")
def test_a_camera_that_is_not_there_shows_the_card_until_it_comes(line):
    camera = line.cameras["secret"]
    line.cameras["secret"] = CameraError("There is no camera: plug one in.")
    engine = line.start()
    line.output().wait_for(is_card, 20)
    assert engine.notice == "There is no camera: plug one in."
    assert engine.error is None
    assert engine.stats().camera == ""
    line.cameras["secret"] = camera
    line.output().wait_for(is_composite, 3)
    until(engine, lambda result: result.notice is None)
    assert len(line.outputs) == 1


@pytest.mark.usefixtures("impatient")
def test_a_camera_that_is_pulled_out_shows_the_card_and_comes_back(line):
    camera = line.cameras["secret"]
    engine, output = line.running()
    line.cameras["secret"] = CameraError("There is no camera: plug one in.")
    camera.gone.set()
    began = time.monotonic()
    output.wait_for(is_card, 30)
    assert time.monotonic() - began > 0.4  # 30 at 60 a second: no flood; a standstill ends the wait
    until(engine, lambda result: result.notice == "There is no camera: plug one in.")
    assert camera.closed.is_set()
    line.cameras["secret"] = SecretCamera()
    output.wait_for(is_composite, 3)
    assert line.outputs == [output]
    assert not output.closed.is_set()


@pytest.mark.usefixtures("impatient")
def test_a_camera_that_fails_in_an_unknown_way_is_tried_again_and_its_exception_kept(line):
    camera = line.cameras["secret"]
    line.cameras["secret"] = ValueError("strange")
    engine = line.start()
    line.output().wait_for(is_card, 3)
    assert isinstance(engine.error, ValueError)
    assert "strange" in (engine.notice or "")
    line.cameras["secret"] = camera
    line.output().wait_for(is_composite)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("kind", ["grey", "float", "none", "tiny"])
def test_a_camera_that_gives_something_else_than_frames_shows_the_card(line, kind):
    class Odd(SecretCamera):
        def read(self) -> NDArray[np.uint8]:
            frame = super().read()
            odd = {"grey": frame[..., 0], "float": frame / 255, "none": None, "tiny": frame[:8, :8]}
            return odd[kind]  # type: ignore[return-value]

    line.cameras["secret"] = Odd()
    engine = line.start(replace(ON, backdrop="none"))
    sent = line.output().wait_for(is_card, 3)
    assert all(map(is_card, sent))
    assert engine.notice


@pytest.mark.parametrize("fps", [0.0, float("nan"), 90_000.0])
def test_a_camera_that_does_not_know_its_rate_is_taken_to_keep_the_one_asked_for(line, fps):
    class Unsure(SecretCamera):
        def read(self) -> NDArray[np.uint8]:
            self.fps = 60.0
            return super().read()

    camera = line.cameras["secret"] = Unsure()
    camera.fps = fps
    line.start(replace(ON, fps=24))
    line.output().wait_for(is_composite)
    assert line.outputs[0].fps == 24


@pytest.mark.usefixtures("impatient")
def test_a_camera_that_stands_still_shows_the_card_and_goes_on(line):
    camera = line.cameras["secret"]
    engine, output = line.running()
    camera.may_read.clear()
    output.wait_for(is_card, 10)
    assert engine.notice == "The camera sends no picture."
    camera.may_read.set()
    output.wait_for(is_composite, 3)
    until(engine, lambda result: result.notice is None)


def test_stopping_does_not_wait_for_a_read_that_blocks_and_the_late_frame_goes_nowhere(line):
    camera = line.cameras["secret"]
    engine, output = line.running()
    camera.may_read.clear()
    camera.reading.clear()
    assert camera.reading.wait(LONG)
    assert not engine.stop()
    assert not camera.closed.is_set(), "it did not wait for read(), which still blocks"
    assert output.closed.is_set()
    sent = len(output.sent)
    camera.may_read.set()
    assert camera.closed.wait(LONG)
    assert engine.stop(LONG)
    assert len(output.sent) == sent


def test_another_camera_while_read_blocks_is_shown_and_the_late_frame_is_not(line):
    stuck = line.cameras["secret"]
    line.cameras["other"] = SecretCamera(name="other camera")
    engine, output = line.running()
    stuck.may_read.clear()
    stuck.reading.clear()
    assert stuck.reading.wait(LONG)
    engine.settings = replace(engine.settings, camera="other")
    assert not stuck.closed.is_set(), "a window that does this must not stand still until read() returns"
    output.wait_for(is_composite, 3)
    assert engine.stats().camera == "other camera"
    frames = engine.stats().frames
    at_waking = stuck.index
    stuck.may_read.set()
    assert stuck.closed.wait(LONG)
    assert stuck.index <= at_waking + 1
    output.wait_for(is_composite, 3)
    assert engine.stats().frames >= frames + 3
    assert line.outputs == [output]
    assert engine.stop(LONG)


def test_the_same_camera_at_another_size_is_closed_before_it_is_opened_again(line):
    first = line.cameras["secret"]
    engine, output = line.running()
    larger = SecretCamera(640, 480)
    opened_while_closed: list[bool] = []

    def open_camera(spec: str, width: int, height: int, fps: int) -> SecretCamera:
        opened_while_closed.append(first.closed.is_set())
        return larger

    line.open_camera = open_camera
    engine.settings = replace(engine.settings, width=640, height=480)
    until(engine, lambda result: result.notice is None and result.pixels.shape == (480, 640, 3))
    assert opened_while_closed == [True]
    # Who reads a virtual camera does not like it to change: same output, same size, nothing stretched.
    output.wait_for(
        lambda pixels: tuple(pixels[0, 160]) == (0x40, 0x30, 0x20) and not is_composite(pixels), 3
    )
    assert line.outputs == [output]


def test_an_odd_frame_goes_to_an_output_of_even_size(line):
    line.cameras["secret"] = SecretCamera(321, 181)
    _engine, output = line.running()
    assert output.size == (320, 180)


@pytest.mark.usefixtures("impatient")
def test_an_output_that_does_not_open_gives_a_notice_the_preview_goes_on_and_it_is_tried_again(line):
    line.output_trouble = OutputError("There is no virtual camera: install v4l2loopback.")
    engine = line.start()
    until(engine, lambda result: result.notice is None and engine.notice is not None)
    assert engine.notice == "There is no virtual camera: install v4l2loopback."
    assert engine.stats().output == ""
    line.output_trouble = None
    line.output().wait_for(is_composite, 3)
    assert engine.notice is None


def test_a_missing_output_is_not_asked_for_at_every_frame_but_at_once_when_the_settings_change(line):
    line.output_trouble = OutputError("There is no virtual camera.")
    engine = line.start()
    until(engine, lambda result: engine.stats().frames > 10)
    assert line.output_tries == 1
    line.output_trouble = None
    engine.settings = replace(engine.settings, output="/dev/video9")
    line.output().wait_for(is_composite)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("trouble", [OutputError("The device is gone."), ValueError("strange")])
def test_a_virtual_camera_that_fails_later_is_opened_again(line, trouble):
    engine, first = line.running()
    line.output_opened.clear()
    first.trouble = trouble
    line.output().wait_for(is_composite)
    assert first.closed.is_set()
    assert len(line.outputs) == 2
    assert engine.notice is None


@pytest.mark.usefixtures("impatient")
def test_a_file_that_fails_later_is_not_written_over(line):
    engine, first = line.running(replace(ON, output="talk.mp4"))
    first.trouble = OutputError("The disk is full.")
    frames = engine.stats().frames
    until(engine, lambda result: engine.stats().frames > frames + 20)
    assert engine.notice == "The disk is full."
    assert len(line.outputs) == 1


def test_the_virtual_camera_is_open_only_while_it_is_on(line):
    engine = line.start(replace(ON, virtual_camera=False))
    until(engine, lambda result: result.notice is None)
    assert line.output_tries == 0
    engine.settings = replace(engine.settings, virtual_camera=True)
    output = line.output()
    output.wait_for(is_composite)
    engine.settings = replace(engine.settings, virtual_camera=False)
    assert output.closed.wait(LONG)
    until(engine, lambda result: result.notice is None)


def test_a_picture_that_does_not_load_hides_the_camera_and_says_so_to_the_person_alone(line):
    engine, output = line.running()
    engine.settings = replace(engine.settings, backdrop="picture", picture="/nowhere/private.jpg")
    sent = output.wait_for(is_card, 3)
    assert np.array_equal(sent[-1], placeholder(320, 180, HIDDEN))
    assert "private.jpg" in (engine.notice or "")
    engine.settings = ON
    output.wait_for(is_composite)


def test_from_the_moment_the_effect_is_on_again_no_frame_leaves_as_it_is(line):
    engine = line.start(replace(ON, backdrop="none"))
    output = line.output()
    raw = output.wait_for(lambda pixels: leaked(pixels) > 1000, 3)
    assert leaks(raw) > 1000
    for _ in range(5):
        engine.settings = ON
        output.wait_for(is_composite, 2)
        clear = len(output.sent)
        output.wait_for(is_composite, 5)
        assert leaks(output.sent[clear:]) == 0
        engine.settings = replace(ON, backdrop="none")
        output.wait_for(lambda pixels: leaked(pixels) > 1000, 2)
    engine.settings = ON
    output.wait_for(is_composite)
    output.sent.clear()


def test_a_frame_that_was_let_through_before_the_effect_came_on_is_held_back(line):
    """The camera's frame is on its way, the person turns the effect on, and the frame arrives where it would leave."""

    class Switch(Mailbox[Result]):
        """A preview in which every raw frame makes the person turn the effect on. After it, the frame goes to the output."""

        raw = 0

        def put(self, item: Result) -> None:
            if item.is_raw:
                Switch.raw += 1
                engine.settings = ON
            super().put(item)

    engine = line.make(ON)
    engine.preview = Switch()
    engine.start()
    output = line.output()
    for _ in range(3):
        output.wait_for(is_composite)
        engine.settings = replace(ON, backdrop="none")
        wait_until(lambda: engine.settings == ON)
    output.wait_for(is_composite)
    assert Switch.raw == 3
    assert leaks(output.sent) == 0


def test_a_video_that_ends_says_so_after_its_last_frame_and_no_card_follows_it(line):
    line.cameras["secret"] = SecretCamera(limit=10)
    engine = line.start()
    assert engine.ended.wait(LONG)
    assert engine.stop(LONG)
    assert line.opened == ["secret"]
    assert all(map(is_composite, line.sent))
    last = secret_frame(seed=9)
    assert np.array_equal(line.sent[-1][85:95, 155:165], last[85:95, 155:165])


@pytest.mark.usefixtures("impatient")
def test_a_video_that_has_ended_does_not_leave_its_last_picture_standing(line):
    line.cameras["secret"] = SecretCamera(limit=3)
    engine = line.start()
    line.output().wait_for(is_card, 3)
    assert engine.notice == "The video has ended."


def test_an_engine_that_was_never_started_stops_and_takes_settings(line):
    engine = line.make()
    engine.settings = replace(ON, camera="other")
    assert engine.stop()
    assert engine.ended.is_set()
    assert line.opened == []


def test_the_first_camera_that_worked_is_not_replaced_by_another_one_when_it_is_gone(line, monkeypatch):
    line.limits = replace(line.limits, camera_retry=0.05)
    monkeypatch.setattr(
        camera_thread,
        "list_cameras",
        lambda: [CameraInfo("secret", "secret camera"), CameraInfo("demo", "Demo")],
    )
    camera = line.cameras[""] = line.cameras["secret"]
    engine, _output = line.running(replace(ON, camera=""))
    line.cameras["secret"] = CameraError("It is gone.")
    camera.gone.set()
    until(engine, lambda result: result.notice == "It is gone.")
    assert line.opened[0] == ""
    assert set(line.opened[1:]) == {"secret"}
