/* Fitting an alpha to the colours of its frame: colour_posterior() and guided_filter() of sinet_core/matting/colours.py.
 *
 * "Small" means half the alpha's size. Each result at that size is enlarged to two rows as soon as the small row below exists,
 * so only the alpha itself is ever stored as a whole plane. */
#include <string.h>

#include "planes.h"

#define COLOUR_NOISE ((float)PY_COLOUR_NOISE)
#define LIMIT ((float)PY_LIMIT)
#define TRUST ((float)PY_TRUST)
#define FEW ((float)PY_FEW)

enum { REACH = 4, WINDOW = 2 * REACH + 1, TERMS = 10 };

EXPORT void fit_to_colours(float *alpha, ptrdiff_t step, const uint8_t *guide, ptrdiff_t guide_step, ptrdiff_t width,
                           ptrdiff_t height, float *scratch);

/* e^x for x from -2 to 2, with an error of 3e-6: the Taylor polynomial for x / 8, to the power of 8. */
INLINE float exponential(float x)
{
    x *= 1 / 8.f;
    float e = 1 + x * (1 + x * (1 / 2.f + x * (1 / 6.f + x * (1 / 24.f + x * (1 / 120.f)))));
    e *= e;
    e *= e;
    return e * e;
}

/* The natural logarithm of a positive number, with an error of 1e-6 (relative 1e-7), by the series of
 * ln m = 2 artanh((m - 1) / (m + 1)) for a mantissa from √½ to √2, with the exponent from the bits (as in Cody and Waite,
 * "Software Manual for the Elementary Functions", 1980, chapter 5). */
INLINE float logarithm(float x)
{
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    int32_t exponent = (bits - 0x3f3504f3) >> 23; /* the bits of √½ */
    bits -= exponent * (1 << 23);
    float mantissa;
    memcpy(&mantissa, &bits, sizeof mantissa);
    float s = (mantissa - 1) / (mantissa + 1), ss = s * s;
    return (float)exponent * 0.69314718f + s * (2 + ss * (2 / 3.f + ss * (2 / 5.f + ss * (2 / 7.f))));
}

INLINE void halve_rows(const float *restrict above, const float *restrict below, float *restrict to, ptrdiff_t small_width)
{
    for (ptrdiff_t x = 0; x < small_width; x++)
        to[x] = 0.25f * (above[2 * x] + above[2 * x + 1] + below[2 * x] + below[2 * x + 1]);
}

/* The ten terms of normal distributions for a row, weighted by how surely each pixel is person, and background, and summed
 * over the window's width. from: small blue, green, red and alpha, mirrored. to: 2 · TERMS planes. */
INLINE void sum_weighed_terms(const float *restrict from, float *restrict product, float *restrict to, ptrdiff_t width,
                              ptrdiff_t pitch)
{
    const float *a = from + 3 * pitch;
    /* As in _quadratic_terms(): 1, blue, green, red and their products; -1 stands for a factor of 1. */
    static const int first[TERMS] = {-1, 0, 1, 2, 0, 0, 0, 1, 1, 2}, second[TERMS] = {-1, -1, -1, -1, 0, 1, 2, 1, 2, 2};
    for (int room = 0; room < 2; room++) {
        for (int term = 0; term < TERMS; term++, to += pitch) {
            const float *p = from + (first[term] < 0 ? 0 : first[term] * pitch);
            const float *q = from + (second[term] < 0 ? 0 : second[term] * pitch);
            int of_first = first[term] >= 0, of_second = second[term] >= 0;
            for (ptrdiff_t x = -REACH; x < width + REACH; x++) {
                float weight = room ? 1 - a[x] : a[x];
                weight *= weight;
                product[x] = weight * weight * (of_first ? p[x] : 1) * (of_second ? q[x] : 1);
            }
            for (ptrdiff_t x = 0; x < width; x++)
                to[x] = product[x - 4] + product[x - 3] + product[x - 2] + product[x - 1] + product[x] + product[x + 1] +
                        product[x + 2] + product[x + 3] + product[x + 4];
        }
    }
}

/* A normal distribution: its mean weight in the window, the factors of its log density, times -2 (on the diagonal) or -1, and
 * the determinant of its covariance. */
struct normal {
    float weight, determinant, constant, b, g, r, bb, bg, br, gg, gr, rr;
};

/* As in _log_densities(). sums: TERMS planes, over the window. */
INLINE struct normal normal_of(const float *sums, ptrdiff_t pitch, ptrdiff_t x)
{
    float weight = sums[x] * (1.f / (WINDOW * WINDOW));
    float scale = (1.f / (WINDOW * WINDOW)) / (weight + 1e-4f);
#define MEAN(k) (sums[(k) * pitch + x] * scale)
    float b = MEAN(1), g = MEAN(2), r = MEAN(3);
    float bb = MEAN(4) - b * b + COLOUR_NOISE, bg = MEAN(5) - b * g, br = MEAN(6) - b * r;
    float gg = MEAN(7) - g * g + COLOUR_NOISE, gr = MEAN(8) - g * r, rr = MEAN(9) - r * r + COLOUR_NOISE;
#undef MEAN
    struct normal n;
    n.weight = weight;
    n.bb = gg * rr - gr * gr;
    n.bg = br * gr - bg * rr;
    n.br = bg * gr - br * gg;
    n.gg = bb * rr - br * br;
    n.gr = bg * br - bb * gr;
    n.rr = bb * gg - bg * bg;
    float determinant = bb * n.bb + bg * n.bg + br * n.br, floor = COLOUR_NOISE * COLOUR_NOISE * COLOUR_NOISE;
    n.determinant = determinant > floor ? determinant : floor;
    float inverse = 1 / n.determinant;
    n.bb *= inverse, n.bg *= inverse, n.br *= inverse, n.gg *= inverse, n.gr *= inverse, n.rr *= inverse;
    n.b = n.bb * b + n.bg * g + n.br * r;
    n.g = n.bg * b + n.gg * g + n.gr * r;
    n.r = n.br * b + n.gr * g + n.rr * r;
    n.constant = n.b * b + n.g * g + n.r * r;
    return n;
}

/* The factors of the log odds of person against background. rows: WINDOW rows of sum_weighed_terms(). */
INLINE void compare(const float *const *rows, float *restrict sums, float *restrict to, ptrdiff_t width, ptrdiff_t pitch)
{
    for (int plane = 0; plane < 2 * TERMS; plane++)
        for (ptrdiff_t x = plane * pitch; x < plane * pitch + width; x++)
            sums[x] = rows[0][x] + rows[1][x] + rows[2][x] + rows[3][x] + rows[4][x] + rows[5][x] + rows[6][x] + rows[7][x] +
                      rows[8][x];
    APART for (ptrdiff_t x = 0; x < width; x++) {
        struct normal person = normal_of(sums, pitch, x), room = normal_of(sums + TERMS * pitch, pitch, x);
        float known = (person.weight < room.weight ? person.weight : room.weight) * (1 / FEW);
        known = known < 1 ? known : 1;
        float half = -0.5f * known;
        to[x] = half * (person.constant - room.constant + logarithm(person.determinant / room.determinant));
        to[pitch + x] = known * (person.b - room.b);
        to[2 * pitch + x] = known * (person.g - room.g);
        to[3 * pitch + x] = known * (person.r - room.r);
        to[4 * pitch + x] = half * (person.bb - room.bb);
        to[5 * pitch + x] = known * (room.bg - person.bg);
        to[6 * pitch + x] = known * (room.br - person.br);
        to[7 * pitch + x] = half * (person.gg - room.gg);
        to[8 * pitch + x] = known * (room.gr - person.gr);
        to[9 * pitch + x] = half * (person.rr - room.rr);
    }
}

/* Enlarge planes of small rows to one row, between two of them. weight: of the lower row. one: scratch for a small row with its margin. */
INLINE void enlarge(const float *restrict upper, const float *restrict lower, float weight, int planes, float *restrict one,
                    float *restrict to, ptrdiff_t small_width, ptrdiff_t small_pitch, ptrdiff_t pitch)
{
    for (int plane = 0; plane < planes; plane++, upper += small_pitch, lower += small_pitch, to += pitch) {
        for (ptrdiff_t x = 0; x < small_width; x++)
            one[x] = upper[x] + weight * (lower[x] - upper[x]);
        one[-1] = one[0];
        one[small_width] = one[small_width - 1];
        for (ptrdiff_t x = 0; x < small_width; x++) {
            to[2 * x] = one[x] + 0.25f * (one[x - 1] - one[x]);
            to[2 * x + 1] = one[x] + 0.25f * (one[x + 1] - one[x]);
        }
    }
}

/* factors: TERMS planes. colours: three. */
INLINE void weigh(const float *restrict factors, const float *restrict colours, const float *alpha, float *restrict to,
                  ptrdiff_t width, ptrdiff_t pitch)
{
    const float *f = factors;
    for (ptrdiff_t x = 0; x < width; x++) {
        float b = colours[x], g = colours[pitch + x], r = colours[2 * pitch + x];
        float said = f[x] + b * (f[pitch + x] + f[4 * pitch + x] * b + f[5 * pitch + x] * g + f[6 * pitch + x] * r) +
                     g * (f[2 * pitch + x] + f[7 * pitch + x] * g + f[8 * pitch + x] * r) +
                     r * (f[3 * pitch + x] + f[9 * pitch + x] * r);
        float person = alpha[x] * exponential(clipped(said, -LIMIT, LIMIT) * TRUST);
        to[x] = person / (person + (1 - alpha[x]));
    }
}

/* Multiply the gains and the offset of a small row by how much of alpha's variance they explain. */
INLINE void believe(float *mixed, ptrdiff_t width, ptrdiff_t pitch)
{
    for (int plane = 0; plane < EXPLAINED; plane++)
        for (ptrdiff_t x = 0; x < width; x++)
            mixed[plane * pitch + x] *= mixed[EXPLAINED * pitch + x];
}

/* above, here, below: rows of alpha. mixed: MIXED planes after believe(). low, high: scratch rows with a margin. */
INLINE void follow(const float *restrict above, const float *restrict here, const float *restrict below,
                   const float *restrict mixed, const float *restrict colours, float *restrict low, float *restrict high,
                   float *restrict to, ptrdiff_t width, ptrdiff_t pitch)
{
    for (ptrdiff_t x = 0; x < width; x++) {
        float lowest = above[x] < here[x] ? above[x] : here[x], highest = above[x] > here[x] ? above[x] : here[x];
        low[x] = lowest < below[x] ? lowest : below[x];
        high[x] = highest > below[x] ? highest : below[x];
    }
    low[-1] = low[0], high[-1] = high[0];
    low[width] = low[width - 1], high[width] = high[width - 1];
    for (ptrdiff_t x = 0; x < width; x++) {
        float fitted = here[x] * (1 - mixed[EXPLAINED * pitch + x]) + mixed[OFFSET * pitch + x] +
                       mixed[BLUE_GAIN * pitch + x] * colours[x] + mixed[GREEN_GAIN * pitch + x] * colours[pitch + x] +
                       mixed[RED_GAIN * pitch + x] * colours[2 * pitch + x];
        float lowest = low[x - 1] < low[x] ? low[x - 1] : low[x];
        float highest = high[x - 1] > high[x] ? high[x - 1] : high[x];
        lowest = lowest < low[x + 1] ? lowest : low[x + 1];
        highest = highest > high[x + 1] ? highest : high[x + 1];
        to[x] = clipped(fitted, lowest, highest);
    }
}

/* alpha: (height, width) float in [0, 1], changed in place. guide: (height, width, 3) BGR. Both sides are even and not 0.
 * scratch: at least (3 · height + 250) · (width + 2 · MARGIN) floats. */
CLONES void fit_to_colours(float *alpha, ptrdiff_t step, const uint8_t *guide, ptrdiff_t guide_step, ptrdiff_t width,
                           ptrdiff_t height, float *scratch)
{
    ptrdiff_t pitch = pitch_of(width), small_width = width / 2, small_height = height / 2, small_pitch = pitch_of(small_width);
    scratch += MARGIN;
    float *weighed = scratch;
    float *small = weighed + height * pitch;
    float *ring = small + small_height * GUIDED * small_pitch;
    float *sums = ring + WINDOW * 2 * TERMS * small_pitch;
    float *pair = sums + 2 * TERMS * small_pitch;
    float *one = pair + 2 * TERMS * small_pitch;
    float *enlarged = one + small_pitch;
    float *colours = enlarged + TERMS * pitch;
    float *low = colours + 2 * 3 * pitch, *high = low + pitch;
#define ALPHA(y) ((float *)((char *)alpha + (y) * step))
#define SMALL(y) (small + (y) * GUIDED * small_pitch)

    for (ptrdiff_t y = 0; y < small_height; y++) {
        float *row = SMALL(y);
        split(guide + 2 * y * guide_step, colours, width, pitch);
        split(guide + (2 * y + 1) * guide_step, colours + 3 * pitch, width, pitch);
        for (int colour = 0; colour < 3; colour++)
            halve_rows(colours + colour * pitch, colours + (3 + colour) * pitch, row + colour * small_pitch, small_width);
        halve_rows(ALPHA(2 * y), ALPHA(2 * y + 1), row + 3 * small_pitch, small_width);
        for (int plane = 0; plane < GUIDED; plane++)
            mirror_ends(row + plane * small_pitch, small_width, REACH);
    }

#define RING(y) (ring + (y) % WINDOW * 2 * TERMS * small_pitch)
#define FACTORS(y) (pair + (y) % 2 * TERMS * small_pitch)
    for (ptrdiff_t y = 0, summed = 0, compared = 0; y < height; y++) {
        ptrdiff_t upper = y ? (y - 1) / 2 : 0, lower = least((y + 1) / 2, small_height - 1);
        for (; compared <= lower; compared++) {
            for (; summed < least(compared + REACH + 1, small_height); summed++)
                sum_weighed_terms(SMALL(summed), one, RING(summed), small_width, small_pitch);
            const float *rows[WINDOW];
            for (int i = 0; i < WINDOW; i++)
                rows[i] = RING(mirrored(compared + i - REACH, small_height));
            compare(rows, sums, FACTORS(compared), small_width, small_pitch);
        }
        enlarge(FACTORS(upper), FACTORS(lower), y % 2 ? 0.25f : 0.75f, TERMS, one, enlarged, small_width, small_pitch, pitch);
        split(guide + y * guide_step, colours, width, pitch);
        weigh(enlarged, colours, ALPHA(y), weighed + y * pitch, width, pitch);
    }

    for (ptrdiff_t y = 0; y < small_height; y++) {
        halve_rows(weighed + 2 * y * pitch, weighed + (2 * y + 1) * pitch, SMALL(y) + 3 * small_pitch, small_width);
        mirror_ends(SMALL(y) + 3 * small_pitch, small_width, 1);
    }

#define THREES(y) (ring + (y) % 3 * SUMS * small_pitch)
#define MIX(y) (pair + (y) % 2 * MIXED * small_pitch)
    for (ptrdiff_t y = 0, summed = 0, mixed = 0; y < height; y++) {
        ptrdiff_t upper = y ? (y - 1) / 2 : 0, lower = least((y + 1) / 2, small_height - 1);
        for (; mixed <= lower; mixed++) {
            for (; summed < least(mixed + 2, small_height); summed++)
                sum_by_threes(SMALL(summed), THREES(summed), small_width, small_pitch);
            fit_linear_model(THREES(mirrored(mixed - 1, small_height)), THREES(mixed), THREES(mirrored(mixed + 1, small_height)), MIX(mixed),
                small_width, small_pitch);
            believe(MIX(mixed), small_width, small_pitch);
        }
        enlarge(MIX(upper), MIX(lower), y % 2 ? 0.25f : 0.75f, MIXED, one, enlarged, small_width, small_pitch, pitch);
        split(guide + y * guide_step, colours, width, pitch);
        follow(weighed + most(y - 1, 0) * pitch, weighed + y * pitch, weighed + least(y + 1, height - 1) * pitch, enlarged,
               colours, low, high, ALPHA(y), width, pitch);
    }
}
