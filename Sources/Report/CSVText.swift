/// CSV of any table, for programs that write one beside other files.
public enum CSVText {
  public static func table(_ rows: [[String]]) -> String { rows.map(CSV.record).joined() }
}
