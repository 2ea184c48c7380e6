// Bursts as generic payloads, used again and again.
#pragma once
#if __has_include(<systemc>)
#include <memory>

#include "burst_extension.hpp"

namespace vitsim {

/// A burst on its way to the memory and back, with its bytes.
struct BurstPayload : tlm::tlm_generic_payload {
  explicit BurstPayload(tlm::tlm_mm_interface *pool) : tlm::tlm_generic_payload(pool) { set_extension(&extension); }
  ~BurstPayload() override { clear_extension(&extension); }

  /// All of its beats, and which of their bytes are written.
  std::vector<uint8_t> data, enables;
  burst_extension extension;
  /// First byte by the program's addresses, and beats.
  int64_t block = 0, beats = 0;
  /// The response has come; nobody waits for it any more.
  bool is_known = false, is_abandoned = false;
  /// When the response counts.
  sc_core::sc_time response;
};

class PayloadPool : public tlm::tlm_mm_interface {
 public:
  /// A payload that one user holds.
  BurstPayload &take() {
    if (free_.empty()) {
      all_.push_back(std::make_unique<BurstPayload>(this));
      free_.push_back(all_.back().get());
    }
    BurstPayload &payload = *free_.back();
    free_.pop_back();
    payload.acquire();
    payload.extension.beat_times.clear();
    payload.is_known = payload.is_abandoned = false;
    return payload;
  }

  void free(tlm::tlm_generic_payload *payload) override { free_.push_back(static_cast<BurstPayload *>(payload)); }

 private:
  std::vector<std::unique_ptr<BurstPayload>> all_;
  std::vector<BurstPayload *> free_;
};

}  // namespace vitsim
#endif
