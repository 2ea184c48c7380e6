extension NumPyArray {
  /// Reads an `.npy` file, or one array of an `.npz` file: its only one, or that of `archive.npz:name`.
  ///
  /// - Throws: `NumPyError` with the file, what is wrong with it and what to do; of an archive whose array isn't clear, the names.
  public init(readingFrom place: String) throws(NumPyError) {
    let (path, name) = Self.split(place)
    guard path.hasSuffix(".npz") else {
      self = try NumPyArray(reading: place)
      return
    }
    let archive = try NumPyArchive(reading: path)
    let names = archive.names.map { "'\($0)'" }.joined(separator: ", ")
    if let name {
      guard let array = archive[name] else {
        throw NumPyError(
          file: path, problem: "has no array '\(name)'",
          advice: archive.names.isEmpty ? "it has none at all" : "it has \(names)")
      }
      self = array
      return
    }
    guard archive.names.count == 1, let array = archive[archive.names[0]] else {
      throw NumPyError(
        file: path, problem: archive.names.isEmpty ? "has no arrays" : "has the arrays \(names)",
        advice: archive.names.isEmpty ? "write one with numpy.savez" : "say which one: \(path):NAME")
    }
    self = array
  }

  /// `archive.npz:name` in two.
  private static func split(_ place: String) -> (path: String, name: String?) {
    guard let colon = place.lastIndex(of: ":"), place[..<colon].hasSuffix(".npz") else { return (place, nil) }
    return (String(place[..<colon]), String(place[place.index(after: colon)...]))
  }
}
