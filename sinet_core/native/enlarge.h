/* Enlarging a small plane row by row, bilinearly, as OpenCV does: from middle to middle of the pixels, and beyond the
 * outermost ones their own value. A small row is stretched once, for all the large rows that it goes into, and a large row is
 * mixed of two of those. Values in between are in 1/128, for 16 bits to hold them. */
#ifndef BACKDROP_ENLARGE_H
#define BACKDROP_ENLARGE_H

#include "native.h"

#define LANES PY_LANES
#define TOGETHER 128 /* values that are mixed together */

/* Where the pixels of a large row, or column, lie between two small ones, -1 and the number of small ones included. */
typedef struct {
    const int32_t *before; /* for each: the small one before it */
    const int16_t *share;  /* for each: how far it lies from there towards the next, in 1/32768 */
    const int32_t *starts; /* for each small one from -1 on, and the end: the first large one that lies after it */
} Places;

typedef struct {
    const uint8_t *small;
    ptrdiff_t step, small_width, small_height;
    Places across, down;
    int16_t *stretched[2]; /* two small rows as wide as the large plane, and LANES more */
    int16_t *more;         /* by how much the second is more than the first */
    ptrdiff_t held[2];     /* which ones they are; begins as -1 */
} Enlarger;

INLINE int16_t part(int16_t of, int16_t share)
{
    return (int16_t)(((((int32_t)of * share) >> 14) + 1) >> 1);
}

INLINE void stretch(const Enlarger *from, ptrdiff_t row, int16_t *restrict to)
{
    const uint8_t *restrict small = from->small + row * from->step;
    const int16_t *restrict share = from->across.share;
    for (ptrdiff_t i = -1; i < from->small_width; i++) {
        int left = small[most(i, 0)], right = small[least(i + 1, from->small_width - 1)];
        int16_t value = (int16_t)(left * 128), more = (int16_t)((right - left) * 128);
        for (ptrdiff_t x = from->across.starts[i + 1]; x < from->across.starts[i + 2]; x += LANES)
            for (int lane = 0; lane < LANES; lane++)
                to[x + lane] = (int16_t)(value + part(more, share[x + lane]));
    }
}

/* Stretch what a large row is mixed of, if it is not there yet. width: of the large plane. Returns whether it was not. */
INLINE int reach(Enlarger *from, ptrdiff_t y, ptrdiff_t width)
{
    ptrdiff_t above = most(from->down.before[y], 0), below = least(from->down.before[y] + 1, from->small_height - 1);
    if (from->held[0] == above && from->held[1] == below)
        return 0;
    if (from->held[1] == above) {
        int16_t *first = from->stretched[0];
        from->stretched[0] = from->stretched[1];
        from->stretched[1] = first;
    } else
        stretch(from, above, from->stretched[0]);
    stretch(from, below, from->stretched[1]);
    from->held[0] = above, from->held[1] = below;
    const int16_t *restrict first = from->stretched[0], *restrict second = from->stretched[1];
    int16_t *restrict more = from->more;
    for (ptrdiff_t x = 0; x < width; x++)
        more[x] = (int16_t)(second[x] - first[x]);
    return 1;
}

/* So much of the large row y, for which reach() was called. */
INLINE void mix_row(const Enlarger *from, ptrdiff_t y, ptrdiff_t x, ptrdiff_t count, uint8_t *restrict to)
{
    int16_t share = from->down.share[y], values[TOGETHER]; /* in between for the products to be seen to be of 16 bits */
    for (; count > 0; count -= TOGETHER, x += TOGETHER, to += TOGETHER) {
        const int16_t *restrict above = from->stretched[0] + x, *restrict more = from->more + x;
        int together = (int)least(TOGETHER, count);
        for (int i = 0; i < together; i++)
            values[i] = (int16_t)(above[i] + part(more[i], share));
        for (int i = 0; i < together; i++)
            to[i] = (uint8_t)((uint16_t)(values[i] + 64) >> 7);
    }
}

#endif
