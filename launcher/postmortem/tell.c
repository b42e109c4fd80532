#include "postmortem/tell.h"
