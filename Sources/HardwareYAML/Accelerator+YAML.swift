import Hardware

extension Accelerator {
  /// Reads an accelerator from YAML text.
  ///
  /// - Parameters:
  ///   - file: the name for messages.
  ///   - firstLine: the number of the first line, for a description that stands inside another file.
  /// - Throws: `DiagnosticError` with every mistake.
  public static func parse(yaml: String, file: String, firstLine: Int = 1) throws(DiagnosticError) -> Accelerator {
    try decode(try ConfigNode.parse(yaml: yaml, file: file, firstLine: firstLine))
  }
}
