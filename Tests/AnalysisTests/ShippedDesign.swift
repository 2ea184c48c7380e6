import Compiler
import Foundation
import Hardware
import HardwareYAML
import Model
import Schedule

/// A model on a shipped configuration.
struct ShippedDesign: CustomStringConvertible, Sendable {
  var name: String
  var model: String
  var description: String { name }

  static let all = [
    ShippedDesign(name: "deit-tiny-zcu102", model: "deit-tiny"),
    ShippedDesign(name: "deit-tiny-edge", model: "deit-tiny"),
    ShippedDesign(name: "deit-small-broadcast", model: "deit-tiny"),
    ShippedDesign(name: "deit-small-output-stationary", model: "deit-tiny"),
    ShippedDesign(name: "deit-small-two-engines", model: "deit-tiny"),
    ShippedDesign(name: "vit-base-gemmini", model: "deit-tiny"),
    ShippedDesign(name: "vit-large-hbm", model: "deit-tiny"),
    ShippedDesign(name: "efficientvit-b1-zcu102", model: "efficientvit-b0"),
    ShippedDesign(name: "trio-vit-zcu102", model: "efficientvit-b1"),
  ]

  func schedule() throws -> Schedule {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../configs/\(name).yaml")
    let configuration = try RunConfiguration.load(path: file.path)
    return try Compiler.compile(try Zoo.graph(model, image: 96), for: configuration.accelerator)
  }
}
