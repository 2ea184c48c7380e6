// One clock of a PE grid, on flat planes of registers.
//
// Every plane has rows of `pitch` elements, a multiple of CK_LANES; columns past the array's edge hold zeros or are never
// looked at. A PE of `depth` multipliers has `depth` rows of operands: row r·depth + v. `tags` point at the control bits that
// PE (0, 0) sees now; what PE (r, c) sees is what PE (0, 0) saw as many cycles ago as its distance, so it stands that far
// to the right.
#pragma once
#include <stddef.h>
#include <stdint.h>

enum {
  CK_LANES = 32,
  CK_FIRST = 1,
  CK_LIVE = 2,
  CK_LAST = 4,
};

#if __has_feature(nullability)
#pragma clang assume_nonnull begin
#endif

/// Skew registers of the left edge: row r sees the step that entered r·delay cycles ago. `ring` has `slots` slots of
/// rows·depth bytes, more than (rows − 1)·delay; slot `head` is this cycle's, older ones follow.
typedef struct {
  const int8_t *ring;
  int slots, head, delay;
} ck_skew;

/// Skew registers of the top edge: column c sees what entered c cycles ago. Slots of depth·pitch bytes.
void ck_top(int8_t *row, const int8_t *ring, int columns, int depth, int pitch, int slots, int head);

/// Stationary operand, systolic: activations hop right, sums hop down through `sums`, whose first row is zero.
void ck_systolic(
    int8_t *activations, const int8_t *weights, int32_t *sums, ck_skew skew, int rows, int depth, int pitch);

/// Stationary operand, broadcast: one sum of all rows a column.
void ck_broadcast(
    const int8_t *step, const int8_t *weights, int32_t *sums, int rows, int depth, int pitch);

/// The swap that travels with a tile's first step: PEs that see CK_FIRST take their shadow register.
void ck_swap(int8_t *weights, const int8_t *shadow, const uint8_t *tags, int rows, int depth, int delay, int pitch);

/// The loading chain: PEs that see a command (all bits set, else none) pass their register down and take what was passed to them.
/// `hop` has one row of PEs more than the array: row 0 is the input.
void ck_chain(int8_t *chain, int8_t *hop, const uint8_t *commands, int rows, int depth, int pitch);

/// Output-stationary, systolic: both operands hop, products go through `pipe` (of one plane, may be null) into the
/// accumulators; CK_FIRST starts anew, CK_LAST hands over to `out` (may be null).
void ck_output_systolic(
    int8_t *activations, int8_t *down, int32_t *_Nullable pipe, int32_t *sums, int32_t *_Nullable out,
    const uint8_t *tags, ck_skew skew, int rows, int depth, int pitch);

/// The same with operands that reach all PEs at once: `left` has rows·depth bytes, `top` depth rows.
void ck_output_broadcast(
    const int8_t *left, const int8_t *top, int32_t *_Nullable pipe, int32_t *sums, int32_t *_Nullable out, uint8_t tag,
    int rows, int depth, int pitch);

/// Results leave at the bottom: a command of value i + 1 at a column shifts rows i and below by one. What leaves is added
/// to `leaving`.
void ck_shift(int32_t *chain, const int32_t *commands, uint32_t *leaving, int rows, int pitch);

/// Adds the bottom results whose tag is live to `leaving`.
void ck_collect(const int32_t *bottom, const uint8_t *tags, uint32_t *leaving, int pitch);

/// Sum of the PEs at distance `distance` from PE (0, 0).
uint32_t ck_diagonal(const int32_t *sums, int rows, int columns, int pitch, int distance);

/// Σ over `count` elements.
uint32_t ck_sum(const int32_t *sums, int count);

/// Operands are slices of one table: row i of an operand begins at (start + i·CK_ROW) & mask.
enum { CK_ROW = 4099 };

/// Σ_k (Σ_s stream[s, k]) · (Σ_c stationary[k, c]): the sum of a tile's results. `scratch` holds `lanes` words.
uint32_t ck_checksum_stationary(
    const int8_t *table, int64_t mask, int64_t stream, int64_t steps, int lanes, int64_t stationary, int columns,
    uint32_t *scratch);

/// Σ_k (Σ_m a[k, m]) · (Σ_n b[k, n]).
uint32_t ck_checksum_output(
    const int8_t *table, int64_t mask, int64_t a, int rows, int64_t b, int columns, int64_t steps);

#if __has_feature(nullability)
#pragma clang assume_nonnull end
#endif
