import ArgumentParser
import Foundation
import Hardware
import HardwareYAML
import Report

struct ConfigsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "configs",
    abstract: "List the configurations in 'configs', here or beside the program, each with one line.",
    discussion: """
      EXAMPLES:
        vitsim configs
        vitsim configs --format json
      """)

  @Option(help: "text for people, json for programs.")
  var format: TextOrJSON = .text

  @OptionGroup var output: OutputOptions

  func run() throws {
    let directory = try Self.requiredDirectory()
    let entries = Self.names(in: directory).map { name in
      let path = directory + "/" + name
      let configuration = try? RunConfiguration.load(path: path)
      return ConfigurationEntry(
        path: path, model: configuration?.model?.name, accelerator: configuration?.accelerator)
    }
    try output.deliver(
      format == .text ? ListText.configurations(entries) : ListJSON.configurations(entries))
  }

  /// The configurations in `directory` and below it, in the order of their names.
  static func names(in directory: String) -> [String] {
    (FileManager.default.enumerator(atPath: directory)?.compactMap { $0 as? String } ?? [])
      .filter { $0.hasSuffix(".yaml") }.sorted()
  }

  /// - Throws: `CommandFailure` if there is no such directory.
  static func requiredDirectory() throws(CommandFailure) -> String {
    if let directory = directory() { return directory }
    throw CommandFailure(.badInput, "there is no directory 'configs', here or above the program")
  }

  /// `configs` in the working directory, or in one above the executable (`.build/release/vitsim`).
  static func directory() -> String? {
    func isDirectory(_ path: String) -> Bool {
      var isDirectory: ObjCBool = false
      return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
    }
    if isDirectory("configs") { return "configs" }
    var place = Bundle.main.bundleURL
    for _ in 0..<6 {
      let path = place.appendingPathComponent("configs").path
      if isDirectory(path) { return path }
      place.deleteLastPathComponent()
    }
    return nil
  }
}
