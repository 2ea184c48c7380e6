import Numerics

/// The word that an entry of the table of arithmetic begins with: what is computed.
enum ArithmeticWord: String, CaseIterable {
  case requantize, add, multiply, softmax, layernorm, divide, average
  // Functions of one element.
  case identity, scale, relu, gelu, hardswish, hardsigmoid, sigmoid, silu, tanh, lookup
}

extension TextWriter {
  /// Everything of an entry behind its number.
  mutating func arithmetic(_ arithmetic: StageArithmetic) {
    switch arithmetic {
    case .requantize(let entry):
      head(.requantize, entry.algorithm)
      put(" factors=")
      for (index, factor) in entry.factors.enumerated() {
        if index > 0 { put(",") }
        real(factor)
      }
      if entry.zeroPoint != 0 { field(" zero=", entry.zeroPoint) }
      if entry.lowest != -128 { field(" lowest=", Int(entry.lowest)) }
    case .elementwise(let entry):
      function(entry)
      field(" in=", entry.input)
      field(" out=", entry.output)
    case .add(let entry):
      head(.add, entry.algorithm)
      field(" first=", entry.first)
      field(" second=", entry.second)
      field(" out=", entry.output)
    case .multiply(let entry):
      head(.multiply, entry.algorithm)
      field(" first=", entry.first)
      field(" second=", entry.second)
      field(" out=", entry.output)
    case .softmax(let entry):
      head(.softmax, entry.algorithm)
      field(" in=", entry.input)
      field(" out=", entry.output)
    case .layerNorm(let entry):
      head(.layernorm, entry.algorithm)
      field(" gain=", entry.gainScale)
      field(" bias=", entry.biasScale)
      field(" epsilon=", entry.epsilon)
      field(" in=", entry.input)
      field(" out=", entry.output)
    case .divide(let entry):
      head(.divide, entry.algorithm)
      field(" epsilon=", entry.epsilon)
      field(" in=", entry.input)
      field(" out=", entry.output)
    case .average(let entry):
      head(.average, entry.algorithm)
      field(" in=", entry.input)
      field(" out=", entry.output)
    }
  }

  private mutating func function(_ entry: Elementwise) {
    switch entry.function {
    case .identity: head(.identity, entry.algorithm)
    case .scale(let factor):
      head(.scale, entry.algorithm)
      field(" by=", factor)
    case .relu: head(.relu, entry.algorithm)
    case .gelu: head(.gelu, entry.algorithm)
    case .hardSwish(let gate):
      head(.hardswish, entry.algorithm)
      if let gate { field(" gate=", gate) }
    case .hardSigmoid(let alpha, let beta):
      head(.hardsigmoid, entry.algorithm)
      field(" alpha=", alpha)
      field(" beta=", beta)
    case .sigmoid: head(.sigmoid, entry.algorithm)
    case .silu: head(.silu, entry.algorithm)
    case .tanh: head(.tanh, entry.algorithm)
    case .table(let results):
      head(.lookup, entry.algorithm)
      put(" results=")
      for result in results { hexByte(UInt8(bitPattern: result)) }
    }
  }

  private mutating func head(_ word: ArithmeticWord, _ algorithm: Algorithm) {
    put(word.rawValue)
    put(" ")
    put(algorithm.rawValue)
  }

  private mutating func field(_ key: String, _ quantization: Quantization) {
    field(key, quantization.scale)
    field("/", quantization.zeroPoint)
  }

  private mutating func field(_ key: String, _ value: Float) {
    put(key)
    real(value)
  }

  /// The shortest digits that give the number back.
  private mutating func real(_ value: some BinaryFloatingPoint & CustomStringConvertible) {
    let digits = value.description
    put(digits.hasSuffix(".0") ? String(digits.dropLast(2)) : digits)
  }
}

extension ScheduleParser {
  /// `arithmetic N WORD ALGORITHM fields…`: an entry of the table.
  mutating func arithmetic() throws(Mistake) {
    // An entry with a mistake still counts, so that the stages that refer to it aren't mistakes too.
    var entry = StageArithmetic.requantize(Requantization(algorithm: .float, factors: [1]))
    defer { schedule.arithmetic.append(entry) }
    try index(schedule.arithmetic.count, "arithmetic")
    let word = try oneOf(ArithmeticWord.self, "arithmetic")
    let algorithm = try oneOf(Algorithm.self, "algorithm")
    switch word {
    case .requantize: entry = .requantize(try requantization(algorithm))
    case .add:
      let (first, second) = (try quantization("first"), try quantization("second"))
      entry = .add(Addition(algorithm: algorithm, first: first, second: second, output: try quantization("out")))
    case .multiply:
      let (first, second) = (try quantization("first"), try quantization("second"))
      entry = .multiply(
        Multiplication(algorithm: algorithm, first: first, second: second, output: try quantization("out")))
    case .softmax:
      let (input, output) = try ends()
      entry = .softmax(Softmax(algorithm: algorithm, input: input, output: output))
    case .layernorm:
      let (gain, bias, epsilon) = (try scale("gain"), try scale("bias"), try real("epsilon"))
      let (input, output) = try ends()
      entry = .layerNorm(
        LayerNorm(
          algorithm: algorithm, input: input, output: output, gainScale: gain, biasScale: bias, epsilon: epsilon))
    case .divide:
      let epsilon = try real("epsilon")
      let (input, output) = try ends()
      entry = .divide(Quotient(algorithm: algorithm, input: input, output: output, epsilon: epsilon))
    case .average:
      let (input, output) = try ends()
      entry = .average(Average(algorithm: algorithm, input: input, output: output))
    case .identity, .scale, .relu, .gelu, .hardswish, .hardsigmoid, .sigmoid, .silu, .tanh, .lookup:
      let function = try function(word)
      let (input, output) = try ends()
      entry = .elementwise(Elementwise(function, algorithm: algorithm, input: input, output: output))
    }
  }

  private mutating func function(_ word: ArithmeticWord) throws(Mistake) -> ElementwiseFunction {
    switch word {
    case .scale: return .scale(try real("by"))
    case .relu: return .relu
    case .gelu: return .gelu
    case .hardswish: return .hardSwish(gate: peekKey("gate") ? try quantization("gate") : nil)
    case .hardsigmoid:
      let alpha = try real("alpha")
      return .hardSigmoid(alpha: alpha, beta: try real("beta"))
    case .sigmoid: return .sigmoid
    case .silu: return .silu
    case .tanh: return .tanh
    case .lookup:
      try key("results")
      return .table(try scanner.hexBytes(256, "results for -128 to 127").map { Int8(bitPattern: $0) })
    default: return .identity
    }
  }

  private mutating func requantization(_ algorithm: Algorithm) throws(Mistake) -> Requantization {
    try key("factors")
    var entry = Requantization(algorithm: algorithm, factors: [])
    repeat {
      let start = scanner.at
      let factor: Double = try scanner.real("factor")
      if factor <= 0 { throw Mistake(start, "the factor is \(factor)", expected: "a positive number") }
      entry.factors.append(factor)
    } while scanner.accept(",")
    if peekKey("zero") { entry.zeroPoint = try int8("zero") }
    if peekKey("lowest") { entry.lowest = Int8(clamping: try int8("lowest")) }
    return entry
  }

  // MARK: Fields

  private mutating func ends() throws(Mistake) -> (input: Quantization, output: Quantization) {
    (try quantization("in"), try quantization("out"))
  }

  /// `name=SCALE/ZERO`.
  private mutating func quantization(_ name: String) throws(Mistake) -> Quantization {
    let scale = try scale(name)
    try scanner.expect("/", in: "SCALE/ZERO")
    return Quantization(scale: scale, zeroPoint: try zeroPoint())
  }

  /// `name=` and a positive number.
  private mutating func scale(_ name: String) throws(Mistake) -> Float {
    try key(name)
    let start = scanner.at
    let scale: Float = try scanner.real("scale")
    if scale <= 0 { note(Mistake(start, "the scale is \(scale)", expected: "a positive number")) }
    return scale
  }

  private mutating func real(_ name: String) throws(Mistake) -> Float {
    try key(name)
    return try scanner.real(name)
  }

  private mutating func int8(_ name: String) throws(Mistake) -> Int {
    try key(name)
    return try zeroPoint()
  }

  /// A number that fits INT8.
  mutating func zeroPoint() throws(Mistake) -> Int {
    let start = scanner.at
    let value = try scanner.signed("number from -128 to 127")
    if !(-128...127 ~= value) { note(Mistake(start, "\(value) isn't an INT8", expected: "-128 to 127")) }
    return value
  }
}
