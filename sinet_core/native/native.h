/* What the compiled part's files share: how its functions are declared, and arithmetic in whole numbers.
 *
 * Every function here returns nothing and checks nothing: the Python that calls it has checked that the arrays are of the
 * type, the size and the layout that the comment above the function states. A step is the bytes from row to row.
 * Plain C11, without intrinsics: the loops are written so that compilers turn them into vector instructions. */
#ifndef BACKDROP_NATIVE_H
#define BACKDROP_NATIVE_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

/* Compiled three times over, the best that the processor has being taken when the library is loaded. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__ELF__) && !defined(NATIVE_PLAIN)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

#if defined(__GNUC__)
#define INLINE static inline __attribute__((always_inline))
#else
#define INLINE static inline
#endif

/* Asks for what will be read soon; beyond the end of an array that does no harm. */
#if defined(__GNUC__)
#define SOON(address) __builtin_prefetch(address)
#else
#define SOON(address) ((void)(address))
#endif

INLINE ptrdiff_t least(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }
INLINE ptrdiff_t most(ptrdiff_t a, ptrdiff_t b) { return a > b ? a : b; }

#endif
