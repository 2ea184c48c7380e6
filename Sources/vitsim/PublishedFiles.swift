import Hardware
import HardwareYAML
import Validation

/// Run configurations that say what was published of their design.
enum PublishedFiles {
  /// All of them in `configs`, in the order of their paths.
  static func all() throws -> [PublishedValidation.Entry] {
    let directory = try ConfigsCommand.requiredDirectory()
    return try ConfigsCommand.names(in: directory).compactMap { name in
      // What it is called doesn't depend on where the directory was found.
      try entry(directory + "/" + name, called: "configs/" + name)
    }
  }

  /// The ones at `paths`, and those that their ratios name.
  static func entries(_ paths: [String]) throws -> [PublishedValidation.Entry] {
    var entries: [PublishedValidation.Entry] = []
    var waiting = paths
    while !waiting.isEmpty {
      let path = waiting.removeFirst()
      if entries.contains(where: { $0.path == path }) { continue }
      guard let entry = try entry(path, called: path) else {
        throw DiagnosticError(
          Diagnostic(SourceMark(file: path), "nothing is published of it", expected: "a section 'published'"))
      }
      entries.append(entry)
      waiting += entry.comparedPaths
    }
    return entries
  }

  private static func entry(_ path: String, called name: String) throws -> PublishedValidation.Entry? {
    let configuration = try RunConfiguration.load(path: path)
    guard let published = configuration.published else { return nil }
    let bench = DesignBench(
      accelerator: { try RunConfiguration.load(path: path, overrides: $0).accelerator },
      model: { settings in
        let configuration = try RunConfiguration.load(path: path, overrides: settings)
        guard let model = configuration.model else {
          throw DiagnosticError(
            Diagnostic(SourceMark(file: path), "it names no model, but a figure of one was published"))
        }
        return try Loading.compile(model, for: configuration.accelerator).schedule
      })
    return PublishedValidation.Entry(path: name, design: try PublishedDesign(published), bench: bench)
  }
}
