import Testing

@testable import Report

@Suite struct MarkupTests {
  @Test func textIsEscapedWhereverItGoes() {
    let name = "<script>alert('&')</script>\" onload=\"x"
    let markup: Markup = "<b title=\"\(name)\">\(name)</b>"
    let escaped = "&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;&quot; onload=&quot;x"
    #expect(markup.text == "<b title=\"\(escaped)\">\(escaped)</b>")
  }

  @Test func markupWithinMarkupStands() {
    let items = ["a", "b<"].map { "<li>\($0)</li>" as Markup }
    #expect(("<ul>\(items)</ul>" as Markup).text == "<ul><li>a</li>\n<li>b&lt;</li></ul>")
  }

  /// No document may hold them, or a reader may take them for something else.
  @Test func charactersThatNoDocumentHolds() {
    #expect(
      Markup.escaped("a\u{0}b\u{1B}c\u{7F}\u{85}\u{FFFE}\r") == "a\u{FFFD}b\u{FFFD}c\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}")
    #expect(Markup.escaped("tab\tline\n") == "tab\tline\n")
  }

  @Test(arguments: [
    (0.0, "0"), (12, "12"), (12.5, "12.5"), (12.345, "12.35"), (-0.25, "-0.25"), (-0.001, "0"), (100, "100"),
    (.nan, "0"), (.infinity, "0"),
  ])
  func coordinates(value: Double, text: String) { #expect(Markup.coordinate(value) == text) }

  @Test func namesBreakBehindTheirPoints() {
    #expect(Markup(breaking: "a.b<c").text == "a.<wbr>b&lt;c")
  }
}
