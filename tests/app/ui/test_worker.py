"""Work away from the window's thread."""

import threading

from backdrop.ui.worker import Worker
from tests.line_ends import LONG
from tests.qt import application, until


def test_a_job_runs_elsewhere_and_its_result_comes_back_here(worker):
    here, results = threading.get_ident(), []
    worker.do(threading.get_ident, lambda there: results.append((there, threading.get_ident())))
    until(lambda: results)
    there, back = results[0]
    assert there != here
    assert back == here


def test_a_job_that_fails_gives_its_exception_and_the_next_one_runs(worker):
    results = []
    worker.do(lambda: 1 // 0, results.append)
    worker.do(lambda: "fine", results.append)
    until(lambda: len(results) == 2)
    assert isinstance(results[0], ZeroDivisionError)
    assert results[1] == "fine"


def test_after_stop_no_result_arrives(worker):
    begun, go_on, results, other = threading.Event(), threading.Event(), [], []

    def slow():
        begun.set()
        go_on.wait(LONG)

    worker.do(slow, results.append)
    assert begun.wait(LONG)
    worker.stop()
    go_on.set()
    second = Worker("second")
    second.do(lambda: "fine", other.append)
    until(lambda: other)
    second.stop()
    until(lambda: not worker._thread.is_alive())
    application().processEvents()
    assert results == []
