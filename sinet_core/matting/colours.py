"""What the colours round a pixel say about whether it is of the person.

Alpha and guide, the frame at the alpha's size, are small here, and the windows are large beside the network's
mistakes: where an outline is wrong, it is wrong by several pixels of the network, and not by a fraction of one.
"""

from collections.abc import Sequence
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from sinet_core.matting.resize import half_size
from sinet_core.native.constants import COLOUR_NOISE, EDGE_NOISE, FEW, LIMIT, TRUST

Plane: TypeAlias = NDArray[np.float32]
Planes: TypeAlias = NDArray  # (n, …, h, w) float32
Colours: TypeAlias = Sequence[Plane]  # blue, green and red, (h, w) float32 in [0, 1] each

NEAR = (3, 3)  # pixels that are described together
AROUND = (9, 9)  # pixels, of half the guide's size, whose colours are compared


def colour_posterior(alpha: Plane, guide: Colours) -> Plane:
    """Weigh an alpha by whose colours a pixel has: those of the person round it or those of the room round it.

    Round every pixel, what is surely person gives one normal distribution of colours, and what is surely room another.
    The ratio of the two densities changes the odds of the alpha, by no more than a factor of e². Where only one of the two is
    near, and where alpha is 0 or 1, nothing changes.

    alpha: (h, w) float32 in [0, 1]. Returns a new (h, w) float32 in [0, 1].
    """
    size = half_size(alpha)
    small_guide = [cv2.resize(colour, size, interpolation=cv2.INTER_AREA) for colour in guide]
    person = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    weight, factors = _log_densities(_quadratic_terms(small_guide), np.stack([person, 1 - person]))
    known = np.minimum(weight.min(axis=0) * np.float32(1 / FEW), 1)
    factors = (factors[:, 0] - factors[:, 1]) * known
    enlarged = np.empty((len(factors), *alpha.shape), np.float32)
    for factor, target in zip(factors, enlarged, strict=True):
        cv2.resize(factor, alpha.shape[::-1], dst=target, interpolation=cv2.INTER_LINEAR)
    said = np.einsum("khw,khw->hw", enlarged, _quadratic_terms(guide))
    odds = np.exp(np.clip(said, -LIMIT, LIMIT) * np.float32(TRUST))
    person = alpha * odds
    return np.asarray(person / (person + (1 - alpha)), np.float32)


def _quadratic_terms(colours: Colours) -> Planes:
    """(10, h, w) float32: 1, blue, green, red, and their products."""
    terms = np.empty((10, *colours[0].shape), np.float32)
    terms[0], terms[1:4] = 1, colours
    np.multiply(terms[1], terms[1:4], out=terms[4:7])
    np.multiply(terms[2], terms[2:4], out=terms[7:9])
    np.multiply(terms[3], terms[3], out=terms[9])
    return terms


def _log_densities(terms: Planes, weights: Planes) -> tuple[Planes, Planes]:
    """For person and room at once, weights (2, h, w): how much of the surroundings is meant, and of what log density.

    A normal distribution's logarithm is a sum of the ten terms (10, h, w). Returns the weight (2, h, w) of the surroundings,
    and the factors of the terms, (10, 2, h, w).
    """
    weights = weights * weights
    weights = weights * weights  # only what is sure has a say
    means = terms[:, None] * weights
    for plane in means.reshape(-1, *weights.shape[1:]):
        cv2.blur(plane, AROUND, dst=plane)
    weight = means[0]
    b, g, r, bb, bg, br, gg, gr, rr = means[1:] * (1 / (weight + np.float32(1e-4)))
    noise = np.float32(COLOUR_NOISE)
    bb, gg, rr = bb - b * b + noise, gg - g * g + noise, rr - r * r + noise
    bg, br, gr = bg - b * g, br - b * r, gr - g * r
    # The covariance's inverse: cofactors over the determinant.
    ibb, ibg, ibr = gg * rr - gr * gr, br * gr - bg * rr, bg * gr - br * gg
    igg, igr, irr = bb * rr - br * br, bg * br - bb * gr, bb * gg - bg * bg
    determinant = np.maximum(bb * ibb + bg * ibg + br * ibr, noise**3)
    inverse = np.stack([ibb, ibg, ibr, igg, igr, irr])
    inverse /= determinant
    ibb, ibg, ibr, igg, igr, irr = inverse
    pb, pg, pr = ibb * b + ibg * g + ibr * r, ibg * b + igg * g + igr * r, ibr * b + igr * g + irr * r
    half = np.float32(-0.5)
    constant = half * (pb * b + pg * g + pr * r + np.log(determinant))
    return weight, np.stack([constant, pb, pg, pr, half * ibb, -ibg, -ibr, half * igg, -igr, half * irr])


def guided_filter(alpha: Plane, guide: Colours) -> Plane:
    """Let an alpha follow the edges of the frame that are near its own, by describing it as a mix of colours.

    Where colours tell little of it, it stays what it is; and no pixel becomes what none of its neighbours was.

    alpha: (h, w) float32 in [0, 1]. Returns a new (h, w) float32 in [0, 1].
    """
    size = half_size(alpha)
    colours = [cv2.resize(colour, size, interpolation=cv2.INTER_AREA) for colour in guide]
    small = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    gains, offset = local_linear_coefficients(small, colours)
    mean = _mean(small)
    variance = _mean(small * small) - mean * mean
    shared = (_mean(small * colour) - mean * _mean(colour) for colour in colours)
    explained = np.sum([gain * part for gain, part in zip(gains, shared, strict=True)], axis=0)
    explained = np.clip(explained / (variance + np.float32(1e-4)), 0, 1)
    fitted = alpha * (1 - _enlarged(explained, alpha)) + _enlarged(offset * explained, alpha)
    for gain, colour in zip(gains, guide, strict=True):
        fitted += _enlarged(gain * explained, alpha) * colour
    square = np.ones((3, 3), np.uint8)
    return np.asarray(np.clip(fitted, cv2.erode(alpha, square), cv2.dilate(alpha, square)), np.float32)


def _enlarged(plane: Plane, like: Plane) -> Plane:
    return cv2.resize(plane, like.shape[::-1], interpolation=cv2.INTER_LINEAR)


def local_linear_coefficients(alpha: Plane, guide: Colours) -> tuple[tuple[Plane, Plane, Plane], Plane]:
    """Return the three gains and the offset that turn the guide's blue, green and red into alpha, at every pixel.

    They are the least-squares answer over the pixel and those round it: a system of three equations, solved for all
    pixels at once by elimination. alpha: (h, w) float32.
    """
    blue, green, red = guide
    b, g, r, mean = _mean(blue), _mean(green), _mean(red), _mean(alpha)
    bb = _mean(blue * blue) - b * b + EDGE_NOISE
    gg = _mean(green * green) - g * g + EDGE_NOISE
    rr = _mean(red * red) - r * r + EDGE_NOISE
    bg, br, gr = _mean(blue * green) - b * g, _mean(blue * red) - b * r, _mean(green * red) - g * r
    ba, ga, ra = (
        _mean(blue * alpha) - b * mean,
        _mean(green * alpha) - g * mean,
        _mean(red * alpha) - r * mean,
    )
    of_green, of_red = bg / bb, br / bb  # what of green and red is explained by blue already
    gg, gr, ga = gg - of_green * bg, gr - of_green * br, ga - of_green * ba
    rest = gr / gg
    red_gain = (ra - of_red * ba - rest * ga) / (rr - of_red * br - rest * gr)
    green_gain = ga / gg - rest * red_gain
    blue_gain = ba / bb - of_green * green_gain - of_red * red_gain
    return (blue_gain, green_gain, red_gain), mean - blue_gain * b - green_gain * g - red_gain * r


def _mean(values: Plane) -> Plane:
    return cv2.blur(values, NEAR)
