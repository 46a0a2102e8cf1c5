"""The entry point of the bundle: the command `backdrop`."""

from backdrop.start import program

if __name__ == "__main__":
    program()
