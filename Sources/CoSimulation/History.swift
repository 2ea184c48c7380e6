import Machine

/// The register files of two models in the last cycles: a ring.
final class History {
  private let registers: Int
  private let cycles: Int
  private let left: UnsafeMutableBufferPointer<Int32>
  private let right: UnsafeMutableBufferPointer<Int32>
  /// Cycles taken, and the number of the last.
  private var count = 0
  private var last = -1

  /// Keeps at least one cycle.
  init(registers: Int, cycles: Int) {
    self.registers = registers
    self.cycles = max(1, cycles)
    left = .allocate(capacity: registers * self.cycles)
    right = .allocate(capacity: registers * self.cycles)
    left.initialize(repeating: 0)
    right.initialize(repeating: 0)
  }

  deinit {
    left.deallocate()
    right.deallocate()
  }

  private func slot(_ buffer: UnsafeMutableBufferPointer<Int32>, _ index: Int) -> UnsafeMutableBufferPointer<Int32> {
    UnsafeMutableBufferPointer(rebasing: buffer[index % cycles * registers..<(index % cycles + 1) * registers])
  }

  /// Reads both models after `cycle`; the first register that differs, and how many others do.
  func take(_ cycle: Int, _ one: any ClockedModel, _ other: any ClockedModel) throws -> (index: Int, others: Int)? {
    let (ours, theirs) = (slot(left, count), slot(right, count))
    try one.read(into: ours)
    try other.read(into: theirs)
    (count, last) = (count + 1, cycle)
    if Self.areEqual(ours, theirs) { return nil }
    guard let index = ours.indices.first(where: { ours[$0] != theirs[$0] }) else { return nil }
    return (index, ours.indices.count { ours[$0] != theirs[$0] } - 1)
  }

  /// In one go, without a branch for each register.
  private static func areEqual(
    _ ours: UnsafeMutableBufferPointer<Int32>, _ theirs: UnsafeMutableBufferPointer<Int32>
  ) -> Bool {
    guard let one = ours.baseAddress, let other = theirs.baseAddress else { return true }
    var bits: Int32 = 0
    for index in 0..<ours.count { bits |= one[index] ^ other[index] }
    return bits == 0
  }

  /// The values of one register after the last cycle.
  func values(at index: Int) -> (Int32, Int32) { (slot(left, count - 1)[index], slot(right, count - 1)[index]) }

  /// All cycles that are still there.
  func window(_ groups: [RegisterGroup]) -> LockStepWindow {
    var window = LockStepWindow()
    window.groups = groups
    let kept = min(count, cycles)
    window.first = last - kept + 1
    for index in count - kept..<count {
      window.left.append(Array(slot(left, index)))
      window.right.append(Array(slot(right, index)))
    }
    return window
  }
}
