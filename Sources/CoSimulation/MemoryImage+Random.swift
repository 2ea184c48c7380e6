import Schedule

extension MemoryImage {
  /// Random bytes wherever `schedule` has something from the start: weights, inputs, preloads. The same for the same seed.
  public init(random schedule: Schedule, seed: UInt64) {
    var state = seed
    func bytes(_ count: Int) -> [UInt8] {
      [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        for index in 0..<count {
          // SplitMix64.
          state &+= 0x9E37_79B9_7F4A_7C15
          let mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
          buffer.initializeElement(at: index, to: UInt8(truncatingIfNeeded: mixed >> 40))
        }
        filled = count
      }
    }
    let tensors = schedule.tensors.map { [.weight, .input].contains($0.kind) ? bytes($0.bytes) : nil }
    self.init(tensors: tensors, preloads: schedule.preloads.map { bytes($0.bytes) })
  }
}
