import Foundation
import Hardware
import HardwareYAML
import Testing

/// The shipped files.
enum Shipped {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path
  static let accelerators = files(in: "configs/accelerators")
  /// Other people's, as they are.
  static let designs = files(in: "configs/designs")
  /// Run configurations with what was published of them.
  static let published = files(in: "configs/published")
  static let runs = files(in: "configs")

  static func text(_ path: String) throws -> String { try String(contentsOfFile: root + "/" + path, encoding: .utf8) }

  private static func files(in directory: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root + "/" + directory)) ?? []
    return names.filter { $0.hasSuffix(".yaml") }.sorted().map { directory + "/" + $0 }
  }
}

/// A small accelerator that every test may change; line numbers are part of the tests.
let smallYAML = """
  name: small
  clock: 200MHz
  engines:
    - name: array
      interconnect: systolic
      dataflow: weight-stationary
      rows: 8
      columns: 8
      inputs: inputs
      weights: weights
      outputs: sums
  buffers:
    - name: inputs
      size: 4KiB
      word-width: 8B
    - name: weights
      size: 1KiB
      word-width: 8B
    - name: sums
      size: 4KiB
      word-width: 32B
  dma:
    channels:
      - name: all
        carries: [weights, inputs, outputs]
        data-width: 128bit
  dram:
    model: bandwidth
    latency: 20cycles
    bandwidth: 19.2GB/s
  vector:
    lanes: 8
    operations:
      requantize: {latency: 3}
      add: {latency: 2}
      gelu: {latency: 4}
      softmax: {passes: 3, latency: 6}
      layernorm: {passes: 3, latency: 6}

  """

/// Every mistake in `yaml`, one a line; empty if it is right.
func mistakes(_ yaml: String) -> String {
  do {
    _ = try Accelerator.parse(yaml: yaml, file: "a.yaml")
    return ""
  } catch {
    return error.description
  }
}

/// `smallYAML` with `old`, which must stand there once, replaced.
func changed(_ old: String, _ new: String, in text: String = smallYAML) -> String {
  let parts = text.components(separatedBy: old)
  #expect(parts.count == 2, "'\(old)' stands \(parts.count - 1) times")
  return parts.joined(separator: new)
}
