"""Why something failed, for the end of a sentence."""


def reason_of(error: BaseException) -> str:
    """The system's own words, on one line and without a full stop; else the kind of error."""
    words = " ".join(str(getattr(error, "strerror", None) or error).split())
    return words.rstrip(".") or type(error).__name__
