/* Bilinear enlarging of a plane. */
#include "enlarge.h"

EXPORT void enlarge(const uint8_t *small, ptrdiff_t step, ptrdiff_t small_width, ptrdiff_t small_height, uint8_t *to,
                    ptrdiff_t to_step, ptrdiff_t width, ptrdiff_t height, const int32_t *before_x, const int16_t *weight_x,
                    const int32_t *starts_x, const int32_t *before_y, const int16_t *share_y, int16_t *between);

/* small: (small_height, small_width) uint8. to: (height, width) uint8. before, weight, starts: see Places; weight_x has LANES
 * more than width. between: scratch, 3 · (width + LANES). */
CLONES void enlarge(const uint8_t *small, ptrdiff_t step, ptrdiff_t small_width, ptrdiff_t small_height, uint8_t *to,
                    ptrdiff_t to_step, ptrdiff_t width, ptrdiff_t height, const int32_t *before_x, const int16_t *weight_x,
                    const int32_t *starts_x, const int32_t *before_y, const int16_t *share_y, int16_t *between)
{
    Enlarger from = {small, step, small_width, small_height, {before_x, weight_x, starts_x}, {before_y, share_y, NULL},
                     {between, between + width + LANES}, between + 2 * (width + LANES), {-1, -1}};
    for (ptrdiff_t y = 0; y < height; y++) {
        reach(&from, y, width);
        mix_row(&from, y, 0, width, to + y * to_step);
    }
}
