"""How much the line takes upon itself for a frame: the steps between all that it can do and the least that is still good."""

from dataclasses import dataclass

from app.language import N_


@dataclass(frozen=True, slots=True)
class Effort:
    """One step. cost: about which share of the full effort's time it takes, before anything has been measured here.

    every: the network looks at every so-manieth frame, and between them the alpha is carried along by motion. share: of
    its usual area that the network looks at. keeps_blur: between them the blurred room of the frame before stays, too.
    words: what is done, for the person, to be translated where it is shown.
    """

    every: int = 1
    share: float = 1.0
    keeps_blur: bool = False
    cost: float = 1.0
    words: str = N_("full")


FULL = Effort()
# The least visible first. Costs: medians of `backdrop bench --loaded`, a 720p frame with blur.
LADDER = (
    FULL,
    Effort(every=2, cost=0.8, words=N_("network on every 2nd frame")),
    Effort(every=2, share=0.6, cost=0.7, words=N_("network on every 2nd frame, smaller")),
    Effort(every=2, share=0.6, keeps_blur=True, cost=0.65, words=N_("network on every 2nd frame, smaller, simpler blur")),
    Effort(every=3, share=0.6, keeps_blur=True, cost=0.6, words=N_("network on every 3rd frame, smaller, simpler blur")),
)  # fmt: skip
