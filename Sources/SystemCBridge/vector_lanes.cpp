#if __has_include(<systemc>)
#include "vector_lanes.hpp"

namespace vitsim {

void VectorLanes::prepare(const ChainTiming &timing) {
  timing_ = &timing;
  rows_.clear();
  admitted_ = 0;
  left_ = timing.rows;
  lane_ = -1;
}

void VectorLanes::admit(int64_t now) {
  while (!rows_.empty() && rows_.front().state == State::leaving && rows_.front().since <= now) rows_.pop_front();
  // Row i may come when row i − W isn't among the rows any more.
  while (admitted_ < timing_->rows && (rows_.empty() || admitted_ < rows_.front().index + rows_in_flight_))
    rows_.push_back({admitted_++, 0, now, State::pending});
  for (Row &row : rows_) {
    if (row.state != State::pending || row.since > now) continue;
    if (is_last(row)) {
      row.state = State::serial;
      (timing_->takes_square_root ? square_root : divider)->take(row.index);
    } else {
      row.state = State::ready;
    }
  }
}

void VectorLanes::take(int64_t index) {
  for (Row &row : rows_)
    if (row.index == index) row.state = State::ready;
}

std::optional<VectorLanes::Pass> VectorLanes::issue(int64_t now) {
  if (now < free_) return std::nullopt;
  for (Row &row : rows_) {
    if (row.state != State::ready) continue;
    const Pass pass{row.index, is_last(row)};
    lane_ = row.index;
    free_ = now + timing_->cycles_of(row.next_pass);
    row.next_pass++;
    row.state = pass.is_last ? State::leaving : State::pending;
    row.since = pass.is_last ? free_ : free_ + timing_->latency;
    if (pass.is_last) left_--;
    return pass;
  }
  return std::nullopt;
}

int64_t VectorLanes::issued(int64_t cycle) const {
  for (const Row &row : rows_)
    if (row.state != State::leaving || row.since > cycle) return row.index;
  return admitted_;
}

}  // namespace vitsim
#endif
