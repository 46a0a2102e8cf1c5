/* Compositing the person over the backdrop, in one pass. Where nobody is, the backdrop is kept or copied. */
#include <string.h>

#include "native.h"

#define BLOCK 128 /* pixels that are processed together */

/* BT.601 with limited range, in 1/2^20, as in OpenCV. */
#define SHIFT 20
#define HALF (1 << (SHIFT - 1))
#define Y_OF(b, g, r) ((102760 * (b) + 528482 * (g) + 269484 * (r) + HALF + (16 << SHIFT)) >> SHIFT)
#define U_OF(b, g, r) ((460324 * (b) - 305135 * (g) - 155188 * (r) + HALF + (128 << SHIFT)) >> SHIFT)
#define V_OF(b, g, r) ((-74448 * (b) - 385875 * (g) + 460324 * (r) + HALF + (128 << SHIFT)) >> SHIFT)

EXPORT void composite_bgr(const uint8_t *frame, ptrdiff_t frame_step, const uint8_t *alpha, ptrdiff_t alpha_step,
                          const uint8_t *backdrop, ptrdiff_t backdrop_step, uint8_t *to, ptrdiff_t to_step,
                          ptrdiff_t width, ptrdiff_t height, const uint16_t *gains);
EXPORT void composite_i420(const uint8_t *frame, ptrdiff_t frame_step, const uint8_t *alpha, ptrdiff_t alpha_step,
                           const uint8_t *backdrop, uint8_t *to, ptrdiff_t width, ptrdiff_t height,
                           const uint16_t *gains);

/* The weighted mean of two values, rounded: the first one at weight 255, the second at 0. */
INLINE uint8_t mixed(unsigned person, unsigned behind, unsigned weight)
{
    uint16_t sum = (uint16_t)(person * weight + behind * (255 - weight) + 128);
    return (uint8_t)((uint16_t)(sum + (sum >> 8)) >> 8); /* divided by 255 */
}

INLINE uint8_t lit(unsigned value, uint16_t gain)
{
    /* First in units of 1/2, to round, and in 16 bits, of which a vector register holds most. */
    uint16_t twice = (uint16_t)(((uint32_t)(uint16_t)(value << 5) * gain) >> 16), product = (uint16_t)(twice + 1) >> 1;
    return (uint8_t)(product > 255 ? 255 : product);
}

INLINE void lay(const uint8_t *restrict person, const uint8_t *restrict weight, const uint8_t *behind, uint8_t *to, int count)
{
    /* behind and to may be the same array. */
    for (int i = 0; i < count; i++)
        to[i] = mixed(person[i], behind[i], weight[i]);
}

INLINE int somebody(const uint8_t *restrict alpha, int count)
{
    uint8_t any = 0;
    for (int i = 0; i < count; i++)
        any |= alpha[i];
    return any != 0;
}

/* frame, backdrop, to: (height, width, 3) uint8 BGR; to may be the backdrop itself. alpha: (height, width) uint8. gains: for
 * blue, green and red, in 1/4096, uint16; or NULL. */
CLONES void composite_bgr(const uint8_t *frame, ptrdiff_t frame_step, const uint8_t *alpha, ptrdiff_t alpha_step,
                          const uint8_t *backdrop, ptrdiff_t backdrop_step, uint8_t *to, ptrdiff_t to_step,
                          ptrdiff_t width, ptrdiff_t height, const uint16_t *gains)
{
    uint16_t gain[3 * BLOCK];
    uint8_t weight[3 * BLOCK], person[3 * BLOCK];
    for (int i = 0; gains && i < 3 * BLOCK; i++)
        gain[i] = gains[i % 3];
    for (ptrdiff_t y = 0; y < height; y++)
        for (ptrdiff_t x = 0; x < width; x += BLOCK) {
            int count = (int)least(BLOCK, width - x);
            const uint8_t *coverage = alpha + y * alpha_step + x, *from = frame + y * frame_step + 3 * x;
            const uint8_t *behind = backdrop + y * backdrop_step + 3 * x;
            uint8_t *out = to + y * to_step + 3 * x;
            if (!somebody(coverage, count)) {
                if (out != behind)
                    memcpy(out, behind, (size_t)(3 * count));
                continue;
            }
            for (int i = 0; i < count; i++)
                weight[3 * i] = weight[3 * i + 1] = weight[3 * i + 2] = coverage[i];
            if (gains) {
                for (int i = 0; i < 3 * count; i++)
                    person[i] = lit(from[i], gain[i]);
                from = person;
            }
            lay(from, weight, behind, out, 3 * count);
        }
}

typedef struct {
    uint8_t blue[BLOCK], green[BLOCK], red[BLOCK];
} Colours;

INLINE void light(uint8_t *restrict values, int count, uint16_t gain)
{
    for (int i = 0; i < count; i++)
        values[i] = lit(values[i], gain);
}

INLINE void separate(const uint8_t *restrict from, int count, const uint16_t *gains, Colours *restrict into)
{
    for (int i = 0; i < count; i++) {
        into->blue[i] = from[3 * i];
        into->green[i] = from[3 * i + 1];
        into->red[i] = from[3 * i + 2];
    }
    if (gains) {
        light(into->blue, count, gains[0]);
        light(into->green, count, gains[1]);
        light(into->red, count, gains[2]);
    }
}

INLINE void brightness(const Colours *restrict of, int count, uint8_t *restrict to)
{
    for (int i = 0; i < count; i++)
        to[i] = (uint8_t)Y_OF(of->blue[i], of->green[i], of->red[i]);
}

/* As composite_bgr(), but backdrop and to are in I420 without gaps: height rows of Y, then U, then V, half as high and wide.
 * width and height are even. Of every four pixels, the first one gives the chroma, and the mean of their alphas its weight. */
CLONES void composite_i420(const uint8_t *frame, ptrdiff_t frame_step, const uint8_t *alpha, ptrdiff_t alpha_step,
                           const uint8_t *backdrop, uint8_t *to, ptrdiff_t width, ptrdiff_t height,
                           const uint16_t *gains)
{
    Colours colours;
    uint8_t person[BLOCK], quarter[BLOCK / 2];
    const ptrdiff_t u = width * height, v = u + u / 4;
    for (ptrdiff_t y = 0; y < height; y += 2)
        for (ptrdiff_t x = 0; x < width; x += BLOCK) {
            int count = (int)least(BLOCK, width - x), half = count / 2;
            const uint8_t *above = alpha + y * alpha_step + x, *below = above + alpha_step;
            const uint8_t *from = frame + y * frame_step + 3 * x;
            const ptrdiff_t first = y * width + x, second = first + width, tint = y / 2 * (width / 2) + x / 2;
            if (!somebody(above, count) && !somebody(below, count)) {
                if (to == backdrop)
                    continue;
                memcpy(to + first, backdrop + first, (size_t)count);
                memcpy(to + second, backdrop + second, (size_t)count);
                memcpy(to + u + tint, backdrop + u + tint, (size_t)half);
                memcpy(to + v + tint, backdrop + v + tint, (size_t)half);
                continue;
            }
            separate(from + frame_step, count, gains, &colours);
            brightness(&colours, count, person);
            lay(person, below, backdrop + second, to + second, count);
            separate(from, count, gains, &colours);
            brightness(&colours, count, person);
            lay(person, above, backdrop + first, to + first, count);
            for (int i = 0; i < half; i++)
                quarter[i] = (uint8_t)((above[2 * i] + above[2 * i + 1] + below[2 * i] + below[2 * i + 1] + 2) >> 2);
            for (int i = 0; i < half; i++)
                person[i] = (uint8_t)U_OF(colours.blue[2 * i], colours.green[2 * i], colours.red[2 * i]);
            lay(person, quarter, backdrop + u + tint, to + u + tint, half);
            for (int i = 0; i < half; i++)
                person[i] = (uint8_t)V_OF(colours.blue[2 * i], colours.green[2 * i], colours.red[2 * i]);
            lay(person, quarter, backdrop + v + tint, to + v + tint, half);
        }
}
