import CoSimulation
import Foundation
import TestSupport

/// A small run whose output is kept, byte for byte.
struct GoldenFile: Sendable, CustomStringConvertible {
  let name: String
  let arguments: [String]
  let status: Int32
  /// Where the shipped configurations are, not in the directory of golden files with its own.
  let inPackage: Bool
  let needsSystemC: Bool

  private init(
    _ name: String, _ line: String, status: Int32 = 0, inPackage: Bool = false, needsSystemC: Bool = false
  ) {
    self.name = name
    arguments = line.split(separator: " ").map(String.init)
    self.status = status
    self.inPackage = inPackage
    self.needsSystemC = needsSystemC
  }

  static let directory = CLIProgram.package.appendingPathComponent("Tests/SystemTests/Fixtures/golden")
  /// Set to record all anew; the run fails, so that nobody takes it for a test.
  static let isRecorded = ProcessInfo.processInfo.environment["VITSIM_RECORD"] == "1"

  /// One for each format as JSON, and each that there is as CSV. Names are those of the formats.
  static let all = [
    GoldenFile("vitsim-summary.json", "gemm 12 20 9 --accelerator configs/narrow.yaml --format json"),
    GoldenFile("vitsim-summary.csv", "run product.vsched --format csv"),
    GoldenFile("vitsim-inference.json", "\(inference) --compare-with ../uint8-input.logits.npy --format json"),
    GoldenFile("vitsim-inference.csv", "\(inference) --compare-with ../uint8-input.logits.npy --format csv"),
    GoldenFile("vitsim-comparison.json", "\(comparison) --format json"),
    GoldenFile("vitsim-comparison.csv", "\(comparison) --format csv"),
    GoldenFile("vitsim-published.json", "validate configs/published/eq-vit.yaml --format json", inPackage: true),
    GoldenFile("vitsim-published.csv", "validate configs/published/eq-vit.yaml --format csv", inPackage: true),
    GoldenFile("vitsim-validation.json", "\(validation) --format json", status: 1, inPackage: true),
    GoldenFile("vitsim-validation.csv", "\(validation) --format csv", status: 1, inPackage: true),
    GoldenFile("vitsim-cosimulation.json", "cosim product.vsched --format json", needsSystemC: true),
    GoldenFile("vitsim-roofline.json", "\(roofline) --kinds patch,scores --per-operator --format json"),
    GoldenFile("vitsim-roofline.csv", "\(roofline) --format csv"),
    GoldenFile(
      "vitsim-lint.json", "lint product.vsched unsafe.vsched configs/broken.yaml nowhere.yaml --format json", status: 2),
    GoldenFile("vitsim-explanation.json", "explain product.vsched --format json"),
    GoldenFile("vitsim-explanation.csv", "explain product.vsched --format csv"),
    GoldenFile("vitsim-sweep.json", "sweep sweep.yaml --store SCRATCH/sweep.sqlite --format json"),
    GoldenFile("vitsim-sweep.csv", "sweep sweep.yaml --store SCRATCH/sweep.sqlite --format csv"),
    GoldenFile("vitsim-models.json", "models --format json"),
    GoldenFile("vitsim-configurations.json", "configs --format json"),
    GoldenFile("vitsim-trace-difference.json", "trace diff product.trace changed.trace --format json", status: 1),
  ]

  private static let inference =
    "infer ../uint8-input.onnx --accelerator configs/narrow.yaml --images ../uint8-input.x.npy"
  private static let comparison = "compare --model deit-tiny --image 16 configs/narrow.yaml configs/wide.yaml"
  private static let validation = "validate --reference Tests/SystemTests/Fixtures/golden/axis-sa.csv"
  private static let roofline = "roofline deit-tiny efficientvit-b0 --image 32,64 --accelerator configs/narrow.yaml"

  var description: String { name }
  var isAvailable: Bool { !needsSystemC || SystemCKernel.isAvailable }
  /// `vitsim-summary`.
  var format: String { String(name.prefix { $0 != "." }) }
  private var file: URL { Self.directory.appendingPathComponent(name) }

  func run() throws -> CLIProgram.Result {
    let scratch = try Scratch()
    return try CLIProgram.run(
      arguments.map { $0.replacing("SCRATCH", with: scratch.directory.path) },
      in: inPackage ? CLIProgram.package : Self.directory)
  }

  func text() throws -> String { String(decoding: try Data(contentsOf: file), as: UTF8.self) }

  func record(_ text: String) throws { try Data(text.utf8).write(to: file) }
}
