#if __has_include(<systemc>)
#include "image_file.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

namespace vitsim {
namespace {

/// Larger images are mistakes.
constexpr uint64_t most_words = uint64_t{1} << 29;

std::string hexadecimal(uint64_t value) {
  std::ostringstream text;
  text << "0x" << std::hex << value;
  return text.str();
}

uint64_t word(const uint8_t *bytes) {
  uint64_t value = 0;
  for (int i = 7; i >= 0; i--) value = value << 8 | bytes[i];
  return value;
}

}  // namespace

std::vector<uint8_t> read_image(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw ProgramError(path + " can't be opened");
  std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (file.bad()) throw ProgramError(path + " can't be read");
  return bytes;
}

Program read_program(const std::string &path) {
  std::vector<uint8_t> image = read_image(path);
  return decode(image.data(), image.size());
}

void transport_bytes(tlm::tlm_fw_transport_if<> &memory, tlm::tlm_command command, uint64_t address, uint8_t *data,
                     uint64_t count) {
  constexpr uint64_t most = 1 << 20;
  for (uint64_t done = 0; done < count;) {
    const unsigned length = static_cast<unsigned>(std::min(count - done, most));
    tlm::tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_address(address + done);
    payload.set_data_ptr(data + done);
    payload.set_data_length(length);
    payload.set_streaming_width(length);
    const unsigned moved = memory.transport_dbg(payload);
    if (moved < length)
      throw FetchError("no memory at " + hexadecimal(address + done + moved), address + done + moved);
    done += length;
  }
}

std::vector<uint8_t> fetch_image(tlm::tlm_fw_transport_if<> &memory, uint64_t address) {
  // Magic number, version, words of the whole.
  std::vector<uint8_t> image(24);
  transport_bytes(memory, tlm::TLM_READ_COMMAND, address, image.data(), image.size());
  const uint64_t words = word(&image[16]);
  // The decoder says what is wrong with it.
  if (word(&image[0]) != program_magic || words <= 3 || words > most_words) return image;
  // Whether all of it is there is asked before there is room for it.
  uint8_t last;
  transport_bytes(memory, tlm::TLM_READ_COMMAND, address + 8 * words - 1, &last, 1);
  image.resize(8 * words);
  transport_bytes(memory, tlm::TLM_READ_COMMAND, address, image.data(), image.size());
  return image;
}

void load_tensors(tlm::tlm_fw_transport_if<> &memory, const Program &program, uint64_t base) {
  for (const Tensor &tensor : program.tensors) {
    std::vector<uint8_t> contents = tensor.contents;
    if (contents.empty()) continue;
    transport_bytes(memory, tlm::TLM_WRITE_COMMAND, base + static_cast<uint64_t>(tensor.address), contents.data(),
                    contents.size());
  }
}

}  // namespace vitsim
#endif
