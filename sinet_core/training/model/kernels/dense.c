/* k × k convolutions with few channels, same padding, stride 1 or 2: patches become channels, then these are mixed.
   x: (images, channels, H, W). w: (M, channels · k · k). y: (images, M, H / stride, W / stride). All dense. */
#include <stdlib.h>
#include "mixing.h"

#define ROWS 8 /* of the output, whose patches are laid out together and stay in the second cache */

/* patches: (channels · k · k, rows · W / stride), for the rows of the output from `first` on. */
static void lay_out(
    const float *x, float *patches, ptrdiff_t channels, ptrdiff_t H, ptrdiff_t W, ptrdiff_t k, ptrdiff_t stride, ptrdiff_t first,
    ptrdiff_t rows
) {
    const ptrdiff_t wide = W / stride;
    for (ptrdiff_t c = 0; c < channels; c++)
        for (ptrdiff_t i = 0; i < k; i++)
            for (ptrdiff_t j = 0; j < k; j++)
                for (ptrdiff_t row = 0; row < rows; row++, patches += wide) {
                    const ptrdiff_t y = (first + row) * stride + i - k / 2;
                    if (y < 0 || y >= H) {
                        memset(patches, 0, (size_t)wide * sizeof(float));
                        continue;
                    }
                    const float *from = x + (c * H + y) * W;
                    for (ptrdiff_t column = 0; column < wide; column++) {
                        const ptrdiff_t at = column * stride + j - k / 2;
                        if (at < 0 || at >= W) patches[column] = 0;
                    }
                    ptrdiff_t begin = 0, end = wide;
                    while (begin < end && begin * stride + j - k / 2 < 0) begin++;
                    while (end > begin && (end - 1) * stride + j - k / 2 >= W) end--;
                    const float *shifted = from + j - k / 2;
                    if (stride == 1)
                        memcpy(patches + begin, shifted + begin, (size_t)(end - begin) * sizeof(float));
                    else
                        for (ptrdiff_t column = begin; column < end; column++) patches[column] = shifted[column * stride];
                }
}

/* Block by block of rows: y = w × patches or, if w is NULL, each image's part of the gradient += y × patches transposed. */
static void over_patches(
    const float *x, const float *w, float *y, float *each, ptrdiff_t images, ptrdiff_t M, ptrdiff_t channels, ptrdiff_t H, ptrdiff_t W,
    ptrdiff_t k, ptrdiff_t stride
) {
    const ptrdiff_t K = channels * k * k, high = H / stride, wide = W / stride;
#pragma omp parallel for schedule(dynamic)
    for (ptrdiff_t n = 0; n < images; n++) {
        float *patches = malloc((size_t)(K * ROWS * wide) * sizeof(float));
        for (ptrdiff_t first = 0; first < high; first += ROWS) {
            const ptrdiff_t rows = high - first < ROWS ? high - first : ROWS, count = rows * wide;
            float *answers = y + n * M * high * wide + first * wide;
            lay_out(x + n * channels * H * W, patches, channels, H, W, k, stride, first, rows);
            if (w)
                mix(w, patches, count, answers, high * wide, M, K, count);
            else
                correlate(answers, high * wide, patches, count, each + n * M * K, M, K, count);
        }
        free(patches);
    }
}

EXPORTED void dense(
    const float *x, const float *w, float *y, ptrdiff_t images, ptrdiff_t M, ptrdiff_t channels, ptrdiff_t H, ptrdiff_t W, ptrdiff_t k,
    ptrdiff_t stride
) {
    over_patches(x, w, y, NULL, images, M, channels, H, W, k, stride);
}

/* each: (images, M, channels · k · k), each image's part of the gradient for w, all 0 at first. */
EXPORTED void dense_weights(
    const float *x, float *dy, float *each, ptrdiff_t images, ptrdiff_t M, ptrdiff_t channels, ptrdiff_t H, ptrdiff_t W, ptrdiff_t k,
    ptrdiff_t stride
) {
    over_patches(x, NULL, dy, each, images, M, channels, H, W, k, stride);
}
