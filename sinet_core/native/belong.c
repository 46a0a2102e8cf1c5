/* The person and the room round them on a small grid, and what of the backdrop's light falls over their edge. */
#include "native.h"

enum { WINDOW = 2, SUMS = 7, ALPHA = 6, PLANES = 8, SOFT = 7 }; /* planes: persons and all in 3 colours, alpha; alpha, softer */

EXPORT void see(const uint8_t *colours, ptrdiff_t colours_step, const uint8_t *alpha, ptrdiff_t alpha_step, ptrdiff_t width,
                ptrdiff_t height, const float *kernel, ptrdiff_t radius, float little, float *own, float *room, float *inside,
                double *sums, float *across, float *row);
EXPORT void shine(const float *light, ptrdiff_t light_step, const float *own, const float *inside, const float *gains,
                  ptrdiff_t width, ptrdiff_t height, uint8_t *to);

/* Where a pixel outside of so many lies when they are mirrored at either end, as often as it takes. */
INLINE ptrdiff_t reflected(ptrdiff_t place, ptrdiff_t count)
{
    while (place < 0 || place >= count)
        place = place < 0 ? -1 - place : 2 * count - 1 - place;
    return place;
}

INLINE void sum_across(const float *restrict values, ptrdiff_t width, float *restrict to)
{
    for (ptrdiff_t x = 0; x < width; x++)
        to[x] = values[x - 2] + values[x - 1] + values[x] + values[x + 1] + values[x + 2];
}

INLINE void blur_across(const float *restrict values, const float *restrict kernel, ptrdiff_t radius, ptrdiff_t width,
                        float *restrict to)
{
    for (ptrdiff_t x = 0; x < width; x++)
        to[x] = kernel[0] * values[x];
    for (ptrdiff_t i = 1; i <= radius; i++)
        for (ptrdiff_t x = 0; x < width; x++)
            to[x] += kernel[i] * (values[x - i] + values[x + i]);
}

/* colours: (height, width, 3) uint8 BGR. alpha: (height, width) uint8. kernel: radius + 1 weights from the middle on, radius 2 at
 * least. own, room: (height, width, 3), the colours of either, as means over 5 × 5 pixels, and little of what is there where it is
 * neither. inside: (height, width), alpha² times what the blurred alpha lacks to 1. sums: 7, of the person's blue, green and red, of
 * all's, and of alpha. across: PLANES · height · width, and row: width + 2 · radius, for what is in between. */
CLONES void see(const uint8_t *colours, ptrdiff_t colours_step, const uint8_t *alpha, ptrdiff_t alpha_step, ptrdiff_t width,
                ptrdiff_t height, const float *kernel, ptrdiff_t radius, float little, float *own, float *room, float *inside,
                double *sums, float *across, float *row)
{
    const ptrdiff_t together = PLANES * width;
    float *restrict values = row + radius;
    for (int plane = 0; plane < SUMS; plane++)
        sums[plane] = 0;
    for (ptrdiff_t y = 0; y < height; y++) {
        const uint8_t *restrict from = colours + y * colours_step, *restrict share = alpha + y * alpha_step;
        for (int plane = 0; plane < SUMS; plane++) {
            float total = 0;
            for (ptrdiff_t x = 0; x < width; x++)
                values[x] = plane < 3 ? (float)(from[3 * x + plane] * share[x]) * (1 / 255.f)
                            : plane < ALPHA ? (float)from[3 * x + plane - 3] : (float)share[x] * (1 / 255.f);
            for (ptrdiff_t x = 0; x < width; x++)
                total += values[x];
            sums[plane] += total;
            for (ptrdiff_t i = 1; i <= radius; i++) {
                row[radius - i] = values[reflected(-i, width)];
                values[width - 1 + i] = values[reflected(width - 1 + i, width)];
            }
            sum_across(values, width, across + y * together + plane * width);
        }
        blur_across(values, kernel, radius, width, across + y * together + SOFT * width);
    }
    for (ptrdiff_t y = 0; y < height; y++) {
        const float *five[5], *restrict share;
        for (int i = 0; i < 5; i++)
            five[i] = across + reflected(y + i - WINDOW, height) * together;
        float *restrict self = own + 3 * y * width, *restrict rest = room + 3 * y * width, *restrict edge = inside + y * width;
#define MEAN(plane, x) ((five[0][(plane) * width + (x)] + five[1][(plane) * width + (x)] + five[2][(plane) * width + (x)] + \
                         five[3][(plane) * width + (x)] + five[4][(plane) * width + (x)]) * (1 / 25.f))
        for (ptrdiff_t x = 0; x < width; x++) {
            float people = MEAN(ALPHA, x), of_people = 1 / (people + little), of_room = 1 / (1 + little - people);
            for (int colour = 0; colour < 3; colour++) {
                float persons = MEAN(colour, x), all = MEAN(3 + colour, x), some = all * little;
                self[3 * x + colour] = (persons + some) * of_people;
                rest[3 * x + colour] = (all - persons + some) * of_room;
            }
        }
#undef MEAN
        for (ptrdiff_t x = 0; x < width; x++)
            edge[x] = 0;
        for (ptrdiff_t j = -radius; j <= radius; j++) {
            share = across + reflected(y + j, height) * together + SOFT * width;
            float weight = kernel[j < 0 ? -j : j];
            for (ptrdiff_t x = 0; x < width; x++)
                edge[x] += weight * share[x];
        }
        const uint8_t *restrict here = alpha + y * alpha_step;
        for (ptrdiff_t x = 0; x < width; x++) {
            float of = (float)here[x] * (1 / 255.f);
            edge[x] = of * of * (1 - edge[x]);
        }
    }
}

/* light: (height, width, 3), what comes from the backdrop. own, inside: as see() gives them. gains: three. to: (height, width, 3)
 * uint8, what light is more than the person, times inside. */
CLONES void shine(const float *light, ptrdiff_t light_step, const float *own, const float *inside, const float *gains,
                  ptrdiff_t width, ptrdiff_t height, uint8_t *to)
{
    for (ptrdiff_t y = 0; y < height; y++) {
        const float *restrict from = (const float *)((const char *)light + y * light_step);
        const float *restrict self = own + 3 * y * width, *restrict share = inside + y * width;
        uint8_t *restrict out = to + 3 * y * width;
        for (ptrdiff_t x = 0; x < width; x++)
            for (int colour = 0; colour < 3; colour++) {
                float more = (from[3 * x + colour] - self[3 * x + colour] * gains[colour]) * share[x] + 0.5f;
                out[3 * x + colour] = (uint8_t)(more < 0 ? 0 : more > 255 ? 255 : more);
            }
    }
}
