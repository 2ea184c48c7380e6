#if __has_include(<systemc>)
#include "environment.hpp"

namespace vitsim {
namespace {

size_t agents(const Accelerator &accelerator) {
  return 2 * accelerator.engines.size() + 1 + accelerator.channels.size();
}

/// What the model doesn't have, other than of engines.
void refuse(const Program &program) {
  auto lacks = [](const std::string &unit, const char *what) {
    throw Unsupported(unit + ": " + what + " isn't in the SystemC model");
  };
  for (const Channel &channel : program.accelerator.channels) {
    std::string unit = "dma." + channel.name;
    if (channel.narrowing > 1) lacks(unit, "narrowing");
    if (channel.gather_ahead > 0) lacks(unit, "gather-ahead");
    if (channel.gather_words > 0) lacks(unit, "gather-words");
    if (channel.gather_cycles > 0) lacks(unit, "gather-cycles");
    if (channel.read_completion > 0) lacks(unit, "read-completion");
    if (channel.acknowledgement) lacks(unit, "acknowledgement");
    if (channel.send_path > 0) lacks(unit, "send-path");
    if (channel.write_path > 0) lacks(unit, "write-path");
  }
  if (program.accelerator.dram.in_order) lacks("dram", "in-order");
  if (program.accelerator.dram.shared_requests) lacks("dram", "shared-requests");
  for (size_t index = 0; index < program.instructions.size(); index++) {
    const Instruction &instruction = program.instructions[index];
    std::string name = "instruction " + std::to_string(index);
    for (const Token &post : instruction.posts) {
      if (post.delay > 0) lacks(name, "a token that takes cycles (G3)");
      if (post.when_read) lacks(name, "a token given when operands have been read (G4)");
    }
    if (instruction.kind != Kind::load || instruction.transfer.dram.stride != 0 || instruction.transfer.dram.rows == 1)
      continue;
    size_t channel = instruction.queue - program.accelerator.vector_queue() - 1;
    if (program.accelerator.channels[channel].assembly) lacks(name, "a repeated row beside assembly (D11)");
  }
}

}  // namespace

Environment::Environment(Program given, vitsim_level given_level)
    : program(std::move(given)),
      level(given_level),
      tokens(program),
      ports(program.accelerator, agents(program.accelerator)),
      queues(program.accelerator.queues()),
      started(queues.size(), 0),
      ended(queues.size(), 0) {
  refuse(program);
  if (level == VITSIM_REGISTERS) memory = std::make_unique<Memory>(program);
  fill_queues();
}

void Environment::load(Program another) {
  program.tensors = std::move(another.tensors);
  program.preloads = std::move(another.preloads);
  program.loaded = std::move(another.loaded);
  program.arithmetic = std::move(another.arithmetic);
  program.instructions = std::move(another.instructions);
  refuse(program);
  if (level == VITSIM_REGISTERS) memory = std::make_unique<Memory>(program);
  tokens = Tokens(program);
  ports = Ports(accelerator(), agents(accelerator()));
  events = EventLog();
  calendar = Calendar();
  now = ended_all_ = horizon_ = 0;
  std::fill(started.begin(), started.end(), 0);
  std::fill(ended.begin(), ended.end(), 0);
  for (std::vector<size_t> &queue : queues) queue.clear();
  fill_queues();
}

void Environment::fill_queues() {
  for (size_t index = 0; index < program.instructions.size(); index++)
    queues[program.instructions[index].queue].push_back(index);
}

void Environment::start(size_t index) {
  started[instruction(index).queue]++;
  note(Event::start, index);
  stir(now);
}

void Environment::retire(size_t index, int64_t end) {
  calendar.at(end, [this, index, end] {
    note_at(end, Event::end, index);
    tokens.post(instruction(index));
    ended[instruction(index).queue]++;
    ended_all_++;
  });
}

void Environment::hold(size_t agent, const Ports::Role &role, int64_t release) {
  ports.claim(agent, role);
  calendar.at(release, [this, agent, role] { ports.release(agent, role); });
}

std::string Environment::waiting() const {
  std::string text;
  for (size_t queue = 0; queue < queues.size(); queue++) {
    size_t index = static_cast<size_t>(ended[queue]);
    if (index >= queues[queue].size()) continue;
    text += (text.empty() ? "" : ", ") + std::to_string(queues[queue][index]) + " of " +
            accelerator().queue_name(queue);
  }
  return text;
}

}  // namespace vitsim
#endif
