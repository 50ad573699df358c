#pragma once
constexpr int two = 2;
