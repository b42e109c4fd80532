#pragma once

#include "base/found.h"

/* The short name within this layer. */
#define HB_PATH_SIZE HB_FOUND_PATH_SIZE
