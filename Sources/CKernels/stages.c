#include "ck_stages.h"

#include <string.h>

#include "paths.h"

// A product and a sum are two roundings, on every path.
#pragma STDC FP_CONTRACT OFF

static inline __attribute__((always_inline)) int32_t word(const void *row, int64_t column) {
  int32_t value;
  memcpy(&value, (const char *)row + 4 * column, 4);
  return value;
}

static inline __attribute__((always_inline)) int32_t within(int32_t x, int32_t low, int32_t high) {
  return x < low ? low : x > high ? high : x;
}

// Half even, for |x| < 2⁵¹: past 1.5·2⁵² the last bit is worth 1.
static inline __attribute__((always_inline)) double rounded(double x) { return (x + 0x1.8p52) - 0x1.8p52; }

#define ROWS(block) \
  for (int64_t row = 0; row < (block)->rows; row++)
#define INPUT(block) ((const char *)(block)->input + row * (block)->input_pitch)
#define OUTPUT(block) ((block)->output + row * (block)->output_pitch)

BODY body_requantize_fixed(
    ck_path path, const ck_block *block, const int32_t *multipliers, const int32_t *shifts, int32_t zero, int32_t lowest) {
  (void)path;
  ROWS(block) {
    const char *in = INPUT(block);
    int8_t *out = OUTPUT(block);
    for (int64_t c = 0; c < block->columns; c++) {
      int64_t half = (1ll << shifts[c]) >> 1;
      int64_t steps = ((int64_t)word(in, c) * multipliers[c] + half) >> shifts[c];
      steps = steps < -1024 ? -1024 : steps > 1024 ? 1024 : steps;
      out[c] = (int8_t)within((int32_t)steps + zero, lowest, 127);
    }
  }
}
VARIANTS(
    requantize_fixed,
    (ck_path path, const ck_block *block, const int32_t *multipliers, const int32_t *shifts, int32_t zero,
     int32_t lowest),
    (path, block, multipliers, shifts, zero, lowest))

BODY body_requantize_float(
    ck_path path, const ck_block *block, const double *factors, int32_t zero, int32_t lowest) {
  (void)path;
  ROWS(block) {
    const char *in = INPUT(block);
    int8_t *out = OUTPUT(block);
    for (int64_t c = 0; c < block->columns; c++) {
      double steps = word(in, c) * factors[c];
      steps = steps < -1024 ? -1024 : steps > 1024 ? 1024 : steps;
      out[c] = (int8_t)within((int32_t)rounded(steps) + zero, lowest, 127);
    }
  }
}
VARIANTS(
    requantize_float, (ck_path path, const ck_block *block, const double *factors, int32_t zero, int32_t lowest),
    (path, block, factors, zero, lowest))

BODY body_lookup(ck_path path, const ck_block *block, const int8_t *table) {
  (void)path;
  ROWS(block) {
    const uint8_t *in = (const uint8_t *)INPUT(block);
    int8_t *out = OUTPUT(block);
    for (int64_t c = 0; c < block->columns; c++) out[c] = table[in[c]];
  }
}
VARIANTS(lookup, (ck_path path, const ck_block *block, const int8_t *table), (path, block, table))
