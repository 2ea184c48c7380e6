import Analysis
import Testing

@Suite struct NamePatternTests {
  @Test(arguments: [
    ("array", "array", true), ("array", "array2", false), ("array", "arra", false), ("*", "", true), ("", "", true),
    ("", "x", false), ("dma.*", "dma.weights", true), ("dma.*", "dma", false), ("*s", "dma.weights", true),
    ("*a*s", "dma.inputs", true), ("*.in*", "dma.inputs", true), ("a*b*c", "aXbbYc", true), ("a*b*c", "aXbYd", false),
    ("**", "vector", true), ("v*r*", "vector", true),
  ])
  func starsStandForAnything(pattern: String, name: String, matches: Bool) {
    #expect(NamePattern(pattern).matches(name) == matches)
  }
}
