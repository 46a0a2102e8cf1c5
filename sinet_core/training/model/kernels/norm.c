/* Batch normalisation over whole batches, fused with the layers before and after it. Arrays are (images, channels, pixels), dense.

   Channels are processed one at a time, for all images: a channel stays in the second cache over all its passes.
   Its statistics are sums of differences from its first number, which keeps precision if the mean is large. */
#include <math.h>
#include <stdlib.h>
#include "vectors.h"

/* For each channel, (channels,): weight and bias of the normalisation, and the slope of the PReLU after it, NULL if there is none. */
typedef struct {
    const float *weight, *bias, *slope;
} norm;
typedef struct {
    float *weight, *bias, *slope;
} norm_gradients;
typedef struct {
    float mean, inverse; /* 1 / the standard deviation, eps included */
} statistics;

static const double EPS = 1e-3;

/* `images` runs of count pixels each, `step` floats apart. variance: of the population. */
static statistics statistics_of(const float *x, ptrdiff_t images, ptrdiff_t step, ptrdiff_t count, float *mean_to, float *variance_to) {
    const float first = x[0];
    double sum = 0, squares = 0;
    for (ptrdiff_t n = 0; n < images; n++) {
        const float *run = x + n * step;
        vector sums[2] = {{0}, {0}}, square_sums[2] = {{0}, {0}};
        ptrdiff_t p = 0;
        for (; p + 2 * LANES <= count; p += 2 * LANES)
            for (int half = 0; half < 2; half++) {
                const vector above = load(run + p + half * LANES) - first;
                sums[half] += above;
                square_sums[half] += above * above;
            }
        sum += (double)sum_of(sums[0] + sums[1]);
        squares += (double)sum_of(square_sums[0] + square_sums[1]);
        for (; p < count; p++) {
            const double above = run[p] - first;
            sum += above;
            squares += above * above;
        }
    }
    const double all = (double)(images * count), mean = sum / all;
    const double variance = fmax(squares / all - mean * mean, 0);
    *mean_to = (float)(mean + first);
    *variance_to = (float)variance;
    return (statistics){(float)(mean + first), (float)(1 / sqrt(variance + EPS))};
}

static statistics kept(const float *means, const float *variances, ptrdiff_t channel) {
    return (statistics){means[channel], (float)(1 / sqrt(variances[channel] + EPS))};
}

/* y = PReLU(norm(x)), or norm(x) without a slope. */
static void apply(const float *x, float *y, ptrdiff_t images, ptrdiff_t from, ptrdiff_t to, ptrdiff_t count, norm by, ptrdiff_t c, statistics s) {
    const float scale = s.inverse * by.weight[c], shift = by.bias[c] - s.mean * scale;
    if (by.slope == NULL) {
        for (ptrdiff_t n = 0; n < images; n++)
            for (ptrdiff_t p = 0; p < count; p++) y[n * to + p] = x[n * from + p] * scale + shift;
        return;
    }
    const float slope = by.slope[c];
    for (ptrdiff_t n = 0; n < images; n++)
        for (ptrdiff_t p = 0; p < count; p++) {
            const float value = x[n * from + p] * scale + shift;
            y[n * to + p] = value > 0 ? value : value * slope;
        }
}

/* dx from dy, and the gradients of weight, bias and slope. dx may be dy itself, but must not overlap x. */
static void gradients(
    const float *x, const float *dy, float *dx, ptrdiff_t images, ptrdiff_t x_step, ptrdiff_t dy_step, ptrdiff_t dx_step, ptrdiff_t count,
    norm by, norm_gradients to, ptrdiff_t c, statistics s
) {
    const float scale = s.inverse * by.weight[c], shift = by.bias[c] - s.mean * scale, slope = by.slope ? by.slope[c] : 1;
    double of_bias = 0, of_weight = 0, of_slope = 0;
    for (ptrdiff_t n = 0; n < images; n++) {
        const float *run = x + n * x_step, *gradient = dy + n * dy_step;
        vector sums = {0}, weighted = {0}, below = {0};
        ptrdiff_t p = 0;
        for (; p + LANES <= count; p += LANES) {
            const vector value = load(run + p), answer = value * scale + shift, whole = load(gradient + p);
            const vector positive = where_positive(answer, whole), negative = whole - positive;
            const vector own = positive + slope * negative;
            sums += own;
            weighted += own * (value - s.mean);
            below += negative * answer;
        }
        of_bias += (double)sum_of(sums);
        of_weight += (double)sum_of(weighted);
        of_slope += (double)sum_of(below);
        for (; p < count; p++) {
            const float answer = run[p] * scale + shift, own = answer > 0 ? gradient[p] : gradient[p] * slope;
            of_bias += (double)own;
            of_weight += (double)(own * (run[p] - s.mean));
            of_slope += answer > 0 ? 0.0 : (double)(gradient[p] * answer);
        }
    }
    const double all = (double)(images * count), weight = of_weight * s.inverse;
    to.bias[c] = (float)of_bias;
    to.weight[c] = (float)weight;
    if (to.slope) to.slope[c] = (float)of_slope;
    /* dx = scale · (own − mean(own) − x̂ · mean(own · x̂)) */
    const float along = (float)(weight / all) * s.inverse, level = (float)(of_bias / all) - along * s.mean;
    for (ptrdiff_t n = 0; n < images; n++) {
        const float *run = x + n * x_step, *gradient = dy + n * dy_step;
        float *result = dx + n * dx_step;
        for (ptrdiff_t p = 0; p < count; p++) {
            const float value = run[p], whole = gradient[p], own = value * scale + shift > 0 ? whole : whole * slope;
            result[p] = scale * (own - level - along * value);
        }
    }
}

/* y = PReLU(norm(x)); slope NULL: norm(x). means, variances: (channels,), written. */
EXPORTED void normalise(
    const float *x, float *y, const float *weight, const float *bias, const float *slope, float *means, float *variances, ptrdiff_t images,
    ptrdiff_t channels, ptrdiff_t P
) {
    const norm by = {weight, bias, slope};
#pragma omp parallel for schedule(dynamic)
    for (ptrdiff_t c = 0; c < channels; c++) {
        const statistics s = statistics_of(x + c * P, images, channels * P, P, means + c, variances + c);
        apply(x + c * P, y + c * P, images, channels * P, channels * P, P, by, c, s);
    }
}

EXPORTED void normalise_gradients(
    const float *x, const float *dy, float *dx, const float *weight, const float *bias, const float *slope, float *d_weight, float *d_bias,
    float *d_slope, const float *means, const float *variances, ptrdiff_t images, ptrdiff_t channels, ptrdiff_t P
) {
    const norm by = {weight, bias, slope};
    const norm_gradients to = {d_weight, d_bias, slope ? d_slope : NULL};
    const ptrdiff_t step = channels * P;
#pragma omp parallel for schedule(dynamic)
    for (ptrdiff_t c = 0; c < channels; c++)
        gradients(x + c * P, dy + c * P, dx + c * P, images, step, step, step, P, by, to, c, kept(means, variances, c));
}

/* The ends of two branches and their join: (left, right) of `half` channels each are normalised, concatenated, added to x if there
   is one, then normalised and put through PReLU. weights, biases, means and variances of the sides are (2 · half,), left's first. */
typedef struct {
    const float *left, *right, *x;
    norm side, join;
    ptrdiff_t images, half, P;
} joined;

/* The input of the join's own normalisation, for one channel: (images · P). */
static void before_join(const joined *j, ptrdiff_t c, statistics s, float *sum) {
    const float *side = c < j->half ? j->left + c * j->P : j->right + (c - j->half) * j->P;
    apply(side, sum, j->images, j->half * j->P, j->P, j->P, j->side, c, s);
    if (j->x == NULL) return;
    for (ptrdiff_t n = 0; n < j->images; n++) {
        const float *x = j->x + (n * 2 * j->half + c) * j->P;
        for (ptrdiff_t p = 0; p < j->P; p++) sum[n * j->P + p] += x[p];
    }
}

/* means, variances: (4 · half,), written: first the sides', then the join's. */
EXPORTED void join(
    const float *left, const float *right, const float *x, float *y, const float *side_weight, const float *side_bias, const float *weight,
    const float *bias, const float *slope, float *means, float *variances, ptrdiff_t images, ptrdiff_t half, ptrdiff_t P
) {
    const joined j = {left, right, x, {side_weight, side_bias, NULL}, {weight, bias, slope}, images, half, P};
    const ptrdiff_t channels = 2 * half;
#pragma omp parallel
    {
        float *sum = malloc((size_t)(images * P) * sizeof(float));
#pragma omp for schedule(dynamic)
        for (ptrdiff_t c = 0; c < channels; c++) {
            const float *side = c < half ? left + c * P : right + (c - half) * P;
            before_join(&j, c, statistics_of(side, images, half * P, P, means + c, variances + c), sum);
            const statistics s = statistics_of(sum, 1, 0, images * P, means + channels + c, variances + channels + c);
            apply(sum, y + c * P, images, P, channels * P, P, j.join, c, s);
        }
        free(sum);
    }
}

/* d_side_weight, d_side_bias: (2 · half,). dx: NULL if there is no x. */
EXPORTED void join_gradients(
    const float *left, const float *right, const float *x, const float *dy, float *d_left, float *d_right, float *dx,
    const float *side_weight, const float *side_bias, const float *weight, const float *bias, const float *slope, float *d_side_weight,
    float *d_side_bias, float *d_weight, float *d_bias, float *d_slope, const float *means, const float *variances, ptrdiff_t images,
    ptrdiff_t half, ptrdiff_t P
) {
    const joined j = {left, right, x, {side_weight, side_bias, NULL}, {weight, bias, slope}, images, half, P};
    const norm_gradients to_side = {d_side_weight, d_side_bias, NULL}, to_join = {d_weight, d_bias, d_slope};
    const ptrdiff_t channels = 2 * half, step = channels * P;
#pragma omp parallel
    {
        float *sum = malloc((size_t)(images * P) * sizeof(float)), *d_sum = malloc((size_t)(images * P) * sizeof(float));
#pragma omp for schedule(dynamic)
        for (ptrdiff_t c = 0; c < channels; c++) {
            const statistics s = kept(means, variances, c);
            before_join(&j, c, s, sum);
            gradients(sum, dy + c * P, d_sum, images, P, step, P, P, j.join, to_join, c, kept(means, variances, channels + c));
            if (dx)
                for (ptrdiff_t n = 0; n < images; n++)
                    memcpy(dx + n * step + c * P, d_sum + n * P, (size_t)P * sizeof(float));
            const ptrdiff_t at = (c < half ? c : c - half) * P;
            float *to = (c < half ? d_left : d_right) + at;
            gradients((c < half ? left : right) + at, d_sum, to, images, half * P, P, half * P, P, j.side, to_side, c, s);
        }
        free(sum);
        free(d_sum);
    }
}
