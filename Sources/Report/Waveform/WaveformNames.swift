import Machine

/// Registers in a tree of scopes, as a value change dump declares them: a scope for each unit, those of a group (`dma`) in one of
/// their own, and one in it for each PE.
struct WaveformScope {
  private var lines: [String] = []
  private var order: [String] = []
  /// By the part of the name that they stand for.
  private var scopes: [String: (identifier: String, scope: WaveformScope)] = [:]
  private var taken: Set<String> = []

  init() {}

  /// Declares register `place` of `group`, which changes refer to by `code`.
  mutating func insert(_ place: Int, of group: RegisterGroup, under side: String, code: String) {
    let (path, name) = Self.path(of: place, in: group)
    insert((side.isEmpty ? [] : [side]) + path, name, code)
  }

  private mutating func insert(_ path: some Collection<String>, _ name: String, _ code: String) {
    guard let first = path.first else {
      lines.append("$var wire 32 \(code) \(identifier(name)) $end\n")
      return
    }
    if scopes[first] == nil {
      order.append(first)
      scopes[first] = (identifier(first), WaveformScope())
    }
    scopes[first]?.scope.insert(path.dropFirst(), name, code)
  }

  /// The name as it stands in the file: letters, digits, `-` and `_`, and of its own within the scope.
  private mutating func identifier(_ name: String) -> String {
    let plain = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "_" })
    var (identifier, number) = (plain, 1)
    while !taken.insert(identifier).inserted {
      number += 1
      identifier = "\(plain)_\(number)"
    }
    return identifier
  }

  func write(to text: inout String) {
    for line in lines { text += line }
    for name in order {
      guard let (identifier, scope) = scopes[name] else { continue }
      text += "$scope module \(identifier) $end\n"
      scope.write(to: &text)
      text += "$upscope $end\n"
    }
  }

  /// Scopes and name of one register: `array`, `pe_3_7` and `sum`.
  private static func path(of place: Int, in group: RegisterGroup) -> (scopes: [String], name: String) {
    var parts = group.name.split(separator: ".").map(String.init)
    if group.labels.indices.contains(place) { return (parts, group.labels[place]) }
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
}

extension RegisterGroup {
  /// The unit, buffer or bus that the registers belong to: `array` for `array.sum`, `dma.in` for `dma.in.control`.
  public var unit: String {
    guard let dot = name.lastIndex(of: ".") else { return name }
    return String(name[..<dot])
  }
}
