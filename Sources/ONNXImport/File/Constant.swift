/// Integers of a quantized constant and what they stand for: the result of DequantizeLinear.
struct QuantizedElements {
  enum Integers {
    /// Unsigned ones with 128 subtracted.
    case int8([Int8])
    case int32([Int32])
  }

  var integers: Integers
  /// One, or one for each index of `axis`.
  var scales: [Float]
  /// As many as scales; of unsigned integers with 128 subtracted.
  var zeroPoints: [Int]
  /// `nil`: one scale.
  var axis: Int?

  var count: Int {
    switch integers {
    case .int8(let values): values.count
    case .int32(let values): values.count
    }
  }

  func integer(_ index: Int) -> Int {
    switch integers {
    case .int8(let values): Int(values[index])
    case .int32(let values): Int(values[index])
    }
  }
}

/// A tensor whose values are known when the model is loaded, or that a stripped file only describes.
struct Constant {
  enum Elements {
    case float([Float])
    case int8([Int8])
    case uint8([UInt8])
    case int32([Int32])
    case int64([Int64])
    case bool([Bool])
    case quantized(QuantizedElements)
    /// No data in the file; why.
    case missing(ElementType, String)
  }

  /// Of the tensor in the file, for messages and parameters.
  var name: String
  var shape: [Int]
  var elements: Elements

  var count: Int { shape.reduce(1, *) }

  var type: ElementType {
    switch elements {
    case .float, .quantized: .float
    case .int8: .int8
    case .uint8: .uint8
    case .int32: .int32
    case .int64: .int64
    case .bool: .bool
    case .missing(let type, _): type
    }
  }

  var isMissing: Bool { if case .missing = elements { true } else { false } }

  /// Real numbers; quantized ones dequantized in float32.
  func floats() throws(Problem) -> [Float] {
    guard type == .float || isMissing else {
      throw Problem("tensor '\(name)' must be of a floating-point type, and is \(type.name)")
    }
    return try converted()
  }

  /// As real numbers, of whatever type.
  func converted() throws(Problem) -> [Float] {
    switch elements {
    case .float(let values): return values
    case .int8(let values): return values.map(Float.init)
    case .uint8(let values): return values.map(Float.init)
    case .int32(let values): return values.map(Float.init)
    case .int64(let values): return values.map(Float.init)
    case .bool(let values): return values.map { $0 ? 1 : 0 }
    case .quantized(let quantized):
      let inner = quantized.axis.map { shape.dropFirst($0 + 1).reduce(1, *) } ?? 1
      return (0..<quantized.count).map { index in
        let channel = quantized.axis.map { index / inner % shape[$0] } ?? 0
        return Float(quantized.integer(index) - quantized.zeroPoints[channel]) * quantized.scales[channel]
      }
    case .missing(_, let why): throw Problem("tensor '\(name)': \(why)")
    }
  }

  /// As integers.
  func integers() throws(Problem) -> [Int] {
    switch elements {
    case .int8(let values): return values.map(Int.init)
    case .uint8(let values): return values.map(Int.init)
    case .int32(let values): return values.map(Int.init)
    case .int64(let values): return values.map(Int.init)
    case .bool(let values): return values.map { $0 ? 1 : 0 }
    case .float, .quantized: throw Problem("tensor '\(name)' must be of an integer type, and is float")
    case .missing(_, let why): throw Problem("tensor '\(name)': \(why)")
    }
  }

  /// The only value, if there is one value.
  func scalar() throws(Problem) -> Float? { count == 1 ? try floats()[0] : nil }

  /// The dimension along which scales run.
  var scaleAxis: Int? { if case .quantized(let quantized) = elements { quantized.axis } else { nil } }

  /// The elements that a view of this constant's shape shows. Scales per index stay only if `axis` says where they go.
  func rearranged(_ view: View, axis: Int? = nil) -> Constant {
    if view.isContiguous, axis == scaleAxis {
      var result = self
      result.shape = view.shape
      return result
    }
    var places: [Int] = []
    if !isMissing {
      places.reserveCapacity(view.elements)
      view.forEachPlace { places.append($0) }
    }
    return picked(places, shape: view.shape, axis: axis)
  }

  /// The elements at these places, row by row.
  func picked(_ places: [Int], shape: [Int], axis: Int? = nil) -> Constant {
    func pick<T>(_ values: [T]) -> [T] { places.map { values[$0] } }
    var result = self
    result.shape = shape
    switch elements {
    case .float(let values): result.elements = .float(pick(values))
    case .int8(let values): result.elements = .int8(pick(values))
    case .uint8(let values): result.elements = .uint8(pick(values))
    case .int32(let values): result.elements = .int32(pick(values))
    case .int64(let values): result.elements = .int64(pick(values))
    case .bool(let values): result.elements = .bool(pick(values))
    case .missing: break
    case .quantized(var quantized):
      if quantized.axis != nil && axis == nil {
        result.elements = .float(pick((try? floats()) ?? []))
        break
      }
      quantized.axis = axis
      switch quantized.integers {
      case .int8(let values): quantized.integers = .int8(pick(values))
      case .int32(let values): quantized.integers = .int32(pick(values))
      }
      result.elements = .quantized(quantized)
    }
    return result
  }
}
