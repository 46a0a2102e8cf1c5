/* What the library was made of, so that an outdated one is not used, and which version of its functions runs. */
#include "native.h"

#ifndef NATIVE_SOURCES
#define NATIVE_SOURCES ""
#endif

EXPORT const char *sources(void);

EXPORT const char *sources(void) { return NATIVE_SOURCES; }

EXPORT const char *version(void);

/* The question that the library asked when it was loaded (CLONES). */
EXPORT const char *version(void) {
#ifdef SEVERAL_VERSIONS
  return __builtin_cpu_supports("x86-64-v4") ? "x86-64-v4" : __builtin_cpu_supports("x86-64-v3") ? "x86-64-v3" : "x86-64";
#else
  return "one for all processors";
#endif
}
