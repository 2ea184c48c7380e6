/// Numbers as text, the same in every locale.
enum NumberText {
  /// `1,234,567`.
  static func grouped(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    var text = value < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return text
  }

  /// `1 point`, `2,000 points`.
  static func count(_ number: Int, _ noun: String) -> String { "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")" }

  /// `value` with exactly `decimals` decimals, ties away from zero; `-` for what is not a number or has no place here.
  static func fixed(_ value: Double, _ decimals: Int) -> String {
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = (value * scale).rounded()
    guard scaled.magnitude < 9e15 else { return value.isFinite ? "\(value)" : "-" }
    var digits = String(Int(scaled.magnitude))
    if decimals > 0 {
      digits = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
      digits.insert(".", at: digits.index(digits.endIndex, offsetBy: -decimals))
    }
    return (scaled < 0 ? "-" : "") + digits
  }

  /// About three digits, for people: `0.0123`, `1.23`, `12.3`, `1,234`.
  static func short(_ value: Double) -> String {
    switch value.magnitude {
    case 0: "0"
    case ..<0.1: fixed(value, 4)
    case ..<10: fixed(value, 2)
    case ..<100: fixed(value, 1)
    case ..<1e15: grouped(Int(value.rounded()))
    default: "\(value)"
    }
  }

  /// `62.3%`.
  static func percent(_ share: Double) -> String { fixed(share * 100, 1) + "%" }

  /// `4.00 KiB`, in steps of 1024; whole bytes below that.
  static func bytes(_ value: Int) -> String {
    scaled(value, by: 1024, units: ["B", "KiB", "MiB", "GiB", "TiB", "PiB"], separator: " ")
  }

  /// `1.25 G`, in steps of 1000.
  static func count(_ value: Int) -> String {
    scaled(value, by: 1000, units: ["", "k", "M", "G", "T", "P"], separator: " ")
  }

  private static func scaled(_ value: Int, by step: Double, units: [String], separator: String) -> String {
    var size = Double(value)
    var unit = 0
    while size.magnitude >= step, unit < units.count - 1 {
      size /= step
      unit += 1
    }
    if unit == 0 { return units[0].isEmpty ? "\(value)" : "\(value)\(separator)\(units[0])" }
    return fixed(size, size.magnitude >= 100 ? 1 : 2) + separator + units[unit]
  }
}
