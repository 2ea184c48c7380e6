// What the stages share. A product and a sum are two roundings, on every path: no file of stages may contract them.
#pragma once
#include <string.h>

#include "ck_stages.h"
#include "paths.h"

// Blocks of operands and results are the same bytes or none in common, so that elements can be done side by side.
#define ELEMENTS(c, count) _Pragma("clang loop vectorize(assume_safety)") for (int64_t c = 0; c < (count); c++)
#define INLINE static inline __attribute__((always_inline))

INLINE int32_t ck_word(const char *words, int64_t index) {
  int32_t value;
  memcpy(&value, words + 4 * index, 4);
  return value;
}

INLINE int32_t ck_within(int32_t x, int32_t low, int32_t high) { return x < low ? low : x > high ? high : x; }

// Steps of any size plus a zero point, saturated.
INLINE int8_t ck_saturated(int64_t steps, int32_t zero, int32_t lowest) {
  steps = steps < -1024 ? -1024 : steps > 1024 ? 1024 : steps;
  return (int8_t)ck_within((int32_t)steps + zero, lowest, 127);
}

// ⌊x / 2^shift⌋, halves up, where `half` is 2^shift / 2.
INLINE int64_t ck_shifted(int64_t x, int64_t half, int64_t shift) { return (x + half) >> shift; }

// Half even, of steps that are not beyond 1024: past 1.5·2²³ the last bit of a float is worth 1.
INLINE int8_t ck_quantized(float real, float scale, int32_t zero) {
  float steps = real / scale;
  steps = steps == steps ? steps : 0;
  steps = steps < -1024 ? -1024 : steps > 1024 ? 1024 : steps;
  steps = (steps + 0x1.8p23f) - 0x1.8p23f;
  return (int8_t)ck_within((int32_t)steps + zero, -128, 127);
}
