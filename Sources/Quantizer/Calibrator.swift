import Model

/// Which range of a tensor's values its numbers are to hold; what lies outside saturates.
public enum CalibrationMethod: Sendable, Hashable {
  /// All that was met.
  case minMax
  /// The middle part that holds this fraction of the values, 0.5…1: 0.9999 drops a value in 20,000 at each end.
  case percentile(Double)
}

/// Runs a float model over images and collects the ranges of its tensors.
///
/// ```swift
/// var calibrator = try Calibrator(model)
/// for image in images { try calibrator.add(image) }
/// let quantized = try model.quantized(by: calibrator.table)
/// ```
public struct Calibrator: Sendable {
  private let interpreter: FloatInterpreter
  private let method: CalibrationMethod
  private let tensors: [TensorID]
  private var ranges: [ValueRange]

  /// - Throws: `CalibrationError` if the model isn't valid, two of its tensors have one name, or the method is no fraction.
  public init(_ model: FloatModel, method: CalibrationMethod = .minMax) throws(CalibrationError) {
    do {
      interpreter = try FloatInterpreter(model)
    } catch {
      throw .model(error)
    }
    if case .percentile(let fraction) = method, !(0.5...1 ~= fraction) {
      throw .tensor(name: model.graph.name, problem: "percentile \(fraction) must be from 0.5 to 1")
    }
    self.method = method
    tensors = model.graph.calibratedTensors
    var names: Set<String> = []
    for id in tensors where !names.insert(model.graph[id].name).inserted {
      throw .tensor(name: model.graph[id].name, problem: "two tensors have this name")
    }
    ranges = Array(repeating: ValueRange(counting: method != .minMax), count: tensors.count)
  }

  /// Takes the values that an image gives: NHWC, as many as the model's input takes.
  ///
  /// - Throws: `CalibrationError` if the image has another size or makes a tensor infinite.
  public mutating func add(_ image: [Float]) throws(CalibrationError) {
    let values: [TensorID: [Float]]
    do {
      values = try interpreter.run(input: image)
    } catch {
      throw .model(error)
    }
    for (place, id) in tensors.enumerated() {
      guard ranges[place].add(values[id] ?? []) else {
        throw .tensor(name: interpreter.model.graph[id].name, problem: "holds values that aren't finite")
      }
    }
  }

  /// Ranges of all images so far; nothing before the first.
  public var table: CalibrationTable {
    var table = CalibrationTable()
    for (id, range) in zip(tensors, ranges) where range.min <= range.max {
      let (min, max) =
        if case .percentile(let fraction) = method { range.middle(fraction) } else { (range.min, range.max) }
      table[interpreter.model.graph[id].name] = .range(min: min, max: max)
    }
    return table
  }
}

/// Smallest and largest value, and how many lie in each part of the range between −`reach` and `reach`.
private struct ValueRange {
  var min = Float.infinity
  var max = -Float.infinity
  private var reach: Float = 0x1p-20
  private var counts: [Int]

  private static let bins = 4096

  init(counting: Bool) { counts = counting ? Array(repeating: 0, count: Self.bins) : [] }

  /// False if a value isn't finite.
  mutating func add(_ values: [Float]) -> Bool {
    for value in values {
      if !value.isFinite { return false }
      min = Swift.min(min, value)
      max = Swift.max(max, value)
    }
    if counts.isEmpty { return true }
    while reach < Swift.max(-min, max) { widen() }
    for value in values { counts[bin(value)] += 1 }
    return true
  }

  private func bin(_ value: Float) -> Int {
    Swift.min(Self.bins - 1, Int((value / reach + 1) * Float(Self.bins / 2)))
  }

  /// Twice the reach, two bins becoming one.
  private mutating func widen() {
    reach *= 2
    let half = Self.bins / 4
    counts = (0..<Self.bins).map { bin in
      let inner = (bin - half) * 2
      return 0..<Self.bins ~= inner ? counts[inner] + counts[inner + 1] : 0
    }
  }

  /// The range without the outermost values, to the width of a bin.
  func middle(_ fraction: Double) -> (min: Float, max: Float) {
    let dropped = Int(Double(counts.reduce(0, +)) * (1 - fraction) / 2)
    func edge(_ bins: some Sequence<Int>) -> Int {
      var passed = 0
      for bin in bins {
        passed += counts[bin]
        if passed > dropped { return bin }
      }
      return Self.bins / 2
    }
    let width = 2 * reach / Float(Self.bins)
    let low = Float(edge(0..<Self.bins)) * width - reach
    let high = Float(edge((0..<Self.bins).reversed()) + 1) * width - reach
    return (Swift.max(min, low), Swift.min(max, high))
  }
}
