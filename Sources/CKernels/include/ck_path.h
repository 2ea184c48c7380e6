// Which instruction set the kernels of values use. All give the same integers.
#pragma once
#include <stdbool.h>

typedef enum {
  /// C alone.
  CK_PORTABLE = 0,
  /// 16-bit products in 256-bit vectors.
  CK_AVX2 = 1,
  /// 8-bit products in 512-bit vectors.
  CK_VNNI = 2,
  /// 8-bit products of tiles of 16×64 bytes; all else as CK_VNNI.
  CK_AMX = 3,
} ck_path;

/// Whether the processor that runs this, and its operating system, can take the path.
bool ck_has_path(ck_path path);
