#include <omp.h>
#include "vectors.h"

EXPORTED void use_threads(int count) { omp_set_num_threads(count); }
