#include "ckernels.h"

#include <string.h>

// Compiled for three instruction sets; the loader takes the best that the processor has.
#if defined(__x86_64__) && defined(__linux__) && __has_attribute(target_clones)
#define CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define CLONES
#endif

// Loops over LANES have a constant count, so that each becomes a few vector instructions.
#define LANES CK_LANES

// The bodies are compiled for both widths of registers, and once more for the usual grids, where depth, and then pitch too,
// is a constant.
#define BODY static inline __attribute__((always_inline)) void
#define SPECIALIZE(body, shape, ...)                                                                \
  do {                                                                                              \
    if ((shape).depth == 1 && (shape).pitch == LANES) body(__VA_ARGS__, (shape).rows, 1, LANES);    \
    else if ((shape).depth == 1) body(__VA_ARGS__, (shape).rows, 1, (shape).pitch);                 \
    else body(__VA_ARGS__, (shape).rows, (shape).depth, (shape).pitch);                             \
  } while (0)
#define DISPATCH(body, shape, ...)                                      \
  do {                                                                  \
    if ((shape).wide) SPECIALIZE(body##_wide, shape, __VA_ARGS__);      \
    else SPECIALIZE(body##_narrow, shape, __VA_ARGS__);                 \
  } while (0)

typedef int32_t words __attribute__((vector_size(4 * LANES)));

#define EACH_BYTE 0x0101010101010101u

// Whether any of LANES tags has a bit of `bits`, a byte repeated.
static inline __attribute__((always_inline)) int any(const uint8_t *tags, uint64_t bits) {
  uint64_t parts[LANES / 8];
  memcpy(parts, tags, sizeof parts);
  return ((parts[0] | parts[1] | parts[2] | parts[3]) & bits) != 0;
}

// Products of one cycle into the accumulators, behind the PE's registers. `preset[c · stride]` is what column c begins with.
static inline __attribute__((always_inline)) void accumulate(
    int32_t *restrict product, int32_t *restrict pipe, int32_t *restrict sums, int32_t *restrict out,
    const uint8_t *restrict tag, const int32_t *restrict preset, ptrdiff_t stride) {
  if (pipe) {
    int32_t older[LANES];
    memcpy(older, pipe, sizeof older);
    memcpy(pipe, product, sizeof older);
    memcpy(product, older, sizeof older);
  }
  if (preset && any(tag, EACH_BYTE * CK_FIRST)) {
    for (int c = 0; c < LANES; c++)
      if (tag[c] & CK_FIRST) product[c] = (int32_t)((uint32_t)product[c] + (uint32_t)preset[c * stride]);
  }
  // All bits set where no tile begins.
  for (int c = 0; c < LANES; c++)
    sums[c] = (int32_t)((uint32_t)(sums[c] & ((int32_t)(tag[c] & CK_FIRST) - 1)) + (uint32_t)product[c]);
  if (out && any(tag, EACH_BYTE * CK_LAST)) {
    for (int c = 0; c < LANES; c++) {
      int32_t last = -(int32_t)((tag[c] & CK_LAST) / CK_LAST);
      out[c] = (sums[c] & last) | (out[c] & ~last);
    }
  }
}

#define CELL int8_t
#define NAME(x) x##_narrow
#define HALF 1
#include "grid_cells.h"

#define CELL int16_t
#define NAME(x) x##_wide
#define HALF 0
#include "grid_cells.h"

// MARK: What enters

CLONES void ck_fetch(int16_t *restrict line, const int8_t *restrict bytes, ptrdiff_t step, int count, int zero) {
  if (step == 1) {
    for (int i = 0; i < count; i++) line[i] = (int16_t)(bytes[i] - zero);
  } else {
    for (int i = 0; i < count; i++) line[i] = (int16_t)(bytes[i * step] - zero);
  }
}

CLONES void ck_enter(
    void *cells, const int16_t *line, int count, int stride, uint32_t *sums, int wide) {
  if (wide) enter_wide(cells, line, count, stride, sums);
  else enter_narrow(cells, line, count, stride, sums);
}

// Bytes of one row at most: a call of memcpy would take longer than their loop.
__attribute__((no_builtin("memcpy")))
CLONES void ck_enter_bytes(int8_t *restrict cells, const int8_t *restrict bytes, int count, uint32_t *restrict sums) {
  for (int i = 0; i < count; i++) {
    cells[i] = bytes[i];
    sums[i] += (uint32_t)(int32_t)bytes[i];
  }
}

CLONES uint32_t ck_total(const int16_t *line, int count) {
  uint32_t total = 0;
  for (int i = 0; i < count; i++) total += (uint32_t)(int32_t)line[i];
  return total;
}

void ck_top(void *row, const void *ring, ck_span columns, int slots, int head, ck_shape shape) {
  if (shape.wide) top_wide(row, ring, columns, slots, head, shape.depth, shape.pitch);
  else top_narrow(row, ring, columns, slots, head, shape.depth, shape.pitch);
}

CLONES void ck_slant(int32_t *restrict row, const int32_t *restrict ring, int columns, int pitch) {
  for (int c = 0; c < columns; c++) row[c] = ring[(ptrdiff_t)c * (pitch + 1)];
}

// MARK: What moves

CLONES void ck_systolic(
    void *activations, const void *weights, int32_t *sums, const ck_skew *skew, ck_shape shape) {
  DISPATCH(systolic, shape, activations, weights, sums, *skew);
}

CLONES void ck_broadcast(
    const void *step, const void *weights, const int32_t *bias, int32_t *sums, ck_shape shape) {
  DISPATCH(broadcast, shape, step, weights, bias, sums);
}

CLONES void ck_swap(
    void *weights, const void *shadow, const uint8_t *tags, int delay, ck_span reached, ck_shape shape) {
  DISPATCH(swap, shape, weights, shadow, tags, delay, reached);
}

CLONES void ck_chain(void *registers, void *hop, const uint8_t *commands, ck_span reached, ck_shape shape) {
  DISPATCH(chain, shape, registers, hop, commands, reached);
}

CLONES void ck_output_systolic(
    void *activations, void *down, int32_t *pipe, int32_t *sums, int32_t *out, const uint8_t *tags, const int32_t *bias,
    const ck_skew *skew, ck_shape shape) {
  DISPATCH(output_systolic, shape, activations, down, pipe, sums, out, tags, bias, *skew);
}

CLONES void ck_output_broadcast(
    const void *left, const void *top, int32_t *pipe, int32_t *sums, int32_t *out, uint8_t tag, const int32_t *bias,
    ck_shape shape) {
  DISPATCH(output_broadcast, shape, left, top, pipe, sums, out, tag, bias);
}

CLONES void ck_output_separate(
    const void *left, const void *own, const void *top, int32_t *pipe, int32_t *sums, int32_t *out, uint8_t tag,
    const int32_t *bias, ck_shape shape) {
  DISPATCH(output_separate, shape, left, own, top, pipe, sums, out, tag, bias);
}

CLONES void ck_shift(
    int32_t *chain, const int32_t *restrict commands, uint32_t *restrict leaving, int rows, int pitch) {
  for (int b = 0; b < pitch; b += LANES) {
    const int32_t *command = commands + b;
    int32_t some = 0;
    for (int c = 0; c < LANES; c++) some |= command[c];
    if (!some) continue;
    int32_t *bottom = chain + (ptrdiff_t)(rows - 1) * pitch + b;
    for (int c = 0; c < LANES; c++) leaving[b + c] += (uint32_t)bottom[c] & -(uint32_t)(command[c] != 0);
    for (int r = rows - 1; r >= 0; r--) {
      int32_t above[LANES] = {0};
      int32_t *own = chain + (ptrdiff_t)r * pitch + b;
      if (r) memcpy(above, own - pitch, sizeof above);
      for (int c = 0; c < LANES; c++) {
        int32_t moves = -(int32_t)((command[c] != 0) & (command[c] <= r + 1));
        own[c] = (above[c] & moves) | (own[c] & ~moves);
      }
    }
  }
}

// MARK: What leaves

CLONES void ck_collect(
    const int32_t *restrict bottom, const uint8_t *restrict tags, uint32_t *restrict leaving, int pitch) {
  for (int b = 0; b < pitch; b += LANES) {
    for (int c = b; c < b + LANES; c++) leaving[c] += tags[c] & CK_LIVE ? (uint32_t)bottom[c] : 0;
  }
}

uint32_t ck_diagonal(const int32_t *sums, int rows, int columns, int pitch, int distance) {
  uint32_t total = 0;
  for (int r = 0; r < rows; r++) {
    int c = distance - r;
    if (c >= 0 && c < columns) total += (uint32_t)sums[(ptrdiff_t)r * pitch + c];
  }
  return total;
}

CLONES uint32_t ck_sum(const int32_t *sums, int count) {
  uint32_t total = 0;
  for (int i = 0; i < count; i++) total += (uint32_t)sums[i];
  return total;
}

CLONES uint32_t ck_dot(const uint32_t *a, const uint32_t *b, int count) {
  uint32_t total = 0;
  for (int i = 0; i < count; i++) total += a[i] * b[i];
  return total;
}

// MARK: The way to the output buffer

// The place of column c's result.
static inline uint8_t *address(const ck_tile *tile, int64_t at, int c) {
  int64_t place = at + c * tile->stride;
  return tile->bytes + (tile->row ? place / tile->row * tile->pitch + place % tile->row * 4 : place);
}

void ck_leave(ck_exit *exit, const int32_t *results, const ck_target *targets, int hop, int first, int end) {
  for (int c = first; c < end; c++) {
    ck_target target = targets[(ptrdiff_t)c * hop];
    if (target.at < 0 || c >= target.tile->width) continue;
    int slot = exit->head + target.tile->delay;
    if (slot >= exit->slots) slot -= exit->slots;
    exit->results[(ptrdiff_t)slot * exit->capacity + exit->counts[slot]++] =
        (ck_result){address(target.tile, target.at, c), (uint32_t)results[c], target.tile->reads};
    exit->pending++;
  }
}

static inline void read_modify(ck_result *result) {
  uint32_t old;
  memcpy(&old, result->place, sizeof old);
  result->value += old;
}

void ck_land(ck_exit *exit, const int32_t *latencies, int count) {
  ck_result *results = exit->results + (ptrdiff_t)exit->head * exit->capacity;
  for (int i = 0; i < exit->counts[exit->head]; i++) {
    if (results[i].reads == 0) read_modify(results + i);
    memcpy(results[i].place, &results[i].value, sizeof results[i].value);
  }
  exit->pending -= exit->counts[exit->head];
  exit->counts[exit->head] = 0;
  for (int l = 0; l < count; l++) {
    if (latencies[l] == 0) continue;
    int slot = exit->head + latencies[l];
    if (slot >= exit->slots) slot -= exit->slots;
    results = exit->results + (ptrdiff_t)slot * exit->capacity;
    for (int i = 0; i < exit->counts[slot]; i++)
      if (results[i].reads == latencies[l]) read_modify(results + i);
  }
  if (++exit->head == exit->slots) exit->head = 0;
}
