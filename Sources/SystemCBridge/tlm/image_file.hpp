// Program images on their way from files into a platform (docs/cosimulation.md, "Program image").
#pragma once
#if __has_include(<systemc>)
#include <string>
#include <tlm>

#include "../program.hpp"

namespace vitsim {

/// The bytes of a file; throws `ProgramError` if it can't be read.
std::vector<uint8_t> read_image(const std::string &path);
/// The program in a file; throws `ProgramError`.
Program read_program(const std::string &path);

/// A program image in the memory behind `memory`, by debug transport; throws `FetchError`.
std::vector<uint8_t> fetch_image(tlm::tlm_fw_transport_if<> &memory, uint64_t address);

/// The memory doesn't give, or take, what stands at this address.
struct FetchError : std::runtime_error {
  FetchError(const std::string &what, uint64_t address) : std::runtime_error(what), address(address) {}
  uint64_t address;
};

/// Writes what the tensors of `program` hold at the start to where they lie in DRAM, by debug transport; throws
/// `FetchError`.
void load_tensors(tlm::tlm_fw_transport_if<> &memory, const Program &program, uint64_t base = 0);

/// Bytes from or to a memory, by debug transport; throws `FetchError`.
void transport_bytes(tlm::tlm_fw_transport_if<> &memory, tlm::tlm_command command, uint64_t address, uint8_t *data,
                     uint64_t count);

}  // namespace vitsim
#endif
