"""What the bundle starts: the command `backdrop`."""

from app.start import program

if __name__ == "__main__":
    program()
