/// What goes through the registers of a literal machine, in the order of the register file: it copies them, or flips bits of one.
struct LiteralVisitor {
  private enum Purpose {
    case copy(UnsafeMutablePointer<Int32>)
    /// Bits of the register with that number.
    case upset(Int, mask: Int32)
  }

  private let purpose: Purpose
  private let capacity: Int
  /// Registers visited.
  private(set) var count = 0
  /// The register to upset is one that can be.
  private(set) var hasUpset = false

  init(copyingTo registers: UnsafeMutableBufferPointer<Int32>) {
    purpose = registers.baseAddress.map { .copy($0) } ?? .upset(-1, mask: 0)
    capacity = registers.count
  }

  init(upsetting register: Int, mask: Int32) {
    purpose = .upset(register, mask: mask)
    capacity = .max
  }

  /// Rows of `columns` registers, `pitch` apart.
  @inline(__always)
  mutating func plane<T: FixedWidthInteger>(_ cells: UnsafeMutablePointer<T>, rows: Int, columns: Int, pitch: Int) {
    guard count + rows * columns <= capacity else { return }
    switch purpose {
    case .copy(let registers):
      for row in 0..<rows {
        let (from, to) = (cells + row &* pitch, registers + (count &+ row &* columns))
        for column in 0..<columns { to[column] = Int32(truncatingIfNeeded: from[column]) }
      }
    case .upset(let register, let mask):
      if count..<count + rows * columns ~= register {
        let (row, column) = (register - count).quotientAndRemainder(dividingBy: columns)
        cells[row * pitch + column] ^= T(truncatingIfNeeded: mask)
        hasUpset = true
      }
    }
    count &+= rows &* columns
  }

  /// A register of the control, which can't be upset.
  mutating func counter(_ value: Int) {
    var copy = value
    let before = hasUpset
    counter(&copy)
    hasUpset = before
  }

  /// A counter of tokens.
  mutating func counter(_ value: inout Int) {
    guard count < capacity else { return }
    switch purpose {
    case .copy(let registers): registers[count] = Int32(truncatingIfNeeded: value)
    case .upset(count, let mask):
      value = max(0, value ^ Int(mask))
      hasUpset = true
    case .upset: break
    }
    count &+= 1
  }
}
