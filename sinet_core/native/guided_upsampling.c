/* From an alpha to the frame's size: _apply_linear_model() of sinet_core/matting/guided_upsampling.py.
 *
 * Row by row. The coefficients of two of the alpha's rows are kept, enlarged to the width of half the frame. Between them lies each
 * row of half the frame, where they are applied to its colours; and between two of those lie rows of the frame. Nothing is
 * computed left and right of the people, where the rows above and below have nobody either. */
#include "planes.h"

#define HAZE ((float)PY_HAZE)
/* Further than AROUND pixels from alphas above SLIGHT, the linear model cannot give a visible alpha: it would need large gains from
 * an alpha that hardly varies. */
#define SLIGHT 0.05f
#define AROUND 3
#define STRETCH (1 / (1 - 2 * HAZE))
/* The fitted alpha, in units of 1/255, is clipped here, so that sixteen times it fits into 16 bits. */
#define FARTHEST 2047
#define NOBODY -55 /* the value of an alpha of 0 */

enum { APPLIED = 4 };

EXPORT void apply_linear_model(const float *alpha, ptrdiff_t step, const uint8_t *guide, ptrdiff_t guide_step, ptrdiff_t width,
                      ptrdiff_t height, const uint8_t *half, ptrdiff_t half_step, ptrdiff_t half_width, ptrdiff_t half_height,
                      uint8_t *fine, ptrdiff_t fine_step, ptrdiff_t fine_width, ptrdiff_t fine_height, float *scratch);

/* Columns of a row, `end` excluded. */
typedef struct {
    ptrdiff_t begin, end;
} Span;

INLINE Span span_of(const float *row, ptrdiff_t width)
{
    Span span = {0, width};
    while (span.begin < width && !(row[span.begin] > SLIGHT))
        span.begin++;
    while (span.end > span.begin && !(row[span.end - 1] > SLIGHT))
        span.end--;
    return span;
}

INLINE Span both(Span one, Span other)
{
    if (one.begin >= one.end)
        return other;
    if (other.begin >= other.end)
        return one;
    return (Span){least(one.begin, other.begin), most(one.end, other.end)};
}

/* Where people may be in the rows of half the frame that depend on the alpha's rows from first to last. */
INLINE Span span_near(const Span *spans, ptrdiff_t first, ptrdiff_t last, ptrdiff_t width, ptrdiff_t height, ptrdiff_t half_width)
{
    Span span = {0, 0};
    for (ptrdiff_t y = most(first - AROUND, 0); y <= least(last + AROUND, height - 1); y++)
        span = both(span, spans[y]);
    if (span.begin < span.end) {
        span.begin = most(span.begin - AROUND, 0) * half_width / width;
        span.end = (least(span.end + AROUND, width) * half_width + width - 1) / width;
    }
    return span;
}

/* The position of a pixel of `large` among `small` ones: the one before it, and the weight of the next. */
INLINE ptrdiff_t locate(ptrdiff_t place, ptrdiff_t small, ptrdiff_t large, float *weight)
{
    double there = ((double)place + 0.5) * (double)small / (double)large - 0.5;
    ptrdiff_t first = there < 0 ? 0 : (ptrdiff_t)there;
    *weight = there < 0 || first >= small - 1 ? 0 : (float)(there - (double)first);
    return least(first, small - 1);
}

/* Enlarge the coefficients of a row of the alpha to another width, in units of 1/255 and with the haze removed. `four` holds
 * the planes of a pixel side by side, because loading them together is faster. */
INLINE void widen(const float *restrict mixed, ptrdiff_t width, ptrdiff_t pitch, const int32_t *restrict places,
                  const float *restrict weights, float *restrict four, float *restrict to, ptrdiff_t half_width, Span span)
{
    float *apart = four + APPLIED * (width + 1);
    for (ptrdiff_t x = 0; x < width; x++) {
        four[APPLIED * x + BLUE_GAIN] = mixed[BLUE_GAIN * pitch + x] * STRETCH;
        four[APPLIED * x + GREEN_GAIN] = mixed[GREEN_GAIN * pitch + x] * STRETCH;
        four[APPLIED * x + RED_GAIN] = mixed[RED_GAIN * pitch + x] * STRETCH;
        four[APPLIED * x + OFFSET] = (mixed[OFFSET * pitch + x] - HAZE) * (255 * STRETCH);
    }
    for (int plane = 0; plane < APPLIED; plane++)
        four[APPLIED * width + plane] = four[APPLIED * (width - 1) + plane];
    for (ptrdiff_t x = span.begin; x < span.end; x++) {
        const float *left = four + places[x], *right = left + APPLIED;
        float weight = weights[x];
        for (int plane = 0; plane < APPLIED; plane++)
            apart[APPLIED * x + plane] = left[plane] + weight * (right[plane] - left[plane]);
    }
    APART for (ptrdiff_t x = span.begin; x < span.end; x++) {
        to[x] = apart[APPLIED * x];
        to[half_width + x] = apart[APPLIED * x + 1];
        to[2 * half_width + x] = apart[APPLIED * x + 2];
        to[3 * half_width + x] = apart[APPLIED * x + 3];
    }
}

/* Compute a row of half the frame's size. upper, lower: APPLIED planes of widen(). pixels: BGR. to: with a margin that repeats
 * its ends. */
INLINE void meet(const float *restrict upper, const float *restrict lower, float weight, const uint8_t *restrict pixels,
                 int16_t *restrict to, ptrdiff_t width, Span span)
{
#define BETWEEN(k) (upper[(k) * width + x] + weight * (lower[(k) * width + x] - upper[(k) * width + x]))
    for (ptrdiff_t x = 0; x < width; x++)
        to[x] = NOBODY;
    for (ptrdiff_t x = span.begin; x < span.end; x++) {
        float fitted = BETWEEN(OFFSET) + BETWEEN(BLUE_GAIN) * (float)pixels[3 * x] +
                       BETWEEN(GREEN_GAIN) * (float)pixels[3 * x + 1] + BETWEEN(RED_GAIN) * (float)pixels[3 * x + 2];
        /* Rounded by truncating a positive number. */
        to[x] = (int16_t)((int32_t)(clipped(fitted, -FARTHEST, FARTHEST) + (FARTHEST + 1.5f)) - (FARTHEST + 1));
    }
#undef BETWEEN
    to[-1] = to[0];
    to[width] = to[width - 1];
}

/* Two pixels of the frame for each of half of it, in 16-bit integers. quarters: the weight of the lower row, in 1/4. */
INLINE void enlarge_twice(const int16_t *restrict upper, const int16_t *restrict lower, int16_t quarters,
                          int16_t *restrict one, uint8_t *restrict to, ptrdiff_t width)
{
    for (ptrdiff_t x = -1; x <= width; x++)
        one[x] = (int16_t)((int16_t)(upper[x] * (int16_t)(4 - quarters)) + (int16_t)(lower[x] * quarters));
    for (ptrdiff_t x = 0; x < width; x++) {
        int16_t most_of = (int16_t)(3 * one[x] + 8);
        int16_t left = (int16_t)((int16_t)(most_of + one[x - 1]) >> 4), right = (int16_t)((int16_t)(most_of + one[x + 1]) >> 4);
        left = left < 0 ? 0 : left;
        right = right < 0 ? 0 : right;
        to[2 * x] = (uint8_t)(left > 255 ? 255 : left);
        to[2 * x + 1] = (uint8_t)(right > 255 ? 255 : right);
    }
}

/* The same for frames with an odd side. */
INLINE void enlarge_oddly(const int16_t *restrict upper, const int16_t *restrict lower, float weight, uint8_t *restrict to,
                          ptrdiff_t width, ptrdiff_t fine_width)
{
    for (ptrdiff_t x = 0; x < fine_width; x++) {
        float across;
        ptrdiff_t i = locate(x, width, fine_width, &across);
        float left = upper[i] + weight * (float)(lower[i] - upper[i]);
        float right = upper[i + 1] + weight * (float)(lower[i + 1] - upper[i + 1]);
        to[x] = (uint8_t)(clipped(left + across * (right - left), 0, 255) + 0.5f);
    }
}

/* alpha: (height, width) float in [0, 1]. guide: the same part of the frame at the alpha's size, (height, width, 3) BGR. half: the
 * same part of half the frame, (half_height, half_width, 3) BGR. fine: the same part of the frame, all 0; it is not written to where
 * nobody is near. None is empty. scratch: 64 · (width + 2 · MARGIN) + 16 · (half_width + 2 · MARGIN) + 4 · height
 * floats, aligned for a Span. */
CLONES void apply_linear_model(const float *alpha, ptrdiff_t step, const uint8_t *guide, ptrdiff_t guide_step, ptrdiff_t width,
                      ptrdiff_t height, const uint8_t *half, ptrdiff_t half_step, ptrdiff_t half_width, ptrdiff_t half_height,
                      uint8_t *fine, ptrdiff_t fine_step, ptrdiff_t fine_width, ptrdiff_t fine_height, float *scratch)
{
    ptrdiff_t pitch = pitch_of(width), half_pitch = pitch_of(half_width);
    int is_twice = fine_width == 2 * half_width && fine_height == 2 * half_height;
    float *guided = (float *)((Span *)scratch + height) + MARGIN;
    float *ring = guided + GUIDED * pitch;
    float *mixed = ring + 3 * SUMS * pitch;
    float *wide = mixed + MIXED * pitch;
    float *four = wide + 2 * APPLIED * half_width;
    float *weights = four + APPLIED * (width + 1 + half_width);
    int32_t *places = (int32_t *)(weights + half_width);
    int16_t *pair = (int16_t *)(places + half_width) + MARGIN;
    int16_t *one = pair + 2 * half_pitch;
    Span *spans = (Span *)scratch, met[2];
    for (ptrdiff_t y = 0; y < height; y++)
        spans[y] = span_of((const float *)((const char *)alpha + y * step), width);
    for (ptrdiff_t x = 0; x < half_width; x++)
        places[x] = (int32_t)(APPLIED * locate(x, width, half_width, weights + x));

#define THREES(y) (ring + (y) % 3 * SUMS * pitch)
#define WIDE(y) (wide + (y) % 2 * APPLIED * half_width)
#define MET(y) (pair + (y) % 2 * half_pitch)
    ptrdiff_t summed = 0, widened = 0, filled = 0;
    for (ptrdiff_t y = 0; y < half_height; y++) {
        float weight;
        ptrdiff_t upper = locate(y, height, half_height, &weight), lower = least(upper + 1, height - 1);
        for (; widened <= lower; widened++) {
            for (; summed < least(widened + 2, height); summed++) {
                const float *row = (const float *)((const char *)alpha + summed * step);
                split(guide + summed * guide_step, guided, width, pitch);
                for (ptrdiff_t x = 0; x < width; x++)
                    guided[3 * pitch + x] = row[x];
                for (int plane = 0; plane < GUIDED; plane++)
                    mirror_ends(guided + plane * pitch, width, 1);
                sum_by_threes(guided, THREES(summed), width, pitch);
            }
            fit_linear_model(THREES(mirrored(widened - 1, height)), THREES(widened), THREES(mirrored(widened + 1, height)), mixed, width,
                pitch);
            widen(mixed, width, pitch, places, weights, four, WIDE(widened), half_width,
                  span_near(spans, widened - 1, widened + 1, width, height, half_width));
        }
        met[y % 2] = span_near(spans, upper, lower, width, height, half_width);
        meet(WIDE(upper), WIDE(lower), weight, half + y * half_step, MET(y), half_width, met[y % 2]);
        for (; filled < fine_height; filled++) {
            ptrdiff_t first = locate(filled, half_height, fine_height, &weight), next = least(first + 1, half_height - 1);
            if (next > y)
                break;
            uint8_t *row = fine + filled * fine_step;
            Span span = both(met[first % 2], met[next % 2]);
            if (span.begin >= span.end)
                continue;
            span = (Span){most(span.begin - 1, 0), least(span.end + 1, half_width)}; /* enlarging reaches one pixel further */
            if (is_twice)
                enlarge_twice(MET(first) + span.begin, MET(next) + span.begin, (int16_t)(4 * weight), one,
                              row + 2 * span.begin, span.end - span.begin);
            else
                enlarge_oddly(MET(first), MET(next), weight, row, half_width, fine_width);
        }
    }
}
