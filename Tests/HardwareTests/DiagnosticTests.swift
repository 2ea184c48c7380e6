import Testing

@testable import Hardware

@Suite struct DiagnosticTests {
  @Test func printsPlaceMessageExpectationAndSuggestion() {
    let mark = SourceMark(file: "a.yaml", line: 3, column: 7)
    #expect(Diagnostic(mark, "wrong").description == "a.yaml:3:7: error: wrong")
    #expect(
      Diagnostic(mark, "wrong", expected: "right", suggestion: "write").description
        == "a.yaml:3:7: error: wrong; expected right; did you mean 'write'?")
    #expect(Diagnostic(SourceMark(file: "a.yaml"), "wrong").description == "a.yaml: error: wrong")
  }

  @Test func sortsByPlaceAndDropsRepetitions() throws {
    func at(_ line: Int, _ column: Int, _ message: String) -> Diagnostic {
      Diagnostic(SourceMark(file: "f", line: line, column: column), message)
    }
    let found = [at(10, 1, "d"), at(2, 9, "c"), at(2, 3, "z"), at(2, 3, "a"), at(10, 1, "d")]
    let error = try #require(DiagnosticError(found))
    #expect(error.description == "f:2:3: error: z\nf:2:3: error: a\nf:2:9: error: c\nf:10:1: error: d")
    #expect(DiagnosticError([Diagnostic]()) == nil)
  }

  @Test(arguments: [
    ("row", "rows"), ("colums", "columns"), ("dataWidth", "data-width"), ("LANES", "lanes"), ("olumns", "columns"),
    ("rwos", "rows"), ("data_width", "data-width"),
  ])
  func suggestsWhatIsNear(word: String, meant: String) {
    #expect(didYouMean(word, among: ["rows", "columns", "data-width", "lanes"]) == meant)
  }

  @Test func suggestsNothingFarOff() {
    #expect(didYouMean("frequency", among: ["rows", "columns", "clock"]) == nil)
    #expect(didYouMean("", among: ["rows"]) == nil)
    #expect(didYouMean("x", among: ["a", "b"]) == nil)
    #expect(didYouMean(String(repeating: "rows", count: 1000), among: ["rows"]) == nil)
    #expect(didYouMean("rows", among: ["rows"]) == nil, "what is there already is no suggestion")
  }

  @Test func ofEqualDistancesTheFirstWins() {
    #expect(didYouMean("bat", among: ["bad", "bar"]) == "bad")
    #expect(didYouMean("bar", among: ["bat", "barn", "car"]) == "bat")
  }

  @Test func quotingEscapesAndCuts() {
    #expect(quoted("a\u{1B}[31m\n") == "'a\\u{1b}[31m\\u{a}'")
    #expect(quoted(String(repeating: "x", count: 48)).count == 50)
    #expect(quoted(String(repeating: "x", count: 49)) == "'" + String(repeating: "x", count: 48) + "…'")
  }
}
