// Bursts of a transfer (rule D1).
#pragma once
#include "environment.hpp"

namespace vitsim {

struct Burst {
  /// Place of its transfer in the channel's queue, and its own within the transfer.
  size_t transfer;
  int64_t number;
  bool is_load, is_last;
  /// It begins a row of the DRAM side.
  bool begins_row;
  /// First byte of the block of beats, its beats, and the bytes of it that are wanted.
  int64_t block, beats, start, end;
  /// Byte of the transfer, row by row, that stands at `start`, and byte of its row.
  int64_t offset, in_row;
  /// Beats that haven't been in the buffer.
  int64_t left;
};

/// Cuts the rows of one transfer after another.
class Cutter {
 public:
  explicit Cutter(const Channel &channel) : channel_(channel) {}

  void begin() { row_ = in_row_ = number_ = 0; }
  bool is_done(const DRAMRegion &region) const { return row_ == region.rows; }
  bool is_at_row() const { return in_row_ == 0; }

  Burst next(const DRAMRegion &region) {
    const int64_t beat = channel_.beat_bytes, longest = channel_.burst_beats;
    int64_t row = region.address + row_ * region.stride, start = row + in_row_;
    int64_t end = std::min(row + region.row_bytes, (start / channel_.boundary_bytes + 1) * channel_.boundary_bytes);
    int64_t block = start / beat, beats = 1;
    if (channel_.bursts == BurstShape::aligned) {
      end = std::min(end, (start / (longest * beat) + 1) * longest * beat);
      // The smallest block of a power of two, at a multiple of its size, that holds the piece.
      while ((block + beats) * beat < end) {
        beats *= 2;
        block = start / beat / beats * beats;
      }
    } else {
      end = std::min(end, (block + longest) * beat);
      beats = ceiling(end, beat) - block;
    }
    Burst burst{};
    burst.number = number_++;
    burst.begins_row = in_row_ == 0;
    burst.block = block * beat;
    burst.beats = burst.left = beats;
    burst.start = start;
    burst.end = end;
    burst.offset = row_ * region.row_bytes + in_row_;
    burst.in_row = in_row_;
    in_row_ = end - row;
    if (in_row_ == region.row_bytes) {
      row_++;
      in_row_ = 0;
    }
    burst.is_last = is_done(region);
    return burst;
  }

 private:
  const Channel &channel_;
  int64_t row_ = 0, in_row_ = 0, number_ = 0;
};

}  // namespace vitsim
