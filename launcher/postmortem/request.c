#include "postmortem/request.h"
