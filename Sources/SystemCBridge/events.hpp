// What happened, in the order in which it was noted.
#pragma once
#include <algorithm>
#include <vector>

#include "vitsim_cosim.h"

namespace vitsim {

/// In the order of `TraceEvent.Kind`.
enum class Event { start, request, burst, load, stream, drained, pass, end };

class EventLog {
 public:
  void note(int64_t cycle, size_t unit, Event kind, size_t instruction, int64_t detail = 0) {
    events_.push_back({cycle, static_cast<int32_t>(unit), static_cast<int32_t>(kind),
                       static_cast<int32_t>(instruction), static_cast<int32_t>(detail)});
  }

  /// Forgets all.
  void drop() {
    events_.clear();
    taken_ = 0;
  }

  /// Takes up to `capacity` of them out.
  size_t take(vitsim_event *events, size_t capacity) {
    size_t count = std::min(capacity, events_.size() - taken_);
    std::copy_n(events_.begin() + static_cast<std::ptrdiff_t>(taken_), count, events);
    taken_ += count;
    if (taken_ == events_.size()) {
      events_.clear();
      taken_ = 0;
    }
    return count;
  }

 private:
  std::vector<vitsim_event> events_;
  size_t taken_ = 0;
};

}  // namespace vitsim
