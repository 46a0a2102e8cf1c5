/* Common declarations of all C files here.
 *
 * The functions return nothing and check nothing. The Python code that calls them has checked that the arrays have the type,
 * size and layout that the comment above each function states. A step is the number of bytes from row to row.
 * Plain C11 without intrinsics: the loops are written so that compilers vectorise them. */
#ifndef BACKDROP_NATIVE_H
#define BACKDROP_NATIVE_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

/* Compiled for three kinds of processors; the best one is chosen when the library is loaded. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__ELF__) && !defined(NATIVE_PLAIN)
#define SEVERAL_VERSIONS
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

#if defined(__GNUC__)
#define INLINE static inline __attribute__((always_inline))
#else
#define INLINE static inline
#endif

/* Prefetch an address that will be read soon. Addresses beyond the end of an array are harmless. */
#if defined(__GNUC__)
#define SOON(address) __builtin_prefetch(address)
#else
#define SOON(address) ((void)(address))
#endif

INLINE ptrdiff_t least(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }
INLINE ptrdiff_t most(ptrdiff_t a, ptrdiff_t b) { return a > b ? a : b; }

#endif
