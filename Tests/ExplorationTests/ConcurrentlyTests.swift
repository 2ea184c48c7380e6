import Exploration
import Testing

@Suite struct ConcurrentlyTests {
  @Test(arguments: [nil, 1, 2, 7, 100])
  func resultsStandInOrder(workers: Int?) {
    let numbers = Array(0..<500)
    #expect(mapConcurrently(numbers, workers: workers) { $0 * $0 } == numbers.map { $0 * $0 })
  }

  @Test func ofNothingComesNothing() {
    #expect(mapConcurrently([Int](), workers: 3) { $0 }.isEmpty)
  }
}
