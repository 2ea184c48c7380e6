#include "arithmetic.hpp"
#include "fixed_point.hpp"

namespace vitsim::numerics {

float real(const Quantization &it, int64_t integer) {
  return static_cast<float>(integer - it.zero) * static_cast<float>(it.scale);
}

int32_t quantize(const Quantization &it, float real) {
  const float steps = std::nearbyint(real / static_cast<float>(it.scale));
  if (std::isnan(steps)) return static_cast<int32_t>(it.zero);
  // What lies further out is clamped whatever the zero point.
  return clamp(static_cast<int64_t>(std::clamp(steps, -1024.0f, 1024.0f)) + it.zero);
}

}  // namespace vitsim::numerics
