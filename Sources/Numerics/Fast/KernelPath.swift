import CKernels

/// Which instructions of the processor the fast forms use. All give the same integers.
public enum KernelPath: String, Sendable, Hashable, CaseIterable {
  /// C alone.
  case portable
  /// 256-bit vectors, products of 16 bits.
  case avx2
  /// 512-bit vectors, products of 8 bits.
  case vnni
  /// Tiles of 16×64 bytes; all else as `vnni`.
  case amx

  /// What this processor can do, the fastest last.
  public static let available = allCases.filter { ck_has_path($0.code) }
  /// The fastest that this processor can do.
  public static let best = available.last ?? .portable

  public var code: ck_path {
    switch self {
    case .portable: CK_PORTABLE
    case .avx2: CK_AVX2
    case .vnni: CK_VNNI
    case .amx: CK_AMX
    }
  }
}
