import Machine

/// Writes registers over cycles as a value change dump (IEEE 1364, section 18), cycle by cycle: only what changes.
///
/// Names are those of the register file. A cycle is a nanosecond long, so that viewers show cycles as they are: at 1234 ns stands what
/// the edge at the end of cycle 1234 has left.
///
/// ```swift
/// var writer = WaveformWriter([.init(name: "", groups: stepper.groups)])
/// file.append(writer.take())
/// ```
public struct WaveformWriter {
  /// A register file, under a scope of its own if it has a name.
  public struct Side {
    public var name: String
    public var groups: [RegisterGroup]

    public init(name: String = "", groups: [RegisterGroup]) {
      (self.name, self.groups) = (name, groups)
    }
  }

  private struct Variable {
    var register: Int
    /// As it stands behind a value, with the end of the line.
    var code: [UInt8]
    var value: Int32?
  }

  /// By side.
  private var variables: [[Variable]]
  private var bytes: [UInt8] = []
  private var cycle = 0
  private var hasTime = false

  /// - Parameter isShown: Whether a group's registers are in the dump; all are if there is none.
  public init(_ sides: [Side], isShown: ((RegisterGroup) -> Bool)? = nil) {
    var (scopes, number) = (WaveformScope(), 0)
    variables = sides.map { side in
      var (variables, register) = ([Variable](), 0)
      for group in side.groups {
        for place in 0..<group.count where isShown?(group) ?? true {
          let code = Self.code(number)
          scopes.insert(place, of: group, under: side.name, code: code)
          variables.append(Variable(register: register + place, code: Array(" \(code)\n".utf8)))
          number += 1
        }
        register += group.count
      }
      return variables
    }
    var text = "$comment 1 ns is a clock cycle; values are those after its edge $end\n$timescale 1 ns $end\n"
    scopes.write(to: &text)
    bytes = Array((text + "$enddefinitions $end\n").utf8)
  }

  /// Registers in the dump.
  public var registers: Int { variables.reduce(0) { $0 + $1.count } }

  /// What follows is of `cycle`, which is later than all before.
  public mutating func begin(_ cycle: Int) {
    (self.cycle, hasTime) = (cycle, false)
  }

  /// A side's register file, as the edge at the end of the cycle has left it.
  public mutating func add(_ registers: UnsafeBufferPointer<Int32>, of side: Int = 0) {
    for index in variables[side].indices {
      let register = variables[side][index].register
      guard register < registers.count, variables[side][index].value != registers[register] else { continue }
      variables[side][index].value = registers[register]
      writeTime()
      write(UInt32(bitPattern: registers[register]))
      bytes += variables[side][index].code
    }
  }

  /// The last value of all holds until `cycle`.
  public mutating func finish(_ cycle: Int) {
    begin(cycle)
    writeTime()
  }

  /// What has been written since this was called before.
  public mutating func take() -> [UInt8] {
    defer { bytes.removeAll(keepingCapacity: true) }
    return bytes
  }

  /// Bytes that `take` would give.
  public var pending: Int { bytes.count }

  private mutating func writeTime() {
    if hasTime { return }
    bytes += Array("#\(cycle)\n".utf8)
    hasTime = true
  }

  private mutating func write(_ value: UInt32) {
    bytes.append(UInt8(ascii: "b"))
    let digits = max(1, UInt32.bitWidth - value.leadingZeroBitCount)
    for digit in (0..<digits).reversed() { bytes.append(UInt8(ascii: "0") + UInt8(value >> UInt32(digit) & 1)) }
  }

  /// A short code of printable characters for variable `number`, none of which is `$`: no code is a keyword.
  private static func code(_ number: Int) -> String {
    var (rest, code) = (number, "")
    repeat {
      let place = UInt8(33 + rest % 93)
      code.unicodeScalars.append(Unicode.Scalar(place < UInt8(ascii: "$") ? place : place + 1))
      rest = rest / 93 - 1
    } while rest >= 0
    return code
  }
}
