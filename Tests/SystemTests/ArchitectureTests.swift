import Foundation
import Testing

/// The table of modules in docs/architecture.md against what the sources import.
@Suite struct ArchitectureTests {
  private static let external: Set<Substring> = [
    "Foundation", "FoundationEssentials", "Yams", "ArgumentParser", "SwiftProtobuf", "GRDB",
  ]
  private static let edge: Set = ["HardwareYAML", "NumPyFiles", "ONNXImport", "PerfettoTrace", "SweepStore", "vitsim"]

  /// Module → its last column, as written.
  private static func table() throws -> [String: String] {
    let document = try String(
      contentsOf: CLIProgram.package.appendingPathComponent("docs/architecture.md"), encoding: .utf8)
    let rows = document.matches(of: /\| `(\w+)` \| .* \| (.*) \|\n/)
    return Dictionary(uniqueKeysWithValues: rows.map { (String($0.output.1), String($0.output.2)) })
  }

  private static func imports(of module: String) throws -> Set<Substring> {
    let folder = CLIProgram.package.appendingPathComponent("Sources/\(module)")
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".swift") }
    let sources = try files.map { try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8) }
    return Set(sources.joined(separator: "\n").matches(of: /(?m)^(?:@\w+ )?import (\w+)/).map(\.output.1))
  }

  @Test func everyModuleImportsWhatThePictureSays() throws {
    let table = try Self.table()
    let modules = try FileManager.default.contentsOfDirectory(
      atPath: CLIProgram.package.appendingPathComponent("Sources").path)
    #expect(Set(table.keys) == Set(modules))
    for (module, column) in table where column != "all" {
      let drawn = Set(column.split(separator: ", ")).subtracting(Self.external).subtracting(["–"])
      // Synchronization is the standard library's, Glibc that of C.
      let imported = try Self.imports(of: module).subtracting(Self.external)
        .subtracting(["Synchronization", "Glibc"])
      #expect(imported == drawn, "\(module)")
    }
  }

  /// The simulator knows no design: only what reads the tables of others does.
  @Test func noDesignHasCodeOfItsOwn() throws {
    let sources = CLIProgram.package.appendingPathComponent("Sources")
    let names = try Regex(
      "(?i)scale-?sim|gemmini|trio-?vit|vitcod|hg-?pipe|me-vit|mevit|auto-?vit|eq-?vit|huang|axis_?sa|systolic-tensors|(?-i)\\bITA\\b"
    )
    let files = try FileManager.default.subpathsOfDirectory(atPath: sources.path)
    for file in files where !file.hasPrefix("Validation/") && file.contains(".") {
      let text = try String(contentsOf: sources.appendingPathComponent(file), encoding: .utf8)

      let found = text.firstMatch(of: names)
      #expect(found == nil, "\(file): \(found.map { String(text[$0.range]) } ?? "")")
    }
    #expect(files.contains { $0.hasPrefix("Validation/") })
  }

  /// The core modules need no package, and no Foundation.
  @Test func theCoreIsFreeOfDependencies() throws {
    for module in try Self.table().keys where !Self.edge.contains(module) {
      #expect(try Self.imports(of: module).isDisjoint(with: Self.external), "\(module)")
    }
  }
}
