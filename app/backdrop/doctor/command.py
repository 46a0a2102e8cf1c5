"""`backdrop doctor`: prints the findings."""

import sys
from argparse import Namespace

from backdrop.doctor.checks import examine
from backdrop.doctor.report import as_json, as_text, faults
from backdrop.language import speak


def doctor(arguments: Namespace) -> int:
    """Run the command. Returns the exit status: 1 if there is a fault, else 0.

    arguments: json, try_camera (None: open no camera; "" or a camera's spec as examine() takes it).
    """
    if arguments.json:
        speak("en")  # it is for support
    findings = examine(try_camera=arguments.try_camera)
    print(as_json(findings) if arguments.json else as_text(findings, marks=_shows_marks()), flush=True)
    return 1 if faults(findings) else 0


def _shows_marks() -> bool:
    try:
        "✓✗→".encode(sys.stdout.encoding or "ascii")
    except UnicodeError:
        return False
    return True
