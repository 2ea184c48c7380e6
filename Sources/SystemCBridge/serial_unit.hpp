// A unit beside the lanes that serves one row at a time: square root, divider (rule V5).
#pragma once
#include <deque>
#include <systemc>

namespace vitsim {

/// Takes rows that one part of the vector unit hands to the next.
class RowSink : public virtual sc_core::sc_interface {
 public:
  virtual void take(int64_t row) = 0;
};

class SerialUnit : public sc_core::sc_module, public RowSink {
 public:
  /// Where rows go that it has served.
  sc_core::sc_port<RowSink> served;

  explicit SerialUnit(const sc_core::sc_module_name &name) : sc_core::sc_module(name), served("served") {}

  /// No rows.
  void reset() {
    queue_.clear();
    row_ = -1;
  }
  /// A new instruction: each row takes `cycles`.
  void prepare(int64_t cycles) { cycles_ = cycles; }

  /// A row asks. Rows are served in the order in which they ask.
  void take(int64_t row) override { queue_.push_back(row); }

  /// Lets go of the row that is through in cycle `now`, and takes the next; without cycles, all that have asked.
  void advance(int64_t now) {
    if (row_ >= 0 && now >= through_) release();
    while (row_ < 0 && !queue_.empty()) {
      row_ = queue_.front();
      queue_.pop_front();
      through_ = now + cycles_;
      if (cycles_ == 0) release();
    }
  }

  /// The row that it has served in this cycle, until `advance` lets go of it in the next; or −1.
  int64_t row() const { return row_; }

 private:
  void release() {
    const int64_t row = row_;
    row_ = -1;
    served->take(row);
  }

  std::deque<int64_t> queue_;
  int64_t cycles_ = 0, row_ = -1, through_ = 0;
};

}  // namespace vitsim
