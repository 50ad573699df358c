#pragma once
#include "deep/two.hpp"
int forty();
