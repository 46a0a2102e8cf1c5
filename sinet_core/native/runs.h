/* Connected components of a mask: runs of pixels in rows, joined where they touch runs of the next row (A. Rosenfeld, J. L. Pfaltz,
 * "Sequential Operations in Digital Picture Processing", Journal of the ACM 13, 1966). */
#ifndef BACKDROP_RUNS_H
#define BACKDROP_RUNS_H

#include <string.h>

#include "native.h"

/* Consecutive pixels of one row. The first run of a component represents it. */
typedef struct {
    ptrdiff_t first, end; /* indices in the mask; the end is one after the last */
    ptrdiff_t joined;     /* an earlier run of the same component, or itself */
} Run;

/* At most every other pixel starts a run. */
INLINE ptrdiff_t most_runs(ptrdiff_t width, ptrdiff_t height) { return (width + 1) / 2 * height; }

INLINE ptrdiff_t part_of(Run *runs, ptrdiff_t run)
{
    while (runs[runs[run].joined].joined != runs[run].joined)
        runs[run].joined = runs[runs[run].joined].joined;
    return runs[run].joined;
}

INLINE void join(Run *runs, ptrdiff_t one, ptrdiff_t other)
{
    ptrdiff_t first = part_of(runs, one), second = part_of(runs, other);
    runs[most(first, second)].joined = least(first, second);
}

/* mask: (height, width) of 0 and 1. reach: 1 if pixels that touch at a corner are connected, otherwise 0. Returns the
 * number of runs. */
static ptrdiff_t find_runs(const uint8_t *mask, Run *runs, ptrdiff_t reach, ptrdiff_t width, ptrdiff_t height)
{
    ptrdiff_t count = 0, above = 0;
    for (ptrdiff_t y = 0; y < height; y++) {
        ptrdiff_t row = count;
        const uint8_t *pixel = mask + y * width, *last = pixel + width;
        while ((pixel = memchr(pixel, 1, (size_t)(last - pixel)))) {
            const uint8_t *end = memchr(pixel, 0, (size_t)(last - pixel));
            end = end ? end : last;
            runs[count] = (Run){.first = pixel - mask, .end = end - mask, .joined = count};
            count++;
            pixel = end;
        }
        /* Both rows from left to right: the run that ends first cannot touch any more. */
        for (ptrdiff_t here = row; above < row && here < count;) {
            ptrdiff_t first = runs[above].first + width, end = runs[above].end + width;
            if (first < runs[here].end + reach && runs[here].first < end + reach)
                join(runs, above, here);
            if (end < runs[here].end)
                above++;
            else
                here++;
        }
        above = row;
    }
    return count;
}

#endif
