// One body, compiled for each path: `VARIANTS(name, (parameters), (arguments))` makes ck_name of body_name.
#pragma once
#include "ck_path.h"

#define BODY static inline __attribute__((always_inline)) void

#if defined(__x86_64__)
#define VARIANTS(name, parameters, arguments)                                                                     \
  static void name##_portable parameters { body_##name arguments; }                                               \
  static __attribute__((target("avx2"))) void name##_avx2 parameters { body_##name arguments; }                   \
  static __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq"))) void name##_avx512 parameters {            \
    body_##name arguments;                                                                                        \
  }                                                                                                               \
  void ck_##name parameters {                                                                                     \
    if (path == CK_PORTABLE) name##_portable arguments;                                                           \
    else if (path == CK_AVX2) name##_avx2 arguments;                                                              \
    else name##_avx512 arguments;                                                                                 \
  }
#else
#define VARIANTS(name, parameters, arguments) \
  void ck_##name parameters { body_##name arguments; }
#endif
