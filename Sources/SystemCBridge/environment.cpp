#if __has_include(<systemc>)
#include "environment.hpp"

namespace vitsim {

Environment::Environment(Program given, vitsim_level given_level)
    : program(std::move(given)),
      level(given_level),
      tokens(program),
      ports(program.accelerator, 2 * program.accelerator.engines.size() + 1 + program.accelerator.channels.size()),
      queues(program.accelerator.queues()),
      started(queues.size(), 0),
      ended(queues.size(), 0) {
  if (level == VITSIM_REGISTERS) memory = std::make_unique<Memory>(program);
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
