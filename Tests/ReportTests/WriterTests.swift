import Testing

@testable import Report

@Suite struct WriterTests {
  @Test(arguments: [
    (0, "0"), (7, "7"), (999, "999"), (1000, "1,000"), (-1234567, "-1,234,567"),
    (Int.min, "-9,223,372,036,854,775,808"),
  ])
  func grouped(value: Int, text: String) { #expect(NumberText.grouped(value) == text) }

  @Test(arguments: [
    (0.0, 2, "0.00"), (0.005, 2, "0.01"), (-0.004, 2, "0.00"), (12.3456, 3, "12.346"), (99.96, 1, "100.0"),
    (-1.5, 0, "-2"), (1e20, 1, "1e+20"), (Double.nan, 1, "-"), (Double.infinity, 1, "-"),
  ])
  func fixed(value: Double, decimals: Int, text: String) { #expect(NumberText.fixed(value, decimals) == text) }

  @Test func units() {
    #expect(NumberText.bytes(0) == "0 B")
    #expect(NumberText.bytes(1023) == "1023 B")
    #expect(NumberText.bytes(1536) == "1.50 KiB")
    #expect(NumberText.bytes(150 << 20) == "150.0 MiB")
    #expect(NumberText.count(999) == "999")
    #expect(NumberText.count(1_253_500_000) == "1.25 G")
    #expect(NumberText.percent(0.6234) == "62.3%")
    #expect(NumberText.short(0) == "0")
    #expect(NumberText.short(0.01234) == "0.0123")
    #expect(NumberText.short(9.876) == "9.88")
    #expect(NumberText.short(98.76) == "98.8")
    #expect(NumberText.short(123456.7) == "123,457")
  }

  @Test func tablesAlignTheirColumns() {
    var table = TextTable([("name", .left), ("cycles", .right), ("note", .left)])
    table.add(["a", "1,000", "x"])
    table.add(["longer", "5"])
    #expect(table.lines == ["name    cycles  note", "a        1,000  x", "longer       5"])
  }

  @Test func csvQuotesWhatNeedsIt() {
    #expect(CSV.record(["a", "b,c", "d\"e", "f\r\ng", ""]) == "a,\"b,c\",\"d\"\"e\",\"f\r\ng\",\r\n")
  }

  @Test func jsonEscapesAndKeepsOrder() {
    let value = JSON.object([
      ("z", .integer(.max)), ("a", .array([.null, .number(0.1), JSON(.infinity)])),
      ("text", .string("\"\\\n\t\u{1}é")), ("empty", .object([])), ("none", .array([])),
    ])
    let expected = """
      {
        "z": 9223372036854775807,
        "a": [
          null,
          0.1,
          null
        ],
        "text": "\\"\\\\\\n\\t\\u0001é",
        "empty": {},
        "none": []
      }

      """
    #expect(value.text == expected)
  }
}
