// The kernels whose registers hold operands, for one width of register. Included once for each:
// CELL is the type of a register, NAME(x) the name of a function for it, HALF whether a product fits in 16 bits.

typedef CELL NAME(cells) __attribute__((vector_size(LANES * sizeof(CELL))));

#define PRODUCT(x, y) (__builtin_convertvector(x, words) * __builtin_convertvector(y, words))
#if HALF
#define TIMES(x, y) (int16_t)((x) * (y))
#else
#define TIMES(x, y) ((int32_t)(x) * (y))
#endif

// LANES activations hop a place to the right, in place; at the left edge `entering` is the first. The value is what the
// PEs see.
#define HOP(name, place, isEdge, entering) \
  NAME(cells) name;                        \
  memcpy(&name, (place) - 1, sizeof name); \
  if (isEdge) name[0] = entering;          \
  memcpy(place, &name, sizeof name)

// What enters row r now: it entered the skew registers r·delay cycles ago.
static inline __attribute__((always_inline)) const CELL *NAME(entering)(
    const ck_skew *skew, int r, int rows, int depth) {
  ptrdiff_t slot = skew->head + (ptrdiff_t)r * skew->delay;
  if (slot >= skew->slots) slot -= skew->slots;
  return (const CELL *)skew->ring + (slot * rows + r) * depth;
}

// Without a branch: `mask` has all bits set or none.
static inline __attribute__((always_inline)) CELL NAME(choose)(int8_t mask, CELL yes, CELL no) {
  return (CELL)(((CELL)mask & yes) | (~(CELL)mask & no));
}

BODY NAME(enter)(CELL *restrict cells, const int16_t *restrict line, int count, int stride, uint32_t *restrict sums) {
  for (int i = 0; i < count; i++) cells[(ptrdiff_t)i * stride] = (CELL)line[i];
  if (sums)
    for (int i = 0; i < count; i++) sums[i] += (uint32_t)(int32_t)line[i];
}

BODY NAME(top)(
    CELL *restrict row, const CELL *restrict ring, ck_span columns, int slots, int head, int depth, int pitch) {
  ptrdiff_t size = (ptrdiff_t)depth * pitch, first = columns.first, end = columns.end;
  // The first column for which the ring begins anew.
  ptrdiff_t anew = slots - head < first ? first : slots - head < end ? slots - head : end;
  for (int v = 0; v < depth; v++) {
    const CELL *from = ring + v * pitch;
    CELL *to = row + v * pitch;
    for (ptrdiff_t c = first; c < anew; c++) to[c] = from[(head + c) * size + c];
    for (ptrdiff_t c = anew; c < end; c++) to[c] = from[(head + c - slots) * size + c];
  }
}

BODY NAME(systolic)(
    CELL *restrict activations, const CELL *restrict weights, int32_t *sums, ck_skew skew, int rows, int depth,
    int pitch) {
  // From the bottom up: a row reads the sums of the row above as they were.
  for (int r = rows - 1; r >= 0; r--) {
    const int32_t *above = sums + (ptrdiff_t)r * pitch;
    int32_t *own = sums + (ptrdiff_t)(r + 1) * pitch;
    const CELL *edge = NAME(entering)(&skew, r, rows, depth);
    // From the right to the left: a place is read before what hops into it is written.
    for (int b = pitch - LANES; b >= 0; b -= LANES) {
      words total;
      memcpy(&total, above + b, sizeof total);
      for (int v = 0; v < depth; v++) {
        ptrdiff_t row = ((ptrdiff_t)r * depth + v) * pitch + b;
        HOP(a, activations + row, b == 0, edge[v]);
        NAME(cells) w;
        memcpy(&w, weights + row, sizeof w);
        total += PRODUCT(a, w);
      }
      memcpy(own + b, &total, sizeof total);
    }
  }
}

BODY NAME(broadcast)(
    const CELL *restrict step, const CELL *restrict weights, const int32_t *restrict bias, int32_t *restrict sums,
    int rows, int depth, int pitch) {
  int lanes = rows * depth;
  for (int b = 0; b < pitch; b += LANES) {
    uint32_t total[LANES] = {0};
    if (bias) memcpy(total, bias + b, sizeof total);
    for (int k = 0; k < lanes; k++) {
      CELL a = step[k];
      const CELL *w = weights + (ptrdiff_t)k * pitch + b;
      for (int c = 0; c < LANES; c++) total[c] += (uint32_t)(int32_t)TIMES(a, w[c]);
    }
    memcpy(sums + b, total, sizeof total);
  }
}

BODY NAME(swap)(
    CELL *restrict weights, const CELL *restrict shadow, const uint8_t *restrict tags, int delay, ck_span reached, int rows,
    int depth, int pitch) {
  for (int r = reached.first; r < reached.end; r++) {
    for (int b = 0; b < pitch; b += LANES) {
      const uint8_t *tag = tags + (ptrdiff_t)r * delay + b;
      // In an array of one block the rows reached are mostly those that see one.
      if (pitch > LANES && !any(tag, EACH_BYTE * CK_FIRST)) continue;
      for (int v = 0; v < depth; v++) {
        ptrdiff_t place = ((ptrdiff_t)r * depth + v) * pitch + b;
        CELL *w = weights + place;
        const CELL *s = shadow + place;
        for (int c = 0; c < LANES; c++) w[c] = NAME(choose)((int8_t)-(tag[c] & CK_FIRST), s[c], w[c]);
      }
    }
  }
}

BODY NAME(chain)(
    CELL *restrict chain, CELL *restrict hop, const uint8_t *restrict commands, ck_span reached, int rows, int depth,
    int pitch) {
  ptrdiff_t size = (ptrdiff_t)depth * pitch;
  for (int r = reached.end - 1; r >= reached.first; r--) {
    for (int b = 0; b < pitch; b += LANES) {
      const uint8_t *command = commands + r + b;
      if (pitch > LANES && !any(command, UINT64_MAX)) continue;
      for (int v = 0; v < depth; v++) {
        CELL *own = chain + r * size + v * pitch + b;
        const CELL *in = hop + r * size + v * pitch + b;
        CELL *out = hop + (r + 1) * size + v * pitch + b;
        CELL taken[LANES], passed[LANES];
        for (int c = 0; c < LANES; c++) {
          passed[c] = NAME(choose)((int8_t)command[c], own[c], out[c]);
          taken[c] = NAME(choose)((int8_t)command[c], in[c], own[c]);
        }
        memcpy(out, passed, sizeof passed);
        memcpy(own, taken, sizeof taken);
      }
    }
  }
}

BODY NAME(output_systolic)(
    CELL *restrict activations, CELL *down, int32_t *restrict pipe, int32_t *restrict sums, int32_t *restrict out,
    const uint8_t *restrict tags, const int32_t *restrict bias, ck_skew skew, int rows, int depth, int pitch) {
  for (int r = rows - 1; r >= 0; r--) {
    const CELL *edge = NAME(entering)(&skew, r, rows, depth);
    for (int b = pitch - LANES; b >= 0; b -= LANES) {
      words total = {0};
      ptrdiff_t place = (ptrdiff_t)r * pitch + b;
      for (int v = 0; v < depth; v++) {
        ptrdiff_t row = ((ptrdiff_t)r * depth + v) * pitch + b;
        HOP(x, activations + row, b == 0, edge[v]);
        NAME(cells) y;
        memcpy(&y, down + row, sizeof y);
        memcpy(down + row + (ptrdiff_t)depth * pitch, &y, sizeof y);
        total += PRODUCT(x, y);
      }
      int32_t product[LANES];
      memcpy(product, &total, sizeof product);
      // PE (r, c) sees the bias that entered r + c cycles ago.
      const int32_t *preset = bias ? bias + (ptrdiff_t)(r + b) * pitch + b : 0;
      accumulate(
          product, pipe ? pipe + place : 0, sums + place, out ? out + place : 0, tags + r + b, preset, pitch + 1);
    }
  }
}

BODY NAME(output_broadcast)(
    const CELL *restrict left, const CELL *restrict top, int32_t *restrict pipe, int32_t *restrict sums,
    int32_t *restrict out, uint8_t tag, const int32_t *restrict bias, int rows, int depth, int pitch) {
  uint8_t tags[LANES];
  memset(tags, tag, LANES);
  for (int r = 0; r < rows; r++) {
    for (int b = 0; b < pitch; b += LANES) {
      int32_t product[LANES] = {0};
      ptrdiff_t place = (ptrdiff_t)r * pitch + b;
      for (int v = 0; v < depth; v++) {
        CELL x = left[r * depth + v];
        const CELL *y = top + v * pitch + b;
        for (int c = 0; c < LANES; c++) product[c] += TIMES(x, y[c]);
      }
      accumulate(
          product, pipe ? pipe + place : 0, sums + place, out ? out + place : 0, tags, bias ? bias + b : 0, 1);
    }
  }
}

BODY NAME(output_separate)(
    const CELL *restrict left, const CELL *restrict own, const CELL *restrict top, int32_t *restrict pipe,
    int32_t *restrict sums, int32_t *restrict out, uint8_t tag, const int32_t *restrict bias, int rows, int depth,
    int pitch) {
  uint8_t tags[LANES];
  memset(tags, tag, LANES);
  for (int r = 0; r < rows * depth; r++) {
    for (int b = 0; b < pitch; b += LANES) {
      int32_t product[LANES];
      ptrdiff_t place = (ptrdiff_t)r * pitch + b;
      for (int c = 0; c < LANES; c++) product[c] = TIMES(own[place + c], top[b + c]);
      for (int v = 0; r < rows && v < depth; v++) {
        CELL x = left[r * depth + v];
        const CELL *y = top + v * pitch + b;
        for (int c = 0; c < LANES; c++) product[c] += TIMES(x, y[c]);
      }
      accumulate(
          product, pipe ? pipe + place : 0, sums + place, out ? out + place : 0, tags, bias ? bias + b : 0, 1);
    }
  }
}

#undef PRODUCT
#undef TIMES
#undef HOP
#undef CELL
#undef NAME
#undef HALF
