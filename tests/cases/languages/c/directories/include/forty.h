#pragma once
int forty(void);
