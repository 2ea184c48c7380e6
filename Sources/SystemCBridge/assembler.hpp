// Words of a buffer, put together from the beats of bursts (rule D6).
#pragma once
#include "burst.hpp"

namespace vitsim {

/// In each cycle `write` comes first and sees the beats of earlier ones; then a beat may be taken.
class Assembler {
 public:
  Assembler(int64_t beat_bytes) : beat_bytes_(beat_bytes) {}

  /// No burst.
  void reset() {
    burst_ = Burst{};
    has_burst_ = false;
    taken_ = written_ = last_beat_ = last_word_ = 0;
  }

  /// The burst of which beats were taken last.
  const Burst &burst() const { return burst_; }

  /// Writes a word of the burst if all of its bytes have been taken; whether it was the last one.
  bool write(int64_t now) {
    if (!has_burst_ || written_ == burst_.end) return false;
    int64_t end = word_end(written_);
    // The beat with the last of its bytes has been taken before now.
    if (burst_.block + taken_ * beat_bytes_ < end) return false;
    written_ = end;
    last_word_ = now;
    return end == burst_.end;
  }

  /// Whether the next beat may be taken, which is of `burst`.
  bool may_take(const Burst &burst, int64_t now) const {
    if (!has_burst_ || taken_ < burst_.beats) return true;
    if (written_ < burst_.end) return false;
    bool is_new = burst.transfer != burst_.transfer || burst.number != burst_.number;
    return is_new && now >= last_beat_ + (last_word_ == last_beat_ ? 2 : 1);
  }

  void take(const Burst &burst, int64_t word_bytes, int64_t now) {
    if (!has_burst_ || taken_ == burst_.beats) {
      burst_ = burst;
      has_burst_ = true;
      taken_ = 0;
      written_ = burst.start;
      word_bytes_ = word_bytes;
    }
    taken_++;
    last_beat_ = now;
  }

  bool is_taken() const { return taken_ == burst_.beats; }
  bool is_written() const { return written_ == burst_.end; }

 private:
  /// Words are counted from the first byte of a row.
  int64_t word_end(int64_t address) const {
    int64_t row = burst_.start - burst_.in_row;
    return std::min(burst_.end, row + ((address - row) / word_bytes_ + 1) * word_bytes_);
  }

  const int64_t beat_bytes_;
  Burst burst_{};
  bool has_burst_ = false;
  int64_t taken_ = 0, written_ = 0, word_bytes_ = 1;
  int64_t last_beat_ = 0, last_word_ = 0;
};

}  // namespace vitsim
