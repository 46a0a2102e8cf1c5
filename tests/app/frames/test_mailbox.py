"""The mailbox between two threads."""

import threading

from backdrop.frames.mailbox import Mailbox

LONG = 300.0  # seconds, for what happens at once


def test_the_newest_item_wins_and_the_others_are_counted():
    box: Mailbox[int] = Mailbox()
    for item in range(5):
        box.put(item)
    assert box.take(0) == 4
    assert box.dropped == 4


def test_an_item_is_taken_once():
    box: Mailbox[str] = Mailbox()
    box.put("frame")
    assert box.take(0) == "frame"
    assert box.take(0) is None
    assert box.dropped == 0


def test_take_gives_up_after_its_timeout():
    assert Mailbox[int]().take(0.01) is None


def test_a_put_wakes_the_one_who_waits():
    box: Mailbox[str] = Mailbox()
    taken: list[str | None] = []
    taker = threading.Thread(target=lambda: taken.append(box.take(LONG)))
    taker.start()
    box.put("frame")
    taker.join(LONG)
    assert taken == ["frame"]


def test_closing_wakes_the_one_who_waits_for_ever():
    box: Mailbox[str] = Mailbox()
    taken: list[str | None] = ["not yet"]
    taker = threading.Thread(target=lambda: taken.append(box.take()))
    taker.start()
    box.close()
    taker.join(LONG)
    assert not taker.is_alive()
    assert taken[-1] is None


def test_a_closed_mailbox_drops_what_is_inside_and_what_comes_late():
    box: Mailbox[str] = Mailbox()
    box.put("before")
    box.close()
    box.put("after")
    assert box.closed
    assert box.take(0) is None
    box.close()


def test_many_putters_and_a_taker_lose_no_item_uncounted():
    box: Mailbox[int] = Mailbox()
    putters = [threading.Thread(target=lambda: [box.put(each) for each in range(500)]) for _ in range(4)]
    taken = 0
    for putter in putters:
        putter.start()
    while any(putter.is_alive() for putter in putters):
        taken += box.take(0.001) is not None
    taken += box.take(0) is not None
    assert taken + box.dropped == 4 * 500
