/* Sixteen numbers at a time, as the compiler's vector type: one register with AVX-512, two with AVX2, four with SSE or NEON. */
#pragma once
#include <stddef.h>
#include <string.h>

#define EXPORTED __attribute__((visibility("default")))
#define INLINE static inline __attribute__((always_inline))
#define LANES 16

typedef float vector __attribute__((vector_size(4 * LANES)));
typedef float vector_anywhere __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

INLINE vector load(const float *from) { return *(const vector_anywhere *)from; }
INLINE void store(float *to, vector value) { *(vector_anywhere *)to = value; }
typedef int mask __attribute__((vector_size(4 * LANES)));
/* value where `which` is above 0, else 0. */
INLINE vector where_positive(vector which, vector value) { return (vector)((mask)value & (which > 0)); }
INLINE float sum_of(vector value) {
    float sum = 0;
    for (int lane = 0; lane < LANES; lane++) sum += value[lane];
    return sum;
}
INLINE ptrdiff_t whole_vectors(ptrdiff_t count) { return (count + LANES - 1) / LANES * LANES; }
