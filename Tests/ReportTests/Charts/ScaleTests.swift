import Testing

@testable import Report

@Suite struct ScaleTests {
  @Test(arguments: [
    ([1_336_709.0], ["0", "500 k", "1 M", "1.5 M"]), ([0.7, 0.3], ["0", "0.2", "0.4", "0.6", "0.8"]),
    ([10.0], ["0", "2", "4", "6", "8", "10"]), ([], ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
    ([1152.0, 160, 1664], ["0", "500", "1000", "1500", "2000"]),
  ])
  func linearTicks(values: [Double], labels: [String]) {
    let scale = Scale.linear(values)
    #expect(scale.ticks.map(\.label) == labels)
    #expect(scale.domain.lowerBound == 0 && scale.domain.upperBound == scale.ticks.last?.value)
    for value in values { #expect(scale.domain.contains(value)) }
  }

  @Test(arguments: [
    ([3.0, 40], ["2", "5", "10", "20", "50"]), ([7.0], ["5", "10"]), ([10.0], ["10", "20"]),
    ([], ["1", "2", "5", "10"]),
    ([2.0, 30_000], ["10", "100", "1000", "10 k"]), ([0.02, 0.03], ["0.02", "0.05"]),
  ])
  func logarithmicTicks(values: [Double], labels: [String]) {
    let scale = Scale.logarithmic(values)
    #expect(scale.ticks.map(\.label) == labels)
    for value in values { #expect(scale.domain.contains(value)) }
  }

  /// Decades are as long as each other, and 2 and 5 lie where their logarithms are.
  @Test func placesOnALogarithmicScale() throws {
    let scale = Scale.logarithmic([1, 1000])
    for (value, expected) in [(1.0, 0.0), (10, 1 / 3.0), (100, 2 / 3.0), (1000, 1), (2, 0.30103 / 3), (5, 0.69897 / 3)]
    {
      #expect(abs(try #require(scale.place(value)) - expected) < 1e-5, "\(value)")
    }
    #expect(scale.place(0) == nil && scale.place(-1) == nil && scale.place(.nan) == nil)
  }

  @Test func placesOnALinearScale() {
    let scale = Scale.linear([8, 3])
    #expect(scale.domain == 0...8 && scale.place(2) == 0.25 && scale.place(.infinity) == nil)
  }

  /// What can't be drawn doesn't decide on the axis.
  @Test func numbersWithoutAPlaceAreLeftOut() {
    let odd = [Double.nan, .infinity, -.infinity, -3, 0]
    #expect(Scale.linear([4] + odd) == Scale.linear([4]))
    #expect(Scale.logarithmic([4, 70] + odd) == Scale.logarithmic([4, 70]))
  }

  @Test(arguments: [1e-290, 1e-20, 1e15, 9e18, 1e250, 1.7e308, 5e-324])
  func hugeAndTinyNumbersEnd(value: Double) {
    for scale in [Scale.linear([value]), .logarithmic([value]), .logarithmic([value, 1])] {
      #expect(scale.domain.lowerBound.isFinite && scale.domain.upperBound.isFinite)
      #expect((2...12).contains(scale.ticks.filter { !$0.label.isEmpty }.count), "\(scale.ticks.map(\.label))")
    }
  }
}
