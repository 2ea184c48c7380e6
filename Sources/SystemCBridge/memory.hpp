// Bytes of buffers and of DRAM.
#pragma once
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include "program.hpp"

namespace vitsim {

/// Zeros that take no memory until they are written to.
class Bytes {
 public:
  explicit Bytes(int64_t count) : count_(static_cast<size_t>(count)), data_(std::calloc(count_, 1)) {
    if (!data_) throw std::bad_alloc();
  }
  uint8_t *data() const { return static_cast<uint8_t *>(data_.get()); }
  size_t count() const { return count_; }

 private:
  struct Free {
    void operator()(void *data) const { std::free(data); }
  };
  size_t count_;
  std::unique_ptr<void, Free> data_;
};

class Memory {
 public:
  /// What `program` says is there at the start.
  explicit Memory(const Program &program);

  uint8_t &byte(int64_t buffer, int64_t address) { return buffers_[static_cast<size_t>(buffer)].data()[address]; }
  const Bytes &buffer(size_t index) const { return buffers_[index]; }
  const Bytes &tensor(size_t index) const { return tensors_[index]; }
  size_t buffers() const { return buffers_.size(); }
  size_t tensors() const { return tensors_.size(); }

  /// Byte `index` of a region, row by row.
  uint8_t &byte(const Region &region, int64_t index) {
    return byte(region.buffer, region.offset + index / region.row_bytes * region.pitch + index % region.row_bytes);
  }
  int32_t word(const Region &region, int64_t index);
  /// In a region whose rows have whole words.
  void set_word(const Region &region, int64_t index, int32_t value);

  /// DRAM outside of all tensors: reads give 0, writes are lost.
  uint8_t read_dram(int64_t address) const;
  void write_dram(int64_t address, uint8_t value);

 private:
  uint8_t *find(int64_t address) const;

  struct Place {
    int64_t address, bytes;
    size_t tensor;
  };
  std::vector<Bytes> buffers_, tensors_;
  /// By address.
  std::vector<Place> places_;
};

}  // namespace vitsim
