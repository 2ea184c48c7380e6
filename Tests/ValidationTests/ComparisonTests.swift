import Testing

@testable import Validation

/// What counts as equal, how far apart numbers are, and when a target is met.
@Suite struct ComparisonTests {
  @Test func decimalsAreThoseOfTheTable() {
    func exact(_ expected: Double, _ got: Double) -> Bool {
      Comparison("q", .real(expected: expected, got: got, decimals: 6)).isExact
    }
    #expect(exact(33.77193, 33.7719298))
    #expect(!exact(33.771931, 33.7719298))
    #expect(!exact(33.771929, 33.7719298))
  }

  @Test func differences() {
    func off(_ expected: Int, _ got: Int) -> Double {
      Comparison("q", .integer(expected: expected, got: got)).relativeDifference
    }
    #expect(off(200, 200) == 0)
    #expect(off(200, 203) == 0.015)
    #expect(off(200, 197) == 0.015)
    #expect(off(0, 1) == .infinity)
    #expect(Comparison("q", .integers(expected: [1, 100], got: [2, 100])).relativeDifference == 0.01)
    #expect(Comparison("q", .integers(expected: [1, 2], got: [1])).relativeDifference == .infinity)
    #expect(Comparison("q", .integers(expected: [1, 2], got: [1, 2])).isExact)
  }

  @Test func targets() {
    let comparisons = [Comparison("q", .integer(expected: 100, got: 103))]
    #expect(!ReferenceTarget.exact.isMet(by: comparisons))
    #expect(ReferenceTarget.within(percent: 3).isMet(by: comparisons))
    #expect(!ReferenceTarget.within(percent: 2.9).isMet(by: comparisons))
    #expect(ReferenceTarget.within(percent: 3, mean: 1).isMet(byMean: 0.01))
    #expect(!ReferenceTarget.within(percent: 3, mean: 1).isMet(byMean: 0.011))
    #expect(ReferenceTarget.exact.isMet(by: [Comparison("q", .integer(expected: 7, got: 7))]))
  }
}
