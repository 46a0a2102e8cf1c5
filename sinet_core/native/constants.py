"""Constants that Python and C share. In C they are PY_NAME (build.py).

This file also runs on its own during installation, so it must not import anything.
"""

# Temporal filter (temporal_filter.py, temporal_filter.c): by how much an alpha may differ from the filtered one before the
# filtered one is dropped, where the frame moves: where the alpha is 0 or 1, and where it is one half …
SURE, UNSURE = 0.06, 0.6
CALM = 1.2  # … and where the frame is static: above 1, so that even a change from 0 to 1 is delayed a little
# Changes of grey up to which a pixel is static, and from which it moves, in a frame of mean grey BRIGHT. They shrink with the
# mean grey of darker frames, in which the same movement changes greys by less, but not below DIM times: that is noise.
STILL, MOVING = 4.0, 12.0
BRIGHT, DIM = 100.0, 0.25

# Components of an alpha (components.py, components.c)
WAIT = 0.2  # seconds for which a component must be there, more often than not, to be confirmed
SPECK = (
    5e-4  # of the frame: smaller components are not people, and smaller holes not gaps between arm and body
)
HOLE = 0.05  # of the frame: larger holes are not filled
SEEN = 0.25  # alpha above which there may be a person; a hole is where it is below 1 − SEEN

# Colours (colours.py, colours.c, planes.h)
EDGE_NOISE = 1e-3  # regularisation: variance of a colour in [0, 1] below which it has no edge
COLOUR_NOISE = 5e-4  # minimum variance of a colour in [0, 1] of a person or a background
TRUST = 0.5  # factor of the colours' log odds, as neighbouring pixels are not independent
LIMIT = 4.0  # maximum of the colours' log odds
FEW = (
    0.1  # fraction of the window below which there is too little of person or background to know its colours
)
HAZE = 0.15  # alphas nearer than this to 0 or 1 become 0 or 1 (guided_upsampling.py, guided_upsampling.c)

# Memory that Python allocates for C
MARGIN = 8  # values on each side of a plane's rows (planes.h)
LANES = 16  # values that are computed together, possibly beyond the end of a row (enlarge.h)
FRACTION = 6  # bits after the point of a change (finish.c)
