// An interconnect that decodes addresses and takes no time.
#pragma once
#include <map>
#include <memory>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <vector>

namespace platform {

class Bus : public sc_core::sc_module {
 public:
  using In = tlm_utils::simple_target_socket_tagged<Bus>;
  using Out = tlm_utils::simple_initiator_socket_tagged<Bus>;

  /// Where a target is: it sees its `bytes` addresses from `first` on as 0 and following.
  struct Place {
    uint64_t first, bytes;
  };

  /// With sockets for so many initiators, and for targets at these places.
  Bus(const sc_core::sc_module_name &name, int initiators, std::vector<Place> places)
      : sc_core::sc_module(name), places_(std::move(places)) {
    for (int tag = 0; tag < initiators; tag++) add_initiator(tag);
    for (int tag = 0; tag < static_cast<int>(places_.size()); tag++) add_target(tag);
  }

  In &initiator(size_t index) { return *ins_[index]; }
  Out &target(size_t index) { return *outs_[index]; }

 private:
  void add_initiator(int tag) {
    ins_.push_back(std::make_unique<In>(("initiator_" + std::to_string(tag)).c_str()));
    ins_.back()->register_b_transport(this, &Bus::transport, tag);
    ins_.back()->register_nb_transport_fw(this, &Bus::forward, tag);
    ins_.back()->register_transport_dbg(this, &Bus::debug, tag);
  }

  void add_target(int tag) {
    outs_.push_back(std::make_unique<Out>(("target_" + std::to_string(tag)).c_str()));
    outs_.back()->register_nb_transport_bw(this, &Bus::backward, tag);
  }

  /// Which target has all of the payload's bytes, −1 if none does; the payload gets that one's own address.
  int decode(tlm::tlm_generic_payload &payload) const {
    const uint64_t address = payload.get_address();
    for (size_t index = 0; index < places_.size(); index++) {
      const Place &place = places_[index];
      if (address < place.first || address - place.first >= place.bytes) continue;
      if (payload.get_data_length() > place.bytes - (address - place.first)) continue;
      payload.set_address(address - place.first);
      return static_cast<int>(index);
    }
    return -1;
  }

  void transport(int, tlm::tlm_generic_payload &payload, sc_core::sc_time &delay) {
    const uint64_t address = payload.get_address();
    const int target = decode(payload);
    if (target < 0) {
      payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
      return;
    }
    (*outs_[static_cast<size_t>(target)])->b_transport(payload, delay);
    payload.set_address(address);
  }

  tlm::tlm_sync_enum forward(int initiator, tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                             sc_core::sc_time &delay) {
    if (phase != tlm::BEGIN_REQ) return (*outs_[targets_[&payload].second])->nb_transport_fw(payload, phase, delay);
    const int target = decode(payload);
    if (target < 0) {
      payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
      return tlm::TLM_COMPLETED;
    }
    targets_[&payload] = {initiator, static_cast<size_t>(target)};
    return (*outs_[static_cast<size_t>(target)])->nb_transport_fw(payload, phase, delay);
  }

  tlm::tlm_sync_enum backward(int, tlm::tlm_generic_payload &payload, tlm::tlm_phase &phase,
                              sc_core::sc_time &delay) {
    return (*ins_[static_cast<size_t>(targets_[&payload].first)])->nb_transport_bw(payload, phase, delay);
  }

  unsigned debug(int, tlm::tlm_generic_payload &payload) {
    const uint64_t address = payload.get_address();
    const int target = decode(payload);
    if (target < 0) return 0;
    const unsigned count = (*outs_[static_cast<size_t>(target)])->transport_dbg(payload);
    payload.set_address(address);
    return count;
  }

  std::vector<std::unique_ptr<In>> ins_;
  std::vector<std::unique_ptr<Out>> outs_;
  std::vector<Place> places_;
  /// Of payloads in four phases: who sent them, and where they went.
  std::map<tlm::tlm_generic_payload *, std::pair<int, size_t>> targets_;
};

}  // namespace platform
