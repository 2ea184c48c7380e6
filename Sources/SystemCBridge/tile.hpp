// Tiles of a matrix engine: shapes (rules M1, M2, M4, M9, M10) and the times of their actions.
#pragma once
#include "environment.hpp"

namespace vitsim {

struct Tile {
  /// Instruction, its matmul, and which tile of it this is; `count` counts over all tiles of the engine.
  size_t instruction = 0;
  const MatMul *op = nullptr;
  int64_t number = 0, count = 0;
  bool is_first = false, is_last = false, accumulates = false;

  /// First element of K (output-stationary: first row of results) and first column of the array's columns.
  int64_t from = 0, column = 0;
  /// Live elements of K (output-stationary: live rows over all replicas) and columns.
  int64_t lanes = 0, width = 0;
  /// What is streamed: rows of A (input-stationary: columns of B; output-stationary: K).
  int64_t extent = 0;
  int64_t steps = 0;

  /// Rows of a load and cycles of each; cycles in a transposer; cycles of a step's words and from step to step; cycles
  /// of a row of results that is shifted out.
  int64_t load_rows = 0, row_interval = 1, transpose = 0, words = 1, interval = 1, out_interval = 1;
  /// From the buffers to the array (dw, din) and from the array to the output buffer (dout); latency of that buffer.
  int64_t load_delay = 0, stream_delay = 0, out_delay = 0, out_latency = 0;
  /// From the entry of the last step (shifting paths: of X) to the last result.
  int64_t exit = 0;

  // Times; upper case in docs/timing.md (LS, LS + H, SS, DE) is at the array.
  int64_t issue_from = 0;
  int64_t load_at = 0, load_start = 0, in_place = 0;
  int64_t stream_at = 0, stream_start = 0, drain_end = 0;
  /// X of rule M11.
  int64_t shift_start = 0;

  /// x_j of rule M4.
  int64_t entry(int64_t step) const { return stream_start + words - 1 + step * interval; }
  int64_t last_entry() const { return entry(steps - 1); }
  /// First cycle in which the next tile's words may be at the array.
  int64_t stream_end() const { return stream_start + steps * interval; }
};

/// Cuts the matmuls of one engine into tiles, in order.
class Tiler {
 public:
  Tiler(const Environment &environment, size_t engine);

  /// From the first instruction on.
  void reset() { place_ = 0, column_ = from_ = number_ = count_ = 0; }
  /// The next tile; false if there is none.
  bool next(Tile &tile);

 private:
  void shape_stationary(Tile &tile) const;
  void shape_output(Tile &tile) const;
  bool advance(const MatMul &op);

  const Environment &environment_;
  const Engine &spec_;
  const std::vector<size_t> &queue_;
  size_t place_ = 0;
  int64_t column_ = 0, from_ = 0, number_ = 0, count_ = 0;
};

/// Cycles from one PE to the next: along a row (hop of rule M10).
inline int64_t hop(const Engine &engine) { return engine.is_systolic() ? 1 : 0; }
/// Registers of a broadcast column's sum: p + g of rule M7.
int64_t tree_registers(const Engine &engine);

}  // namespace vitsim
