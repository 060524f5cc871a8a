#include "base/config/value.h"
