import Hardware
import HardwareYAML
import Testing

@Suite struct ConfigsTests {
  @Test func thereAreEnoughOfThem() {
    #expect(Shipped.accelerators.count >= 8)
    #expect(Shipped.runs.count >= 5)
  }

  @Test(arguments: Shipped.accelerators + Shipped.designs + Shipped.published) func decodesAndFits(path: String) throws
  {
    let accelerator = try RunConfiguration.load(path: Shipped.root + "/" + path).accelerator
    #expect(path.hasSuffix("/\(accelerator.name).yaml"))
    if let device = accelerator.device {
      #expect(Resources.estimate(accelerator).violations(on: device) == [])
    }
  }

  @Test(arguments: Shipped.runs) func runsNameAModelAndAnAccelerator(path: String) throws {
    let run = try RunConfiguration.load(path: Shipped.root + "/" + path)
    let model = try #require(run.model)
    #expect(["deit-tiny", "deit-small", "deit-base", "vit-base", "vit-large", "efficientvit-b1"].contains(model.name))
    #expect(model.image == 224)
    #expect(run.acceleratorPath.hasSuffix("configs/accelerators/\(run.accelerator.name).yaml"))
  }

  @Test(arguments: Shipped.published) func whatIsPublishedIsKept(path: String) throws {
    let run = try RunConfiguration.load(path: Shipped.root + "/" + path, overrides: ["clock=1GHz"])
    #expect(run.published?["quantities"] != nil)
    #expect(run.accelerator.clock == 1_000_000_000)
  }

  /// No buffer makes a step, a row of weights or a row of results take more than a cycle.
  @Test(arguments: Shipped.accelerators) func wordsAreAsWideAsTheArrays(path: String) throws {
    let accelerator = try RunConfiguration.load(path: Shipped.root + "/" + path).accelerator
    for engine in accelerator.engines {
      let depth = engine.rows * engine.macsPerPE
      #expect(accelerator.buffers[engine.inputs].wordBytes >= depth * engine.replicas)
      #expect(accelerator.buffers[engine.weights].wordBytes >= engine.columns * engine.macsPerPE)
      #expect(accelerator.buffers[engine.outputs].wordBytes >= engine.columns * 4 * engine.replicas)
    }
  }

  @Test(arguments: Shipped.accelerators + Shipped.designs + Shipped.published) func printingRoundTrips(path: String)
    throws
  {
    let accelerator = try RunConfiguration.load(path: Shipped.root + "/" + path).accelerator
    let again = try Accelerator.parse(yaml: accelerator.yaml, file: "printed")
    #expect(again == accelerator)
    #expect(again.yaml == accelerator.yaml)
  }
}
