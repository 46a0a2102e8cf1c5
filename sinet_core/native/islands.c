/* Which parts of an alpha are not believed yet: what sinet_core/islands.py tells by OpenCV's connected components.
 *
 * The grid is half the alpha's size. Parts are told by joining runs of pixels that touch in one row and the next (A. Rosenfeld,
 * J. L. Pfaltz, "Sequential Operations in Digital Picture Processing", Journal of the ACM 13, 1966). */
#include <string.h>

#include "native.h"

/* Of islands.py, where they are explained. */
#define WAIT 0.2
#define SPECK 5e-4
#define HOLE 0.05
#define SEEN 0.25f

/* Pixels of one row side by side. Those that hang together are joined, and the first of them stands for them all. */
typedef struct {
    ptrdiff_t first, end; /* of its pixels in the grid, the end being the one after the last */
    ptrdiff_t joined;     /* a run before it of the same part; itself where there is none */
    /* Of the part: */
    double age, still; /* sums over its pixels */
    ptrdiff_t area;
    int at_edge, believed, doubted;
} Run;

EXPORT void doubt(const float *alpha, const float *still, float *ages, float *doubted, int32_t *any, double seconds,
                  ptrdiff_t width, ptrdiff_t height, double *scratch);

INLINE Run *first_of(Run *runs, Run *run)
{
    while (runs[run->joined].joined != run->joined)
        run->joined = runs[run->joined].joined;
    return runs + run->joined;
}

INLINE void join(Run *runs, Run *one, Run *other)
{
    Run *first = first_of(runs, one), *second = first_of(runs, other);
    if (first < second)
        second->joined = first->joined;
    else
        first->joined = second->joined;
}

/* Returns how many runs the mask has. reach: 1 where those hang together that touch at a corner, otherwise 0. */
static ptrdiff_t find_runs(const uint8_t *mask, Run *runs, ptrdiff_t reach, ptrdiff_t width, ptrdiff_t height)
{
    ptrdiff_t count = 0, above = 0;
    for (ptrdiff_t y = 0; y < height; y++) {
        ptrdiff_t row = count;
        for (ptrdiff_t x = 0; x < width;) {
            for (; x < width && !mask[y * width + x]; x++)
                ;
            if (x == width)
                break;
            Run run = {.first = y * width + x, .joined = count};
            for (; x < width && mask[y * width + x]; x++)
                ;
            run.end = y * width + x;
            runs[count++] = run;
        }
        /* Both rows from left to right; whichever run ends first has touched all that it can. */
        for (ptrdiff_t here = row; above < row && here < count;) {
            ptrdiff_t first = runs[above].first + width, end = runs[above].end + width;
            if (first < runs[here].end + reach && runs[here].first < end + reach)
                join(runs, runs + above, runs + here);
            if (end < runs[here].end)
                above++;
            else
                here++;
        }
        above = row;
    }
    return count;
}

/* Where the doubted parts are and one pixel round them, but not in a believed one. believes: a plane for what is. */
static void draw_doubted(Run *runs, ptrdiff_t count, uint8_t *believes, float *doubted, ptrdiff_t width, ptrdiff_t height)
{
    memset(believes, 0, (size_t)(width * height));
    for (ptrdiff_t i = 0; i < width * height; i++)
        doubted[i] = 0;
    for (Run *run = runs; run < runs + count; run++) {
        const Run *part = first_of(runs, run);
        if (part->believed && !part->doubted)
            memset(believes + run->first, 1, (size_t)(run->end - run->first));
    }
    for (Run *run = runs; run < runs + count; run++) {
        ptrdiff_t y = run->first / width, left = run->first % width, right = run->end - y * width;
        if (!first_of(runs, run)->doubted)
            continue;
        for (ptrdiff_t j = most(y - 1, 0); j < least(y + 2, height); j++)
            for (ptrdiff_t i = most(left - 1, 0); i < least(right + 1, width); i++)
                if (!believes[j * width + i])
                    doubted[j * width + i] = 1;
    }
}

/* _not_believed() of one mask. */
static int doubt_parts(uint8_t *mask, const float *still, float *age, float *doubted, double seconds, int holes, Run *runs,
                       ptrdiff_t width, ptrdiff_t height)
{
    ptrdiff_t size = width * height, count = find_runs(mask, runs, !holes, width, height);
    for (ptrdiff_t i = 0; i < size; i++) {
        float older = age[i] + (mask[i] ? (float)seconds : (float)-seconds);
        older = older > 0 ? older : 0;
        age[i] = older < (float)(2 * WAIT) ? older : (float)(2 * WAIT);
    }
    for (Run *run = runs; run < runs + count; run++) {
        Run *part = first_of(runs, run);
        part->area += run->end - run->first;
        part->at_edge |= run->first % width == 0 || run->end % width == 0 || run->first < width || run->end > size - width;
        for (ptrdiff_t i = run->first; i < run->end; i++) {
            part->age += age[i];
            part->still += still[i];
        }
    }
    int any = 0;
    for (Run *run = runs; run < runs + count; run++) {
        Run *part = first_of(runs, run);
        if (run == part) {
            double area = (double)part->area;
            part->believed = part->age / area >= WAIT || part->still / area < 0.5;
            part->doubted = !part->believed || area < SPECK * (double)size;
            if (holes)
                part->doubted = part->doubted && !part->at_edge && area < HOLE * (double)size;
            any |= part->doubted;
        }
        /* What is believed stays so while it moves on, and for a moment after it was lost. */
        for (ptrdiff_t i = run->first; part->believed && i < run->end; i++)
            age[i] = age[i] < (float)WAIT ? (float)WAIT : age[i];
    }
    if (any)
        draw_doubted(runs, count, mask, doubted, width, height);
    return any;
}

/* alpha, still: (2 · height, 2 · width) float. ages: of person and of room, (2, height, width) float, brought up to date.
 * doubted: (2, height, width) float, where islands are not believed and where holes are not: filled where any of the two is not 0.
 * Not empty. scratch: (6 · width + 10) · height doubles. */
CLONES void doubt(const float *alpha, const float *still, float *ages, float *doubted, int32_t *any, double seconds,
                  ptrdiff_t width, ptrdiff_t height, double *scratch)
{
    ptrdiff_t size = width * height;
    Run *runs = (Run *)scratch; /* at most every other pixel begins one */
    float *small_still = (float *)(runs + (width + 1) / 2 * height);
    uint8_t *person = (uint8_t *)(small_still + size), *room = person + size;
    for (ptrdiff_t y = 0; y < height; y++)
        for (ptrdiff_t x = 0; x < width; x++) {
            ptrdiff_t i = 4 * y * width + 2 * x, below = i + 2 * width, to = y * width + x;
            float mean = 0.25f * (alpha[i] + alpha[i + 1] + alpha[below] + alpha[below + 1]);
            small_still[to] = 0.25f * (still[i] + still[i + 1] + still[below] + still[below + 1]);
            person[to] = mean > SEEN;
            room[to] = mean < 1 - SEEN;
        }
    any[0] = doubt_parts(person, small_still, ages, doubted, seconds, 0, runs, width, height);
    any[1] = doubt_parts(room, small_still, ages + size, doubted + size, seconds, 1, runs, width, height);
}
