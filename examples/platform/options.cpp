#include "options.hpp"

#include <stdexcept>
#include <vector>

namespace platform {

const char *const usage = R"(platform IMAGE [options]: a program image of vitsim in a virtual platform

  --style lt|at             loosely (default) or approximately timed
  --level registers|transactions
                            with PEs and values (default), or traffic alone
  --traffic ignore|dummy    of level transactions: no data (default), or zeros
  --quantum CYCLES          loosely timed: how far the accelerator runs ahead (default: 10000)
  --latency CYCLES, --bandwidth BYTES
                            of the memory, a second; bandwidth 0: ideal (default: as the image says)
  --latency-in port|memory  where the latency is (default: lt port, at memory)
  --beats told|untold       whether the memory says when each beat passes (default: told)
  --transport annotates|waits
                            loosely timed: what the memory does (default: annotates a delay)
  --phases four|late|short|early
                            approximately timed: END_REQ at once (default), or on its own; BEGIN_RESP at once, or
                            TLM_COMPLETED: these answer in the order of the calls
  --base ADDRESS            where the program's DRAM begins (default: 0)
  --memory BYTES            all memory (default: as much as is needed)
  --poll CYCLES             look at the status instead of awaiting the interrupt
  --runs N                  one after the other (default: 1)
  --hardware IMAGE          whose accelerator is there (default: the same image)
  --dump FILE               what the tensors hold in the end
  --script FILE             what the CPU does instead: lines such as 'write64 0x20 $image', 'read32 0x10',
                            'read 3 0x11' (bytes, offset), 'wait 100' (cycles), 'interrupt'
)";

namespace {

uint64_t number(const std::string &name, const std::string &text) {
  size_t end = 0;
  uint64_t value = 0;
  try {
    value = std::stoull(text, &end, 0);
  } catch (const std::exception &) {
  }
  if (end == 0 || end != text.size() || text[0] == '-' || value > INT64_MAX)
    throw std::invalid_argument(name + " " + text + ": not a number");
  return value;
}

/// Which of `words` it is.
int place(const std::string &name, const std::string &text, const std::vector<std::string> &words) {
  for (size_t index = 0; index < words.size(); index++)
    if (text == words[index]) return static_cast<int>(index);
  std::string all;
  for (const std::string &word : words) all += " " + word;
  throw std::invalid_argument(name + " " + text + ": not one of" + all);
}

/// Whether `text` is the first of two words.
bool is_first(const std::string &name, const std::string &text, const char *first, const char *second) {
  return place(name, text, {first, second}) == 0;
}

void set(Options &options, const std::string &name, const std::string &text, bool &has_place) {
  auto whole = [&] { return static_cast<int64_t>(number(name, text)); };
  vitsim::tlm_options &accelerator = options.accelerator;
  if (name == "--style") {
    accelerator.style = is_first(name, text, "lt", "at") ? vitsim::tlm_style::loosely_timed
                                                         : vitsim::tlm_style::approximately_timed;
  } else if (name == "--level") {
    accelerator.level = is_first(name, text, "registers", "transactions") ? VITSIM_REGISTERS : VITSIM_TRANSACTIONS;
  } else if (name == "--traffic") {
    accelerator.traffic = is_first(name, text, "ignore", "dummy") ? vitsim::tlm_traffic::ignore
                                                                  : vitsim::tlm_traffic::dummy;
  } else if (name == "--latency-in") {
    options.latency_in_port = is_first(name, text, "port", "memory");
    has_place = true;
  } else if (name == "--beats") {
    options.tells_beats = is_first(name, text, "told", "untold");
  } else if (name == "--transport") {
    options.memory_waits = !is_first(name, text, "annotates", "waits");
  } else if (name == "--phases") {
    options.phases = static_cast<TimedMemory::Phases>(place(name, text, {"four", "late", "short", "early"}));
  } else if (name == "--quantum") {
    options.quantum = whole();
  } else if (name == "--latency") {
    options.latency = whole();
  } else if (name == "--bandwidth") {
    options.bandwidth = whole();
  } else if (name == "--base") {
    options.base = number(name, text);
  } else if (name == "--memory") {
    options.memory = number(name, text);
  } else if (name == "--poll") {
    options.poll = whole();
  } else if (name == "--runs") {
    options.runs = whole();
  } else if (name == "--hardware") {
    options.hardware = text;
  } else if (name == "--dump") {
    options.dump = text;
  } else if (name == "--script") {
    options.script = text;
  } else {
    throw std::invalid_argument(name + ": no such option");
  }
}

}  // namespace

Options parse(int count, char **arguments) {
  Options options;
  bool has_place = false;
  for (int i = 1; i < count; i++) {
    const std::string argument = arguments[i];
    if (argument.compare(0, 2, "--") == 0) {
      if (i + 1 == count) throw std::invalid_argument(argument + ": something has to follow");
      set(options, argument, arguments[++i], has_place);
    } else if (options.image.empty()) {
      options.image = argument;
    } else {
      throw std::invalid_argument(argument + ": one image is enough");
    }
  }
  if (options.image.empty()) throw std::invalid_argument("no program image");
  if (options.hardware.empty()) options.hardware = options.image;
  if (!has_place) options.latency_in_port = options.accelerator.style == vitsim::tlm_style::loosely_timed;
  return options;
}

}  // namespace platform
