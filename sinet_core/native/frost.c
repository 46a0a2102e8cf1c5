/* Blurring the background without the person: a Gaussian in which pixels of the person have little weight. */
#include "native.h"

#define PLANES 4 /* the weight, and blue, green and red multiplied by it */

EXPORT void frost(const uint8_t *room, ptrdiff_t room_step, const uint8_t *alpha, ptrdiff_t alpha_step, ptrdiff_t width,
                  ptrdiff_t height, const float *kernel, ptrdiff_t radius, float least_weight, uint8_t *to, ptrdiff_t to_step,
                  float *across, float *row);

/* Mirror a position at both ends of `count` pixels, as often as needed (BORDER_REFLECT). */
INLINE ptrdiff_t mirrored(ptrdiff_t place, ptrdiff_t count)
{
    while (place < 0 || place >= count)
        place = place < 0 ? -1 - place : 2 * count - 1 - place;
    return place;
}

INLINE uint8_t larger(uint8_t a, uint8_t b) { return a > b ? a : b; }

/* The weights of a row: (1 - the highest alpha of 3 × 3 neighbours)² + least_weight. highest: scratch, width + 2. */
INLINE void weigh(const uint8_t *alpha, ptrdiff_t step, ptrdiff_t y, ptrdiff_t width, ptrdiff_t height, float least_weight,
                  uint8_t *restrict highest, float *restrict to)
{
    const uint8_t *restrict here = alpha + y * step;
    const uint8_t *restrict above = alpha + most(y - 1, 0) * step, *restrict below = alpha + least(y + 1, height - 1) * step;
    for (ptrdiff_t x = 0; x < width; x++)
        highest[x + 1] = larger(larger(above[x], below[x]), here[x]);
    highest[0] = highest[width + 1] = 0;
    for (ptrdiff_t x = 0; x < width; x++) {
        float lacking = 1.0f - larger(larger(highest[x], highest[x + 1]), highest[x + 2]) * (1.0f / 255);
        to[x] = lacking * lacking + least_weight;
    }
}

/* Add two pairs of a symmetric kernel at a time, to load and store the sums half as often. */
INLINE void add_pairs(float *restrict sums, ptrdiff_t count, const float *restrict one, const float *restrict its_twin,
                      float weight, const float *restrict other, const float *restrict other_twin, float other_weight)
{
    for (ptrdiff_t i = 0; i < count; i++)
        sums[i] += weight * (one[i] + its_twin[i]) + other_weight * (other[i] + other_twin[i]);
}

/* values: with `radius` more on each side. */
INLINE void blur_row(const float *restrict values, const float *restrict kernel, ptrdiff_t radius, ptrdiff_t width,
                     float *restrict to)
{
    const float *restrict middle = values + radius;
    for (ptrdiff_t x = 0; x < width; x++)
        to[x] = kernel[0] * middle[x];
    for (ptrdiff_t i = 1; i <= radius; i += 2)
        add_pairs(to, width, middle - i, middle + i, kernel[i], middle - i - 1, middle + i + 1, kernel[i + 1]);
}

INLINE uint8_t value_of(float quotient)
{
    int value = (int)(quotient + 0.5f);
    return (uint8_t)(value > 255 ? 255 : value);
}

/* room, to: (height, width, 3) uint8 BGR. alpha: (height, width) uint8. kernel: radius + 1 weights from the middle on;
 * radius is even.
 * across: scratch for the horizontal blur, PLANES · height · width. row: scratch, PLANES · width + 2 · radius. */
CLONES void frost(const uint8_t *room, ptrdiff_t room_step, const uint8_t *alpha, ptrdiff_t alpha_step, ptrdiff_t width,
                  ptrdiff_t height, const float *kernel, ptrdiff_t radius, float least_weight, uint8_t *to, ptrdiff_t to_step,
                  float *across, float *row)
{
    const ptrdiff_t together = PLANES * width;
    for (ptrdiff_t y = 0; y < height; y++) {
        float *weight = across + y * together + (PLANES - 1) * width; /* until the last plane overwrites it */
        weigh(alpha, alpha_step, y, width, height, least_weight, (uint8_t *)row, weight);
        for (int plane = 0; plane < PLANES; plane++) {
            const uint8_t *restrict from = room + y * room_step + (plane + 2) % 3;
            float *restrict values = row + radius;
            for (ptrdiff_t x = 0; x < width; x++)
                values[x] = plane == 0 ? weight[x] : weight[x] * (float)from[3 * x];
            for (ptrdiff_t i = 1; i <= radius; i++) {
                row[radius - i] = values[mirrored(-i, width)];
                values[width - 1 + i] = values[mirrored(width - 1 + i, width)];
            }
            blur_row(row, kernel, radius, width, across + y * together + plane * width);
        }
    }
    for (ptrdiff_t y = 0; y < height; y++) {
        const float *restrict here = across + y * together;
        float *restrict sums = row;
        for (ptrdiff_t i = 0; i < together; i++)
            sums[i] = kernel[0] * here[i];
        for (ptrdiff_t j = 1; j <= radius; j += 2)
            add_pairs(sums, together, across + mirrored(y - j, height) * together,
                      across + mirrored(y + j, height) * together, kernel[j],
                      across + mirrored(y - j - 1, height) * together,
                      across + mirrored(y + j + 1, height) * together, kernel[j + 1]);
        uint8_t *restrict out = to + y * to_step;
        for (ptrdiff_t x = 0; x < width; x++) {
            float whole = 1.0f / sums[x];
            out[3 * x] = value_of(sums[width + x] * whole);
            out[3 * x + 1] = value_of(sums[2 * width + x] * whole);
            out[3 * x + 2] = value_of(sums[3 * width + x] * whole);
        }
    }
}
