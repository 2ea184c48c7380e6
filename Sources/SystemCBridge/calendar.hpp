// What is known to happen at a later clock edge.
#pragma once
#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

namespace vitsim {

class Calendar {
 public:
  using Action = std::function<void()>;

  /// `action` takes place at the edge that begins `cycle`; of one cycle, in the order in which they were entered.
  void at(int64_t cycle, Action action) { entries_.push({cycle, count_++, std::move(action)}); }

  /// Everything up to the edge that begins `cycle`; whether that is anything.
  bool run(int64_t cycle) {
    bool has_run = false;
    while (!entries_.empty() && entries_.top().cycle <= cycle) {
      Action action = std::move(entries_.top().action);
      entries_.pop();
      action();
      has_run = true;
    }
    return has_run;
  }

  bool is_empty() const { return entries_.empty(); }

 private:
  struct Entry {
    int64_t cycle;
    uint64_t order;
    mutable Action action;
    bool operator<(const Entry &other) const {
      return cycle != other.cycle ? cycle > other.cycle : order > other.order;
    }
  };
  std::priority_queue<Entry> entries_;
  uint64_t count_ = 0;
};

}  // namespace vitsim
