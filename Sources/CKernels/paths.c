#include "ck_path.h"

bool ck_has_path(ck_path path) {
  if (path == CK_PORTABLE) return true;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (path == CK_AVX2) return __builtin_cpu_supports("avx2");
  return path == CK_VNNI && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vnni");
#else
  return false;
#endif
}
