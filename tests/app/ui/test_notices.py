"""The bar of sentences."""

import pytest
from PySide6.QtWidgets import QPushButton, QToolButton

from backdrop.ui.notices import Notice, Notices
from tests.qt import application


@pytest.fixture
def notices():
    application()
    bar = Notices()
    yield bar
    bar.deleteLater()


def test_without_a_notice_there_is_no_bar(notices):
    assert notices.sentence == ""
    assert notices.isHidden()


def test_the_weightiest_sentence_is_shown_and_the_others_wait(notices):
    notices.put("file", Notice("x.png is no picture."))
    notices.put("trouble", Notice("The camera is gone."))
    assert notices.sentence == "The camera is gone."
    notices.put("trouble", None)
    assert notices.sentence == "x.png is no picture."
    assert not notices.isHidden()
    notices.put("file", None)
    assert notices.isHidden()


def test_a_passing_notice_can_be_closed_and_a_lasting_one_cannot(notices):
    close = notices.findChild(QToolButton)
    notices.put("file", Notice("x.png is no picture.", passing=True))
    assert not close.isHidden()
    close.click()
    assert notices.sentence == ""
    notices.put("trouble", Notice("The camera is gone."))
    assert close.isHidden()


def test_an_action_tells_which_notice_it_belongs_to(notices):
    asked = []
    notices.acted.connect(asked.append)
    notices.put("removed", Notice("It was removed.", action="Undo"))
    button = notices.findChild(QPushButton)
    assert button.text() == "Undo"
    button.click()
    assert asked == ["removed"]


def test_a_command_in_a_sentence_can_be_copied_and_nothing_in_it_becomes_markup(notices):
    sentence = "There is none: run `modprobe a && modprobe <b>`."
    notices.put("trouble", Notice(sentence))
    assert notices.sentence == sentence
    assert "&lt;b&gt;" in notices._text.text()
    button = notices.findChild(QPushButton)
    button.click()
    assert application().clipboard().text() == "modprobe a && modprobe <b>"
    assert button.text() == "Copied"
