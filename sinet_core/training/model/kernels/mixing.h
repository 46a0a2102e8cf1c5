/* The two products in a convolution: weights × pixels, and gradients × pixels, summed over all pixels. */
#pragma once
#include "vectors.h"

/* y (M, P) = w (M, K) × x (K, P); the rows of x and y are ldx and ldy floats apart. */
void mix(const float *w, const float *x, ptrdiff_t ldx, float *y, ptrdiff_t ldy, ptrdiff_t M, ptrdiff_t K, ptrdiff_t P);

/* dw (M, K) += dy (M, P) × x (K, P) transposed. */
void correlate(const float *dy, ptrdiff_t ldy, const float *x, ptrdiff_t ldx, float *dw, ptrdiff_t M, ptrdiff_t K, ptrdiff_t P);
