"""The entry point of the command `backdrop`."""

from typing import NoReturn

from backdrop.system import leave


def program() -> NoReturn:
    """Run the command in the arguments. Signals are handled before anything slow is imported."""
    leave.handle_signals()
    from backdrop.__main__ import main

    leave.run(main)


if __name__ == "__main__":
    program()
