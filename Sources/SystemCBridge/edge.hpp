// What enters the edges of an array, and the skew registers through which rows and columns see it later.
#pragma once
#include <vector>

#include "tile.hpp"

namespace vitsim {

/// A step of the streamed operands. Nothing here is skewed.
struct Step {
  /// Of which tile, and its number; none where no step enters.
  const Tile *tile = nullptr;
  int64_t number = 0;
  bool is_first = false, is_last = false;
  /// Which of the `stationary-buffers` it uses.
  size_t slot = 0;
  /// By replica, row and multiplier.
  std::vector<int16_t> left;
  /// Output-stationary: by multiplier and column.
  std::vector<int16_t> top;
  /// By replica (output-stationary: for all of them) and column.
  std::vector<int32_t> bias;
};

/// A row of the stationary operand.
struct LoadRow {
  bool is_command = false;
  size_t slot = 0;
  /// By multiplier and column.
  std::vector<int16_t> top;
};

/// The last cycles of something, as shift registers hold them.
template <class T>
class History {
 public:
  /// Of at least `cycles` cycles before the present one.
  History(int64_t cycles, const T &empty) {
    size_t size = 1;
    while (size < static_cast<size_t>(cycles) + 2) size *= 2;
    entries_.assign(size, empty);
  }

  T &at(int64_t cycle) { return entries_[static_cast<size_t>(cycle) & (entries_.size() - 1)]; }
  const T &at(int64_t cycle) const { return entries_[static_cast<size_t>(cycle) & (entries_.size() - 1)]; }
  int64_t size() const { return static_cast<int64_t>(entries_.size()); }

 private:
  std::vector<T> entries_;
};

class Edge {
 public:
  explicit Edge(const Engine &engine);

  /// What entered `lag` cycles ago.
  const Step &step(int64_t lag) const { return steps_.at(now_ - lag); }
  const LoadRow &row(int64_t lag) const { return rows_.at(now_ - lag); }
  /// Command 1, 2, … that column `column` sees, 0 for none.
  int64_t shift(int64_t column) const { return shifts_[static_cast<size_t>(column)]; }

  /// The present cycle, in which nothing has entered yet.
  void begin(int64_t now);
  Step &step() { return steps_.at(now_); }
  LoadRow &row() { return rows_.at(now_); }
  std::vector<int64_t> &shifts() { return shifts_; }

  /// Cycles after which everything that has entered has been seen.
  int64_t reach() const { return steps_.size() + rows_.size(); }

 private:
  int64_t now_ = 0;
  History<Step> steps_;
  History<LoadRow> rows_;
  std::vector<int64_t> shifts_;
};

}  // namespace vitsim
