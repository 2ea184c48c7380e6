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

// The bodies below are compiled once more for the usual grids, where depth, and then pitch too, is a constant.
#define BODY static inline __attribute__((always_inline)) void
#define SPECIALIZE(body, depth, pitch, ...)                                       \
  do {                                                                            \
    if ((depth) == 1 && (pitch) == LANES) body(__VA_ARGS__, 1, LANES);            \
    else if ((depth) == 1) body(__VA_ARGS__, 1, pitch);                           \
    else body(__VA_ARGS__, depth, pitch);                                         \
  } while (0)

typedef int8_t bytes __attribute__((vector_size(LANES)));
typedef int16_t halves __attribute__((vector_size(2 * LANES)));
typedef int32_t words __attribute__((vector_size(4 * LANES)));

// Activations of one row hop a place to the right, in place; `entering` takes the first. The value is what the PEs see.
#define HOP(name, place, entering)                                                                              \
  bytes name;                                                                                                   \
  memcpy(&name, place, sizeof name);                                                                            \
  name = __builtin_shufflevector(                                                                               \
      name, name, 31, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, \
      25, 26, 27, 28, 29, 30);                                                                                  \
  name[0] = entering;                                                                                           \
  memcpy(place, &name, sizeof name)

// INT8 · INT8 fits in 16 bits.
#define PRODUCT(x, y) \
  __builtin_convertvector(__builtin_convertvector(x, halves) * __builtin_convertvector(y, halves), words)

_Static_assert(LANES == 32, "HOP is written for 32 lanes");

void ck_top(int8_t *restrict row, const int8_t *restrict ring, int columns, int depth, int pitch, int slots, int head) {
  ptrdiff_t size = (ptrdiff_t)depth * pitch;
  for (int v = 0; v < depth; v++) {
    int slot = head;
    for (int c = 0; c < columns; c++) {
      row[v * pitch + c] = ring[slot * size + v * pitch + c];
      if (++slot == slots) slot = 0;
    }
  }
}

// What enters row r now: it entered the skew registers r·delay cycles ago.
static inline __attribute__((always_inline)) const int8_t *entering(const ck_skew *skew, int r, int rows, int depth) {
  ptrdiff_t slot = skew->head + (ptrdiff_t)r * skew->delay;
  if (slot >= skew->slots) slot -= skew->slots;
  return skew->ring + (slot * rows + r) * depth;
}

BODY systolic(
    int8_t *restrict activations, const int8_t *restrict weights, int32_t *sums, ck_skew skew, int rows, int depth,
    int pitch) {
  // From the bottom up: a row reads the sums of the row above as they were.
  for (int r = rows - 1; r >= 0; r--) {
    const int32_t *above = sums + (ptrdiff_t)r * pitch;
    int32_t *own = sums + (ptrdiff_t)(r + 1) * pitch;
    const int8_t *edge = entering(&skew, r, rows, depth);
    // From the right to the left: a place is read before what hops into it is written.
    for (int b = pitch - LANES; b >= 0; b -= LANES) {
      words total;
      memcpy(&total, above + b, sizeof total);
      for (int v = 0; v < depth; v++) {
        ptrdiff_t row = ((ptrdiff_t)r * depth + v) * pitch + b;
        HOP(a, activations + row, b ? activations[row - 1] : edge[v]);
        bytes w;
        memcpy(&w, weights + row, sizeof w);
        total += PRODUCT(a, w);
      }
      memcpy(own + b, &total, sizeof total);
    }
  }
}

CLONES void ck_systolic(
    int8_t *activations, const int8_t *weights, int32_t *sums, ck_skew skew, int rows, int depth, int pitch) {
  SPECIALIZE(systolic, depth, pitch, activations, weights, sums, skew, rows);
}

CLONES void ck_broadcast(
    const int8_t *restrict step, const int8_t *restrict weights, int32_t *restrict sums, int rows, int depth, int pitch) {
  int lanes = rows * depth;
  for (int b = 0; b < pitch; b += LANES) {
    int32_t total[LANES] = {0};
    for (int k = 0; k < lanes; k++) {
      int16_t a = step[k];
      const int8_t *w = weights + (ptrdiff_t)k * pitch + b;
      for (int c = 0; c < LANES; c++) total[c] += (int16_t)(a * w[c]);
    }
    memcpy(sums + b, total, sizeof total);
  }
}

// Without a branch: `mask` has all bits set or none.
static inline __attribute__((always_inline)) int8_t choose(int8_t mask, int8_t yes, int8_t no) {
  return (int8_t)((mask & yes) | (~mask & no));
}

#define EACH_BYTE 0x0101010101010101u

// Whether any of LANES tags has a bit of `bits`, a byte repeated.
static inline __attribute__((always_inline)) int any(const uint8_t *tags, uint64_t bits) {
  uint64_t parts[LANES / 8];
  memcpy(parts, tags, sizeof parts);
  return ((parts[0] | parts[1] | parts[2] | parts[3]) & bits) != 0;
}

BODY swap(
    int8_t *restrict weights, const int8_t *restrict shadow, const uint8_t *restrict tags, int rows, int delay, int depth,
    int pitch) {
  for (int r = 0; r < rows; r++) {
    for (int b = 0; b < pitch; b += LANES) {
      const uint8_t *tag = tags + (ptrdiff_t)r * delay + b;
      if (!any(tag, EACH_BYTE * CK_FIRST)) continue;
      for (int v = 0; v < depth; v++) {
        ptrdiff_t place = ((ptrdiff_t)r * depth + v) * pitch + b;
        int8_t *w = weights + place;
        const int8_t *s = shadow + place;
        for (int c = 0; c < LANES; c++) w[c] = choose((int8_t)-(tag[c] & CK_FIRST), s[c], w[c]);
      }
    }
  }
}

CLONES void ck_swap(
    int8_t *weights, const int8_t *shadow, const uint8_t *tags, int rows, int depth, int delay, int pitch) {
  SPECIALIZE(swap, depth, pitch, weights, shadow, tags, rows, delay);
}

BODY chain(
    int8_t *restrict chain, int8_t *restrict hop, const uint8_t *restrict commands, int rows, int depth, int pitch) {
  ptrdiff_t size = (ptrdiff_t)depth * pitch;
  for (int r = rows - 1; r >= 0; r--) {
    for (int b = 0; b < pitch; b += LANES) {
      const uint8_t *command = commands + r + b;
      if (!any(command, UINT64_MAX)) continue;
      for (int v = 0; v < depth; v++) {
        int8_t *own = chain + r * size + v * pitch + b;
        const int8_t *in = hop + r * size + v * pitch + b;
        int8_t *out = hop + (r + 1) * size + v * pitch + b;
        int8_t taken[LANES], passed[LANES];
        for (int c = 0; c < LANES; c++) {
          passed[c] = choose((int8_t)command[c], own[c], out[c]);
          taken[c] = choose((int8_t)command[c], in[c], own[c]);
        }
        memcpy(out, passed, LANES);
        memcpy(own, taken, LANES);
      }
    }
  }
}

CLONES void ck_chain(
    int8_t *registers, int8_t *hop, const uint8_t *commands, int rows, int depth, int pitch) {
  SPECIALIZE(chain, depth, pitch, registers, hop, commands, rows);
}

// Products of one cycle into the accumulators, behind the PE's registers.
static inline __attribute__((always_inline)) void accumulate(
    int32_t *restrict product, int32_t *restrict pipe, int32_t *restrict sums, int32_t *restrict out,
    const uint8_t *restrict tag) {
  if (pipe) {
    int32_t older[LANES];
    memcpy(older, pipe, sizeof older);
    memcpy(pipe, product, sizeof older);
    memcpy(product, older, sizeof older);
  }
  // All bits set where no tile begins.
  for (int c = 0; c < LANES; c++) sums[c] = (sums[c] & ((int32_t)(tag[c] & CK_FIRST) - 1)) + product[c];
  if (out && any(tag, EACH_BYTE * CK_LAST)) {
    for (int c = 0; c < LANES; c++) {
      int32_t last = -(int32_t)((tag[c] & CK_LAST) / CK_LAST);
      out[c] = (sums[c] & last) | (out[c] & ~last);
    }
  }
}

BODY output_systolic(
    int8_t *restrict activations, int8_t *down, int32_t *restrict pipe, int32_t *restrict sums, int32_t *restrict out,
    const uint8_t *restrict tags, ck_skew skew, int rows, int depth, int pitch) {
  for (int r = rows - 1; r >= 0; r--) {
    const int8_t *edge = entering(&skew, r, rows, depth);
    for (int b = pitch - LANES; b >= 0; b -= LANES) {
      words total = {0};
      ptrdiff_t place = (ptrdiff_t)r * pitch + b;
      for (int v = 0; v < depth; v++) {
        ptrdiff_t row = ((ptrdiff_t)r * depth + v) * pitch + b;
        HOP(x, activations + row, b ? activations[row - 1] : edge[v]);
        bytes y;
        memcpy(&y, down + row, sizeof y);
        memcpy(down + row + (ptrdiff_t)depth * pitch, &y, sizeof y);
        total += PRODUCT(x, y);
      }
      int32_t product[LANES];
      memcpy(product, &total, sizeof product);
      accumulate(product, pipe ? pipe + place : 0, sums + place, out ? out + place : 0, tags + r + b);
    }
  }
}

CLONES void ck_output_systolic(
    int8_t *activations, int8_t *down, int32_t *pipe, int32_t *sums, int32_t *out, const uint8_t *tags, ck_skew skew,
    int rows, int depth, int pitch) {
  SPECIALIZE(output_systolic, depth, pitch, activations, down, pipe, sums, out, tags, skew, rows);
}

CLONES void ck_output_broadcast(
    const int8_t *restrict left, const int8_t *restrict top, int32_t *restrict pipe, int32_t *restrict sums,
    int32_t *restrict out, uint8_t tag, int rows, int depth, int pitch) {
  uint8_t tags[LANES];
  memset(tags, tag, LANES);
  for (int r = 0; r < rows; r++) {
    for (int b = 0; b < pitch; b += LANES) {
      int32_t product[LANES] = {0};
      ptrdiff_t place = (ptrdiff_t)r * pitch + b;
      for (int v = 0; v < depth; v++) {
        int16_t x = left[r * depth + v];
        const int8_t *y = top + v * pitch + b;
        for (int c = 0; c < LANES; c++) product[c] += (int16_t)(x * y[c]);
      }
      accumulate(product, pipe ? pipe + place : 0, sums + place, out ? out + place : 0, tags);
    }
  }
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

CLONES uint32_t ck_checksum_stationary(
    const int8_t *restrict table, int64_t mask, int64_t stream, int64_t steps, int lanes, int64_t stationary, int columns,
    uint32_t *restrict scratch) {
  memset(scratch, 0, sizeof(uint32_t) * (size_t)lanes);
  for (int64_t s = 0; s < steps; s++) {
    const int8_t *row = table + ((stream + s * CK_ROW) & mask);
    for (int k = 0; k < lanes; k++) scratch[k] += (uint32_t)(int32_t)row[k];
  }
  uint32_t total = 0;
  for (int k = 0; k < lanes; k++) {
    const int8_t *row = table + ((stationary + (int64_t)k * CK_ROW) & mask);
    uint32_t sum = 0;
    for (int c = 0; c < columns; c++) sum += (uint32_t)(int32_t)row[c];
    total += scratch[k] * sum;
  }
  return total;
}

CLONES uint32_t ck_checksum_output(
    const int8_t *restrict table, int64_t mask, int64_t a, int rows, int64_t b, int columns, int64_t steps) {
  uint32_t total = 0;
  for (int64_t k = 0; k < steps; k++) {
    const int8_t *left = table + ((a + k * CK_ROW) & mask);
    const int8_t *top = table + ((b + k * CK_ROW) & mask);
    uint32_t x = 0, y = 0;
    for (int m = 0; m < rows; m++) x += (uint32_t)(int32_t)left[m];
    for (int n = 0; n < columns; n++) y += (uint32_t)(int32_t)top[n];
    total += x * y;
  }
  return total;
}
