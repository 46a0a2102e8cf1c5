/* Half the size: the mean of every four pixels. */
#include <string.h>

#include "native.h"

#define TOGETHER 512 /* pixels of the answer for which what is in between stays next to the processor */

EXPORT void halve(const uint8_t *from, ptrdiff_t step, uint8_t *to, ptrdiff_t to_step, ptrdiff_t width, ptrdiff_t height,
                  ptrdiff_t channels);

INLINE void plane_row(const uint8_t *restrict above, const uint8_t *restrict below, uint8_t *restrict to, ptrdiff_t width)
{
    for (ptrdiff_t x = 0; x < width; x++)
        to[x] = (uint8_t)((above[2 * x] + above[2 * x + 1] + below[2 * x] + below[2 * x + 1] + 2) >> 2);
}

/* ahead: the bytes to the rows that come next, which are asked for in time: a frame comes from memory, not from a cache.
 * The mean is taken for every byte with that of the pixel after it, which vectorises; every other pixel is kept of it. */
INLINE void colour_row(const uint8_t *restrict above, const uint8_t *restrict below, uint8_t *restrict to, ptrdiff_t width,
                       ptrdiff_t ahead)
{
    uint16_t sums[6 * TOGETHER];
    uint8_t means[6 * TOGETHER];
    for (ptrdiff_t first = 0; first < width; first += TOGETHER, above += 6 * TOGETHER, below += 6 * TOGETHER) {
        ptrdiff_t count = least(TOGETHER, width - first);
        for (ptrdiff_t i = 0; i < 6 * count; i += 64) {
            SOON(above + ahead + i);
            SOON(below + ahead + i);
        }
        for (ptrdiff_t i = 0; i < 6 * count; i++)
            sums[i] = (uint16_t)(above[i] + below[i] + 1);
        for (ptrdiff_t i = 0; i < 6 * count - 3; i++)
            means[i] = (uint8_t)((sums[i] + sums[i + 3]) >> 2);
        for (ptrdiff_t x = 0; x < count - 1; x++, to += 3)
            memcpy(to, means + 6 * x, 4); /* one byte more, which the next pixel takes the place of */
        memcpy(to, means + 6 * (count - 1), 3);
        to += 3;
    }
}

/* from: (2 · height, 2 · width, channels) uint8, 1 or 3 channels. to: (height, width, channels) uint8. */
CLONES void halve(const uint8_t *from, ptrdiff_t step, uint8_t *to, ptrdiff_t to_step, ptrdiff_t width, ptrdiff_t height,
                  ptrdiff_t channels)
{
    for (ptrdiff_t y = 0; y < height; y++, from += 2 * step, to += to_step) {
        if (channels == 1)
            plane_row(from, from + step, to, width);
        else
            colour_row(from, from + step, to, width, 2 * step);
    }
}
