#if __has_include(<systemc>)
#include "tlm_accelerator.hpp"

#include "../machine.hpp"
#include "approximate_port.hpp"
#include "image_file.hpp"
#include "loose_port.hpp"

namespace vitsim {

using sc_core::SC_ZERO_TIME;
using sc_core::sc_time;

tlm_accelerator::tlm_accelerator(const sc_core::sc_module_name &name, const Program &hardware, tlm_options options)
    : sc_core::sc_module(name),
      control("control"),
      memory("memory"),
      interrupt("interrupt"),
      options_(options),
      hardware_(hardware.accelerator_image),
      occupied_(hardware.accelerator.queues(), 0) {
  control.register_b_transport(this, &tlm_accelerator::transport);
  control.register_transport_dbg(this, &tlm_accelerator::debug);
  memory.register_nb_transport_bw(this, &tlm_accelerator::backward);
  if (options_.clock_period == SC_ZERO_TIME)
    options_.clock_period = sc_time(1e12 / static_cast<double>(hardware.accelerator.clock), sc_core::SC_PS);
  if (options_.clock_period == SC_ZERO_TIME)
    throw Unsupported("clock: its period is less than SystemC's time resolution");
  elaborate(hardware);

  SC_THREAD(run);
  SC_METHOD(drive_interrupt);
  sensitive << interrupt_change_;
}

tlm_accelerator::~tlm_accelerator() = default;

void tlm_accelerator::elaborate(const Program &hardware) {
  Program empty = empty_program();
  empty.accelerator = hardware.accelerator;
  auto make_port = [this](Environment &environment, std::vector<DMAChannel *> channels) {
    std::unique_ptr<MemoryPort> port;
    if (options_.style == tlm_style::approximately_timed) {
      auto made = std::make_unique<ApproximatePort>("port", environment, std::move(channels), memory, options_);
      approximate_ = made.get();
      port = std::move(made);
    } else {
      port = std::make_unique<LoosePort>("port", environment, std::move(channels), memory, options_);
    }
    port_ = port.get();
    return port;
  };
  machine_ = std::make_unique<Machine>("machine", std::move(empty), options_.level, make_port);
}

/// No instructions.
Program tlm_accelerator::empty_program() const {
  Program program;
  program.loaded.assign(occupied_.size(), 0);
  return program;
}

// MARK: A run

void tlm_accelerator::run() {
  while (true) {
    wait(start_);
    keeper_.reset();
    try {
      load();
      execute();
    } catch (const sc_core::sc_unwind_exception &) {
      throw;
    } catch (const FetchError &error) {
      fail(control_error::fetch, error.what(), error.address);
    } catch (const ProgramError &error) {
      fail(control_error::image, error.what());
    } catch (const Unsupported &error) {
      fail(control_error::unsupported, error.what());
    } catch (const Deadlock &error) {
      fail(control_error::deadlock, error.what());
    } catch (const std::exception &error) {
      fail(control_error::internal, error.what());
    }
    keeper_.sync();
    end(error_ == control_error::none ? control_state::done : control_state::error);
  }
}

/// Takes the program that lies in the platform's memory; that takes no time.
void tlm_accelerator::load() {
  std::fill(occupied_.begin(), occupied_.end(), 0);
  machine_->load(empty_program());
  port_->begin(sc_core::sc_time_stamp(), run_base_);
  if (!is_base_aligned()) return fail(control_error::base, "the memory base isn't aligned for bursts", run_base_);
  const std::vector<uint8_t> image = fetch_image(*memory.operator->(), run_schedule_);
  Program program = decode(image.data(), image.size());
  if (program.accelerator_image != hardware_)
    return fail(control_error::accelerator, "the program is for another accelerator, " + program.accelerator.name);
  // Tensors lie in the platform's memory.
  program.tensors.clear();
  machine_->load(std::move(program));
}

void tlm_accelerator::execute() {
  Environment &environment = machine_->environment();
  const bool has_grids = machine_->has_grids();
  while (error_ == control_error::none && !environment.is_done()) {
    machine_->act();
    count_cycle();
    pass_cycle();
    machine_->commit();
    // PEs have their registers then.
    if (has_grids) wait(SC_ZERO_TIME);
    machine_->settle();
    // Nobody asks for them here.
    environment.events.drop();
    if (const MemoryPort::Failure *failure = port_->failure()) {
      fail(control_error::memory, failure->text, failure->address);
    } else if (environment.is_stuck()) {
      throw Deadlock("deadlock in cycle " + std::to_string(environment.now) + ": instructions " +
                     environment.waiting() + " wait");
    }
  }
}

void tlm_accelerator::pass_cycle() {
  if (approximate_) {
    wait(options_.clock_period);
    return;
  }
  keeper_.inc(options_.clock_period);
  // What isn't answered may be in any cycle from now on.
  if (port_->is_waiting() || keeper_.need_sync()) keeper_.sync();
}

void tlm_accelerator::count_cycle() {
  const Environment &environment = machine_->environment();
  for (size_t unit = 0; unit < occupied_.size(); unit++)
    if (environment.started[unit] > environment.ended[unit]) occupied_[unit]++;
}

/// Bursts are cut by the program's addresses.
bool tlm_accelerator::is_base_aligned() const {
  for (const Channel &channel : machine_->environment().accelerator().channels) {
    const int64_t beats = channel.bursts == BurstShape::aligned ? channel.burst_beats : 1;
    if (run_base_ % static_cast<uint64_t>(channel.boundary_bytes) != 0) return false;
    if (run_base_ % static_cast<uint64_t>(beats * channel.beat_bytes) != 0) return false;
  }
  return true;
}

void tlm_accelerator::fail(control_error error, const std::string &text, uint64_t address) {
  error_ = error;
  error_text_ = text;
  error_address_ = address;
}

void tlm_accelerator::end(control_state state) {
  if (state == control_state::error) port_->abandon();
  state_ = state;
  is_pending_ = true;
  ended_.notify();
  interrupt_change_.notify(SC_ZERO_TIME);
}

void tlm_accelerator::drive_interrupt() { interrupt.write(is_pending_ && (interrupt_enable_ & 1)); }

tlm::tlm_sync_enum tlm_accelerator::backward(tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                                             sc_time &delay) {
  return approximate_ ? approximate_->backward(payload, phase, delay) : tlm::TLM_ACCEPTED;
}

}  // namespace vitsim
#endif
