"""The live picture, against a mailbox into which the tests put results."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QImage, QMouseEvent, QWheelEvent

from backdrop.frames import i420
from backdrop.frames.frame import Frame
from backdrop.frames.mailbox import Mailbox
from backdrop.pipeline.pipeline import Result
from backdrop.pipeline.quality import QUALITY_LEVELS
from backdrop.run.stats import Stats
from backdrop.settings.settings import Settings
from backdrop.ui.preview import Preview
from backdrop.ui.screen import for_screen
from backdrop.ui.statistics import stat_line, stat_lines
from tests.qt import application, heard, until

RED, BLUE = (0, 0, 255), (255, 0, 0)  # BGR
STATS = Stats(29.96, 29.4, 28.04, 12.34, 7, 900, "Demo camera", "/dev/video10", age=15.64)


@pytest.fixture
def mailbox():
    return Mailbox[Result]()


@pytest.fixture
def frames():
    return Mailbox[Frame]()


@pytest.fixture
def preview(shown, mailbox, frames):
    return shown(Preview(mailbox, frames=frames), 640, 480)


def plain(colour, width=320, height=180, index=0):
    return Result(np.full((height, width, 3), colour, np.uint8), None, index, 0.0)


def half_red(width=320, height=180):
    """Pixels that are red in the left half."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, : width // 2] = RED
    return pixels


@pytest.fixture
def paint(preview, mailbox):
    """Shows a result, and waits until it is painted."""

    def paint(result=None):
        painted = preview.painted
        mailbox.put(plain(RED) if result is None else result)
        until(lambda: preview.painted > painted)

    return paint


def seen(preview: Preview) -> QImage:
    return preview.grab().toImage()


def test_the_newest_result_is_what_is_seen_in_its_own_colours(preview, mailbox):
    mailbox.put(plain(BLUE))
    mailbox.put(plain(RED, index=1))
    until(lambda: preview.painted)
    middle = seen(preview).pixelColor(320, 240)
    assert (middle.red(), middle.green(), middle.blue()) == (255, 0, 0)
    assert mailbox.dropped == 1


@pytest.mark.parametrize("size", [(640, 480), (401, 303), (320, 180)])
def test_a_composite_in_i420_is_seen_in_its_own_colours_at_any_size(preview, paint, size):
    preview.resize(*size)
    pixels = np.full((360, 640, 3), RED, np.uint8)
    pixels[:, 320:] = BLUE
    paint(Result(i420.from_bgr(pixels), None, 0, 0.0))
    picture = seen(preview)
    left, right = (picture.pixelColor(size[0] * part // 4, size[1] // 2) for part in (1, 3))
    assert (left.red() > 245, left.blue() < 10) == (True, True)
    assert (right.blue() > 245, right.red() < 10) == (True, True)
    assert preview.frame_size() == QSize(640, 360)


def test_on_a_screen_of_twice_the_pixels_the_picture_has_twice_the_pixels(preview, paint, monkeypatch):
    monkeypatch.setattr(preview, "devicePixelRatioF", lambda: 2.0)
    paint()
    assert (preview._image.width(), preview._image.height()) == (1280, 720)
    assert seen(preview).pixelColor(320, 240).red() == 255


@pytest.mark.parametrize("in_i420", [True, False])
def test_made_small_for_the_screen_every_pixel_counts(in_i420):
    stripes = np.zeros((256, 256, 3), np.uint8)
    stripes[:, ::4] = 200  # a quarter of it: 50 on the whole
    small = for_screen(i420.from_bgr(stripes) if in_i420 else stripes, 64, 64)
    assert small.shape == (64, 64, 4)
    assert np.abs(small[..., :3].astype(int) - 50).max() <= 6


def test_the_picture_keeps_its_shape_and_the_rest_is_dark(preview, paint):
    paint()
    place = preview.picture_rectangle()
    assert (place.width(), place.height()) == (640, 360)
    assert place.top() == 60
    assert seen(preview).pixelColor(320, 20).lightness() < 40
    assert seen(preview).pixelColor(320, 470).lightness() < 40


def test_the_corners_are_round(preview, paint):
    paint()
    corner = preview.picture_rectangle().topLeft().toPoint() + QPoint(1, 1)
    assert seen(preview).pixelColor(corner).red() < 60
    assert seen(preview).pixelColor(corner + QPoint(20, 20)).red() == 255


def test_a_frame_of_odd_width_is_not_sheared(preview, paint):
    pixels = half_red(161, 90)
    paint(Result(pixels, None, 0, 0.0))
    for y in (100, 240, 380):
        assert seen(preview).pixelColor(200, y).red() > 200
        assert seen(preview).pixelColor(440, y).red() < 50


def test_a_mirrored_result_with_backward_rows_is_shown_as_it_is(preview, paint):
    pixels = half_red()
    paint(Result(pixels[:, ::-1], None, 0, 0.0))
    assert seen(preview).pixelColor(160, 240).red() < 50
    assert seen(preview).pixelColor(480, 240).red() > 200


@pytest.mark.parametrize("planes", [False, True])
@pytest.mark.parametrize(
    ("mirror_preview", "mirror"), [(True, False), (True, True), (False, False), (False, True)]
)
def test_the_person_sees_themselves_as_in_a_mirror_whatever_others_see(
    preview, paint, mirror_preview, mirror, planes
):
    preview.show_settings(Settings(mirror_preview=mirror_preview, mirror=mirror))
    pixels = half_red()  # at the camera's left
    sent = np.ascontiguousarray(pixels[:, ::-1]) if mirror else pixels
    paint(Result(i420.from_bgr(sent) if planes else sent, np.zeros((180, 320), np.uint8), 0, 0.0))
    red = 480 if mirror_preview else 160
    assert seen(preview).pixelColor(red, 240).red() > 200
    assert seen(preview).pixelColor(640 - red, 240).red() < 50


def test_what_is_written_on_a_picture_is_not_mirrored(preview, mailbox):
    preview.show_settings(Settings())
    pixels = half_red()
    alpha = np.zeros((180, 320), np.uint8)
    for index, result in enumerate(
        [Result(pixels, None, 0, 0.0), Result(pixels, alpha, 1, 0.0, is_fallback=True)]
    ):
        mailbox.put(result)
        until(lambda index=index: preview.painted > index)
        assert seen(preview).pixelColor(160, 240).red() > 200


def test_the_mirror_shows_at_once_while_the_picture_stands_still(preview, paint):
    pixels = half_red()
    paint(Result(pixels, np.zeros((180, 320), np.uint8), 0, 0.0))
    preview.show_settings(Settings())
    assert seen(preview).pixelColor(480, 240).red() > 200
    preview.show_settings(Settings(mirror_preview=False))
    assert seen(preview).pixelColor(160, 240).red() > 200


def test_nothing_is_taken_or_painted_while_hidden_and_it_goes_on_when_shown(preview, mailbox, paint):
    paint()
    preview.hide()
    mailbox.put(plain(BLUE, index=1))
    before = mailbox.dropped
    with pytest.raises(AssertionError):
        until(lambda: preview.painted > 1, seconds=0.3)
    mailbox.put(plain(BLUE, index=2))
    assert mailbox.dropped == before + 1  # it was still there
    preview.show()
    until(lambda: preview.painted == 2)


def test_nothing_is_taken_while_the_window_is_minimised_and_it_goes_on_once_it_is_not(
    preview, mailbox, paint
):
    paint()
    preview.look_out(False)
    preview.hide()
    preview.show()  # as some desktops do meanwhile
    mailbox.put(plain(BLUE, index=1))
    with pytest.raises(AssertionError):
        until(lambda: preview.painted > 1, seconds=0.3)
    preview.look_out(True)
    until(lambda: preview.painted == 2)


def test_a_closed_mailbox_leaves_the_last_picture(preview, mailbox, paint):
    paint()
    mailbox.close()
    with pytest.raises(AssertionError):
        until(lambda: preview.painted > 1, seconds=0.1)
    assert seen(preview).pixelColor(320, 240).red() == 255


def test_the_rates_are_drawn_over_the_picture_only_when_asked_for(preview, paint):
    paint()
    without = seen(preview)
    preview.show_stats(STATS)
    inside = preview.picture_rectangle().topLeft().toPoint() + QPoint(20, 20)
    assert seen(preview).pixelColor(inside).red() < 100
    preview.show_stats(None)
    assert seen(preview) == without


def test_the_rates_say_everything_that_was_asked():
    assert stat_lines(STATS) == [
        ("Camera", "30.0 fps"),
        ("Processed", "29.4 fps"),
        ("Output", "28.0 fps"),
        ("Time per frame", "12.3 ms"),
        ("Delay", "15.6 ms"),
        ("Dropped", "7"),
    ]
    assert ("Output", "off") in stat_lines(replace(STATS, output=""))


def test_what_frames_are_not_given_is_said_below_the_rates(preview, paint):
    busy = replace(STATS, savings=tuple(QUALITY_LEVELS[-1].savings))
    assert stat_lines(busy)[-3:] == [("Saving CPU", words) for words in QUALITY_LEVELS[-1].savings]
    preview.resize(900, 480)
    paint()
    preview.show_stats(STATS)
    usual = seen(preview)
    preview.show_stats(busy)
    assert _dark(seen(preview)) > 1.5 * _dark(usual) > 0


def test_statistics_never_cover_the_face_in_a_small_preview(preview, paint):
    preview.resize(402, 226)  # in a window of 760 × 520
    paint()
    without = seen(preview)
    preview.show_stats(replace(STATS, savings=tuple(QUALITY_LEVELS[-1].savings)))
    drawn = seen(preview)
    upper = QRect(0, 0, drawn.width(), drawn.height() * 3 // 4)
    assert drawn.copy(upper) == without.copy(upper)
    assert drawn != without
    assert stat_line(STATS) == "29.4 fps  ·  Delay 16 ms  ·  Dropped 7"


def _dark(image: QImage) -> int:
    """How many pixels of the red picture the rates have covered."""
    place = range(0, image.width(), 4), range(70, 410, 4)
    return sum(image.pixelColor(x, y).red() < 100 for x in place[0] for y in place[1])


def raw(colour, index=0):
    return Frame(np.full((180, 320, 3), colour, np.uint8), index, 0.0)


def middle(preview):
    """(red, blue) in the middle of the picture."""
    colour = seen(preview).pixelColor(320, 240)
    return colour.red(), colour.blue()


def press(preview, kind, at, button=Qt.MouseButton.LeftButton):
    point, held = QPointF(*at), button if kind != QEvent.Type.MouseButtonRelease else Qt.MouseButton.NoButton
    event = QMouseEvent(kind, point, preview.mapToGlobal(point), button, held, Qt.KeyboardModifier.NoModifier)
    application().sendEvent(preview, event)


def turn(preview, notches, at=(320, 240)):
    point, none = QPointF(*at), Qt.KeyboardModifier.NoModifier
    angle = QPoint(0, round(120 * notches))
    event = QWheelEvent(
        point, preview.mapToGlobal(point), QPoint(), angle, Qt.MouseButton.NoButton, none, Qt.ScrollPhase.NoScrollPhase, False
    )  # fmt: skip
    application().sendEvent(preview, event)


def zooms(preview):
    preview.zoom.changed.connect(preview.show_settings)
    return heard(preview.zoom.changed)


def test_while_the_person_compares_the_camera_is_shown_as_it_is_and_not_before_or_after(
    preview, mailbox, paint, frames
):
    told = heard(preview.compared)
    frames.put(raw(BLUE))  # one from before is not shown
    paint()
    preview.compare(True)
    assert told == [True]
    assert middle(preview) == (255, 0)
    frames.put(raw(BLUE))
    until(lambda: middle(preview) == (0, 255))
    mailbox.put(plain(RED, index=1))  # goes on meanwhile, unseen
    frames.put(raw(BLUE, index=1))
    until(lambda: frames.take(0) is None)
    assert middle(preview) == (0, 255)
    preview.compare(False)
    assert told == [True, False]
    assert middle(preview) == (255, 0)
    frames.put(raw(BLUE, index=2))
    mailbox.put(plain(RED, index=2))
    painted = preview.painted
    until(lambda: preview.painted > painted)
    assert middle(preview) == (255, 0)


def test_a_press_that_does_not_move_compares_until_it_ends(preview, paint):
    told = heard(preview.compared)
    paint()
    press(preview, QEvent.Type.MouseButtonPress, (320, 240))
    press(preview, QEvent.Type.MouseMove, (322, 241))  # a hand trembles
    until(lambda: told == [True])
    press(preview, QEvent.Type.MouseButtonRelease, (322, 241))
    assert told == [True, False]


def test_a_short_press_and_one_beside_the_picture_do_nothing(preview, paint):
    told = heard(preview.compared)
    paint()
    press(preview, QEvent.Type.MouseButtonPress, (320, 240))
    press(preview, QEvent.Type.MouseButtonRelease, (320, 240))
    press(preview, QEvent.Type.MouseButtonPress, (320, 20))
    with pytest.raises(AssertionError):
        until(lambda: told, seconds=0.4)


def test_the_wheel_zooms_around_the_mouse_and_a_drag_moves_in_a_mirror_too(preview, paint):
    paint()
    for mirrored, sign in ((False, 1), (True, -1)):
        preview.show_settings(Settings(mirror_preview=mirrored))
        changes = zooms(preview)
        turn(preview, 8, at=(600, 240))
        assert changes[-1].zoom > 200
        # Towards the mouse, which is at the camera's other side in a mirror.
        assert sign * changes[-1].zoom_x > 800
        turn(preview, -30)
        assert (changes[-1].zoom, changes[-1].zoom_x) == (100, 0)
        turn(preview, 8)
        press(preview, QEvent.Type.MouseButtonPress, (320, 240))
        press(preview, QEvent.Type.MouseMove, (420, 240))
        press(preview, QEvent.Type.MouseMove, (440, 200))
        press(preview, QEvent.Type.MouseButtonRelease, (440, 200))
        assert sign * changes[-1].zoom_x < -100  # the picture follows the mouse
        assert changes[-1].zoom_y > 50
        press(preview, QEvent.Type.MouseButtonDblClick, (320, 240))
        assert (changes[-1].zoom, changes[-1].zoom_x, changes[-1].zoom_y) == (100, 0, 0)
        preview.zoom.changed.disconnect()


def test_who_zooms_while_being_centred_is_no_longer_centred(preview, paint):
    paint()
    preview.show_settings(Settings(auto_framing=True, zoom=250, zoom_x=900))
    changes = zooms(preview)
    turn(preview, 1)
    assert (changes[-1].auto_framing, changes[-1].zoom, changes[-1].zoom_x) == (False, 110, 0)


def test_the_zoom_is_shown_while_zoomed_and_its_buttons_work(preview):
    preview.show_settings(Settings())
    assert preview.zoom.isHidden()
    preview.show_settings(Settings(zoom=150))
    assert not preview.zoom.isHidden()
    assert preview.zoom.whole.text() == "150 %"
    changes = zooms(preview)
    preview.zoom.closer.click()
    assert changes[-1].zoom == 180
    preview.zoom.farther.click()
    assert changes[-1].zoom == 150
    preview.zoom.whole.click()
    assert changes[-1] == Settings()
    assert preview.zoom.isHidden()
    assert not preview.zoom.farther.isEnabled()
