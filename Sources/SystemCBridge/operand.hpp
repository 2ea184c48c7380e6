// Elements of a matmul's operands, as the address generators find them (docs/schedule.md, "Orders").
#pragma once
#include "memory.hpp"

namespace vitsim {

/// Element (row, column) of A or B with its zero point subtracted; what lies outside an image is 0.
inline int16_t element(Memory &memory, const Operand &operand, int64_t rows, int64_t columns, int64_t row,
                       int64_t column) {
  const Region &region = operand.region;
  uint8_t byte;
  if (operand.order == Order::windows) {
    const Windows &it = operand.windows;
    int64_t tap = column / it.channels;
    int64_t y = it.origin_y + row / it.output_columns * it.stride_y + tap / it.kernel_columns * it.dilation_y;
    int64_t x = it.origin_x + row % it.output_columns * it.stride_x + tap % it.kernel_columns * it.dilation_x;
    if (y < 0 || y >= region.rows || x < 0 || x >= it.width) return 0;
    byte = memory.byte(region.buffer, region.offset + y * region.pitch + x * it.pixel_pitch + column % it.channels);
  } else {
    byte = memory.byte(region, operand.order == Order::column_major ? column * rows + row : row * columns + column);
  }
  return static_cast<int16_t>(static_cast<int8_t>(byte) - operand.zero);
}

}  // namespace vitsim
