#if __has_include(<systemc>)
#include "program_parts.hpp"

namespace vitsim {
namespace {

constexpr int64_t version = 1;

Tensor read_tensor(Reader &in) {
  Tensor tensor;
  tensor.kind = in.keyword<TensorKind>("a tensor's kind", 4);
  tensor.address = in.number("a tensor's address", 0, INT64_MAX / 4);
  tensor.bytes = in.number("a tensor's bytes", 1, most_bytes);
  return tensor;
}

/// What is there at the start: memory that a flag in the image says it has.
void read_contents(Reader &in, std::vector<uint8_t> &contents, int64_t bytes, const char *what) {
  if (in.flag(what)) contents = in.bytes(what, bytes);
}

}  // namespace

Program decode(const uint8_t *image, size_t bytes) {
  Reader in(image, bytes);
  if (static_cast<uint64_t>(in.any("the magic number")) != program_magic) in.fail("not a program image");
  int64_t found = in.any("the version");
  if (found != version) in.fail("version " + std::to_string(found) + "; this build reads " + std::to_string(version));
  if (static_cast<uint64_t>(in.any("the size")) != in.words())
    in.fail("the image has " + std::to_string(in.words()) + " words and says otherwise");

  Program program;
  size_t first = in.words() - in.left();
  program.accelerator = read_accelerator(in);
  program.accelerator_image.assign(image + 8 * first, image + 8 * (in.words() - in.left()));
  for (size_t left = in.count("tensors", 4); left > 0; left--) program.tensors.push_back(read_tensor(in));
  for (size_t left = in.count("preloads", 6); left > 0; left--)
    program.preloads.push_back({read_region(in, program.accelerator), {}});
  for (const Engine &engine : program.accelerator.engines) {
    int64_t most = !engine.is_stationary() ? 0 : engine.shadow_weights ? 1 : engine.stationary_buffers;
    program.loaded.push_back(in.number("loaded tiles", 0, most));
  }
  for (size_t left = in.count("arithmetic", 6); left > 0; left--) program.arithmetic.push_back(read_arithmetic(in));
  for (size_t left = in.count("instructions", 13); left > 0; left--)
    program.instructions.push_back(read_instruction(in, program));
  for (Tensor &tensor : program.tensors) read_contents(in, tensor.contents, tensor.bytes, "a tensor's bytes");
  for (Preload &preload : program.preloads)
    read_contents(in, preload.contents, preload.region.bytes(), "a preload's bytes");
  if (in.left() > 0) in.fail(std::to_string(in.left()) + " words too many stand behind it");
  return program;
}

}  // namespace vitsim
#endif
