#define _GNU_SOURCE
#include "ck_path.h"

#if defined(__x86_64__)
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

static bool has_vnni(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vnni");
}

// Linux keeps the tiles of a process only if it has asked for it.
static bool may_use_tiles(void) {
#if defined(__linux__) && defined(SYS_arch_prctl)
  enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };
  return syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
#else
  return false;
#endif
}
#endif

bool ck_has_path(ck_path path) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  switch (path) {
    case CK_PORTABLE: return true;
    case CK_AVX2: return __builtin_cpu_supports("avx2");
    case CK_VNNI: return has_vnni();
    case CK_AMX: return has_vnni() && __builtin_cpu_supports("amx-int8") && may_use_tiles();
    default: return false;
  }
#else
  return path == CK_PORTABLE;
#endif
}
