/* Bilinear enlargement by a whole factor, with aligned corners, and its gradient. x: (planes, H, W), y: (planes, H · factor, W · factor). */
#include <stdlib.h>
#include "vectors.h"

typedef struct {
    ptrdiff_t below, above;
    float share; /* the weight of `above` */
} between;

static between *places(ptrdiff_t from, ptrdiff_t to) {
    between *result = malloc((size_t)to * sizeof(between));
    const float scale = to > 1 ? (float)(from - 1) / (float)(to - 1) : 0;
    for (ptrdiff_t at = 0; at < to; at++) {
        const float exact = scale * (float)at;
        const ptrdiff_t below = (ptrdiff_t)exact;
        result[at] = (between){below, below + 1 < from ? below + 1 : below, exact - (float)below};
    }
    return result;
}

EXPORTED void enlarge(const float *x, float *y, ptrdiff_t planes, ptrdiff_t H, ptrdiff_t W, ptrdiff_t factor) {
    const ptrdiff_t high = H * factor, wide = W * factor;
    between *down = places(H, high), *across = places(W, wide);
#pragma omp parallel
    {
        float *widened = malloc((size_t)(H * wide) * sizeof(float));
#pragma omp for schedule(dynamic, 16)
        for (ptrdiff_t plane = 0; plane < planes; plane++) {
            const float *from = x + plane * H * W;
            float *to = y + plane * high * wide;
            for (ptrdiff_t row = 0; row < H; row++)
                for (ptrdiff_t column = 0; column < wide; column++) {
                    const float a = from[row * W + across[column].below], b = from[row * W + across[column].above];
                    widened[row * wide + column] = a + (b - a) * across[column].share;
                }
            for (ptrdiff_t row = 0; row < high; row++) {
                const float *a = widened + down[row].below * wide, *b = widened + down[row].above * wide, share = down[row].share;
                for (ptrdiff_t column = 0; column < wide; column++)
                    to[row * wide + column] = a[column] + (b[column] - a[column]) * share;
            }
        }
        free(widened);
    }
    free(down);
    free(across);
}

EXPORTED void enlarge_gradient(const float *dy, float *dx, ptrdiff_t planes, ptrdiff_t H, ptrdiff_t W, ptrdiff_t factor) {
    const ptrdiff_t high = H * factor, wide = W * factor;
    between *down = places(H, high), *across = places(W, wide);
#pragma omp parallel
    {
        float *widened = malloc((size_t)(H * wide) * sizeof(float));
#pragma omp for schedule(dynamic, 16)
        for (ptrdiff_t plane = 0; plane < planes; plane++) {
            const float *from = dy + plane * high * wide;
            float *to = dx + plane * H * W;
            memset(widened, 0, (size_t)(H * wide) * sizeof(float));
            memset(to, 0, (size_t)(H * W) * sizeof(float));
            for (ptrdiff_t row = 0; row < high; row++) {
                float *a = widened + down[row].below * wide, *b = widened + down[row].above * wide;
                const float *gradient = from + row * wide, share = down[row].share;
                for (ptrdiff_t column = 0; column < wide; column++) {
                    a[column] += gradient[column] * (1 - share);
                    b[column] += gradient[column] * share;
                }
            }
            for (ptrdiff_t row = 0; row < H; row++)
                for (ptrdiff_t column = 0; column < wide; column++) {
                    const float gradient = widened[row * wide + column];
                    to[row * W + across[column].below] += gradient * (1 - across[column].share);
                    to[row * W + across[column].above] += gradient * across[column].share;
                }
        }
        free(widened);
    }
    free(down);
    free(across);
}
