"""The tables of the paper: the channels, kernels and poolings of the encoder, with three levels and with four."""

from dataclasses import dataclass

Branches = tuple[tuple[int, int], tuple[int, int]]
"""(kernel, pooling) of the two branches of an S2 module."""
MULTIPLE = 32  # of the height and width with three levels: level 3 (H/8) is pooled by 4 in one branch


@dataclass(frozen=True)
class Level:
    """A level of the encoder, at half the size of the one above it: DownSE to `down` channels, then S2 modules.

    divide: of the channel squeeze. chains: for each, the channels of its modules, and the branches of each module. Where
    there are modules, what they answer is joined with what DownSE gave.
    """

    down: int
    divide: int
    chains: tuple[tuple[int, tuple[Branches, ...]], ...] = ()

    @property
    def local(self) -> int:
        """The channels of what the decoder is shown of this level."""
        return self.chains[-1][0] if self.chains else self.down

    @property
    def channels(self) -> int:
        """The channels of what the next level is given."""
        return self.down + self.local if self.chains else self.down


@dataclass(frozen=True)
class Plan:
    """The encoder: `first` channels at H/2, then its levels. multiple: of H and W, so that everything can be pooled."""

    first: int
    levels: tuple[Level, ...]
    multiple: int


# fmt: off
# Table 2: the portrait network.
PORTRAITS = Plan(12, (
    Level(16, 1, ((48, (((3, 1), (5, 1)), ((3, 1), (3, 1)))),)),
    Level(48, 2, ((96, (
        ((3, 1), (5, 1)), ((3, 1), (3, 1)), ((5, 1), (3, 2)), ((5, 2), (3, 4)),
        ((3, 1), (3, 1)), ((5, 1), (5, 1)), ((3, 2), (3, 4)), ((3, 1), (5, 2)),
    )),)),
), MULTIPLE)
# The network for street scenes, of which the paper gives the size and the score, and no table. docs/segmentation.md says what
# is from its authors' public code and what is ours.
STREETS = Plan(16, (
    Level(20, 1),
    Level(24, 1, ((60, (((3, 1), (5, 1)), ((3, 1), (3, 1)), ((3, 1), (3, 1)))),)),
    Level(60, 2, (
        (84, (((3, 1), (5, 1)), ((3, 1), (3, 1)), ((5, 1), (3, 4)), ((3, 2), (3, 8)), ((3, 1), (5, 1)))),
        (108, (((3, 1), (5, 1)), ((3, 1), (3, 1)), ((5, 1), (3, 8)), ((3, 2), (5, 4)), ((3, 1), (5, 2)))),
    )),
), 128)
# fmt: on
PLANS = {3: PORTRAITS, 4: STREETS}
