import Testing

@testable import ONNXImport

/// A bias or factor joins the product before it only if nothing else reads that product, by whatever name.
@Suite struct SharedResultTests {
  private static let input: [Float] = [1, 2, 3, 4, 5, 6]
  /// x [1, 3, 2] · W = (x₀, x₀ + x₁).
  private static let product: [Float] = [1, 3, 3, 7, 5, 11]

  private func model(_ rest: (inout SmallModel) -> Void) -> SmallModel {
    var model = SmallModel(input: [1, 3, 2])
    model.floats("w", [2, 2], [1, 1, 0, 1])
    model.floats("b", [2], [10, 20])
    model.floats("f", [2], [2, 3])
    model.integers("same", [3], [1, 3, 2], type: 7)
    model.node("MatMul", ["x", "w"], ["p"])
    rest(&model)
    return model
  }

  private func columns(_ body: (Float, Int) -> Float) -> [Float] {
    Self.product.indices.map { body(Self.product[$0], $0 % 2) }
  }

  /// Views through which two branches read one product.
  @Test(arguments: ["Identity", "Dropout", "Reshape"]) func biasOfOneBranch(view: String) throws {
    let model = model {
      $0.node(view, ["p"] + (view == "Reshape" ? ["same"] : []), ["one"])
      $0.node("Identity", ["p"], ["two"])
      $0.node("Add", ["one", "b"], ["biased"])
      $0.node("Add", ["biased", "two"], ["y"])
    }
    #expect(try model.outputs(Self.input) == columns { 2 * $0 + [10, 20][$1] })
  }

  @Test func factorsOfOneBranch() throws {
    let model = model {
      $0.node("Identity", ["p"], ["one"])
      $0.node("Identity", ["p"], ["two"])
      $0.node("Mul", ["one", "f"], ["scaled"])
      $0.node("Add", ["scaled", "two"], ["y"])
    }
    #expect(try model.outputs(Self.input) == columns { $0 * ([2, 3][$1] + 1) })
  }

  /// The other branch is there first, and waits itself.
  @Test func aFunctionThatWaits() throws {
    let model = model {
      $0.node("Identity", ["p"], ["one"])
      $0.node("Neg", ["one"], ["negative"])
      $0.node("Reshape", ["p", "same"], ["two"])
      $0.node("Add", ["two", "b"], ["biased"])
      $0.node("Add", ["biased", "negative"], ["y"])
    }
    #expect(try model.outputs(Self.input) == columns { _, column in [10, 20][column] })
  }

  /// One reader behind views is one reader.
  @Test func aBiasBehindAViewJoins() throws {
    let model = model {
      $0.node("Reshape", ["p", "same"], ["one"])
      $0.node("Add", ["one", "b"], ["y"])
    }
    #expect(try model.outputs(Self.input) == columns { $0 + [10, 20][$1] })
    #expect(try model.imported().float().graph.operators.count == 1)
  }

  /// In a QDQ file a product that nothing has quantized can't be there for two.
  @Test func refusedInIntegers() throws {
    var model = SmallModel(input: [1, 3, 2])
    model.floats("s", [], [0.5])
    model.integers("z", [], [0], type: 3)
    model.integers("wq", [2, 2], [1, 1, 0, 1], type: 3)
    model.floats("b", [2], [10, 20])
    model.integers("same", [3], [1, 3, 2], type: 7)
    model.node("QuantizeLinear", ["x", "s", "z"], ["xq"])
    model.node("DequantizeLinear", ["xq", "s", "z"], ["xd"])
    model.node("DequantizeLinear", ["wq", "s", "z"], ["w"])
    model.node("MatMul", ["xd", "w"], ["p"])
    model.node("Identity", ["p"], ["one"])
    model.node("Reshape", ["p", "same"], ["two"])
    model.node("Add", ["one", "b"], ["biased"])
    for name in ["two", "biased"] {
      model.node("QuantizeLinear", [name, "s", "z"], [name + "_q"])
      model.node("DequantizeLinear", [name + "_q", "s", "z"], [name + "_d"])
    }
    model.node("Add", ["biased_d", "two_d"], ["sum"])
    model.node("QuantizeLinear", ["sum", "s", "z"], ["sum_q"])
    model.node("DequantizeLinear", ["sum_q", "s", "z"], ["y"])
    let error = #expect(throws: ONNXError.self) { try model.imported().quantized() }
    #expect(
      error?.description.contains("'node_p' (MatMul) needs QuantizeLinear") == true, "\(error?.description ?? "")")
  }

  /// A bias that INT32 can't hold in the scale of the sums.
  @Test func biasBeyondItsScale() throws {
    var model = SmallModel(input: [1, 3, 2])
    model.floats("s", [], [1e-4])
    model.integers("z", [], [0], type: 3)
    model.integers("wq", [2, 2], [1, 1, 0, 1], type: 3)
    model.floats("b", [2], [1, 100])
    model.node("QuantizeLinear", ["x", "s", "z"], ["xq"])
    model.node("DequantizeLinear", ["xq", "s", "z"], ["xd"])
    model.node("DequantizeLinear", ["wq", "s", "z"], ["w"])
    model.node("MatMul", ["xd", "w"], ["p"])
    model.node("Add", ["p", "b"], ["sum"])
    model.node("QuantizeLinear", ["sum", "s", "z"], ["sum_q"])
    model.node("DequantizeLinear", ["sum_q", "s", "z"], ["y"])
    let error = #expect(throws: ONNXError.self) { try model.imported().quantized() }
    #expect(error?.description.contains("bias 'b' is 100.0 in channel 1, beyond INT32") == true)
  }
}
