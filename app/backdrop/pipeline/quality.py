"""How much the line does for a frame: the steps between all that it can do and the least that is still good to look at."""

from dataclasses import dataclass

from backdrop.language import N_, _


@dataclass(frozen=True, slots=True)
class QualityLevel:
    """One step.

    every: the network looks at every so-manieth frame, and between them the alpha is carried along by motion. input_scale: of
    its usual area that the network looks at. keeps_blur: between them the blurred room of the frame before stays, too.
    cost: about which share of the full effort's time it takes.
    """

    every: int = 1
    input_scale: float = 1.0
    keeps_blur: bool = False
    cost: float = 1.0

    @property
    def savings(self) -> list[str]:
        """What is left out, in words for the person; nothing at full effort."""
        words = [_(OFTEN[self.every])] if self.every > 1 else []
        words += [_("simpler blur")] if self.keeps_blur else []
        return words + ([_("analysing less detail")] if self.input_scale < 1 else [])


OFTEN = {2: N_("analysing every 2nd frame"), 3: N_("analysing every 3rd frame")}
FULL = QualityLevel()
# The least visible first, by `backdrop bench --loaded 0` on clips of a person who signs: looking at every third frame leaves
# an IoU of .99 with the alpha of the full path, three quarters of the input .98 and less, which is why that comes last.
QUALITY_LEVELS = (
    FULL,
    QualityLevel(every=2, cost=0.85),
    QualityLevel(every=3, cost=0.75),
    QualityLevel(every=3, keeps_blur=True, cost=0.7),
    QualityLevel(every=3, input_scale=0.75, keeps_blur=True, cost=0.63),
)
