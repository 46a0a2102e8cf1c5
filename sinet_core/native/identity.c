/* Which sources the library was made of, so that nothing calls functions that have changed since. */
#include "native.h"

#ifndef NATIVE_SOURCES
#define NATIVE_SOURCES ""
#endif

EXPORT const char *sources(void);

EXPORT const char *sources(void) { return NATIVE_SOURCES; }
