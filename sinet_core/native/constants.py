"""Numbers that Python and C must agree on. C knows each as PY_NAME (build.py), so they stand here alone.

This file is also run by itself, while Backdrop is installed: it imports nothing.
"""

# Temporal filter (temporal_filter.py, temporal_filter.c): by how much an alpha may differ from the filtered one before the
# filtered one is dropped, where the frame moves: where the alpha is 0 or 1, and where it is one half …
SURE, UNSURE = 0.06, 0.6
CALM = 1.2  # … and where the frame is static: above 1, so that even a change from 0 to 1 is delayed a little
# Changes of grey up to which a pixel is static, and from which it moves, in a frame of mean grey BRIGHT. They shrink with the
# mean grey of darker frames, in which the same movement changes greys by less, but not below DIM times: that is noise.
STILL, MOVING = 4.0, 12.0
BRIGHT, DIM = 100.0, 0.25

# Islands of an alpha (components.py, islands.c)
WAIT = 0.2  # seconds for which something must be there, more often than not, before it is believed
SPECK = 5e-4  # of the frame: what is smaller is no person, and no gap between an arm and a body
HOLE = 0.05  # of the frame: what is larger is not filled
SEEN = 0.25  # alpha from which on there may be somebody; a hole is where it is below 1 − SEEN

# Colours (colours.py, colours.c, planes.h)
EDGE_NOISE = 1e-3  # variance of a colour of 0 to 1 below which there is no edge in it
COLOUR_NOISE = 5e-4  # variance of a colour of 0 to 1 that persons and rooms have at least
TRUST = 0.5  # of what colours say is believed: neighbours say the same, and do not count twice
LIMIT = 4.0  # the most that colours can say, as a logarithm of odds
FEW = 0.1  # share of the surroundings below which there is too little of person or room to tell its colours
HAZE = (
    0.15  # (guided_upsampling.py, refine.c) what is nearer than this to 0 or 1 after refining is taken for it
)

# How C lays out what Python makes room for
MARGIN = 8  # values beside each row of a plane (planes.h)
LANES = 16  # values that are stretched together, the last of which may be too many (enlarge.h)
FRACTION = 6  # bits of a change that are rounded away (finish.c)
