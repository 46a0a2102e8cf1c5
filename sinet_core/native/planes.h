/* Rows of float planes at the alpha's size, and the local linear model of alpha, for colours.c and guided_upsampling.c.
 *
 * The rows of several planes lie one after another, a pitch apart, each with a margin on both sides for windows that reach
 * beyond its ends. */
#ifndef BACKDROP_PLANES_H
#define BACKDROP_PLANES_H

#include "native.h"

enum { MARGIN = PY_MARGIN, GUIDED = 4, SUMS = 14, MIXED = 5 }; /* numbers of planes */
/* Before a loop that writes several planes: tells the compiler that they do not overlap. */
#if defined(__GNUC__) && !defined(__clang__)
#define APART _Pragma("GCC ivdep")
#elif defined(__clang__)
#define APART _Pragma("clang loop vectorize(assume_safety)")
#else
#define APART
#endif

enum { BLUE_GAIN, GREEN_GAIN, RED_GAIN, OFFSET, EXPLAINED };

#define EDGE_NOISE ((float)PY_EDGE_NOISE)

INLINE ptrdiff_t pitch_of(ptrdiff_t width) { return width + 2 * MARGIN; }

INLINE float clipped(float value, float low, float high)
{
    value = value > low ? value : low; /* first, so that NaN becomes low */
    return value < high ? value : high;
}

/* Mirror a position at the centres of the first and the last of `length` values (BORDER_REFLECT_101). */
INLINE ptrdiff_t mirrored(ptrdiff_t place, ptrdiff_t length)
{
    while (length > 1 && (place < 0 || place >= length))
        place = place < 0 ? -place : 2 * (length - 1) - place;
    return length > 1 ? place : 0;
}

INLINE void mirror_ends(float *row, ptrdiff_t width, ptrdiff_t reach)
{
    for (ptrdiff_t i = 1; i <= reach; i++) {
        row[-i] = row[mirrored(-i, width)];
        row[width - 1 + i] = row[mirrored(width - 1 + i, width)];
    }
}

/* guide: width pixels of BGR. to: three planes of 0 to 1. */
INLINE void split(const uint8_t *restrict guide, float *restrict to, ptrdiff_t width, ptrdiff_t pitch)
{
    APART for (ptrdiff_t x = 0; x < width; x++) {
        to[x] = (float)guide[3 * x] * (1 / 255.f);
        to[pitch + x] = (float)guide[3 * x + 1] * (1 / 255.f);
        to[2 * pitch + x] = (float)guide[3 * x + 2] * (1 / 255.f);
    }
}

/* from: blue, green, red and alpha, mirrored at the ends. to: sums over three pixels of them and of their products. */
INLINE void sum_by_threes(const float *restrict from, float *restrict to, ptrdiff_t width, ptrdiff_t pitch)
{
    const float *b = from, *g = b + pitch, *r = g + pitch, *a = r + pitch;
#define SUM(p) (p[x - 1] + p[x] + p[x + 1])
#define SUM_OF(p, q) (p[x - 1] * q[x - 1] + p[x] * q[x] + p[x + 1] * q[x + 1])
    APART for (ptrdiff_t x = 0; x < width; x++) {
        to[x] = SUM(b);
        to[pitch + x] = SUM(g);
        to[2 * pitch + x] = SUM(r);
        to[3 * pitch + x] = SUM(a);
        to[4 * pitch + x] = SUM_OF(b, b);
        to[5 * pitch + x] = SUM_OF(g, g);
        to[6 * pitch + x] = SUM_OF(r, r);
        to[7 * pitch + x] = SUM_OF(b, g);
        to[8 * pitch + x] = SUM_OF(b, r);
        to[9 * pitch + x] = SUM_OF(g, r);
        to[10 * pitch + x] = SUM_OF(b, a);
        to[11 * pitch + x] = SUM_OF(g, a);
        to[12 * pitch + x] = SUM_OF(r, a);
        to[13 * pitch + x] = SUM_OF(a, a);
    }
#undef SUM
#undef SUM_OF
}

/* local_linear_coefficients() of colours.py and, in the plane EXPLAINED, how much of alpha's variance they explain.
 * above, here, below: rows of sum_by_threes(). */
INLINE void fit_linear_model(const float *restrict above, const float *restrict here, const float *restrict below, float *restrict to,
                ptrdiff_t width, ptrdiff_t pitch)
{
#define MEAN(k) ((above[(k) * pitch + x] + here[(k) * pitch + x] + below[(k) * pitch + x]) * (1 / 9.f))
    APART for (ptrdiff_t x = 0; x < width; x++) {
        float b = MEAN(0), g = MEAN(1), r = MEAN(2), mean = MEAN(3);
        float bb = MEAN(4) - b * b + EDGE_NOISE, gg = MEAN(5) - g * g + EDGE_NOISE, rr = MEAN(6) - r * r + EDGE_NOISE;
        float bg = MEAN(7) - b * g, br = MEAN(8) - b * r, gr = MEAN(9) - g * r;
        float ba = MEAN(10) - b * mean, ga = MEAN(11) - g * mean, ra = MEAN(12) - r * mean;
        float variance = MEAN(13) - mean * mean;
        float of_blue = 1 / bb, of_green = bg * of_blue, of_red = br * of_blue;
        float gg_left = gg - of_green * bg, gr_left = gr - of_green * br, ga_left = ga - of_green * ba;
        float of_rest = 1 / gg_left, rest = gr_left * of_rest;
        float red = (ra - of_red * ba - rest * ga_left) / (rr - of_red * br - rest * gr_left);
        float green = ga_left * of_rest - rest * red;
        float blue = ba * of_blue - of_green * green - of_red * red;
        to[BLUE_GAIN * pitch + x] = blue;
        to[GREEN_GAIN * pitch + x] = green;
        to[RED_GAIN * pitch + x] = red;
        to[OFFSET * pitch + x] = mean - blue * b - green * g - red * r;
        to[EXPLAINED * pitch + x] = clipped((blue * ba + green * ga + red * ra) / (variance + 1e-4f), 0, 1);
    }
#undef MEAN
}

#endif
