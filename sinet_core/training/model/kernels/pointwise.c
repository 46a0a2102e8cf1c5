/* 1 × 1 convolutions, in one group or several. Arrays are (images, channels, pixels), dense. */
#include "mixing.h"

/* y = w x. w: (groups, M, K), with M and K channels per group. With w transposed and M and K swapped, this is the gradient for x. */
EXPORTED void pointwise(
    const float *x, const float *w, float *y, ptrdiff_t images, ptrdiff_t groups, ptrdiff_t M, ptrdiff_t K, ptrdiff_t P
) {
#pragma omp parallel for schedule(dynamic)
    for (ptrdiff_t n = 0; n < images; n++)
        for (ptrdiff_t g = 0; g < groups; g++) {
            const ptrdiff_t part = n * groups + g;
            mix(w + g * M * K, x + part * K * P, P, y + part * M * P, P, M, K, P);
        }
}

/* each: (images, groups, M, K), each image's part of the gradient for w, all 0 at first. */
EXPORTED void pointwise_weights(
    const float *x, const float *dy, float *each, ptrdiff_t images, ptrdiff_t groups, ptrdiff_t M, ptrdiff_t K, ptrdiff_t P
) {
#pragma omp parallel for schedule(dynamic)
    for (ptrdiff_t part = 0; part < images * groups; part++)
        for (ptrdiff_t p = 0; p < P; p += 1024) { /* few enough for the pixels to stay in the first caches */
            const ptrdiff_t some = P - p < 1024 ? P - p : 1024;
            correlate(dy + part * M * P + p, P, x + part * K * P + p, P, each + part * M * K, M, K, some);
        }
}
