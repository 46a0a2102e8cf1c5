/* The people in an alpha: what sinet_core/region.py tells by OpenCV's connected components. */
#include "runs.h"

/* Of region.py, where they are explained. */
#define CLEAR 0.5f
#define SURE 0.9f
#define SURE_SHARE 0.1
#define SPECK 2e-4

enum { LEFT, TOP, RIGHT, BOTTOM, ACROSS, TOLD }; /* what is told of each: a box, and where in its top row it begins */

typedef struct {
    ptrdiff_t left, right, bottom, area, sure;
} Part;

EXPORT void find_people(const float *alpha, int32_t *people, int32_t *count, ptrdiff_t width, ptrdiff_t height,
                        ptrdiff_t *scratch);

/* alpha: (height, width) float, not empty. people: for up to ((width + 1) / 2) · ((height + 1) / 2), TOLD numbers each; count: how
 * many there are. scratch: (5 · width + 9) · height whole numbers. */
CLONES void find_people(const float *alpha, int32_t *people, int32_t *count, ptrdiff_t width, ptrdiff_t height,
                        ptrdiff_t *scratch)
{
    /* What is always written comes first: memory that is not touched costs nothing. */
    uint8_t *clear = (uint8_t *)scratch, *sure = clear + width * height;
    Run *runs = (Run *)(scratch + 2 * width * height / (ptrdiff_t)sizeof *scratch + 1);
    Part *parts = (Part *)(runs + most_runs(width, height));
    for (ptrdiff_t i = 0; i < width * height; i++) {
        clear[i] = alpha[i] > CLEAR;
        sure[i] = alpha[i] > SURE;
    }
    ptrdiff_t runs_found = find_runs(clear, runs, 1, width, height);
    for (ptrdiff_t run = 0; run < runs_found; run++) {
        ptrdiff_t first = runs[run].first, end = runs[run].end, number = part_of(runs, run), left = first % width;
        Part *part = parts + number;
        if (number == run)
            *part = (Part){.left = left};
        part->left = least(part->left, left);
        part->right = most(part->right, left + end - first);
        part->bottom = first / width + 1;
        part->area += end - first;
        int32_t more = 0;
        for (ptrdiff_t i = first; i < end; i++)
            more += sure[i];
        part->sure += more;
    }
    *count = 0;
    for (ptrdiff_t run = 0; run < runs_found; run++) {
        const Part *part = parts + run;
        if (part_of(runs, run) != run || (double)part->sure < SURE_SHARE * (double)part->area ||
            (double)part->sure < SPECK * (double)(width * height))
            continue;
        int32_t *person = people + TOLD * (*count)++;
        person[LEFT] = (int32_t)part->left;
        person[TOP] = (int32_t)(runs[run].first / width);
        person[RIGHT] = (int32_t)part->right;
        person[BOTTOM] = (int32_t)part->bottom;
        person[ACROSS] = (int32_t)(runs[run].first % width);
    }
}
