"""Commands for the Backdrop that is already running, over a socket (on Windows a named pipe) that only this user can open.

multiprocessing.connection carries the bytes: one JSON request of at most 4 KiB, one JSON answer, and the connection is
closed. Nothing is pickled, no shell is involved, and Qt is not needed: Backdrop without a window listens in the same way.
"""
