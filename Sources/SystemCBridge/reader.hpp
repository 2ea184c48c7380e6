// Words of a program image, one after the other, each checked as it is read.
#pragma once
#include <cstring>

#include "program.hpp"

namespace vitsim {

class Reader {
 public:
  Reader(const uint8_t *image, size_t bytes) : image_(image), words_(bytes / 8) {
    if (bytes % 8 != 0) fail("has " + std::to_string(bytes) + " bytes, which aren't whole words");
  }

  /// Refuses the image for what stands in the word read last.
  [[noreturn]] void fail(const std::string &what) const {
    throw ProgramError("program image, word " + std::to_string(at_ > 0 ? at_ - 1 : 0) + ": " + what);
  }

  size_t left() const { return words_ - at_; }
  size_t words() const { return words_; }

  int64_t any(const char *what) {
    if (left() == 0) throw ProgramError("program image ends at word " + std::to_string(at_) + ", before " + what);
    uint64_t word = 0;
    for (int i = 7; i >= 0; i--) word = word << 8 | image_[at_ * 8 + i];
    at_++;
    return static_cast<int64_t>(word);
  }

  /// A number from `low` to `high`.
  int64_t number(const char *what, int64_t low, int64_t high) {
    int64_t value = any(what);
    if (value < low || value > high)
      fail(std::string(what) + " is " + std::to_string(value) + ", not " + std::to_string(low) + " to " +
           std::to_string(high));
    return value;
  }

  bool flag(const char *what) { return number(what, 0, 1) == 1; }

  /// A keyword of `count` ones.
  template <class T>
  T keyword(const char *what, int64_t count) {
    return static_cast<T>(number(what, 0, count - 1));
  }

  /// A finite number.
  double real(const char *what) {
    int64_t word = any(what);
    double value;
    std::memcpy(&value, &word, sizeof value);
    if (!(value - value == 0)) fail(std::string(what) + " isn't finite");
    return value;
  }

  /// How many elements of at least `least` words each a list has.
  size_t count(const char *what, size_t least, int64_t low = 0, int64_t high = INT64_MAX) {
    int64_t value = number(what, low, high);
    if (static_cast<uint64_t>(value) > left() / least) fail(std::string(what) + " go beyond the end of the image");
    return static_cast<size_t>(value);
  }

  /// `count` bytes, padded to whole words.
  std::vector<uint8_t> bytes(const char *what, int64_t count) {
    uint64_t words = (static_cast<uint64_t>(count) + 7) / 8;
    if (words > left()) throw ProgramError("program image ends at word " + std::to_string(words_) + ", within " + what);
    const uint8_t *first = image_ + at_ * 8;
    at_ += words;
    for (const uint8_t *pad = first + count; pad < image_ + at_ * 8; pad++)
      if (*pad != 0) fail(std::string(what) + " isn't padded with zeros");
    return std::vector<uint8_t>(first, first + count);
  }

  std::string name(const char *what) {
    int64_t length = number(what, 1, 4096);
    std::vector<uint8_t> text = bytes(what, length);
    for (uint8_t byte : text)
      if (byte < 0x20 || byte == 0x7f) fail(std::string(what) + " has a control character");
    return std::string(text.begin(), text.end());
  }

 private:
  const uint8_t *image_;
  size_t words_, at_ = 0;
};

/// Bounds that several fields share.
constexpr int64_t most_bytes = int64_t{1} << 40;
constexpr int64_t most_cycles = 10000;

}  // namespace vitsim
