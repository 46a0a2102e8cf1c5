"""Correcting an alpha's outline by the colours of its frame.

Everything here works at the alpha's size. The guide is the frame at that size. The windows are large, because the network's
outlines are wrong by several of its pixels, not by a fraction of one.
"""

from collections.abc import Sequence
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from sinet_core.matting.resize import half_size
from sinet_core.native.constants import COLOUR_NOISE, EDGE_NOISE, FEW, LIMIT, TRUST

Plane: TypeAlias = NDArray[np.float32]
Planes: TypeAlias = NDArray  # (n, …, h, w) float32; two planes are of person and of background
Colours: TypeAlias = Sequence[Plane]  # blue, green and red: (h, w) float32 in [0, 1] each

NEAR = (3, 3)  # window of the linear model, pixels
AROUND = (9, 9)  # window of the colour distributions, pixels at half the guide's size


def colour_posterior(alpha: Plane, guide: Colours) -> Plane:
    """Update an alpha by the colour of each pixel, by Bayes' rule with local colour models.

    Round every pixel, the sure foreground gives one normal distribution of colours, and the sure background another. The ratio
    of their densities multiplies the odds of the alpha, by e² at most. Nothing changes where only one of the two is near, and
    where alpha is 0 or 1.

    alpha: (h, w) float32 in [0, 1]. guide: blue, green and red at its size. Returns a new (h, w) float32 in [0, 1].
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
    """Local normal distributions of colours, for person and background at once.

    weights: (2, h, w), how much each pixel belongs to either. The logarithm of a normal density is a weighted sum of the ten
    terms (10, h, w). Returns the mean weight (2, h, w) within the window, and the factors of the terms, (10, 2, h, w).
    """
    weights = weights * weights
    weights = weights * weights  # only sure pixels count
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
    """Align an alpha with nearby edges of the frame: a guided filter, with the colour frame as its guide.

    The filtered alpha is blended with the input by how much of alpha's variance the colours explain, and clipped to the range of
    each pixel's 3 × 3 neighbours. Source: K. He, J. Sun, X. Tang, "Guided Image Filtering", ECCV 2010.

    alpha: (h, w) float32 in [0, 1]. guide: blue, green and red at its size. Returns a new (h, w) float32 in [0, 1].
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
    """Fit alpha ≈ gains · (blue, green, red) + offset in the window round every pixel, by least squares.

    A system of three equations, solved for all pixels at once by elimination. alpha: (h, w) float32. guide: blue, green and red
    at its size. Returns the three gains and the offset, (h, w) each.
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
    of_green, of_red = bg / bb, br / bb  # regression of green and red on blue
    gg, gr, ga = gg - of_green * bg, gr - of_green * br, ga - of_green * ba
    rest = gr / gg
    red_gain = (ra - of_red * ba - rest * ga) / (rr - of_red * br - rest * gr)
    green_gain = ga / gg - rest * red_gain
    blue_gain = ba / bb - of_green * green_gain - of_red * red_gain
    return (blue_gain, green_gain, red_gain), mean - blue_gain * b - green_gain * g - red_gain * r


def _mean(values: Plane) -> Plane:
    return cv2.blur(values, NEAR)
