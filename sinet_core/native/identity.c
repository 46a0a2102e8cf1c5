/* The hash of the sources, so that an outdated library is not used. */
#include "native.h"

#ifndef NATIVE_SOURCES
#define NATIVE_SOURCES ""
#endif

EXPORT const char *sources(void);

EXPORT const char *sources(void) { return NATIVE_SOURCES; }
