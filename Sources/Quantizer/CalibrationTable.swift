import Model
import Numerics

/// What a tensor's numbers are to hold.
public enum Calibration: Sendable, Hashable {
  /// Smallest and largest value, both finite.
  case range(min: Float, max: Float)
  /// The numbers themselves.
  case numbers(Quantization)
}

/// Ranges of a model's tensors by name: the content of a calibration file.
///
/// The file is JSON text, an object of objects, in the model's order:
/// ```
/// {
///   "x": {"min": -1.0, "max": 1.0},
///   "fc1.out": {"scale": 0.05, "zero_point": -3}
/// }
/// ```
/// Numbers are those of INT8; `zero_point` may be left out and is 0 then.
public struct CalibrationTable: Sendable, Hashable {
  /// Names in the order in which they were set.
  public private(set) var names: [String] = []
  private var entries: [String: Calibration] = [:]

  public init() {}

  public subscript(name: String) -> Calibration? {
    get { entries[name] }
    set {
      if entries[name] == nil, newValue != nil { names.append(name) }
      if newValue == nil { names.removeAll { $0 == name } }
      entries[name] = newValue
    }
  }

  /// Reads a calibration file.
  ///
  /// - Throws: `CalibrationError.file` with the place of the first mistake.
  public init(parsing text: String) throws(CalibrationError) {
    var scanner = CalibrationScanner(text)
    try scanner.object { (scanner: inout CalibrationScanner, name: String) throws(CalibrationError) in
      guard entries[name] == nil else { throw scanner.mistake("'\(name)' stands here a second time") }
      var fields: [String: Double] = [:]
      try scanner.object { (scanner: inout CalibrationScanner, field: String) throws(CalibrationError) in
        guard fields[field] == nil else { throw scanner.mistake("'\(field)' of '\(name)' stands here a second time") }
        fields[field] = try scanner.number()
      }
      switch Calibration.reading(fields) {
      case .success(let calibration): self[name] = calibration
      case .failure(let mistake): throw scanner.mistake("'\(name)' \(mistake.text)")
      }
    }
    try scanner.end()
  }

  /// The file's text.
  public var text: String {
    let lines = names.map { name in
      let entry =
        switch entries[name] {
        case .range(let min, let max): "\"min\": \(min), \"max\": \(max)"
        case .numbers(let numbers): "\"scale\": \(numbers.scale), \"zero_point\": \(numbers.zeroPoint)"
        case nil: ""
        }
      return "  \(CalibrationScanner.quoted(name)): {\(entry)}"
    }
    return lines.isEmpty ? "{}\n" : "{\n" + lines.joined(separator: ",\n") + "\n}\n"
  }
}

/// Why a model can't be calibrated or quantized.
public enum CalibrationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A calibration file is malformed there; lines and columns count from 1.
  case file(line: Int, column: Int, problem: String)
  /// A tensor's range is missing or isn't one.
  case tensor(name: String, problem: String)
  case model(ModelError)

  public var description: String {
    switch self {
    case .file(let line, let column, let problem): "calibration, line \(line), column \(column): \(problem)"
    case .tensor(let name, let problem): "calibration of tensor '\(name)': \(problem)"
    case .model(let error): "\(error)"
    }
  }
}

private struct Mistake: Error {
  var text: String
}

extension Calibration {
  fileprivate static func reading(_ fields: [String: Double]) -> Result<Calibration, Mistake> {
    func fail(_ text: String) -> Result<Calibration, Mistake> { .failure(Mistake(text: text)) }
    let calibration: Calibration
    if let field = fields.keys.filter({ !["min", "max", "scale", "zero_point"].contains($0) }).min() {
      return fail("has an unknown field '\(field)' (min and max, or scale and zero_point)")
    }
    if let min = fields["min"], let max = fields["max"], fields.count == 2 {
      calibration = .range(min: Float(min), max: Float(max))
    } else if let scale = fields["scale"], fields["min"] == nil, fields["max"] == nil {
      let zero = fields["zero_point"] ?? 0
      guard let zeroPoint = Int(exactly: zero) else { return fail("has zero_point \(zero); it is an integer") }
      calibration = .numbers(Quantization(scale: Float(scale), zeroPoint: zeroPoint))
    } else {
      return fail("needs min and max, or scale and zero_point")
    }
    return calibration.problem.map { fail($0) } ?? .success(calibration)
  }

  /// What is wrong with it; nil if nothing is.
  var problem: String? {
    switch self {
    case .range(let min, let max):
      if !min.isFinite || !max.isFinite { return "has range \(min)…\(max); both ends must be finite" }
      return min <= max ? nil : "has range \(min)…\(max); min must not be above max"
    case .numbers(let numbers):
      if !(numbers.scale > 0 && numbers.scale.isFinite) {
        return "has scale \(numbers.scale); it must be positive and finite"
      }
      return -128...127 ~= numbers.zeroPoint ? nil : "has zero_point \(numbers.zeroPoint); it must be from -128 to 127"
    }
  }
}
