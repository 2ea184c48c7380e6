#if __has_include(<systemc>)
#include "memory.hpp"

#include <algorithm>
#include <cstring>

namespace vitsim {
namespace {

/// Bytes of buffers and tensors that a model keeps, together.
constexpr int64_t most_memory = int64_t{1} << 32;

}  // namespace

Memory::Memory(const Program &program) {
  int64_t all = 0;
  for (const Buffer &buffer : program.accelerator.buffers) all += buffer.bytes;
  for (const Tensor &tensor : program.tensors) all = std::min(all + tensor.bytes, most_memory + 1);
  if (all > most_memory) throw Unsupported("buffers and tensors: more than 2^32 bytes aren't in the SystemC model");

  for (const Buffer &buffer : program.accelerator.buffers) buffers_.emplace_back(buffer.bytes);
  for (const Tensor &tensor : program.tensors) {
    places_.push_back({tensor.address, tensor.bytes, tensors_.size()});
    tensors_.emplace_back(tensor.bytes);
    if (!tensor.contents.empty()) std::memcpy(tensors_.back().data(), tensor.contents.data(), tensors_.back().count());
  }
  std::sort(places_.begin(), places_.end(), [](const Place &a, const Place &b) { return a.address < b.address; });
  for (const Preload &preload : program.preloads)
    for (size_t index = 0; index < preload.contents.size(); index++)
      byte(preload.region, static_cast<int64_t>(index)) = preload.contents[index];
}

int32_t Memory::word(const Region &region, int64_t index) {
  uint32_t value = 0;
  // A row may end within a word.
  if (region.row_bytes % 4 == 0) {
    std::memcpy(&value, &byte(region, 4 * index), sizeof value);
  } else {
    for (int64_t i = 3; i >= 0; i--) value = value << 8 | byte(region, 4 * index + i);
  }
  return static_cast<int32_t>(value);
}

void Memory::set_word(const Region &region, int64_t index, int32_t value) {
  std::memcpy(&byte(region, 4 * index), &value, sizeof value);
}

uint8_t *Memory::find(int64_t address) const {
  auto behind = std::upper_bound(places_.begin(), places_.end(), address,
                                 [](int64_t left, const Place &right) { return left < right.address; });
  if (behind == places_.begin()) return nullptr;
  const Place &place = *(behind - 1);
  if (address - place.address >= place.bytes) return nullptr;
  return tensors_[place.tensor].data() + (address - place.address);
}

uint8_t Memory::read_dram(int64_t address) const {
  const uint8_t *byte = find(address);
  return byte ? *byte : 0;
}

void Memory::write_dram(int64_t address, uint8_t value) {
  if (uint8_t *byte = find(address)) *byte = value;
}

}  // namespace vitsim
#endif
