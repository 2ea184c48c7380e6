import Machine

/// Registers over cycles, as a value change dump (IEEE 1364, section 18) that GTKWave and other viewers show.
///
/// Names are those of the register file: a scope for each unit, one in it for each PE. A cycle is a nanosecond long: a viewer
/// that shows 1234 ns shows what the edge at the end of cycle 1234 has left.
public struct Waveform: Sendable {
  /// Registers under a scope of their own.
  public struct Side: Sendable {
    /// Of the scope; empty: none.
    public var name: String
    public var groups: [RegisterGroup]
    /// The register file after each cycle.
    public var samples: [[Int32]]

    public init(name: String, groups: [RegisterGroup], samples: [[Int32]]) {
      self.name = name
      self.groups = groups
      self.samples = samples
    }
  }

  public var sides: [Side]
  /// Cycle of the first sample.
  public var firstCycle: Int

  public init(sides: [Side], firstCycle: Int) {
    self.sides = sides
    self.firstCycle = firstCycle
  }

  private struct Variable {
    var name: String
    var code: String
    var side: Int
    var register: Int
  }

  /// The dump; only what changes is written.
  public var vcd: String {
    var (scopes, variables) = (Scope(), [Variable]())
    for (index, side) in sides.enumerated() { add(side, index, to: &scopes, &variables) }
    var text = "$comment 1 ns is a clock cycle; values are those after its edge $end\n$timescale 1 ns $end\n"
    scopes.write(to: &text)
    text += "$enddefinitions $end\n"
    for sample in 0..<(sides.map(\.samples.count).max() ?? 0) {
      text += "#\(firstCycle + sample)\n"
      for variable in variables {
        let samples = sides[variable.side].samples
        guard sample < samples.count, variable.register < samples[sample].count else { continue }
        let value = samples[sample][variable.register]
        if sample > 0, samples[sample - 1][variable.register] == value { continue }
        text += "b\(String(UInt32(bitPattern: value), radix: 2)) \(variable.code)\n"
      }
    }
    return text + "#\(firstCycle + (sides.map(\.samples.count).max() ?? 0))\n"
  }

  private func add(_ side: Side, _ index: Int, to scopes: inout Scope, _ variables: inout [Variable]) {
    var register = 0
    for group in side.groups {
      for place in 0..<group.count {
        let (path, name) = Self.path(of: place, in: group)
        let variable = Variable(name: name, code: Self.code(variables.count), side: index, register: register)
        scopes.insert((side.name.isEmpty ? [] : [side.name]) + path, name, variable.code)
        variables.append(variable)
        register += 1
      }
    }
  }

  /// Scopes and name of one register: `array`, `pe_3_7` and `sum`.
  private static func path(of place: Int, in group: RegisterGroup) -> (scopes: [String], name: String) {
    var parts = group.name.split(separator: ".").map { identifier(String($0)) }
    if group.labels.indices.contains(place) { return (parts, identifier(group.labels[place])) }
    var (name, pe) = (parts.popLast() ?? "", "")
    let isPE = group.axes.contains("row") && group.axes.contains("column")
    for (axis, index) in group.coordinates(of: place).enumerated() {
      let kind = group.axes.indices.contains(axis) ? group.axes[axis] : ""
      if isPE, kind == "row" || kind == "column" {
        pe += "_\(index)"
      } else if group.dimensions[axis] > 1 || kind.isEmpty {
        name += "_" + (kind.first.map { "\($0)" } ?? "") + "\(index)"
      }
    }
    return (parts + (isPE ? ["pe" + pe] : []), name)
  }

  private static func identifier(_ text: String) -> String {
    String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
  }

  /// A short code of printable characters for variable `number`.
  private static func code(_ number: Int) -> String {
    var (rest, code) = (number, "")
    repeat {
      code.unicodeScalars.append(Unicode.Scalar(UInt8(33 + rest % 94)))
      rest = rest / 94 - 1
    } while rest >= 0
    return code
  }

  /// A tree of scopes, in order of first use.
  private struct Scope {
    private var variables: [(name: String, code: String)] = []
    private var names: [String] = []
    private var scopes: [String: Scope] = [:]

    mutating func insert(_ path: some Collection<String>, _ name: String, _ code: String) {
      guard let first = path.first else { return variables.append((name, code)) }
      if scopes[first] == nil { names.append(first) }
      scopes[first, default: Scope()].insert(path.dropFirst(), name, code)
    }

    func write(to text: inout String) {
      for (name, code) in variables { text += "$var wire 32 \(code) \(name) $end\n" }
      for name in names {
        text += "$scope module \(name) $end\n"
        scopes[name]?.write(to: &text)
        text += "$upscope $end\n"
      }
    }
  }
}
