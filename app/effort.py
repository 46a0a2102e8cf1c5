"""How much the line does for a frame: the steps between all that it can do and the least that is still good to look at."""

from dataclasses import dataclass

from app.language import N_, _


@dataclass(frozen=True, slots=True)
class Effort:
    """One step.

    every: the network looks at every so-manieth frame, and between them the alpha is carried along by motion. share: of
    its usual area that the network looks at. keeps_blur: between them the blurred room of the frame before stays, too.
    cost: about which share of the full effort's time it takes.
    """

    every: int = 1
    share: float = 1.0
    keeps_blur: bool = False
    cost: float = 1.0

    @property
    def savings(self) -> list[str]:
        """What is left out, in words for the person; nothing at full effort."""
        words = [_(OFTEN[self.every])] if self.every > 1 else []
        words += [_("smaller network input")] if self.share < 1 else []
        return words + ([_("simpler blur")] if self.keeps_blur else [])


OFTEN = {2: N_("network on every 2nd frame"), 3: N_("network on every 3rd frame")}
FULL = Effort()
# The least visible first. Costs were measured by `backdrop bench --size 720p --backdrop blur`, stage by stage.
LADDER = (
    FULL,
    Effort(every=2, cost=0.8),
    Effort(every=2, share=0.6, cost=0.7),
    Effort(every=2, share=0.6, keeps_blur=True, cost=0.65),
    Effort(every=3, share=0.6, keeps_blur=True, cost=0.6),
)
