/* Depthwise convolutions, same padding: k = 3 or 5 with stride 1, k = 3 with stride 2. Arrays are (planes, H, W), dense, with a
   plane for each channel of each image; w is (channels, k, k). Each plane is first copied, with a margin, into the first cache. */
#include <stdlib.h>
#include "vectors.h"

typedef struct {
    float *room;
    ptrdiff_t step; /* floats from row to row */
} margined;

/* Copies the columns `phase`, phase + every, … of a plane, with a margin of zeros on all sides. */
static margined lay(float *room, const float *plane, ptrdiff_t H, ptrdiff_t W, ptrdiff_t margin, ptrdiff_t every, ptrdiff_t phase) {
    const ptrdiff_t step = whole_vectors((W + 2 * margin + every - 1) / every) + LANES;
    memset(room, 0, (size_t)((H + 2 * margin) * step) * sizeof(float));
    for (ptrdiff_t y = 0; y < H; y++) {
        float *row = room + (y + margin) * step;
        if (every == 1)
            memcpy(row + margin, plane + y * W, (size_t)W * sizeof(float));
        else /* column x of the plane is column x + margin of the copy */
            for (ptrdiff_t x = (phase + margin) % every; x < W; x += every) row[(x + margin) / every] = plane[y * W + x];
    }
    return (margined){room, step};
}

static size_t room_for(ptrdiff_t H, ptrdiff_t W) { return (size_t)((H + 4) * (whole_vectors(W + 4) + LANES)) * sizeof(float); }

INLINE void convolve(margined from, const float *w, float *to, ptrdiff_t H, ptrdiff_t W, const int k) {
    for (ptrdiff_t y = 0; y < H; y++)
        for (ptrdiff_t x = 0; x < W; x += LANES) {
            vector sum = {0};
            for (int i = 0; i < k; i++)
                for (int j = 0; j < k; j++) sum += w[i * k + j] * load(from.room + (y + i) * from.step + x + j);
            if (x + LANES <= W)
                store(to + y * W + x, sum);
            else
                memcpy(to + y * W + x, &sum, (size_t)(W - x) * sizeof(float));
        }
}

/* y = x convolved with w. With w rotated by 180 degrees, this is the gradient for x. */
EXPORTED void depthwise(const float *x, const float *w, float *y, ptrdiff_t planes, ptrdiff_t channels, ptrdiff_t H, ptrdiff_t W, ptrdiff_t k) {
#pragma omp parallel
    {
        float *room = malloc(room_for(H, W));
#pragma omp for schedule(dynamic, 16)
        for (ptrdiff_t plane = 0; plane < planes; plane++) {
            const margined from = lay(room, x + plane * H * W, H, W, k / 2, 1, 0);
            const float *weights = w + plane % channels * k * k;
            if (k == 3)
                convolve(from, weights, y + plane * H * W, H, W, 3);
            else
                convolve(from, weights, y + plane * H * W, H, W, 5);
        }
        free(room);
    }
}

INLINE void correlate_plane(margined from, const float *dy, ptrdiff_t step, float *dw, ptrdiff_t H, ptrdiff_t W, const int k) {
    vector sums[25];
    for (int tap = 0; tap < k * k; tap++) sums[tap] = (vector){0};
    for (ptrdiff_t y = 0; y < H; y++)
        for (ptrdiff_t x = 0; x < W; x += LANES) { /* dy has zeros after its last column */
            const vector gradient = load(dy + y * step + x);
            for (int i = 0; i < k; i++)
                for (int j = 0; j < k; j++) sums[i * k + j] += gradient * load(from.room + (y + i) * from.step + x + j);
        }
    for (int tap = 0; tap < k * k; tap++) dw[tap] = sum_of(sums[tap]);
}

/* each: (planes, k, k), each plane's part of the gradient for w. */
EXPORTED void depthwise_weights(const float *x, const float *dy, float *each, ptrdiff_t planes, ptrdiff_t H, ptrdiff_t W, ptrdiff_t k) {
#pragma omp parallel
    {
        float *room = malloc(room_for(H, W)), *beside = malloc(room_for(H, W));
#pragma omp for schedule(dynamic, 16)
        for (ptrdiff_t plane = 0; plane < planes; plane++) {
            const margined from = lay(room, x + plane * H * W, H, W, k / 2, 1, 0);
            const margined gradient = lay(beside, dy + plane * H * W, H, W, 0, 1, 0);
            if (k == 3)
                correlate_plane(from, gradient.room, gradient.step, each + plane * 9, H, W, 3);
            else
                correlate_plane(from, gradient.room, gradient.step, each + plane * 25, H, W, 5);
        }
        free(room);
        free(beside);
    }
}

/* Stride 2, k = 3: even and odd columns of x (with its margin of 1) are stored apart, so that the inputs of a vector of outputs are
   adjacent. Tap j of output x is column 2 x + j: number x + j / 2 of the even ones, or number x of the odd ones. */
EXPORTED void halving(const float *x, const float *w, float *y, ptrdiff_t planes, ptrdiff_t channels, ptrdiff_t H, ptrdiff_t W) {
    const ptrdiff_t high = H / 2, wide = W / 2;
#pragma omp parallel
    {
        float *rooms[2] = {malloc(room_for(H, W)), malloc(room_for(H, W))};
#pragma omp for schedule(dynamic, 16)
        for (ptrdiff_t plane = 0; plane < planes; plane++) {
            const margined parts[2] = {
                lay(rooms[0], x + plane * H * W, H, W, 1, 2, 0), lay(rooms[1], x + plane * H * W, H, W, 1, 2, 1)};
            const float *weights = w + plane % channels * 9;
            for (ptrdiff_t row = 0; row < high; row++)
                for (ptrdiff_t column = 0; column < wide; column += LANES) {
                    vector sum = {0};
                    for (int i = 0; i < 3; i++)
                        for (int j = 0; j < 3; j++)
                            sum += weights[i * 3 + j] * load(parts[j % 2].room + (2 * row + i) * parts[j % 2].step + column + j / 2);
                    float *to = y + plane * high * wide + row * wide + column;
                    if (column + LANES <= wide)
                        store(to, sum);
                    else
                        memcpy(to, &sum, (size_t)(wide - column) * sizeof(float));
                }
        }
        free(rooms[0]);
        free(rooms[1]);
    }
}

/* dx: (planes, H, W). each: (planes, 3, 3). */
EXPORTED void halving_gradients(
    const float *x, const float *w, const float *dy, float *dx, float *each, ptrdiff_t planes, ptrdiff_t channels, ptrdiff_t H, ptrdiff_t W
) {
    const ptrdiff_t high = H / 2, wide = W / 2;
#pragma omp parallel
    {
        float *rooms[5];
        for (int room = 0; room < 5; room++) rooms[room] = malloc(room_for(H, W));
#pragma omp for schedule(dynamic, 16)
        for (ptrdiff_t plane = 0; plane < planes; plane++) {
            const margined parts[2] = {
                lay(rooms[0], x + plane * H * W, H, W, 1, 2, 0), lay(rooms[1], x + plane * H * W, H, W, 1, 2, 1)};
            const margined gradient = lay(rooms[2], dy + plane * high * wide, high, wide, 0, 1, 0);
            const ptrdiff_t step = parts[0].step;
            for (int part = 0; part < 2; part++) memset(rooms[3 + part], 0, (size_t)((H + 2) * step) * sizeof(float));
            const float *weights = w + plane % channels * 9;
            vector sums[9];
            for (int tap = 0; tap < 9; tap++) sums[tap] = (vector){0};
            for (ptrdiff_t row = 0; row < high; row++)
                for (ptrdiff_t column = 0; column < wide; column += LANES) {
                    const vector from = load(gradient.room + row * gradient.step + column);
                    for (int i = 0; i < 3; i++)
                        for (int j = 0; j < 3; j++) {
                            const ptrdiff_t at = (2 * row + i) * step + column + j / 2;
                            sums[i * 3 + j] += from * load(parts[j % 2].room + at);
                            float *to = rooms[3 + j % 2] + at;
                            store(to, load(to) + weights[i * 3 + j] * from);
                        }
                }
            for (int tap = 0; tap < 9; tap++) each[plane * 9 + tap] = sum_of(sums[tap]);
            for (ptrdiff_t row = 0; row < H; row++)
                for (ptrdiff_t column = 0; column < W; column++)
                    dx[plane * H * W + row * W + column] = rooms[3 + (column + 1) % 2][(row + 1) * step + (column + 1) / 2];
        }
        for (int room = 0; room < 5; room++) free(rooms[room]);
    }
}
