/* Bilinear enlarging of a plane, row by row, as in OpenCV: between pixel centres, and constant beyond the outermost ones.
 * Each small row is stretched once, and each large row is a weighted sum of two stretched ones. Intermediate values are in units of
 * 1/128, to fit into 16 bits. */
#ifndef BACKDROP_ENLARGE_H
#define BACKDROP_ENLARGE_H

#include "native.h"

#define LANES PY_LANES
#define TOGETHER 128 /* values that are computed together */

/* The positions of the pixels of a large row, or column, between small ones, from -1 to the number of small ones. */
typedef struct {
    const int32_t *before; /* for each: the small one before it */
    const int16_t *weight;  /* for each: its distance from there, in 1/32768 of the way to the next */
    const int32_t *starts; /* for each small one from -1 on, and for the end: the first large one after it */
} Places;

typedef struct {
    const uint8_t *small;
    ptrdiff_t step, small_width, small_height;
    Places across, down;
    int16_t *stretched[2]; /* two small rows as wide as the large plane, and LANES more */
    int16_t *more;         /* the second minus the first */
    ptrdiff_t held[2];     /* the numbers of these rows; -1 at first */
} Enlarger;

INLINE int16_t part(int16_t of, int16_t weight)
{
    return (int16_t)(((((int32_t)of * weight) >> 14) + 1) >> 1);
}

INLINE void stretch(const Enlarger *from, ptrdiff_t row, int16_t *restrict to)
{
    const uint8_t *restrict small = from->small + row * from->step;
    const int16_t *restrict weight = from->across.weight;
    for (ptrdiff_t i = -1; i < from->small_width; i++) {
        int left = small[most(i, 0)], right = small[least(i + 1, from->small_width - 1)];
        int16_t value = (int16_t)(left * 128), more = (int16_t)((right - left) * 128);
        for (ptrdiff_t x = from->across.starts[i + 1]; x < from->across.starts[i + 2]; x += LANES)
            for (int lane = 0; lane < LANES; lane++)
                to[x + lane] = (int16_t)(value + part(more, weight[x + lane]));
    }
}

/* Stretch the small rows that a large row needs, unless they are stretched already. width: of the large plane. Returns whether
 * it had to. */
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

/* A part of the large row y, after reach() for that row. */
INLINE void mix_row(const Enlarger *from, ptrdiff_t y, ptrdiff_t x, ptrdiff_t count, uint8_t *restrict to)
{
    int16_t weight = from->down.weight[y], values[TOGETHER]; /* an array, so that compilers see 16-bit products */
    for (; count > 0; count -= TOGETHER, x += TOGETHER, to += TOGETHER) {
        const int16_t *restrict above = from->stretched[0] + x, *restrict more = from->more + x;
        int together = (int)least(TOGETHER, count);
        for (int i = 0; i < together; i++)
            values[i] = (int16_t)(above[i] + part(more[i], weight));
        for (int i = 0; i < together; i++)
            to[i] = (uint8_t)((uint16_t)(values[i] + 64) >> 7);
    }
}

#endif
