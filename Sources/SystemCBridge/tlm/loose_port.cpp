#if __has_include(<systemc>)
#define SC_INCLUDE_DYNAMIC_PROCESSES
#include "loose_port.hpp"

namespace vitsim {

void LoosePort::send(BurstPayload &payload) {
  Worker &worker = idle_worker();
  worker.payload = &payload;
  worker.time = std::max(present(), sc_core::sc_time_stamp());
  worker.start.notify();
  // A memory that doesn't wait has answered when this returns; and bursts are sent in order.
  sc_core::wait(sc_core::SC_ZERO_TIME);
}

LoosePort::Worker &LoosePort::idle_worker() {
  for (auto &worker : workers_)
    if (!worker->payload) return *worker;
  workers_.push_back(std::make_unique<Worker>());
  Worker *worker = workers_.back().get();
  sc_core::sc_spawn([this, worker] { work(*worker); }, sc_core::sc_gen_unique_name("burst"));
  return *worker;
}

void LoosePort::work(Worker &worker) {
  while (true) {
    while (!worker.payload) sc_core::wait(worker.start);
    BurstPayload &payload = *worker.payload;
    sc_core::sc_time delay = worker.time - sc_core::sc_time_stamp();
    socket_->b_transport(payload, delay);
    worker.payload = nullptr;
    answer(payload, sc_core::sc_time_stamp() + delay);
  }
}

}  // namespace vitsim
#endif
