#include "mixing.h"

#define WIDE (2 * LANES) /* pixels of a tile: two vectors, so that each weight is loaded once for both */

/* One tile: ROWS rows of y, WIDE pixels. */
INLINE void mix_tile(const float *w, const float *x, ptrdiff_t ldx, float *y, ptrdiff_t ldy, ptrdiff_t K, const int ROWS) {
    vector left[12], right[12];
    for (int m = 0; m < ROWS; m++) left[m] = right[m] = (vector){0};
    for (ptrdiff_t k = 0; k < K; k++) {
        const vector a = load(x + k * ldx), b = load(x + k * ldx + LANES);
        for (int m = 0; m < ROWS; m++) {
            const float weight = w[m * K + k];
            left[m] += weight * a;
            right[m] += weight * b;
        }
    }
    for (int m = 0; m < ROWS; m++) {
        store(y + m * ldy, left[m]);
        store(y + m * ldy + LANES, right[m]);
    }
}

static void mix_tiles(const float *w, const float *x, ptrdiff_t ldx, float *y, ptrdiff_t ldy, ptrdiff_t M, ptrdiff_t K) {
    ptrdiff_t m = 0;
    for (; m + 12 <= M; m += 12) mix_tile(w + m * K, x, ldx, y + m * ldy, ldy, K, 12);
    for (; m + 4 <= M; m += 4) mix_tile(w + m * K, x, ldx, y + m * ldy, ldy, K, 4);
    for (; m + 2 <= M; m += 2) mix_tile(w + m * K, x, ldx, y + m * ldy, ldy, K, 2);
    for (; m < M; m++) mix_tile(w + m * K, x, ldx, y + m * ldy, ldy, K, 1);
}

void mix(const float *w, const float *x, ptrdiff_t ldx, float *y, ptrdiff_t ldy, ptrdiff_t M, ptrdiff_t K, ptrdiff_t P) {
    ptrdiff_t p = 0;
    for (; p + WIDE <= P; p += WIDE) mix_tiles(w, x + p, ldx, y + p, ldy, M, K);
    if (p == P) return;
    float narrow_x[K * WIDE], narrow_y[M * WIDE];
    const size_t rest = (size_t)(P - p) * sizeof(float);
    memset(narrow_x, 0, sizeof narrow_x);
    for (ptrdiff_t k = 0; k < K; k++) memcpy(narrow_x + k * WIDE, x + k * ldx + p, rest);
    mix_tiles(w, narrow_x, WIDE, narrow_y, WIDE, M, K);
    for (ptrdiff_t m = 0; m < M; m++) memcpy(y + m * ldy + p, narrow_y + m * WIDE, rest);
}

INLINE void correlate_block(
    const float *dy, ptrdiff_t ldy, const float *x, ptrdiff_t ldx, float *dw, ptrdiff_t K, ptrdiff_t P, const int MS, const int KS
) {
    vector sums[4][6];
    for (int m = 0; m < MS; m++)
        for (int k = 0; k < KS; k++) sums[m][k] = (vector){0};
    ptrdiff_t p = 0;
    for (; p + LANES <= P; p += LANES) {
        vector pixels[6];
        for (int k = 0; k < KS; k++) pixels[k] = load(x + k * ldx + p);
        for (int m = 0; m < MS; m++) {
            const vector gradient = load(dy + m * ldy + p);
            for (int k = 0; k < KS; k++) sums[m][k] += gradient * pixels[k];
        }
    }
    for (int m = 0; m < MS; m++)
        for (int k = 0; k < KS; k++) {
            float sum = sum_of(sums[m][k]);
            for (ptrdiff_t rest = p; rest < P; rest++) sum += dy[m * ldy + rest] * x[k * ldx + rest];
            dw[m * K + k] += sum;
        }
}

INLINE void correlate_rows(
    const float *dy, ptrdiff_t ldy, const float *x, ptrdiff_t ldx, float *dw, ptrdiff_t K, ptrdiff_t P, const int MS
) {
    ptrdiff_t k = 0;
    for (; k + 6 <= K; k += 6) correlate_block(dy, ldy, x + k * ldx, ldx, dw + k, K, P, MS, 6);
    for (; k + 3 <= K; k += 3) correlate_block(dy, ldy, x + k * ldx, ldx, dw + k, K, P, MS, 3);
    for (; k < K; k++) correlate_block(dy, ldy, x + k * ldx, ldx, dw + k, K, P, MS, 1);
}

void correlate(const float *dy, ptrdiff_t ldy, const float *x, ptrdiff_t ldx, float *dw, ptrdiff_t M, ptrdiff_t K, ptrdiff_t P) {
    ptrdiff_t m = 0;
    for (; m + 4 <= M; m += 4) correlate_rows(dy + m * ldy, ldy, x, ldx, dw + m * K, K, P, 4);
    for (; m + 2 <= M; m += 2) correlate_rows(dy + m * ldy, ldy, x, ldx, dw + m * K, K, P, 2);
    for (; m < M; m++) correlate_rows(dy + m * ldy, ldy, x, ldx, dw + m * K, K, P, 1);
}
