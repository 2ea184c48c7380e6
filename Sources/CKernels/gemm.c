#include "gemm_internal.h"

// A product in two parts, each shared out among the threads: B is packed, panel by panel; then blocks of rows go through all
// panels, along K in blocks so that a panel's block stays in the first cache.

typedef struct {
  ck_product product;
  const ck_kernels *kernels;
  ck_pool *pool;
  int64_t depth;  // K, rounded up to whole steps
  int64_t panels;
  int64_t rows, row_blocks;  // rows in a block; blocks
  int64_t panel_blocks, panels_each;
  uint8_t *packed;
  int32_t *column_terms;
  _Atomic bool failed;
} job;

static inline int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t blocks(int64_t count, int64_t size) { return (count + size - 1) / size; }
static inline bool has_windows(const ck_product *product) { return product->windows.kernel_rows > 0; }
static inline int element_bytes(const ck_kernels *kernels) { return kernels->quads ? 1 : 2; }
static inline int step_of(const ck_kernels *kernels) { return kernels->quads ? 4 : 2; }

// MARK: Operand B

static uint8_t *panel_of(const job *job, int64_t panel) {
  return job->packed + panel * CK_PANEL * job->depth * element_bytes(job->kernels);
}

static void pack_bytewise(const job *job, int64_t first, int columns, uint8_t *panel, int32_t *sums) {
  const ck_product *p = &job->product;
  int64_t width = ck_panel_width(columns), along = p->b_by_columns ? 1 : p->b_pitch;
  int64_t across = p->b_by_columns ? p->b_pitch : 1;
  memset(panel, 0, (size_t)(width * job->depth));
  for (int c = 0; c < columns; c++) {
    const int8_t *b = p->b + (first + c) * across;
    uint8_t *place = panel + 4 * c;
    int32_t sum = 0;
    int64_t k = 0;
    if (along == 1) {
      for (; k + 4 <= p->k; k += 4, place += 4 * width) {
        uint8_t four[4];
        for (int i = 0; i < 4; i++) sum += four[i] = (uint8_t)b[k + i] ^ 0x80;
        memcpy(place, four, 4);
      }
    }
    for (; k < p->k; k++) {
      uint8_t value = (uint8_t)b[k * along] ^ 0x80;
      place[k & 3] = value;
      sum += value;
      if ((k & 3) == 3) place += 4 * width;
    }
    sums[c] = sum;
  }
}

static void pack_halves(const job *job, int64_t first, int columns, int16_t *panel) {
  const ck_product *p = &job->product;
  int64_t width = ck_panel_width(columns), along = p->b_by_columns ? 1 : p->b_pitch;
  int64_t across = p->b_by_columns ? p->b_pitch : 1;
  const int8_t *b = p->b + first * across;
  int16_t zero = (int16_t)p->b_zero;
  for (int64_t k = 0; k < job->depth; k += 2, panel += 2 * width) {
    bool pair = k + 1 < p->k;
    for (int c = 0; c < columns; c++) {
      const int8_t *place = b + k * along + c * across;
      panel[2 * c] = (int16_t)(place[0] - zero);
      panel[2 * c + 1] = pair ? (int16_t)(place[along] - zero) : 0;
    }
    memset(panel + 2 * columns, 0, (size_t)(width - columns) * 4);
  }
}

static void pack_panel(void *context, int64_t index, int worker) {
  (void)worker;
  const job *job = context;
  const ck_product *p = &job->product;
  int64_t first = index * CK_PANEL;
  int columns = (int)smaller(CK_PANEL, p->n - first);
  uint8_t *panel = panel_of(job, index);
  int32_t *terms = job->column_terms + first;
  int32_t sums[CK_PANEL] = {0};
  if (!job->kernels->quads) {
    if (!p->b_by_columns && job->kernels->pack_pairs) {
      job->kernels->pack_pairs(p->b + first, p->b_pitch, p->k, columns, p->b_zero, (int16_t *)panel);
    } else {
      pack_halves(job, first, columns, (int16_t *)panel);
    }
  } else if (!p->b_by_columns && job->kernels->pack_rows) {
    job->kernels->pack_rows(p->b + first, p->b_pitch, p->k, columns, panel, sums);
  } else {
    pack_bytewise(job, first, columns, panel, sums);
  }
  // Wrapping, hence unsigned.
  uint32_t constant = job->kernels->quads ? (uint32_t)p->k * (uint32_t)(p->a_zero * (128 + p->b_zero)) : 0;
  for (int c = 0; c < columns; c++) {
    uint32_t bias = 0;
    if (p->bias) memcpy(&bias, p->bias + 4 * (first + c), 4);
    terms[c] = (int32_t)(bias + constant - (uint32_t)p->a_zero * (uint32_t)sums[c]);
  }
}

// MARK: Operand A

static void copy_windows(const ck_product *p, int64_t first, int64_t rows, int8_t *to, int64_t pitch) {
  const ck_windows *w = &p->windows;
  int64_t line = w->kernel_columns * w->channels;
  bool dense = w->pixel_pitch == w->channels && w->dilation_x == 1;
  for (int64_t i = 0; i < rows; i++, to += pitch) {
    int64_t top = w->origin_y + (first + i) / w->output_columns * w->stride_y;
    int64_t left = w->origin_x + (first + i) % w->output_columns * w->stride_x;
    int8_t *place = to;
    for (int64_t ky = 0; ky < w->kernel_rows; ky++, place += line) {
      int64_t y = top + ky * w->dilation_y;
      if (y < 0 || y >= w->height) {
        memset(place, p->a_zero, (size_t)line);
        continue;
      }
      const int8_t *row = p->a + y * p->a_pitch;
      if (dense && left >= 0 && left + w->kernel_columns <= w->width) {
        memcpy(place, row + left * w->channels, (size_t)line);
        continue;
      }
      for (int64_t kx = 0; kx < w->kernel_columns; kx++) {
        int64_t x = left + kx * w->dilation_x;
        if (x < 0 || x >= w->width) memset(place + kx * w->channels, p->a_zero, (size_t)w->channels);
        else memcpy(place + kx * w->channels, row + x * w->pixel_pitch, (size_t)w->channels);
      }
    }
    memset(place, 0, (size_t)(pitch - w->kernel_rows * line));
  }
}

static void copy_rows(const ck_product *p, int64_t first, int64_t rows, int8_t *to, int64_t pitch) {
  if (has_windows(p)) return copy_windows(p, first, rows, to, pitch);
  if (!p->a_by_columns) {
    for (int64_t i = 0; i < rows; i++, to += pitch) {
      memcpy(to, p->a + (first + i) * p->a_pitch, (size_t)p->k);
      memset(to + p->k, 0, (size_t)(pitch - p->k));
    }
    return;
  }
  for (int64_t k = 0; k < p->k; k++) {
    const int8_t *from = p->a + k * p->a_pitch + first;
    for (int64_t i = 0; i < rows; i++) to[i * pitch + k] = from[i];
  }
  for (int64_t i = 0; i < rows; i++) memset(to + i * pitch + p->k, 0, (size_t)(pitch - p->k));
}

// MARK: The product

static void multiply_rows(void *context, int64_t index, int worker) {
  job *job = context;
  const ck_product *p = &job->product;
  const ck_kernels *kernels = job->kernels;
  int64_t first = index % job->row_blocks * job->rows, rows = smaller(job->rows, p->m - first);
  int64_t panel = index / job->row_blocks * job->panels_each, end = smaller(panel + job->panels_each, job->panels);

  int64_t width = blocks(job->depth, 64) * 64;
  bool copied = has_windows(p) || p->a_by_columns || (kernels->quads && p->k != job->depth);
  size_t bytes = (size_t)(copied * job->rows * width), wide = (size_t)(!kernels->quads * job->rows * job->depth * 2);
  int8_t *scratch = ck_pool_scratch(job->pool, worker, bytes + wide + 1);
  if (!scratch) {
    job->failed = true;
    return;
  }
  const int8_t *a = scratch;
  int64_t pitch = width;
  if (copied) {
    copy_rows(p, first, rows, scratch, width);
  } else {
    a = p->a + first * p->a_pitch;
    pitch = p->a_pitch;
  }
  int32_t row_terms[CK_TASK_ROWS];
  if (kernels->quads) {
    kernels->row_sums(a, pitch, p->k, (int)rows, row_terms);
    for (int i = 0; i < rows; i++) row_terms[i] = (int32_t)((uint32_t)row_terms[i] * (uint32_t)-(128 + p->b_zero));
  } else {
    kernels->widen(a, pitch, rows, p->k, job->depth, p->a_zero, (int16_t *)(scratch + bytes));
    a = scratch + bytes;
    pitch = 2 * job->depth;
  }

  int64_t steps = job->depth / step_of(kernels);
  for (; panel < end; panel++) {
    int64_t column = panel * CK_PANEL;
    int columns = (int)smaller(CK_PANEL, p->n - column);
    for (int64_t step = 0; step < steps; step += kernels->block) {
      for (int64_t row = 0; row < rows; row += kernels->rows) {
        ck_tile tile = {
            .a = a + row * pitch + step * 4,
            .a_pitch = pitch,
            .b = panel_of(job, panel) + step * 4 * ck_panel_width(columns),
            .steps = smaller(kernels->block, steps - step),
            .out = p->out + (first + row) * p->out_pitch + 4 * column,
            .out_pitch = p->out_pitch,
            .rows = (int)smaller(kernels->rows, rows - row),
            .columns = columns,
            .accumulate = p->accumulate || step > 0,
            .column_terms = step > 0 ? NULL : job->column_terms + column,
            .row_terms = step > 0 || !kernels->quads ? NULL : row_terms + row,
        };
        kernels->multiply(&tile);
      }
    }
  }
}

bool ck_product_run(const ck_product *product, ck_path path, ck_pool *pool) {
  if (product->depthwise) {
    ck_depthwise(product, pool);
    return true;
  }
  if (ck_slides(product)) {
    ck_slide(product, pool);
    return true;
  }
  job job = {.product = *product, .kernels = ck_kernels_of(path), .pool = pool};
  const ck_kernels *kernels = job.kernels;
  if (!kernels) return false;
  int64_t step = step_of(kernels), threads = ck_pool_threads(pool);
  job.depth = blocks(product->k, step) * step;
  job.panels = blocks(product->n, CK_PANEL);
  size_t packed = (size_t)(job.panels * CK_PANEL * job.depth * element_bytes(kernels));
  job.packed = ck_pool_scratch(pool, -1, packed + (size_t)(job.panels * CK_PANEL) * 4);
  if (!job.packed) return false;
  job.column_terms = (int32_t *)(job.packed + packed);
  // A few tasks a thread: blocks of rows, and where those are too few, of panels as well.
  int64_t tiles = blocks(product->m, kernels->rows), wanted = 4 * threads;
  job.rows = smaller(CK_TASK_ROWS / kernels->rows, blocks(tiles, wanted)) * kernels->rows;
  job.row_blocks = blocks(product->m, job.rows);
  job.panels_each = blocks(job.panels, smaller(job.panels, blocks(wanted, job.row_blocks)));
  if (threads == 1) job.panels_each = job.panels;
  job.panel_blocks = blocks(job.panels, job.panels_each);
  ck_pool_run(pool, job.panels, &job, pack_panel);
  ck_pool_run(pool, job.row_blocks * job.panel_blocks, &job, multiply_rows);
  return !job.failed;
}
