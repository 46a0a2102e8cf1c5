// What NumPy calls of BLAS for real numbers, in place of OpenBLAS's 25 MB: in the bundle, only small matrices are multiplied.
// smaller.py compiles it. Counts and strides have 64 bits, as NumPy's wheels want them. NumPy asks for no conjugate transpose,
// and copies the upper half of a symmetric product into the lower one by itself.

typedef long Count;
enum { ROWS = 101, AS_IT_IS = 111 }; // of enum CBLAS_ORDER and CBLAS_TRANSPOSE

#define BLAS(NAME, T)                                                                                              \
    /* c = alpha a b + beta c. Of each matrix: the distance of two elements downwards, and to the right. */        \
    static void NAME##product(Count m, Count n, Count k, T alpha, const T *a, Count a_down, Count a_right,         \
                              const T *b, Count b_down, Count b_right, T beta, T *c, Count c_down, Count c_right) { \
        for (Count i = 0; i < m; i++)                                                                              \
            for (Count j = 0; j < n; j++) {                                                                        \
                T sum = 0, *to = c + i * c_down + j * c_right;                                                     \
                for (Count l = 0; l < k; l++) sum += a[i * a_down + l * a_right] * b[l * b_down + j * b_right];    \
                *to = alpha * sum + (beta == 0 ? 0 : beta * *to);                                                  \
            }                                                                                                      \
    }                                                                                                              \
    void scipy_cblas_##NAME##gemm64_(int order, int turn_a, int turn_b, Count m, Count n, Count k, T alpha,        \
                                     const T *a, Count lda, const T *b, Count ldb, T beta, T *c, Count ldc) {      \
        int rows = order == ROWS, a_rows = rows == (turn_a == AS_IT_IS), b_rows = rows == (turn_b == AS_IT_IS);    \
        NAME##product(m, n, k, alpha, a, a_rows ? lda : 1, a_rows ? 1 : lda, b, b_rows ? ldb : 1,                  \
                      b_rows ? 1 : ldb, beta, c, rows ? ldc : 1, rows ? 1 : ldc);                                  \
    }                                                                                                              \
    void scipy_cblas_##NAME##gemv64_(int order, int turn, Count m, Count n, T alpha, const T *a, Count lda,        \
                                     const T *x, Count x_step, T beta, T *y, Count y_step) {                       \
        int straight = turn == AS_IT_IS, rows = (order == ROWS) == straight;                                       \
        NAME##product(straight ? m : n, 1, straight ? n : m, alpha, a, rows ? lda : 1, rows ? 1 : lda, x, x_step,  \
                      0, beta, y, y_step, 0);                                                                      \
    }                                                                                                              \
    void scipy_cblas_##NAME##syrk64_(int order, int half, int turn, Count n, Count k, T alpha, const T *a,         \
                                     Count lda, T beta, T *c, Count ldc) {                                         \
        int rows = (order == ROWS) == (turn == AS_IT_IS);                                                          \
        Count down = rows ? lda : 1, right = rows ? 1 : lda;                                                       \
        NAME##product(n, n, k, alpha, a, down, right, a, right, down, beta, c, ldc, 1);                            \
    }                                                                                                              \
    void scipy_cblas_##NAME##axpy64_(Count n, T alpha, const T *x, Count x_step, T *y, Count y_step) {             \
        for (Count i = 0; i < n; i++) y[i * y_step] += alpha * x[i * x_step];                                      \
    }                                                                                                              \
    T scipy_cblas_##NAME##dot64_(Count n, const T *x, Count x_step, const T *y, Count y_step) {                    \
        T sum = 0;                                                                                                 \
        for (Count i = 0; i < n; i++) sum += x[i * x_step] * y[i * y_step];                                        \
        return sum;                                                                                                \
    }
BLAS(s, float)
BLAS(d, double)
