import Foundation
import Model
import NumPyFiles
import Numerics
import Quantizer
import Testing

@testable import ONNXImport

enum Fixture {
  static func path(_ name: String) throws -> String {
    let url = try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil))
    return url.appendingPathComponent(name).path
  }

  static func data(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path(name))) }

  static func model(_ name: String) throws -> ONNXModel { try ONNXModel(contentsOf: path(name)) }
}

extension Presentation {
  /// A tensor of the graph as the file shows it.
  func integers(_ values: IntegerValues) -> [Int] {
    let all =
      switch values {
      case .int8(let values): values.map { Int($0) + (unsigned ? 128 : 0) }
      case .int32(let values): values.map(Int.init)
      }
    var result: [Int] = []
    View(shape: shape, strides: strides, offset: offset).forEachPlace { result.append(all[$0]) }
    return result
  }

  /// The file's integers in the order of the graph's memory.
  func memory(_ integers: [Int]) -> [Int8] {
    var result = Array(repeating: Int8(0), count: integers.count)
    var index = 0
    View(shape: shape, strides: strides, offset: offset).forEachPlace {
      result[$0] = Int8(truncatingIfNeeded: integers[index] - (unsigned ? 128 : 0))
      index += 1
    }
    return result
  }
}

extension Graph {
  /// Operators as lines of text, numbered tensors by name.
  func lines(_ range: Range<Int>) -> [String] {
    operators[range].map { op in
      "\(op.operation.text) \(op.inputs.map { tensors[$0].name }.joined(separator: " ")) -> \(tensors[op.output].shape)"
    }
  }
}

extension GraphOperation {
  fileprivate var text: String {
    func text(_ operand: HeadOperand) -> String {
      let place =
        switch operand.layout {
        case .stacked: "stacked"
        case .columns(let first, let step, let width): "\(first)+\(step)h:\(width)"
        }
      return place + (operand.transposed ? "ᵀ" : "")
    }
    return switch self {
    case .headProduct(let product):
      "\(product.heads) heads \(text(product.a)) · \(text(product.b)) \(product.stacked ? "stacked" : "side by side")"
    case .convolution(let c): "convolution \(c.kernel) /\(c.stride) +\(c.padding) groups \(c.groups)"
    case .elementwise(.table): "table"
    case .elementwise(let function): "\(function)".replacing("Numerics.", with: "")
    default: "\(self)".replacing("Model.", with: "")
    }
  }
}
