// Stages of the vector unit over blocks of rows: what docs/numerics.md says, many elements at a time.
//
// All functions work on `rows` rows of `columns` elements; pitches are in bytes. A block of results may stand exactly where
// one of INT8 operands does, else they must not overlap.
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

/// INT32 at any address to INT8: x·m / 2^s, half up, with a multiplier 0 ≤ m < 2³¹ and a shift 0 ≤ s ≤ 62 a column.
void ck_requantize_fixed(
    ck_path path, const ck_block *block, const int32_t *multipliers, const int32_t *shifts, int32_t zero, int32_t lowest);

/// INT32 at any address to INT8: x·factor in float64, half even, with a factor a column.
void ck_requantize_float(ck_path path, const ck_block *block, const double *factors, int32_t zero, int32_t lowest);

/// INT8 to INT8: `table` has the result of the byte x at x.
void ck_lookup(ck_path path, const ck_block *block, const int8_t *table);

/// A second operand and what operands and results stand for: (x − zero)·scale, or multipliers 0 ≤ m ≤ 2³¹ over 2^shift.
typedef struct {
  const int8_t *other;
  int64_t other_pitch;
  int32_t zeros[2], result_zero;
  int64_t multipliers[2];
  int32_t shift;
  float scales[2], result_scale;
} ck_pair;

/// (x − z₀)·m₀ + (y − z₁)·m₁ over 2^shift, half up.
void ck_add_fixed(ck_path path, const ck_block *block, const ck_pair *pair);
/// (x − z₀)·(y − z₁)·m₀ over 2^shift, half up.
void ck_multiply_fixed(ck_path path, const ck_block *block, const ck_pair *pair);
/// Both in float32, half even.
void ck_add_float(ck_path path, const ck_block *block, const ck_pair *pair);
void ck_multiply_float(ck_path path, const ck_block *block, const ck_pair *pair);

/// Softmax from 256 powers of at most 2²⁸, by distance from the row's largest; shares of 2³⁰ times multiplier / 2^shift.
void ck_softmax_fixed(
    ck_path path, const ck_block *block, const int64_t *powers, int32_t multiplier, int32_t shift, int32_t zero);
/// Softmax from 256 powers of at most 2⁴⁰; shares in float64, then float32.
void ck_softmax_float(ck_path path, const ck_block *block, const int64_t *powers, float scale, int32_t zero);

/// Σx and Σx² of a row.
void ck_moments(ck_path path, const int8_t *row, int64_t columns, int64_t *sums);

/// A row of an integer LayerNorm: n = (C·x − Σx)·factor / 2^right rounded down and within ±2²⁷ (a negative `right` shifts
/// left); then n·gain[c] + bias[c] over 2^shift, rounded down.
void ck_normalize_fixed(
    ck_path path, const ck_block *row, int64_t sum, int64_t factor, int32_t right, const int64_t *gain,
    const int64_t *bias, int32_t shift, int32_t zero);
/// A row of the float LayerNorm: (C·x − Σx)·input_scale / root · gain[c] + bias[c] in float64, then float32.
void ck_normalize_float(
    ck_path path, const ck_block *row, double sum, double input_scale, double root, const double *gain,
    const double *bias, float scale, int32_t zero);

#if __has_feature(nullability)
#pragma clang assume_nonnull end
#endif
