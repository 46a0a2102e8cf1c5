"""The tray's icon and menu: settings show in them, and what a person does there becomes new settings."""

from dataclasses import replace

import pytest

from backdrop.run.stats import Stats
from backdrop.settings.settings import Settings
from backdrop.ui.choice import Choice
from backdrop.ui.tray import SIZES, State, Tray, icon_of, state_of
from tests.qt import application, heard

CHOICES = [
    Choice("none", "None"),
    Choice("blur", "Blur"),
    Choice("colour", "Colour"),
    Choice("picture", "Dusk", "dusk"),
    Choice("picture", "Tom & Ann", "/home/a/beach.jpg", own=True),
]
ON_AIR = Stats(30, 30, 30, 8, 0, 9, "Demo camera", "Backdrop (/dev/video10)", has_consumers=True)
STATES = [
    State(backdrop, on_air, trouble)
    for backdrop in ("none", "blur", "backdrop")
    for on_air in (False, True)
    for trouble in ("", "The camera is gone.")
]


@pytest.fixture
def tray():
    application()
    made = Tray(Settings())
    made.show_choices(CHOICES)
    made.heard = heard(made.changed)
    yield made
    made.menu.deleteLater()
    made.deleteLater()


def entry(menu, text):
    return next(action for action in menu.actions() if action.text() == text)


def test_the_blur_goes_on_and_off_and_back_to_what_was_there(tray):
    tray.show_settings(Settings(backdrop="colour"))
    assert not tray.blur.isChecked()
    tray.blur.trigger()
    assert tray.heard == [Settings(backdrop="blur", before_blur="colour")]
    tray.show_settings(tray.heard[0])
    assert tray.blur.isChecked()
    tray.blur.trigger()
    assert tray.heard[1].backdrop == "colour"


@pytest.mark.parametrize(
    ("text", "name"),
    [("Record", "record"), ("Hide me", "hide"), ("Freeze", "freeze"), ("Flip for others", "mirror")],
)
def test_each_entry_switches_one_setting_and_shows_it(tray, text, name):
    entry(tray.menu, text).trigger()
    assert tray.heard == [Settings(**{name: True})]
    tray.show_settings(tray.heard[0])
    checked = {each.text() for each in tray.menu.actions() if each.isChecked()}
    assert checked == {text, "Blur", "Keep running in the tray"}


def test_a_recording_is_said(tray):
    running = replace(ON_AIR, recording="/home/a/Videos/Backdrop-2.mp4", recorded=65.2)
    said = state_of(Settings(record=True, virtual_camera=True), running, None).sentence
    assert said.endswith("Recording to Backdrop-2.mp4, 1:05, without sound")


def test_that_the_person_hides_or_stands_still_is_said(tray):
    hidden = state_of(Settings(hide=True, backdrop="none", virtual_camera=True), ON_AIR, None)
    assert hidden.sentence.startswith("You are hidden.")
    assert "room" not in hidden.sentence
    frozen = state_of(Settings(freeze=True, virtual_camera=True), ON_AIR, "The camera is gone.")
    assert frozen.sentence.startswith("Your picture stands still.\nThe camera is gone.")
    raw = state_of(Settings(freeze=True, backdrop="none", virtual_camera=True), ON_AIR, None)
    assert raw.sentence.startswith("Others see your room.")  # above all else, also while it stands still


def test_a_virtual_camera_that_is_not_there_is_not_ticked(tray):
    tray.show_settings(Settings(virtual_camera=True))
    wanted = Settings(virtual_camera=True)
    for state, ticked in (("starting", True), ("ready", True), ("failed", False), ("off", False)):
        tray.show_virtual_camera(wanted, replace(ON_AIR, output_state=state))
        assert tray.virtual_camera.isChecked() is ticked
        assert ("can't start" in tray.virtual_camera.text()) == (state == "failed")
    tray.show_virtual_camera(wanted, replace(ON_AIR, output_state="failed"))
    tray.virtual_camera.trigger()
    tray.show_settings(Settings())
    tray.virtual_camera.trigger()
    assert tray.heard == [Settings(virtual_camera=False), wanted]


def test_the_menu_and_the_tool_tip_say_which_program_reads_the_virtual_camera(tray):
    settings = Settings(virtual_camera=True)
    read = replace(ON_AIR, output_state="ready", consumers=("Zoom",))
    tray.show_virtual_camera(settings, read)
    assert tray.virtual_camera.text() == "Virtual camera: in use by Zoom"
    assert "in use by Zoom" in state_of(settings, read, None).sentence
    unread = replace(read, has_consumers=False, consumers=())
    tray.show_virtual_camera(settings, unread)
    assert tray.virtual_camera.text() == "Virtual camera: ready"


def test_a_recording_is_never_said_to_be_seen_by_others(tray):
    for backdrop in ("none", "blur", "colour"):
        settings = Settings(virtual_camera=True, output="talk.mp4", backdrop=backdrop)
        stats = replace(ON_AIR, output="talk.mp4", output_state="ready")
        tray.show_virtual_camera(settings, stats)
        assert tray.virtual_camera.text() == "Recording to talk.mp4"
        said = state_of(settings, stats, None).sentence.lower()
        assert "recording" in said
        assert not [word for word in ("air", "others", "call", "virtual camera") if word in said.split()]


def test_every_backdrop_of_the_gallery_can_be_chosen_and_the_chosen_one_is_marked(tray):
    names = [action.text() for action in tray.backdrops.actions()]
    assert names == ["None", "Blur", "Colour", "Dusk", "Tom && Ann"]
    for action, choice in zip(tray.backdrops.actions(), CHOICES, strict=True):
        action.trigger()
        chosen = tray.heard[-1]
        assert (chosen.backdrop, chosen.picture) == (choice.backdrop, choice.picture)
        tray.show_settings(chosen)
        assert [each.text() for each in tray.backdrops.actions() if each.isChecked()] == [action.text()]


def test_an_own_picture_that_is_removed_leaves_the_menu_too(tray):
    tray.show_choices(CHOICES[:-1])
    assert [action.text() for action in tray.backdrops.actions()] == ["None", "Blur", "Colour", "Dusk"]


@pytest.mark.parametrize(
    ("window_shown", "text", "name"),
    [
        (False, "Show window", "show_asked"),
        (True, "Hide window", "hide_asked"),
        (True, "Snapshot", "snapshot_asked"),
        (True, "Shortcut for blur…", "shortcut_asked"),
        (True, "Quit Backdrop", "leave_asked"),
    ],
)
def test_what_only_the_window_can_do_is_asked_for(tray, window_shown, text, name):
    asked = heard(getattr(tray, name))
    tray.show_window(window_shown)
    entry(tray.menu, text).trigger()
    assert asked == [True]
    assert tray.heard == []


def test_each_state_has_words_and_an_icon_of_its_own():
    application()
    pixels = set()
    for state in STATES:
        image = icon_of(state).pixmap(22, 22).toImage()
        assert (image.width(), image.height()) == (22, 22)
        pixels.add(bytes(image.constBits()))
    assert len(pixels) == len(STATES) - 2, "a trouble is not shown before the room"
    assert len({state.sentence for state in STATES}) == 9, "six, the trouble's own, and the room's with it"
    assert len(icon_of(STATES[0]).availableSizes()) == len(SIZES)


def test_the_room_comes_before_any_trouble_in_the_icon_and_in_words():
    application()
    for on_air in (False, True):
        troubled, plain = (State("none", on_air, trouble) for trouble in ("The camera is gone.", ""))
        assert troubled.sentence.startswith(plain.sentence)
        assert troubled.sentence.endswith("The camera is gone.")
        image = icon_of(troubled).pixmap(64, 64).toImage()
        assert image.pixelColor(41, 58).name() == "#d92d3a"
    for state in (State("blur", on_air=True), State("backdrop", on_air=True, trouble="The camera is gone.")):
        image = icon_of(state).pixmap(64, 64).toImage()
        reds = [
            (x, y)
            for x in range(64)
            for y in range(64)
            if (pixel := image.pixelColor(x, y)).red() > 150 and max(pixel.green(), pixel.blue()) < 90
        ]
        assert reds == [], "red is for the room alone"


def test_the_toggle_of_the_blur_stays_marked_where_it_has_nothing_to_go_back_to(tray):
    tray.show_settings(Settings())
    tray.blur.trigger()
    assert tray.heard == [Settings()]
    assert tray.blur.isChecked()


def test_the_tool_tip_says_what_the_icon_shows(tray):
    tray.show_state(State("none", on_air=True))
    assert "Others see your room." in tray.icon.toolTip()
    tray.show_state(State("blur", on_air=True, trouble="The camera is gone."))
    assert "The camera is gone." in tray.icon.toolTip()


@pytest.mark.parametrize(
    ("settings", "output", "has_consumers", "on_air"),
    [
        (Settings(virtual_camera=True), "Backdrop", True, True),
        (Settings(virtual_camera=True), "Backdrop", None, True),
        (Settings(virtual_camera=True), "Backdrop", False, False),
        (Settings(virtual_camera=True), "", True, False),
        (Settings(), "Backdrop", True, False),
    ],
)
def test_on_air_is_when_a_program_watches_or_nobody_can_tell(settings, output, has_consumers, on_air):
    stats = Stats(30, 30, 30, 8, 0, 9, "Demo camera", output, has_consumers=has_consumers)
    assert state_of(settings, stats, None) == State("blur", on_air)


@pytest.mark.parametrize(
    ("kind", "shown"), [("none", "none"), ("blur", "blur"), ("picture", "backdrop"), ("colour", "backdrop")]
)
def test_what_is_behind_the_person_is_in_the_state(kind, shown):
    assert state_of(Settings(backdrop=kind), ON_AIR, "Gone.") == State(shown, False, "Gone.")
