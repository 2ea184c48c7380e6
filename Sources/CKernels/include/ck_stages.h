// Stages of the vector unit over blocks of rows.
//
// All functions work on `rows` rows of `columns` elements; pitches are in bytes. A block of results may stand exactly where a
// block of operands of the same width does.
#pragma once
#include <stdint.h>

#include "ck_path.h"

#if __has_feature(nullability)
#pragma clang assume_nonnull begin
#endif

typedef struct {
  int64_t rows, columns;
  const void *input;
  int64_t input_pitch;
  int8_t *output;
  int64_t output_pitch;
} ck_block;

/// INT32 at any address to INT8: max(lowest, clamp(⌊(x·m + 2^s/2) / 2^s⌋ + zero)), with a multiplier 0 ≤ m < 2³¹ and a
/// shift 0 ≤ s ≤ 62 for each column.
void ck_requantize_fixed(
    ck_path path, const ck_block *block, const int32_t *multipliers, const int32_t *shifts, int32_t zero, int32_t lowest);

/// INT32 at any address to INT8: max(lowest, clamp(half even(x·factor) + zero)) in float64, with a factor for each column.
void ck_requantize_float(
    ck_path path, const ck_block *block, const double *factors, int32_t zero, int32_t lowest);

/// INT8 to INT8: `table` has the result of the byte x at x.
void ck_lookup(ck_path path, const ck_block *block, const int8_t *table);

#if __has_feature(nullability)
#pragma clang assume_nonnull end
#endif
