"""Where the command `backdrop` begins."""

from typing import NoReturn

from backdrop.system import leave


def program() -> NoReturn:
    """Run the command that the arguments give. Signals are heeded before anything is loaded that takes time."""
    leave.heed_signals()
    from backdrop.__main__ import main

    leave.run(main)


if __name__ == "__main__":
    program()
