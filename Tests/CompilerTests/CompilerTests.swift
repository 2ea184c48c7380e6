import Compiler
import Hardware
import Model
import Schedule
import Testing

@Suite struct CompilerTests {
  @Test(arguments: Accelerator.all)
  func aSmallTransformerOnEveryAccelerator(_ accelerator: Accelerator) throws {
    let model = VisionTransformer("small", width: 48, depth: 2, heads: 3, patch: 8, classes: 10)
    for (image, batch) in [(32, 1), (40, 2)] {
      let graph = try Zoo.graph(model, image: image, batch: batch)
      let schedule = try Compiler.compile(graph, for: accelerator)
      #expect(schedule.macs == graph.macs)
      check(schedule)
      #expect(try Compiler.compile(graph, for: accelerator) == schedule)
    }
  }

  @Test(arguments: ["deit-tiny", "deit-base"], [Accelerator.zcu102, .edge, .three])
  func theZoo(_ name: String, _ accelerator: Accelerator) throws {
    let graph = try Zoo.graph(name)
    let schedule = try Compiler.compile(graph, for: accelerator)
    #expect(schedule.macs == graph.macs)
    check(schedule)
  }
}
