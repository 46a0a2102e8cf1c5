"""The side panel and the toggles: what a person does in them becomes new settings, and settings show in them."""

import sys
from dataclasses import replace

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QSlider, QToolButton, QWidget

from backdrop.cameras.base import CameraInfo
from backdrop.run.stats import Stats
from backdrop.settings.settings import Settings, about
from backdrop.system import v4l2
from backdrop.ui import output_switch
from backdrop.ui.bar import Bar
from backdrop.ui.buttons import Swatch
from backdrop.ui.light_section import LightSection
from backdrop.ui.panel import Panel
from tests.qt import application, heard, until

CAMERAS = [CameraInfo("/dev/video0", "Integrated Camera"), CameraInfo("demo", "Demo camera")]
STATS = Stats(30, 30, 0, 8, 0, 9, "Demo camera", "")


@pytest.fixture
def panel(shown, worker):
    return shown(Panel(Settings(), worker), 320, 740)


@pytest.fixture
def bar(shown):
    return shown(Bar(Settings()), 1200, 40)


def visible(owner: QWidget, kind: type[QWidget]) -> list:
    return [each for each in owner.findChildren(kind) if each.isVisible()]


def visible_slider(panel: Panel, name: str) -> QSlider:
    (slider,) = (each for each in visible(panel, QSlider) if each.accessibleName() == name)
    return slider


def test_choosing_a_camera_by_its_name_sets_its_spec(panel):
    panel.camera.show_cameras(CAMERAS)
    combo, changes = panel.findChild(QComboBox), heard(panel.changed)
    names = [combo.itemText(row) for row in range(combo.count())]
    assert names == ["Automatic", "Integrated Camera", "Demo camera"]
    combo.activated.emit(0)
    assert changes == [], "the one that is in use already"
    combo.setFocus()
    QTest.keyClick(combo, Qt.Key.Key_Down)
    assert changes == [Settings(camera="/dev/video0")]


def test_a_camera_that_is_not_connected_stays_chosen(panel):
    panel.show_settings(Settings(camera="/dev/video7"))
    panel.camera.show_cameras(CAMERAS)
    assert panel.findChild(QComboBox).currentText() == "video7"
    panel.show_settings(Settings(camera="3"))
    assert panel.findChild(QComboBox).currentText() == "Camera 3"


def test_the_strength_has_the_range_and_the_words_of_the_settings_table(panel):
    slider, what = visible_slider(panel, "Blur strength"), about("blur_strength")
    assert (slider.minimum(), slider.maximum()) == (what.least, what.most)
    assert slider.value() == Settings().blur_strength
    assert slider.accessibleName() == what.label
    changes = heard(panel.changed)
    QTest.keyClick(slider, Qt.Key.Key_End)
    assert changes == [Settings(blur_strength=what.most)]


def test_choosing_a_picture_sets_it_and_remembers_nothing_else(panel):
    changes = heard(panel.changed)
    tiles = panel.gallery.groups["built in"]
    tiles.setCurrentRow([choice.picture for choice in tiles.choices()].index("cafe"))
    assert changes == [Settings(backdrop="picture", picture="cafe")]


def test_choosing_blur_remembers_what_the_toggle_goes_back_to(panel):
    panel.show_settings(Settings(backdrop="colour"))
    changes = heard(panel.changed)
    panel.gallery.groups["effects"].setCurrentRow(1)
    assert changes == [Settings(backdrop="blur", before_blur="colour")]


@pytest.mark.parametrize(
    ("backdrop", "name", "words"),
    [("colour", "colour", "Colour: Cream"), ("transparent", "key_colour", "Key colour: Magenta")],
)
def test_a_swatch_sets_the_colour_and_is_marked(panel, backdrop, name, words):
    panel.show_settings(Settings(backdrop=backdrop))
    changes, swatches = heard(panel.changed), visible(panel, Swatch)
    assert swatches[0].isChecked()
    assert swatches[2].accessibleName() == words
    swatches[2].click()
    assert changes == [Settings(backdrop=backdrop, **{name: swatches[2].colour})]
    assert swatches[0].isChecked(), "until the window agrees"
    panel.show_settings(changes[0])
    assert [each for each in swatches if each.isChecked()] == [swatches[2]]


def test_only_what_belongs_to_the_backdrop_can_be_set(panel):
    blending = ["Clean edges", "Light wrap", "Match brightness", "Match warmth"]
    for backdrop, sliders, swatches, styles in (
        ("blur", ["Blur strength"], 0, ["Blur style"]),
        ("colour", blending[:2], 5, []),
        ("transparent", blending[:1], 3, []),
        ("picture", ["Position", *blending], 0, ["Fit"]),
        ("none", [], 0, []),
    ):
        panel.show_settings(Settings(backdrop=backdrop))
        assert [slider.accessibleName() for slider in visible(panel, QSlider)] == sliders
        assert len(visible(panel, Swatch)) == swatches
        assert [combo.accessibleName() for combo in visible(panel.options, QComboBox)] == styles


@pytest.mark.parametrize("name", ["despill", "light_wrap", "match_brightness", "match_warmth"])
def test_how_the_person_belongs_is_set_by_a_slider_that_says_its_value(panel, name):
    panel.show_settings(Settings(backdrop="picture"))
    slider, changes = visible_slider(panel, about(name).label), heard(panel.changed)
    QTest.keyClick(slider, Qt.Key.Key_Home)
    assert [getattr(settings, name) for settings in changes] == [0]
    panel.show_settings(replace(changes[0], **{name: 42}))
    assert slider.value() == 42
    assert "42" in [words.text() for words in visible(panel.options, QLabel)]


def test_the_blur_is_soft_or_a_lens(panel):
    panel.show_settings(Settings(backdrop="blur"))
    (style,), changes = visible(panel.options, QComboBox), heard(panel.changed)
    QTest.keyClick(style, Qt.Key.Key_Down)
    assert changes == [Settings(backdrop="blur", blur_style="bokeh")]


def test_the_virtual_camera_is_switched_and_says_what_to_do(panel):
    changes, switch = heard(panel.changed), panel.virtual_camera
    switch.show_state(Settings(), STATS)
    assert switch.headline.text() == "Off"
    QTest.mouseClick(switch.toggle, Qt.MouseButton.LeftButton)
    assert changes == [Settings(virtual_camera=True)]
    wanted = Settings(virtual_camera=True)
    panel.show_settings(wanted)
    switch.show_state(wanted, replace(STATS, output_state="starting"))
    assert "Starting" in switch.headline.text()
    on = Stats(30, 30, 30, 8, 0, 9, "Demo camera", "Backdrop (/dev/video10)", output_state="ready")
    switch.show_state(wanted, on)
    assert switch.toggle.isChecked()
    assert "choose Backdrop (/dev/video10)" in switch.state.text()


def test_a_virtual_camera_that_is_not_there_does_not_look_as_if_it_were_on(panel):
    changes, switch = heard(panel.changed), panel.virtual_camera
    wanted = Settings(virtual_camera=True)
    panel.show_settings(wanted)
    failed = replace(STATS, output_state="failed", output_reason="There is no virtual camera: install one.")
    switch.show_state(wanted, failed)
    assert not switch.toggle.isChecked()
    assert switch.headline.text() == "Can't start"
    has_driver = sys.platform != "linux" or v4l2.loopbacks()
    assert ("install one" if has_driver else "no virtual camera yet") in switch.state.text()
    QTest.mouseClick(switch.toggle, Qt.MouseButton.LeftButton)
    assert changes == [Settings()], "it is not tried any more"


def test_where_the_driver_is_missing_the_way_to_it_is_offered_and_pipewire_beside_it(panel, monkeypatch):
    changes, switch, asked = heard(panel.changed), panel.virtual_camera, []
    switch.setup.clicked.connect(lambda: asked.append("setup"))
    wanted = Settings(virtual_camera=True)
    panel.show_settings(wanted)
    failed = replace(STATS, output_state="failed", output_reason="There is no virtual camera.")
    monkeypatch.setattr(v4l2, "loopbacks", lambda: {"/dev/video10"})
    switch.show_state(wanted, failed)
    assert not switch.setup.isVisible(), "a driver is there: it would not help"
    assert "There is no virtual camera." in switch.state.text()
    switch.show_state(wanted, STATS)
    monkeypatch.setattr(v4l2, "loopbacks", set)
    monkeypatch.setattr(output_switch, "is_available", lambda: True)
    switch.show_state(wanted, failed)
    assert switch.state.text() == "This computer has no virtual camera yet."
    switch.setup.click()
    switch.pipewire.click()
    assert asked == ["setup"]
    assert changes == [replace(wanted, output="pipewire")]
    switch.show_state(wanted, STATS)
    assert not switch.setup.isVisible()
    assert not switch.pipewire.isVisible()


def test_the_program_that_reads_the_virtual_camera_is_named(panel):
    wanted, switch = Settings(virtual_camera=True), panel.virtual_camera
    ready = replace(STATS, output="Backdrop (/dev/video10)", output_state="ready")
    for stats, said in (
        (ready, "Ready"),
        (replace(ready, has_consumers=None), "Ready"),
        (replace(ready, has_consumers=True), "In use"),
        (replace(ready, has_consumers=True, consumers=("Zoom",)), "In use by Zoom"),
        (replace(ready, has_consumers=True, consumers=("Chromium", "Zoom")), "In use by Chromium and Zoom"),
    ):
        switch.show_state(wanted, stats)
        assert switch.headline.text() == said
        assert switch.toggle.accessibleDescription().startswith(said)


def test_with_a_file_as_the_output_there_is_no_word_of_a_call(panel):
    switch = panel.virtual_camera
    settings = Settings(virtual_camera=True, output="/home/a/talk.mp4")
    for state, headline in (
        ("off", "Off"),
        ("starting", "Starting…"),
        ("ready", "Recording to talk.mp4"),
        ("failed", "Can't record"),
    ):
        switch.show_state(settings, replace(STATS, output_state=state, has_consumers=True))
        assert switch.toggle.text() == "Record to a file"
        assert switch.headline.text() == headline
        said = f"{switch.state.text()} {switch.toggle.accessibleDescription()}".lower()
        assert "call" not in said
        assert "camera" not in said
        assert not switch.setup.isVisible()


def test_the_blur_toggle_goes_to_blur_and_back(bar):
    changes = heard(bar.changed)
    bar.show_settings(Settings(backdrop="colour"))
    assert not bar.blur.isChecked()
    QTest.mouseClick(bar.blur, Qt.MouseButton.LeftButton)
    assert changes[-1] == Settings(backdrop="blur", before_blur="colour")
    bar.show_settings(changes[-1])
    assert bar.blur.isChecked()
    QTest.keyClick(bar.blur, Qt.Key.Key_Space)
    assert changes[-1].backdrop == "colour"


def test_the_toggles_switch_one_setting_each(bar):
    changes = heard(bar.changed)
    for toggle in (bar.mirror, bar.rates, bar.away, bar.freeze):
        toggle.click()
    wanted = ({"mirror_preview": False}, {"show_fps": True}, {"hide": True}, {"freeze": True})
    assert changes == [Settings(**each) for each in wanted]
    bar.show_settings(Settings(hide=True))
    assert (bar.away.isChecked(), bar.freeze.isChecked()) == (True, False)


def test_the_keys_are_left_out_where_there_is_little_room(bar):
    widths = []
    for width, room in ((1400, "whole"), (800, "word"), (330, "icon")):
        bar.resize(width, 40)
        application().processEvents()
        assert bar.blur.room == room
        widths.append(bar.blur.width())
    assert widths[0] > widths[1] > widths[2]
    assert bar.blur.toolTip()


def test_the_camera_and_its_size_are_named(bar):
    bar.show_camera("Demo camera", QSize(1280, 720))
    assert bar._state.text() == "Demo camera  ·  1280 × 720"
    bar.show_camera("A camera with a name of " + 20 * "many, " + "words", QSize(1280, 720))
    assert bar._state.text().endswith("…")
    bar.show_camera("", QSize())
    assert bar._state.text() == ""


def test_tab_goes_from_top_to_bottom(panel):
    panel.show_settings(Settings(backdrop="colour"))
    panel.activateWindow()
    until(panel.isActiveWindow)
    reached: QWidget = panel.doctor
    reached.setFocus()
    names = []
    while reached.accessibleName() not in names:
        names.append(reached.accessibleName())
        QTest.keyClick(reached, Qt.Key.Key_Tab)
        reached = application().focusWidget()
    assert names[:2] == ["Troubleshooting", "Settings"]
    assert names[2:6] == ["Camera", "Look for cameras again", "Size", "Frame rate"]
    assert names[6:8] == ["Preset", "Save and change presets"]
    assert names[9:12] == ["Backdrop: Effects", "Backdrop: Built in", "Colour: Slate blue"]
    assert names[-6:-3] == ["Choose another colour", "Clean edges", "Light wrap"]
    assert names[-3:] == ["Auto light", "Show sliders for light and colour", "Virtual camera"]
    assert reached.accessibleName() == "Troubleshooting"


def test_a_slider_is_reset_by_its_button_which_is_there_only_when_it_has_been_moved(panel):
    panel.show_settings(Settings(backdrop="picture", despill=60))
    (reset,) = (each for each in visible(panel, QToolButton) if each.accessibleName().startswith("Reset"))
    assert (reset.accessibleName(), reset.toolTip()) == ("Reset Clean edges", "Back to 80")
    panel.changed.connect(panel.show_settings)  # as the window does
    changes = heard(panel.changed)
    QTest.mouseClick(reset, Qt.MouseButton.LeftButton)
    assert changes == [Settings(backdrop="picture")]
    assert not reset.isVisible()


def test_automatic_light_and_the_sliders_for_light_and_colour(panel):
    light, changes = panel.light, heard(panel.changed)
    panel.changed.connect(panel.show_settings)
    assert not [each for each in visible(panel, QSlider) if each.accessibleName() == "Brightness"]
    light.more.click()
    for name, value in (("Portrait light", 40), ("Brightness", -20), ("Temperature", 100)):
        visible_slider(panel, name).setValue(value)
    assert changes[-1] == Settings(portrait_light=40, brightness=-20, temperature=100)
    light.auto.click()
    assert changes[-1].auto_light
    assert light.auto.isChecked()
    light.auto.click()
    assert not changes[-1].auto_light
    light.more.click()
    assert not [each for each in visible(panel, QSlider) if each.accessibleName() == "Brightness"]


def test_sliders_that_were_moved_are_shown_at_the_next_start(shown):
    assert shown(LightSection(Settings(contrast=10))).more.isChecked()


def test_enter_presses_the_panel_s_buttons_as_space_does(panel):
    changes, asked = heard(panel.changed), heard(panel.add_asked)
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space):
        QTest.keyClick(panel.light.auto, key)
        QTest.keyClick(panel.add_button, key)
    assert changes == 2 * [Settings(auto_light=True)]
    assert len(asked) == 2


@pytest.mark.parametrize("backdrop", ["none", "blur", "picture"])
def test_no_empty_space_is_left_between_a_backdrop_s_options_and_the_light(panel, backdrop):
    panel.show_settings(Settings(backdrop=backdrop))
    until(lambda: 0 < panel.light.y() - panel.options.geometry().bottom() < 30)
    (page,) = (each for each in panel.options._pages.values() if each.isVisible())
    until(lambda: panel.options.height() == page.height())
    assert page.height() <= page.sizeHint().height() + 2
