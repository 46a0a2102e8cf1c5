/* From an alpha to the frame's: fit_linear_model() of sinet_core/matting/colours.py and what guided_upsampling.refine() makes of it.
 *
 * Row by row: of the alpha's rows the gains and the offset of two are kept, brought to the width of half the frame; between
 * them lies each row of half the frame, where they meet its colours; and between two of those, rows of the frame. Left and right of
 * the person, where the rows above and below have nobody either, nothing is computed. */
#include "planes.h"

#define HAZE ((float)PY_HAZE)
/* Further than so many pixels from all that is above SLIGHT, no mix of colours tells of anybody: it would have to make so much of
 * an alpha that varies so little. */
#define SLIGHT 0.05f
#define AROUND 3
#define STRETCH (1 / (1 - 2 * HAZE))
/* What is fitted is cut off here, in steps of 1/255, so that sixteen times it is a whole number of sixteen bits. */
#define FARTHEST 2047
#define NOBODY -55 /* what an alpha of 0 becomes */

enum { APPLIED = 4 };

EXPORT void apply_linear_model(const float *alpha, ptrdiff_t step, const uint8_t *guide, ptrdiff_t guide_step, ptrdiff_t width,
                      ptrdiff_t height, const uint8_t *half, ptrdiff_t half_step, ptrdiff_t half_width, ptrdiff_t half_height,
                      uint8_t *fine, ptrdiff_t fine_step, ptrdiff_t fine_width, ptrdiff_t fine_height, float *scratch);

/* Some columns of a row, up to the one before `end`. */
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

/* Where somebody may be in rows of half the frame's size that come of these rows of the alpha, from first to last. */
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

/* Where a pixel of `large` lies among `small` ones: after which of them, and how far on the way to the next. */
INLINE ptrdiff_t locate(ptrdiff_t place, ptrdiff_t small, ptrdiff_t large, float *share)
{
    double there = ((double)place + 0.5) * (double)small / (double)large - 0.5;
    ptrdiff_t first = there < 0 ? 0 : (ptrdiff_t)there;
    *share = there < 0 || first >= small - 1 ? 0 : (float)(there - (double)first);
    return least(first, small - 1);
}

/* The planes of a row of the alpha, brought to another width, and to steps of 1/255 without haze. On the way the planes of a
 * pixel lie side by side in `four`: so they are fetched together, which is quicker than one by one from anywhere in a row. */
INLINE void widen(const float *restrict mixed, ptrdiff_t width, ptrdiff_t pitch, const int32_t *restrict places,
                  const float *restrict shares, float *restrict four, float *restrict to, ptrdiff_t half_width, Span span)
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
        float share = shares[x];
        for (int plane = 0; plane < APPLIED; plane++)
            apart[APPLIED * x + plane] = left[plane] + share * (right[plane] - left[plane]);
    }
    APART for (ptrdiff_t x = span.begin; x < span.end; x++) {
        to[x] = apart[APPLIED * x];
        to[half_width + x] = apart[APPLIED * x + 1];
        to[2 * half_width + x] = apart[APPLIED * x + 2];
        to[3 * half_width + x] = apart[APPLIED * x + 3];
    }
}

/* A row of half the frame's size. upper, lower: APPLIED planes of widen(). pixels: BGR. to: with a margin, where its ends go on. */
INLINE void meet(const float *restrict upper, const float *restrict lower, float share, const uint8_t *restrict pixels,
                 int16_t *restrict to, ptrdiff_t width, Span span)
{
#define BETWEEN(k) (upper[(k) * width + x] + share * (lower[(k) * width + x] - upper[(k) * width + x]))
    for (ptrdiff_t x = 0; x < width; x++)
        to[x] = NOBODY;
    for (ptrdiff_t x = span.begin; x < span.end; x++) {
        float fitted = BETWEEN(OFFSET) + BETWEEN(BLUE_GAIN) * (float)pixels[3 * x] +
                       BETWEEN(GREEN_GAIN) * (float)pixels[3 * x + 1] + BETWEEN(RED_GAIN) * (float)pixels[3 * x + 2];
        /* Rounded by cutting off what is above 0. */
        to[x] = (int16_t)((int32_t)(clipped(fitted, -FARTHEST, FARTHEST) + (FARTHEST + 1.5f)) - (FARTHEST + 1));
    }
#undef BETWEEN
    to[-1] = to[0];
    to[width] = to[width - 1];
}

/* Two pixels of the frame for each of half of it. quarters: how much of the lower row. Whole numbers of sixteen bits throughout. */
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

/* The same for a frame with an odd side. */
INLINE void enlarge_oddly(const int16_t *restrict upper, const int16_t *restrict lower, float share, uint8_t *restrict to,
                          ptrdiff_t width, ptrdiff_t fine_width)
{
    for (ptrdiff_t x = 0; x < fine_width; x++) {
        float across;
        ptrdiff_t i = locate(x, width, fine_width, &across);
        float left = upper[i] + share * (float)(lower[i] - upper[i]);
        float right = upper[i + 1] + share * (float)(lower[i + 1] - upper[i + 1]);
        to[x] = (uint8_t)(clipped(left + across * (right - left), 0, 255) + 0.5f);
    }
}

/* alpha: (height, width) float in [0, 1]. guide: the same place, (height, width, 3) BGR. half: the same of half the frame,
 * (half_height, half_width, 3) BGR, and fine: of the frame, which holds 0, and does still where nobody is near: all are a
 * part of a whole each, or all of it. None is empty. scratch: 64 · (width + 2 · MARGIN) + 16 · (half_width + 2 · MARGIN) + 4 · height
 * floats, where a span may begin. */
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
    float *shares = four + APPLIED * (width + 1 + half_width);
    int32_t *places = (int32_t *)(shares + half_width);
    int16_t *pair = (int16_t *)(places + half_width) + MARGIN;
    int16_t *one = pair + 2 * half_pitch;
    Span *spans = (Span *)scratch, met[2];
    for (ptrdiff_t y = 0; y < height; y++)
        spans[y] = span_of((const float *)((const char *)alpha + y * step), width);
    for (ptrdiff_t x = 0; x < half_width; x++)
        places[x] = (int32_t)(APPLIED * locate(x, width, half_width, shares + x));

#define THREES(y) (ring + (y) % 3 * SUMS * pitch)
#define WIDE(y) (wide + (y) % 2 * APPLIED * half_width)
#define MET(y) (pair + (y) % 2 * half_pitch)
    ptrdiff_t summed = 0, widened = 0, filled = 0;
    for (ptrdiff_t y = 0; y < half_height; y++) {
        float share;
        ptrdiff_t upper = locate(y, height, half_height, &share), lower = least(upper + 1, height - 1);
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
            widen(mixed, width, pitch, places, shares, four, WIDE(widened), half_width,
                  span_near(spans, widened - 1, widened + 1, width, height, half_width));
        }
        met[y % 2] = span_near(spans, upper, lower, width, height, half_width);
        meet(WIDE(upper), WIDE(lower), share, half + y * half_step, MET(y), half_width, met[y % 2]);
        for (; filled < fine_height; filled++) {
            ptrdiff_t first = locate(filled, half_height, fine_height, &share), next = least(first + 1, half_height - 1);
            if (next > y)
                break;
            uint8_t *row = fine + filled * fine_step;
            Span span = both(met[first % 2], met[next % 2]);
            if (span.begin >= span.end)
                continue;
            span = (Span){most(span.begin - 1, 0), least(span.end + 1, half_width)}; /* they reach into their neighbours */
            if (is_twice)
                enlarge_twice(MET(first) + span.begin, MET(next) + span.begin, (int16_t)(4 * share), one,
                              row + 2 * span.begin, span.end - span.begin);
            else
                enlarge_oddly(MET(first), MET(next), share, row, half_width, fine_width);
        }
    }
}
