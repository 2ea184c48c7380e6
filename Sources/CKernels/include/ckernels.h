// One clock of a PE grid, on flat planes of registers.
//
// Every plane has rows of `pitch` elements, a multiple of CK_LANES; columns past the array's edge hold zeros or are never
// looked at. A PE of `depth` multipliers has `depth` rows of operands: row r·depth + v. `tags` point at the control bits that
// PE (0, 0) sees now; what PE (r, c) sees is what PE (0, 0) saw as many cycles ago as its distance, so it stands that far
// to the right. Sums are modulo 2³².
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

/// Rows of PEs, multipliers of a PE, pitch of a plane, and whether registers of operands have 16 bits (else 8): operands
/// whose zero point has been subtracted need 9.
typedef struct {
  int rows, depth, pitch, wide;
} ck_shape;

/// Rows or columns from `first` on, up to but without `end`.
typedef struct {
  int first, end;
} ck_span;

/// Skew registers of the left edge: row r sees the step that entered r·delay cycles ago. `ring` has `slots` slots of
/// rows·depth operands, more than (rows − 1)·delay; slot `head` is this cycle's, older ones follow.
typedef struct {
  const void *ring;
  int slots, head, delay;
} ck_skew;

/// `count` bytes, `step` apart, with their zero point subtracted.
void ck_fetch(int16_t *line, const int8_t *bytes, ptrdiff_t step, int count, int zero);

/// Operands into registers `stride` apart, and added to `sums` one by one (may be null).
void ck_enter(void *cells, const int16_t *line, int count, int stride, uint32_t *_Nullable sums, int wide);

/// The same in one go for bytes that stand side by side, without a zero point.
void ck_enter_bytes(int8_t *cells, const int8_t *bytes, int count, uint32_t *sums);

/// Σ over `count` operands.
uint32_t ck_total(const int16_t *line, int count);

/// Skew registers of the top edge: column c sees what entered c cycles ago, fewer than there are slots. Slots of depth·pitch
/// operands.
void ck_top(void *row, const void *ring, ck_span columns, int slots, int head, ck_shape shape);

/// The same for rows of INT32 whose slots follow one another from this cycle's on.
void ck_slant(int32_t *row, const int32_t *ring, int columns, int pitch);

/// Stationary operand, systolic: activations hop right, sums hop down through `sums`, whose first row is the bias. There
/// is a place to the left of the first activation, which is read and never used.
void ck_systolic(void *activations, const void *weights, int32_t *sums, const ck_skew *skew, ck_shape shape);

/// Stationary operand, broadcast: one sum of all rows a column, and the bias (may be null).
void ck_broadcast(
    const void *step, const void *weights, const int32_t *_Nullable bias, int32_t *sums, ck_shape shape);

/// The swap that travels with a tile's first step: PEs that see CK_FIRST take their shadow register. All of them are in the rows
/// `reached`.
void ck_swap(void *weights, const void *shadow, const uint8_t *tags, int delay, ck_span reached, ck_shape shape);

/// The loading chain: PEs that see a command (all bits set, else none) pass their register down and take what was passed to them.
/// All of them are in the rows `reached`. `hop` has one row of PEs more than the array: row 0 is the input.
void ck_chain(void *chain, void *hop, const uint8_t *commands, ck_span reached, ck_shape shape);

/// Output-stationary, systolic: both operands hop, products go through `pipe` (of one plane, may be null) into the
/// accumulators; CK_FIRST starts anew, CK_LAST hands over to `out` (may be null). `bias` (may be null) is the slot of the
/// bias that PE (0, 0) sees now; older ones follow. Left of the first activation as above.
void ck_output_systolic(
    void *activations, void *down, int32_t *_Nullable pipe, int32_t *sums, int32_t *_Nullable out,
    const uint8_t *tags, const int32_t *_Nullable bias, const ck_skew *skew, ck_shape shape);

/// The same with operands that reach all PEs at once: `left` has rows·depth operands, `top` depth rows.
void ck_output_broadcast(
    const void *left, const void *top, int32_t *_Nullable pipe, int32_t *sums, int32_t *_Nullable out, uint8_t tag,
    const int32_t *_Nullable bias, ck_shape shape);

/// The same where multipliers can accumulate by themselves: rows·depth rows of accumulators. `own` has an operand for each of
/// their places, of which only the first row of `top` is a factor; what isn't used is 0.
void ck_output_separate(
    const void *left, const void *own, const void *top, int32_t *_Nullable pipe, int32_t *sums, int32_t *_Nullable out,
    uint8_t tag, const int32_t *_Nullable bias, ck_shape shape);

/// Results leave at the bottom: a command of value i + 1 at a column shifts rows i and below by one. What leaves is added
/// to `leaving`.
void ck_shift(int32_t *chain, const int32_t *commands, uint32_t *leaving, int rows, int pitch);

/// Adds the bottom results whose tag is live to `leaving`.
void ck_collect(const int32_t *bottom, const uint8_t *tags, uint32_t *leaving, int pitch);

/// Sum of the PEs at distance `distance` from PE (0, 0).
uint32_t ck_diagonal(const int32_t *sums, int rows, int columns, int pitch, int distance);

/// Σ over `count` elements.
uint32_t ck_sum(const int32_t *sums, int count);

/// Σ of products.
uint32_t ck_dot(const uint32_t *a, const uint32_t *b, int count);

/// Where the results of a tile go. Column c's is at byte `at + c·stride` from `bytes`; or, where `row` isn't 0, at word
/// `at + c·stride` of rows of `row` words, `pitch` bytes from row to row.
typedef struct {
  uint8_t *bytes;
  int64_t stride, row, pitch;
  /// Live columns, and cycles from the array to the buffer.
  int32_t width, delay;
  /// How many cycles before it is written a sum is read to be added to; −1 where nothing is.
  int32_t reads;
} ck_tile;

/// Where one row of results goes; `at` < 0: nowhere.
typedef struct {
  int64_t at;
  const ck_tile *_Nullable tile;
} ck_target;

typedef struct {
  uint8_t *place;
  uint32_t value;
  int32_t reads;
} ck_result;

/// The registers between an array and its output buffer: `slots` slots of `capacity` results, of which slot `head` is
/// written in this cycle.
typedef struct {
  ck_result *results;
  int32_t *counts;
  int slots, capacity, head, pending;
} ck_exit;

/// Results of columns `first` to `end` leave the array; column c's target is `targets[c·hop]`.
void ck_leave(ck_exit *exit, const int32_t *results, const ck_target *targets, int hop, int first, int end);

/// One clock: results are written, sums to be added to are read (`latencies`: how many cycles ahead), all go on.
void ck_land(ck_exit *exit, const int32_t *latencies, int count);

#if __has_feature(nullability)
#pragma clang assume_nonnull end
#endif
