/// What a number in a configuration measures: its units, and how it is written and read.
package enum Quantity: Sendable {
  case count, cycles, size, frequency, bandwidth

  /// A unit and its worth in the base unit (bytes, hertz, bytes a second): `scale / divisor`.
  struct Unit {
    var name: String
    var scale: Int
    var divisor = 1
  }

  /// The first unit that fits is used for printing.
  var units: [Unit] {
    switch self {
    case .count: []
    case .cycles: [Unit(name: "cycles", scale: 1), Unit(name: "cycle", scale: 1)]
    case .size:
      [
        Unit(name: "TiB", scale: 1 << 40), Unit(name: "GiB", scale: 1 << 30), Unit(name: "MiB", scale: 1 << 20),
        Unit(name: "KiB", scale: 1 << 10), Unit(name: "B", scale: 1), Unit(name: "bit", scale: 1, divisor: 8),
        Unit(name: "TB", scale: 1_000_000_000_000), Unit(name: "GB", scale: 1_000_000_000),
        Unit(name: "MB", scale: 1_000_000), Unit(name: "KB", scale: 1000), Unit(name: "kB", scale: 1000),
      ]
    case .frequency:
      [
        Unit(name: "GHz", scale: 1_000_000_000), Unit(name: "MHz", scale: 1_000_000), Unit(name: "kHz", scale: 1000),
        Unit(name: "Hz", scale: 1),
      ]
    case .bandwidth:
      [
        Unit(name: "TB/s", scale: 1_000_000_000_000), Unit(name: "GB/s", scale: 1_000_000_000),
        Unit(name: "MB/s", scale: 1_000_000), Unit(name: "KB/s", scale: 1000), Unit(name: "kB/s", scale: 1000),
        Unit(name: "B/s", scale: 1), Unit(name: "TiB/s", scale: 1 << 40), Unit(name: "GiB/s", scale: 1 << 30),
        Unit(name: "MiB/s", scale: 1 << 20), Unit(name: "KiB/s", scale: 1 << 10),
      ]
    }
  }

  /// What to write instead of something wrong.
  var example: String {
    switch self {
    case .count: "a whole number"
    case .cycles: "a number of cycles"
    case .size: "a size such as 512KiB"
    case .frequency: "a frequency such as 200MHz"
    case .bandwidth: "a bandwidth such as 19.2GB/s"
    }
  }

  private var wholeOf: String {
    switch self {
    case .count: ""
    case .cycles: " of cycles"
    case .size: " of bytes"
    case .frequency: " of hertz"
    case .bandwidth: " of bytes a second"
    }
  }

  /// `a size such as 512KiB, from 1B to 1TiB`.
  func expectation(_ range: ClosedRange<Int>) -> String {
    let values = "from \(format(range.lowerBound)) to \(format(range.upperBound))"
    return self == .count || self == .cycles ? "\(example) \(values)" : "\(example), \(values)"
  }

  /// Why a text isn't a quantity of the right kind.
  struct Failure: Error {
    /// Follows the key and the text: `has no unit`.
    var reason: String
    var suggestion: String?
    init(_ reason: String, suggestion: String? = nil) {
      self.reason = reason
      self.suggestion = suggestion
    }
  }

  /// Reads decimal digits, with a fraction or not, and a unit; exact or not at all.
  func parse(_ text: String) throws(Failure) -> Int {
    var rest = Substring(text)
    let sign = rest.first.flatMap { "+-".contains($0) ? $0 : nil }
    if sign != nil { rest.removeFirst() }
    let whole = rest.prefix(while: \.isASCIIDigit)
    guard !whole.isEmpty else { throw Failure("is not a number") }
    if sign == "-" { throw Failure("is negative") }
    guard whole.count == 1 || whole.first != "0", sign == nil else { throw Failure("is not a plain decimal number") }
    rest = rest[whole.endIndex...]
    var fraction = Substring()
    if rest.first == "." {
      fraction = rest.dropFirst().prefix(while: \.isASCIIDigit)
      guard !fraction.isEmpty else { throw Failure("is not a number") }
      rest = rest[fraction.endIndex...]
      while fraction.last == "0" { fraction.removeLast() }
    }
    let unit = try self.unit(rest.first == " " ? rest.dropFirst() : rest)
    guard let number = Int(whole + fraction), fraction.count <= 18 else { throw Failure("is too large or too exact") }
    let power = (0..<fraction.count).reduce(1) { power, _ in power * 10 }
    let (divisor, tooExact) = power.multipliedReportingOverflow(by: unit.divisor)
    guard !tooExact else { throw Failure("is too large or too exact") }
    let common = greatestCommonDivisor(unit.scale, divisor)
    let (scaled, overflow) = number.multipliedReportingOverflow(by: unit.scale / common)
    guard !overflow else { throw Failure("is too large") }
    guard scaled % (divisor / common) == 0 else { throw Failure("is not a whole number\(wholeOf)") }
    return scaled / (divisor / common)
  }

  private func unit(_ name: Substring) throws(Failure) -> Unit {
    if name.isEmpty {
      switch self {
      case .count, .cycles: return Unit(name: "", scale: 1)
      default: throw Failure("has no unit")
      }
    }
    if let unit = units.first(where: { $0.name == name }) { return unit }
    throw Failure(
      units.isEmpty ? "has a unit where none belongs" : "has the unknown unit \(quoted(String(name)))",
      suggestion: didYouMean(String(name), among: units.map(\.name)))
  }

  /// The shortest exact text, which `parse` reads back.
  package func format(_ value: Int) -> String {
    switch self {
    case .count, .cycles: return String(value)
    case .size:
      let unit = units.first { $0.divisor == 1 && value >= $0.scale && value % $0.scale == 0 }
      return unit.map { "\(value / $0.scale)\($0.name)" } ?? "\(value)B"
    case .frequency, .bandwidth:
      guard let unit = units.first(where: { value >= $0.scale }) else {
        return "\(value)\(units[units.count - 1].name)"
      }
      var digits = String(value % unit.scale + unit.scale).dropFirst()
      while digits.last == "0" { digits.removeLast() }
      return "\(value / unit.scale)\(digits.isEmpty ? "" : ".")\(digits)\(unit.name)"
    }
  }
}

private func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : greatestCommonDivisor(b, a % b) }

extension Character {
  fileprivate var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}
