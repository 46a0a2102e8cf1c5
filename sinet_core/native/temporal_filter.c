/* Filtering an alpha over time, as in sinet_core/matting/temporal_filter.py. All planes are without gaps. */
#include "native.h"

#define SURE ((float)PY_SURE)
#define UNSURE ((float)PY_UNSURE)
#define CALM ((float)PY_CALM)
#define STILL ((float)PY_STILL)
#define MOVING ((float)PY_MOVING)

EXPORT void find_static(const float *grey, const float *before, float *still, float light, ptrdiff_t width,
                        ptrdiff_t height, float *scratch);
EXPORT void blend_over_time(const float *alpha, const float *before, const float *still, float keep, float keep_still,
                   const float *grey, const float *grey_before, float *steadied, float *grey_steadied, ptrdiff_t count);

INLINE float greater(float a, float b) { return a > b ? a : b; }

/* Sums of three neighbours, mirrored at the ends. */
INLINE void sum_changes(const float *restrict grey, const float *restrict before, float *restrict change, float *restrict to,
                        ptrdiff_t width)
{
    for (ptrdiff_t x = 0; x < width; x++) {
        float difference = grey[x] - before[x];
        change[x] = difference < 0 ? -difference : difference;
    }
    for (ptrdiff_t x = 1; x < width - 1; x++)
        to[x] = change[x - 1] + change[x] + change[x + 1];
    ptrdiff_t last = width - 1, second = least(1, last);
    to[0] = change[0] + 2 * change[second];
    to[last] = change[last] + 2 * change[last - second];
}

/* The mean of nine pixels, and the maximum of three such means in the row. */
INLINE void spread_means(const float *restrict above, const float *restrict here, const float *restrict below,
                         float *restrict mean, float *restrict to, ptrdiff_t width)
{
    for (ptrdiff_t x = 0; x < width; x++)
        mean[x] = (above[x] + here[x] + below[x]) * (1 / 9.f);
    for (ptrdiff_t x = 1; x < width - 1; x++)
        to[x] = greater(greater(mean[x - 1], mean[x]), mean[x + 1]);
    ptrdiff_t last = width - 1, second = least(1, last);
    to[0] = greater(mean[0], mean[second]);
    to[last] = greater(mean[last], mean[last - second]);
}

INLINE void tell_static(const float *restrict above, const float *restrict here, const float *restrict below,
                        float *restrict still, float light, ptrdiff_t width)
{
    float moving = MOVING * light, scale = 1 / ((MOVING - STILL) * light);
    for (ptrdiff_t x = 0; x < width; x++) {
        float calm = (moving - greater(greater(above[x], here[x]), below[x])) * scale;
        calm = calm > 0 ? calm : 0;
        still[x] = calm < 1 ? calm : 1;
    }
}

/* _static_mask(). All planes are (height, width) float, and not empty. light: from DIM to 1, what the thresholds are
 * multiplied by. scratch: (2 · height + 1) · width floats. */
CLONES void find_static(const float *grey, const float *before, float *still, float light, ptrdiff_t width,
                        ptrdiff_t height, float *scratch)
{
    float *sums = scratch, *means = scratch + height * width, *row = means + height * width;
    for (ptrdiff_t y = 0; y < height; y++)
        sum_changes(grey + y * width, before + y * width, row, sums + y * width, width);
    for (ptrdiff_t y = 0; y < height; y++) { /* mirrored at the first and the last row */
        ptrdiff_t above = y > 0 ? y - 1 : least(1, height - 1), below = y < height - 1 ? y + 1 : most(height - 2, 0);
        spread_means(sums + above * width, sums + y * width, sums + below * width, row, means + y * width, width);
    }
    for (ptrdiff_t y = 0; y < height; y++)
        tell_static(means + most(y - 1, 0) * width, means + y * width, means + least(y + 1, height - 1) * width,
                       still + y * width, light, width);
}

/* _blended(). All arrays have `count` floats. */
CLONES void blend_over_time(const float *restrict alpha, const float *restrict before, const float *restrict still, float keep,
                   float keep_still, const float *restrict grey, const float *restrict grey_before, float *restrict steadied,
                   float *restrict grey_steadied, ptrdiff_t count)
{
    for (ptrdiff_t i = 0; i < count; i++) {
        float tolerance = SURE + (UNSURE - SURE) * 4 * alpha[i] * (1 - alpha[i]);
        float change = alpha[i] - before[i], disagreement = change / greater(tolerance, CALM * still[i]);
        float kept = greater(1 - disagreement * disagreement, 0) * (keep + (keep_still - keep) * still[i]);
        steadied[i] = alpha[i] - change * kept;
        grey_steadied[i] = grey[i] - (grey[i] - grey_before[i]) * (grey_before[i] < 0 ? 0 : kept);
    }
}
