"""Setting up the virtual camera from the window, with the script as it ships in a Linux of its own."""

import sys

import pytest

if not sys.platform.startswith("linux"):
    pytest.skip("only Linux needs it", allow_module_level=True)

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from backdrop.cameras.base import CameraInfo
from backdrop.doctor.driver import Driver
from backdrop.settings.settings import Settings
from backdrop.setup import SetupError, Way, plan
from backdrop.ui.doctor_page import DoctorPage
from backdrop.ui.output_choice import OutputChoice, outputs
from backdrop.ui.pages import Pages
from backdrop.ui.settings_page import SettingsPage
from backdrop.ui.setup_page import SetupPage
from tests.fake_linux import DEBIAN, KERNEL, FakeLinux, can_have_one
from tests.qt import heard, until

pytestmark = pytest.mark.skipif(
    not can_have_one(), reason="needs mount namespaces, which this computer does not give to this user"
)

CAMERA = CameraInfo("/dev/video10", "Backdrop")


def planned(way, *, undo):
    return plan(way, undo=undo, driver=Driver(KERNEL, DEBIAN))


@pytest.fixture
def linux(tmp_path):
    return FakeLinux(tmp_path / "linux")


@pytest.fixture
def make(shown):
    made = []

    def build(way):
        made.append(shown(SetupPage(lambda: way, planned=planned, tested=lambda: CAMERA)))
        return made[-1]

    yield build
    for page in made:
        page.stop()


@pytest.fixture
def page(linux, make):
    return make(linux.way)


def says(page, text):
    until(lambda: text in page.state.text())


def test_it_shows_what_it_will_do_then_does_it_and_says_how_to_choose_the_camera(linux, page):
    ready = heard(page.ready)
    page.look()
    until(page.do.isVisible)
    assert "write /etc/modprobe.d/backdrop.conf:" in page.steps.text()
    assert page.do.text() == "Set up the virtual camera"
    assert linux.done == []
    page.do.click()
    assert not page.do.isVisible()
    says(page, "Backdrop (/dev/video10) works")
    assert linux.loaded
    assert "Zoom" in page.words.text()
    assert ready == ["/dev/video10"]


def test_where_it_is_set_up_it_is_only_tested_and_can_be_removed(linux, page):
    page.look()
    until(page.do.isVisible)
    page.do.click()
    says(page, "works")
    page.look()
    says(page, "works")
    page.undo.click()
    until(page.do.isVisible)
    assert page.do.text() == "Remove the virtual camera"
    assert linux.loaded
    page.do.click()
    says(page, "The virtual camera has been removed.")
    assert not linux.loaded
    page.look(undo=True)
    says(page, "There is nothing to undo.")


def test_a_refused_password_leaves_the_page_as_it_was_before_with_one_sentence(linux, make, tmp_path):
    refuses = tmp_path / "pkexec"
    refuses.write_text("#!/bin/sh\nexit 126\n")
    refuses.chmod(0o755)
    page = make(Way(linux.way.as_user, [str(refuses)]))
    page.look()
    until(page.do.isVisible)
    page.do.click()
    says(page, "No password was entered, so nothing has changed.")
    assert (list(linux.files()), linux.done) == (["os-release"], [])


def test_a_computer_on_which_it_cannot_be_done_is_told_so(page):
    def nowhere():
        raise SetupError("This kernel loads no drivers.")

    page._way = nowhere
    page.look()
    says(page, "This kernel loads no drivers.")
    assert not page.do.isVisible()


def test_the_outputs_that_there_are_can_be_chosen_from_the_list_of_the_moment(shown):
    choice = shown(OutputChoice())
    chosen = heard(choice.chosen)
    choice.show_output("out.mp4")
    choice.showPopup()
    assert choice.currentData() == "out.mp4"
    names = [choice.itemText(at) for at in range(choice.count())]
    assert names == [*(name for _, name in outputs()), "Record to out.mp4", "", "Record to a video file…"]
    QTest.keyClick(choice.view(), Qt.Key.Key_Home)
    QTest.keyClick(choice.view(), Qt.Key.Key_Return)
    until(lambda: chosen)
    assert chosen == [""]


def test_the_settings_lead_to_it_with_the_virtual_camera_off_and_it_is_switched_on_when_it_works(shown):
    settings = SettingsPage(Settings(virtual_camera=True))
    changes = heard(settings.changed)
    settings.changed.connect(settings.show_settings)
    pages = shown(Pages(QWidget(), settings, DoctorPage(list)))
    pages.open_settings()
    settings.setup.click()
    assert pages.currentWidget() is pages.setup
    assert [each.virtual_camera for each in changes] == [False]
    until(lambda: pages.setup.state.text() != "Checking…")  # this computer's own plan, which changes nothing
    pages.setup.ready.emit("/dev/video10")
    assert [each.virtual_camera for each in changes] == [False, True]
    pages.setup.stop()
