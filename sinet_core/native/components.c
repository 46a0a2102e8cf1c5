/* Unconfirmed components of an alpha, as in sinet_core/matting/components.py, on a grid of half the alpha's size. */
#include "runs.h"

#define WAIT PY_WAIT
#define SPECK PY_SPECK
#define HOLE PY_HOLE
#define SEEN ((float)PY_SEEN)

typedef struct {
    double age, still; /* sums over its pixels */
    ptrdiff_t area;
    int at_edge, confirmed, unconfirmed;
} Part;

EXPORT void find_unconfirmed(const float *alpha, const float *still, float *ages, float *unconfirmed, int32_t *any, double seconds,
                  ptrdiff_t width, ptrdiff_t height, double *scratch);

/* Mark the unconfirmed components and one pixel round them, but nothing of confirmed ones. believes: scratch, a plane. */
static void draw_unconfirmed(Run *runs, ptrdiff_t count, const Part *parts, uint8_t *believes, float *unconfirmed, ptrdiff_t width,
                         ptrdiff_t height)
{
    memset(believes, 0, (size_t)(width * height));
    for (ptrdiff_t i = 0; i < width * height; i++)
        unconfirmed[i] = 0;
    for (ptrdiff_t run = 0; run < count; run++) {
        const Part *part = parts + part_of(runs, run);
        if (part->confirmed && !part->unconfirmed)
            memset(believes + runs[run].first, 1, (size_t)(runs[run].end - runs[run].first));
    }
    for (ptrdiff_t run = 0; run < count; run++) {
        ptrdiff_t y = runs[run].first / width, left = runs[run].first % width, right = runs[run].end - y * width;
        if (!parts[part_of(runs, run)].unconfirmed)
            continue;
        for (ptrdiff_t j = most(y - 1, 0); j < least(y + 2, height); j++)
            for (ptrdiff_t i = most(left - 1, 0); i < least(right + 1, width); i++)
                if (!believes[j * width + i])
                    unconfirmed[j * width + i] = 1;
    }
}

/* _unconfirmed_parts() of one mask, which is overwritten. */
static int find_unconfirmed_parts(uint8_t *mask, const float *still, float *age, float *unconfirmed, double seconds, int holes, Run *runs,
                       Part *parts, ptrdiff_t width, ptrdiff_t height)
{
    ptrdiff_t size = width * height, count = find_runs(mask, runs, !holes, width, height);
    for (ptrdiff_t i = 0; i < size; i++) {
        float older = age[i] + (mask[i] ? (float)seconds : (float)-seconds);
        older = older > 0 ? older : 0;
        age[i] = older < (float)(2 * WAIT) ? older : (float)(2 * WAIT);
    }
    for (ptrdiff_t run = 0; run < count; run++) {
        ptrdiff_t first = runs[run].first, end = runs[run].end, number = part_of(runs, run);
        Part *part = parts + number;
        if (number == run)
            *part = (Part){0};
        part->area += end - first;
        part->at_edge |= first % width == 0 || end % width == 0 || first < width || end > size - width;
        double ages = 0, stills = 0;
        for (ptrdiff_t i = first; i < end; i++) {
            ages += age[i];
            stills += still[i];
        }
        part->age += ages;
        part->still += stills;
    }
    int any = 0;
    for (ptrdiff_t run = 0; run < count; run++) {
        ptrdiff_t number = part_of(runs, run);
        Part *part = parts + number;
        if (number == run) {
            double area = (double)part->area;
            part->confirmed = part->age / area >= WAIT || part->still / area < 0.5;
            part->unconfirmed = !part->confirmed || area < SPECK * (double)size;
            if (holes)
                part->unconfirmed = part->unconfirmed && !part->at_edge && area < HOLE * (double)size;
            any |= part->unconfirmed;
        }
        /* Confirmed components stay so while they move, and for a moment after they are lost. */
        for (ptrdiff_t i = runs[run].first; part->confirmed && i < runs[run].end; i++)
            age[i] = age[i] < (float)WAIT ? (float)WAIT : age[i];
    }
    if (any)
        draw_unconfirmed(runs, count, parts, mask, unconfirmed, width, height);
    return any;
}

/* alpha, still: (2 · height, 2 · width) float. ages: of person and of room, (2, height, width) float, updated in place.
 * unconfirmed: (2, height, width) float, of components and of holes: each is only written if its entry of `any` is not 0.
 * Not empty. scratch: (6 · width + 10) · height doubles. */
CLONES void find_unconfirmed(const float *alpha, const float *still, float *ages, float *unconfirmed, int32_t *any, double seconds,
                  ptrdiff_t width, ptrdiff_t height, double *scratch)
{
    ptrdiff_t size = width * height;
    /* First what is always written: untouched memory costs nothing. */
    float *small_still = (float *)scratch;
    uint8_t *person = (uint8_t *)(small_still + size), *room = person + size;
    Run *runs = (Run *)(scratch + size - size / 4 + 1);
    Part *parts = (Part *)(runs + most_runs(width, height));
    for (ptrdiff_t y = 0; y < height; y++)
        for (ptrdiff_t x = 0; x < width; x++) {
            ptrdiff_t i = 4 * y * width + 2 * x, below = i + 2 * width, to = y * width + x;
            float mean = 0.25f * (alpha[i] + alpha[i + 1] + alpha[below] + alpha[below + 1]);
            small_still[to] = 0.25f * (still[i] + still[i + 1] + still[below] + still[below + 1]);
            person[to] = mean > SEEN;
            room[to] = mean < 1 - SEEN;
        }
    any[0] = find_unconfirmed_parts(person, small_still, ages, unconfirmed, seconds, 0, runs, parts, width, height);
    any[1] = find_unconfirmed_parts(room, small_still, ages + size, unconfirmed + size, seconds, 1, runs, parts, width, height);
}
