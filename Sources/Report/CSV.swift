/// Tables as RFC 4180 has them: records end with CR LF; cells with a comma, a quote or a line break are quoted.
enum CSV {
  static func record(_ cells: [String]) -> String {
    cells.map(quoted).joined(separator: ",") + "\r\n"
  }

  private static func quoted(_ cell: String) -> String {
    let special: Set<Unicode.Scalar> = [",", "\"", "\r", "\n"]
    guard cell.unicodeScalars.contains(where: special.contains) else { return cell }
    var text = String.UnicodeScalarView("\"".unicodeScalars)
    for scalar in cell.unicodeScalars {
      if scalar == "\"" { text.append(scalar) }
      text.append(scalar)
    }
    text.append("\"")
    return String(text)
  }
}
