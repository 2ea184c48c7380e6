// Rows in flight of a row-wise chain, and the lanes that take their passes (rule V4).
#pragma once
#include <deque>
#include <optional>

#include "serial_unit.hpp"
#include "vector_timing.hpp"

namespace vitsim {

/// Admits rows, sends them to the serial units before their last pass, and issues a pass whenever the lanes are free.
class VectorLanes : public sc_core::sc_module, public RowSink {
 public:
  /// A row in the lanes.
  struct Pass {
    int64_t row;
    bool is_last;
  };

  sc_core::sc_port<RowSink> square_root, divider;

  VectorLanes(const sc_core::sc_module_name &name, int64_t rows_in_flight)
      : sc_core::sc_module(name),
        square_root("square_root_port"),
        divider("divider_port"),
        rows_in_flight_(rows_in_flight) {}

  /// No instruction.
  void reset() {
    timing_ = nullptr;
    rows_.clear();
    admitted_ = left_ = free_ = 0;
    lane_ = -1;
  }
  /// A new instruction.
  void prepare(const ChainTiming &timing);

  /// The lanes let go of passes that have been issued, rows are admitted, and rows whose last pass needs nothing else ask
  /// the serial units.
  void admit(int64_t now);
  /// From the divider: the row may take its last pass.
  void take(int64_t row) override;
  /// The pass that begins in cycle `now`, if any.
  std::optional<Pass> issue(int64_t now);

  /// All last passes have begun.
  bool is_through() const { return left_ == 0; }
  int64_t admitted() const { return admitted_; }
  /// Rows before the oldest whose last pass hasn't been issued by the beginning of `cycle`.
  int64_t issued(int64_t cycle) const;
  /// The row whose pass keeps the lanes in `cycle`, or −1.
  int64_t row(int64_t cycle) const { return lane_ >= 0 && cycle < free_ ? lane_ : -1; }

 private:
  enum class State {
    /// Nothing to do before `since`: until then earlier passes have their latency.
    pending,
    /// Has asked the serial units.
    serial,
    ready,
    /// In the lanes with its last pass, until `since`.
    leaving,
  };
  struct Row {
    int64_t index, next_pass, since;
    State state;
  };

  bool is_last(const Row &row) const { return row.next_pass == timing_->passes - 1; }

  int64_t rows_in_flight_;
  const ChainTiming *timing_ = nullptr;
  /// Oldest first.
  std::deque<Row> rows_;
  int64_t admitted_ = 0, left_ = 0, lane_ = -1, free_ = 0;
};

}  // namespace vitsim
