"""The running Backdrop is told what to do: a socket that only this user can open, and the commands that speak to it.

One request is one line of JSON of 4 KiB at most, the answer is one line too, and the connection is closed after it.
Neither pickle nor a shell is anywhere near. No Qt: a Backdrop without a window listens in the same way.
"""
