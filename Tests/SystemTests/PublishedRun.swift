import Foundation
import Testing

/// One `vitsim validate` over everything that was published, which several suites look at.
enum PublishedRun {
  struct Figure: Decodable {
    let configuration: String
    let design: String
    let quantity: String
    let unit: String
    let published: Double
    let simulated: Double?
    let error: Double?
    let least: Double?
    let most: Double?
    let deviations: [String]
    let leftOut: String?
  }

  struct Output {
    let figures: [Figure]
    let page: String
    let plot: String
  }

  private struct Document: Decodable {
    let format: String
    let version: Int
    let rows: [Figure]
  }

  private static let output = Result {
    let scratch = try Scratch()
    let result = try CLIProgram.run(["validate", "--write", scratch.directory.path, "--format", "json"])
    try #require(result.status == 0, "\(result.errors)")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let document = try decoder.decode(Document.self, from: Data(result.output.utf8))
    #expect(document.format == "vitsim-published" && document.version == 1)
    return Output(
      figures: document.rows, page: try String(contentsOf: scratch.file("validation.md"), encoding: .utf8),
      plot: try String(contentsOf: scratch.file("validation.svg"), encoding: .utf8))
  }

  static func get() throws -> Output { try output.get() }

  /// The figure called `quantity` of the file `configs/published/NAME.yaml`.
  static func figure(_ name: String, _ quantity: String) throws -> Figure {
    let all = try get().figures.filter { $0.configuration == "configs/published/\(name).yaml" }
    return try #require(all.first { $0.quantity == quantity }, "\(name) has \(all.map(\.quantity))")
  }

  /// What is simulated for it.
  static func simulated(_ name: String, _ quantity: String) throws -> Double {
    try #require(try figure(name, quantity).simulated)
  }
}
