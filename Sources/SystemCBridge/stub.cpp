// Without SystemC: the C header's functions, each of which says so.
#if !__has_include(<systemc>)
#include "kernel.hpp"

namespace {
constexpr const char *absent = "built without SystemC: apt install libsystemc-dev, then a clean build";
}

extern "C" {

// An object of an earlier build with SystemC still links with the library, which wants it.
int sc_main(int, char **) { return 0; }

int vitsim_systemc_available(void) { return 0; }
const char *vitsim_systemc_version(void) { return absent; }
const char *vitsim_last_error(void) {
  // What needs no SystemC may have failed.
  return vitsim::last_error().empty() ? absent : vitsim::last_error().c_str();
}
vitsim_status vitsim_kernel_reset(void) { return VITSIM_ABSENT; }
vitsim_status vitsim_kernel_selftest(int) { return VITSIM_ABSENT; }
vitsim_status vitsim_model_create(const uint8_t *, size_t, vitsim_level, vitsim_model **) { return VITSIM_ABSENT; }
vitsim_status vitsim_model_step(vitsim_model *, int64_t, int *) { return VITSIM_ABSENT; }
int64_t vitsim_model_cycle(const vitsim_model *) { return 0; }
size_t vitsim_model_groups(const vitsim_model *) { return 0; }
vitsim_status vitsim_model_group(const vitsim_model *, size_t, vitsim_group *) { return VITSIM_ABSENT; }
vitsim_status vitsim_model_registers(vitsim_model *, int32_t *, size_t) { return VITSIM_ABSENT; }
vitsim_status vitsim_model_upset(vitsim_model *, size_t, int32_t) { return VITSIM_ABSENT; }
vitsim_status vitsim_model_events(vitsim_model *, vitsim_event *, size_t, size_t *) { return VITSIM_ABSENT; }
vitsim_status vitsim_model_buffer(const vitsim_model *, size_t, const uint8_t **, size_t *) { return VITSIM_ABSENT; }
vitsim_status vitsim_model_tensor(const vitsim_model *, size_t, const uint8_t **, size_t *) { return VITSIM_ABSENT; }

}  // extern "C"
#endif
