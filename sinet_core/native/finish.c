/* Despill and light wrap at a composite's edges, in one pass. */
#include "enlarge.h"

#define FRACTION PY_FRACTION
#define BLOCK 64 /* pixels that are skipped together if there is nothing to add */

EXPORT void finish_plane(uint8_t *pixels, ptrdiff_t step, const uint8_t *alpha, ptrdiff_t alpha_step, ptrdiff_t width,
                         ptrdiff_t height, const int16_t *change, ptrdiff_t change_width, ptrdiff_t cell,
                         const uint8_t *light, ptrdiff_t light_width, ptrdiff_t light_height, ptrdiff_t nothing,
                         const int32_t *before_x, const int16_t *share_x, const int32_t *starts_x,
                         const int32_t *before_y, const int16_t *share_y, int16_t *between);

INLINE int16_t within(int16_t value) { return value < 0 ? 0 : value > 255 ? 255 : value; }

INLINE void spread(const int16_t *restrict cells, ptrdiff_t cell, ptrdiff_t width, int16_t *restrict to)
{
    for (ptrdiff_t x = 0; x < width; x += cell, cells++)
        for (ptrdiff_t i = x; i < x + cell; i++)
            to[i] = *cells;
}

INLINE int is_edge(const uint8_t *restrict alpha, int count)
{
    uint8_t edge = 0;
    for (int i = 0; i < count; i++)
        edge |= (uint8_t)(alpha[i] + 1) > 1; /* neither 255 nor 0 */
    return edge;
}

/* Whether the two rows of light have anything but `nothing`. */
INLINE int is_lit(const Enlarger *light, ptrdiff_t x, int count, int16_t nothing)
{
    const int16_t *restrict above = light->stretched[0] + x, *restrict more = light->more + x;
    int16_t any = 0;
    for (int i = 0; i < count; i++)
        any |= (int16_t)((above[i] ^ (int16_t)(nothing * 128)) | more[i]);
    return any != 0;
}

/* Add alpha · (1 - alpha) · change. */
INLINE void add_change(uint8_t *restrict pixels, const uint8_t *restrict alpha, const int16_t *restrict change, int count)
{
    int16_t shares[BLOCK], more[BLOCK];
    for (int i = 0; i < count; i++)
        shares[i] = (int16_t)((uint16_t)(2 * alpha[i]) * (uint16_t)(255 - alpha[i]));
    for (int i = 0; i < count; i++)
        more[i] = part(change[i], shares[i]);
    for (int i = 0; i < count; i++)
        pixels[i] = (uint8_t)within((int16_t)(pixels[i] + ((int16_t)(more[i] + (1 << (FRACTION - 1))) >> FRACTION)));
}

INLINE void add_light(uint8_t *restrict pixels, const uint8_t *restrict light, int16_t nothing, int count)
{
    for (int i = 0; i < count; i++)
        pixels[i] = (uint8_t)within((int16_t)(pixels[i] + light[i] - nothing));
}

/* pixels, alpha: (height, width) uint8, a part of a plane, changed in place, and its alpha. change: (height / cell, width / cell)
 * int16, or NULL: in the unit 1 / CHANGE of finishing.py. light: (light_height, light_width) uint8, or NULL; the value `nothing`
 * stands for 0. The other arguments are those of enlarge(), but between has room for five rows. */
CLONES void finish_plane(uint8_t *pixels, ptrdiff_t step, const uint8_t *alpha, ptrdiff_t alpha_step, ptrdiff_t width,
                         ptrdiff_t height, const int16_t *change, ptrdiff_t change_width, ptrdiff_t cell,
                         const uint8_t *light, ptrdiff_t light_width, ptrdiff_t light_height, ptrdiff_t nothing,
                         const int32_t *before_x, const int16_t *share_x, const int32_t *starts_x,
                         const int32_t *before_y, const int16_t *share_y, int16_t *between)
{
    const ptrdiff_t row = width + LANES;
    int16_t *changes = between + 3 * row, *lit = between + 4 * row; /* lit: light per block */
    uint8_t values[BLOCK];
    Enlarger from = {light, light_width, light_width, light_height, {before_x, share_x, starts_x}, {before_y, share_y, NULL},
                     {between, between + row}, between + 2 * row, {-1, -1}};
    for (ptrdiff_t y = 0; y < height; y++) {
        if (change && y % cell == 0)
            spread(change + y / cell * change_width, cell, width, changes);
        int reached = light && reach(&from, y, width);
        for (ptrdiff_t x = 0; x < width; x += BLOCK) {
            int count = (int)least(BLOCK, width - x);
            uint8_t *those = pixels + y * step + x;
            const uint8_t *coverage = alpha + y * alpha_step + x;
            if (change && is_edge(coverage, count))
                add_change(those, coverage, changes + x, count);
            if (reached)
                lit[x / BLOCK] = (int16_t)is_lit(&from, x, count, (int16_t)nothing);
            if (light && lit[x / BLOCK]) {
                mix_row(&from, y, x, count, values);
                add_light(those, values, (int16_t)nothing, count);
            }
        }
    }
}
