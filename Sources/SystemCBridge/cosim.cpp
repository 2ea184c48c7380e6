#if __has_include(<systemc>)
#include "kernel.hpp"
#include "machine.hpp"

using vitsim::guard;
using vitsim::Misuse;

struct vitsim_model {
  vitsim::Machine machine;
  vitsim_model(vitsim::Program program, vitsim_level level) : machine("machine", std::move(program), level) {}
};

namespace {

/// The one model there may be; everything of it dies before the kernel does.
std::unique_ptr<vitsim_model> &the_model() {
  static std::unique_ptr<vitsim_model> model;
  return model;
}

vitsim::Machine &machine(const vitsim_model *model) {
  if (!model || model != the_model().get()) throw Misuse("a model that isn't there");
  return the_model()->machine;
}

vitsim::Memory &memory(const vitsim_model *model) {
  vitsim::Environment &environment = machine(model).environment();
  if (!environment.has_bytes()) throw Misuse("a model without bytes");
  return *environment.memory;
}

/// An error within a process, as the model's own processes may run into one.
struct Failing : sc_core::sc_module {
  SC_HAS_PROCESS(Failing);
  Failing(const sc_core::sc_module_name &name, int kind) : sc_core::sc_module(name), kind(kind) { SC_METHOD(fail); }
  void fail() {
    if (kind == 0) SC_REPORT_ERROR("vitsim/selftest", "an error within a process");
    if (kind == 1) SC_REPORT_FATAL("vitsim/selftest", "a fatal error within a process");
    if (kind == 2) throw std::runtime_error("an exception within a process");
  }
  int kind;
};

}  // namespace

extern "C" {

// The library's own `main`, which nobody calls, wants it. Weak, so that a platform can have one of its own.
__attribute__((weak)) int sc_main(int, char **) { return 0; }

int vitsim_systemc_available(void) { return 1; }

const char *vitsim_systemc_version(void) { return sc_core::sc_version(); }

const char *vitsim_last_error(void) { return vitsim::last_error().c_str(); }

vitsim_status vitsim_kernel_reset(void) {
  return guard([] {
    the_model().reset();
    sc_core::sc_get_curr_simcontext()->reset();
  });
}

vitsim_status vitsim_kernel_selftest(int kind) {
  return guard([kind] {
    Failing failing("failing", kind);
    sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_NS));
  });
}

vitsim_status vitsim_model_create(const uint8_t *image, size_t bytes, vitsim_level level, vitsim_model **model) {
  return guard([&] {
    if (!image || !model) throw Misuse("no image, or no place for a model");
    if (level != VITSIM_REGISTERS && level != VITSIM_TRANSACTIONS) throw Misuse("a level that isn't one");
    if (the_model()) throw Misuse("there is a model: reset the kernel first");
    *model = nullptr;
    the_model() = std::make_unique<vitsim_model>(vitsim::decode(image, bytes), level);
    *model = the_model().get();
  });
}

vitsim_status vitsim_model_step(vitsim_model *model, int64_t cycles, int *done) {
  return guard([&] {
    bool is_done = machine(model).step(cycles);
    if (done) *done = is_done;
  });
}

int64_t vitsim_model_cycle(const vitsim_model *model) {
  int64_t cycle = 0;
  guard([&] { cycle = machine(model).environment().now; });
  return cycle;
}

size_t vitsim_model_groups(const vitsim_model *model) {
  size_t count = 0;
  guard([&] { count = machine(model).registers().groups().size(); });
  return count;
}

vitsim_status vitsim_model_group(const vitsim_model *model, size_t index, vitsim_group *group) {
  return guard([&] {
    const auto &groups = machine(model).registers().groups();
    if (index >= groups.size() || !group) throw Misuse("a register group that isn't there");
    *group = {groups[index].name.c_str(), static_cast<int32_t>(groups[index].dimensions.size()), {1, 1, 1, 1}};
    for (size_t i = 0; i < groups[index].dimensions.size(); i++)
      group->dimensions[i] = static_cast<int32_t>(groups[index].dimensions[i]);
  });
}

vitsim_status vitsim_model_registers(vitsim_model *model, int32_t *registers, size_t count) {
  return guard([&] {
    const vitsim::RegisterFile &file = machine(model).registers();
    if (count != file.size() || (!registers && count > 0)) throw Misuse("another size than the register file's");
    file.read(registers);
  });
}

vitsim_status vitsim_model_upset(vitsim_model *model, size_t index, int32_t mask) {
  return guard([&] { machine(model).registers().flip(index, mask); });
}

vitsim_status vitsim_model_events(vitsim_model *model, vitsim_event *events, size_t capacity, size_t *count) {
  return guard([&] {
    if (!count || (!events && capacity > 0)) throw Misuse("no place for events");
    *count = machine(model).environment().events.take(events, capacity);
  });
}

vitsim_status vitsim_model_buffer(const vitsim_model *model, size_t buffer, const uint8_t **bytes, size_t *count) {
  return guard([&] {
    vitsim::Memory &all = memory(model);
    if (buffer >= all.buffers() || !bytes || !count) throw Misuse("a buffer that isn't there");
    *bytes = all.buffer(buffer).data();
    *count = all.buffer(buffer).count();
  });
}

vitsim_status vitsim_model_tensor(const vitsim_model *model, size_t tensor, const uint8_t **bytes, size_t *count) {
  return guard([&] {
    vitsim::Memory &all = memory(model);
    if (tensor >= all.tensors() || !bytes || !count) throw Misuse("a tensor that isn't there");
    *bytes = all.tensor(tensor).data();
    *count = all.tensor(tensor).count();
  });
}

}  // extern "C"
#endif
