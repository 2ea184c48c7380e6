import Hardware
import HardwareYAML
import Testing

/// What operations of the vector unit compute with, and the timing that follows.
@Suite struct AlgorithmTests {
  private func vector(_ changes: (String, String)...) throws -> VectorUnitSpec {
    try Accelerator.parse(yaml: changes.reduce(smallYAML) { changed($1.0, $1.1, in: $0) }, file: "a.yaml").vector
  }

  @Test func timingFollowsTheAlgorithm() throws {
    let polynomial = try vector(("gelu: {latency: 4}", "gelu: {algorithm: i-bert}"))
    #expect(polynomial.operations[.gelu] == .natural(.gelu, .iBERT))
    let table = try vector(("gelu: {latency: 4}", "gelu: {}"))
    #expect(table.operations[.gelu] == .natural(.gelu, .table))
    // The choice decides the cycles.
    #expect(table.operations[.gelu]?.latency != polynomial.operations[.gelu]?.latency)
    // What is said counts, the rest follows.
    let both = try vector(("gelu: {latency: 4}", "gelu: {algorithm: i-vit, interval: 2}"))
    let natural = VectorOperationSpec.natural(.gelu, .iViT)
    #expect(
      both.operations[.gelu]
        == VectorOperationSpec(passes: natural.passes, interval: 2, latency: natural.latency, algorithm: .iViT))
  }

  @Test func everyFormHasTimingWithinTheBounds() {
    for operation in VectorOperation.allCases {
      #expect(operation.algorithms.first == operation.usualAlgorithm)
      #expect(operation.algorithms.contains(.float))
      for algorithm in operation.algorithms {
        let spec = VectorOperationSpec.natural(operation, algorithm)
        #expect(spec.algorithm == algorithm)
        #expect(1...1024 ~= spec.passes && 1...1024 ~= spec.interval && 0...10_000 ~= spec.latency)
        #expect(spec.passes > 1 || !operation.isRowWise, "a row has to be reduced before it is written")
      }
    }
  }

  @Test func oneSettingForAll() throws {
    let float = try vector(("lanes: 8", "lanes: 8\n  algorithm: float"))
    for operation in VectorOperation.allCases { #expect(float.operations[operation]?.algorithm == .float) }
    // It goes to the operations that have it; timing that is given stays.
    let shifts = try vector(
      ("lanes: 8", "lanes: 8\n  algorithm: i-vit"), ("gelu: {latency: 4}", "gelu: {algorithm: i-bert, latency: 4}"),
      ("softmax: {passes: 3, latency: 6}", "softmax: {algorithm: i-bert}"))
    #expect(shifts.operations[.gelu] == VectorOperationSpec(latency: 4, algorithm: .iViT))
    #expect(shifts.operations[.softmax] == .natural(.softmax, .iViT))
    #expect(shifts.operations[.layerNorm]?.algorithm == .iViT)
    #expect(shifts.operations[.requantize]?.algorithm == .fixedPoint)
    #expect(shifts.operations[.lookup] == .natural(.lookup, .table))
  }

  /// ONNX-compatible arithmetic on a shipped accelerator with one option, and no cycle more where timing is written out.
  @Test(arguments: Shipped.accelerators) func shippedOnesSwitchWithOneOption(path: String) throws {
    let file = Shipped.root + "/" + path
    let integer = try RunConfiguration.load(path: file).accelerator.vector
    let float = try RunConfiguration.load(path: file, overrides: ["vector.algorithm=float"]).accelerator.vector
    for operation in VectorOperation.allCases {
      #expect(integer.operations[operation]?.algorithm != .float)
      #expect(float.operations[operation]?.algorithm == .float)
    }
    for operation in [VectorOperation.requantize, .add, .gelu, .softmax, .layerNorm] {
      let (before, after) = (integer.operations[operation], float.operations[operation])
      #expect(
        before?.passes == after?.passes && before?.interval == after?.interval && before?.latency == after?.latency)
    }
  }

  @Test(arguments: Shipped.accelerators) func shippedOnesSayWhatTheyComputeWith(path: String) throws {
    let lines = try Shipped.text(path).split(separator: "\n")
    for operation in ["requantize", "add", "gelu", "softmax", "layernorm"] {
      #expect(lines.contains { $0.hasPrefix("    \(operation): {algorithm: ") }, "\(operation)")
    }
  }

  @Test func usualOperationsAreNotPrinted() throws {
    let accelerator = try Accelerator.parse(yaml: smallYAML, file: "a.yaml")
    let printed = accelerator.yaml.split(separator: "\n").filter { $0.hasPrefix("    ") && $0.contains("algorithm") }
    #expect(
      printed == [
        "    requantize: {algorithm: fixed-point, passes: 1, interval: 1, latency: 3}",
        "    add: {algorithm: fixed-point, passes: 1, interval: 1, latency: 2}",
        "    gelu: {algorithm: table, passes: 1, interval: 1, latency: 4}",
        "    softmax: {algorithm: i-bert, passes: 3, interval: 1, latency: 6}",
        "    layernorm: {algorithm: i-bert, passes: 3, interval: 1, latency: 6}",
      ])
    var other = accelerator
    other.vector.operations[.divide]?.latency += 1
    #expect(other.yaml.contains("    divide: {algorithm: fixed-point, passes: 2, interval: 1, latency: 5}\n"))
  }

  @Test(arguments: [
    (
      "gelu: {latency: 4}", "gelu: {algorithm: ibert}",
      """
      a.yaml:36:23: error: algorithm is 'ibert'; expected table, i-bert, i-vit or float; did you mean 'i-bert'?
      """
    ),
    (
      "gelu: {latency: 4}", "gelu: {algorithm: fixed-point}",
      "a.yaml:36:23: error: algorithm is 'fixed-point'; expected table, i-bert, i-vit or float"
    ),
    (
      "requantize: {latency: 3}", "requantize: {algorithm: table}",
      "a.yaml:34:29: error: algorithm is 'table'; expected fixed-point or float"
    ),
    (
      "lanes: 8", "lanes: 8\n  algorithm: flaot",
      """
      a.yaml:33:14: error: algorithm is 'flaot'; expected float, fixed-point, i-bert, i-vit or table; \
      did you mean 'float'?
      """
    ),
    (
      "lanes: 8", "lanes: 8\n  algoritm: float",
      "a.yaml:33:3: error: unknown key 'algoritm' in vector; did you mean 'algorithm'?"
    ),
  ])
  func mistake(old: String, new: String, expected: String) { #expect(mistakes(changed(old, new)) == expected) }
}
