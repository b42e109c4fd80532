#pragma once

void helper_skips(void);
int helper_group(void);
