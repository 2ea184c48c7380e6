import Compiler
import Hardware
import Model
import Schedule
import TestSupport
import Testing

@Suite struct CompilerTests {
  @Test(arguments: Accelerator.all)
  func aSmallTransformerOnEveryAccelerator(_ accelerator: Accelerator) throws {
    let model = VisionTransformer("small", width: 48, depth: 2, heads: 3, patch: 8, classes: 10)
    for (image, batch) in [(32, 1), (40, 2)] {
      let graph = try Zoo.graph(model, image: image, batch: batch)
      let schedule = try Compiler.compile(graph, for: accelerator)
      check(schedule, graph)
      #expect(try Compiler.compile(graph, for: accelerator) == schedule)
    }
  }

  @Test(arguments: [Accelerator.edge, .single, .output, .input, .three, .unified])
  func deitTinyOnMany(_ accelerator: Accelerator) throws {
    let graph = try Zoo.graph("deit-tiny")
    check(try Compiler.compile(graph, for: accelerator), graph)
  }

  @Test(arguments: Zoo.models.filter { $0 is VisionTransformer }.map(\.name))
  func everyTransformerOfTheZoo(_ name: String) throws {
    let graph = try Zoo.graph(name)
    check(try Compiler.compile(graph, for: .zcu102), graph)
  }

  @Test func largeImagesAndBatches() throws {
    let shallow = VisionTransformer("shallow", width: 192, depth: 1, heads: 3, patch: 16)
    let large = try Zoo.graph(shallow, image: 1024)
    check(try Compiler.compile(large, for: .zcu102), large)
    let batch = try Zoo.graph("deit-tiny", batch: 4)
    check(try Compiler.compile(batch, for: .output), batch)
  }

  @Test(arguments: 0..<40)
  func randomModelsOnRandomAccelerators(_ seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    let heads = random.int(1...4)
    let patch = random.pick([1, 2, 3, 4])
    let model = VisionTransformer(
      "random", width: heads * random.pick([1, 2, 3, 5, 8, 16]), depth: random.int(1...2), heads: heads, patch: patch,
      classes: random.pick([1, 2, 7, 10]))
    let graph = try Zoo.graph(model, image: patch * random.int(1...6), batch: random.int(1...3))
    let accelerator = Accelerator.random(&random)
    do {
      let schedule = try Compiler.compile(graph, for: accelerator)
      check(schedule, graph)
      #expect(try Compiler.compile(graph, for: accelerator) == schedule)
    } catch {
      // Small memories may be too small; nothing else may go wrong.
      guard case .doesNotFit(_, _, _, let needed, let available) = error else { throw error }
      #expect(needed > available)
    }
  }

  // MARK: What is loaded

  /// Weights are loaded once and whole, however many engines share them; the image is where it fits.
  @Test(arguments: [Accelerator.zcu102, .output, .input, .three])
  func weightsAreLoadedOnce(_ accelerator: Accelerator) throws {
    let schedule = try Compiler.compile(try Zoo.graph("deit-tiny"), for: accelerator)
    let loaded = traffic(schedule).loaded
    for tensor in schedule.tensors where tensor.kind == .weight && tensor.name.hasPrefix("blocks") {
      #expect(loaded[tensor.name] == tensor.bytes, "\(tensor.name)")
    }
    if accelerator == .zcu102 { #expect(loaded["image"] == 224 * 224 * 3) }
  }

  @Test func activationsThatFitStayOnChip() throws {
    let schedule = try Compiler.compile(try Zoo.graph("deit-base"), for: .zcu102)
    #expect(!schedule.tensors.contains { $0.kind == .spill })
    #expect(traffic(schedule).stored.count == 1)
    let parameters = schedule.tensors.filter { $0.kind == .weight }.reduce(0) { $0 + $1.bytes }
    #expect(traffic(schedule).loaded.values.reduce(0, +) == parameters + 224 * 224 * 3)
  }

  @Test func activationsThatDoNotFitAreSpilled() throws {
    let model = VisionTransformer("small", width: 96, depth: 2, heads: 3, patch: 16)
    let schedule = try Compiler.compile(try Zoo.graph(model), for: .tiny)
    let (loaded, stored) = traffic(schedule)
    for tensor in schedule.tensors where tensor.kind == .spill {
      #expect(stored[tensor.name] == tensor.bytes)
      #expect(loaded[tensor.name, default: 0] > 0)
    }
    #expect(schedule.tensors.contains { $0.kind == .spill })
  }

  /// Each block of weights is one row of consecutive bytes, its bias included.
  @Test func weightBlocksAreContiguous() throws {
    let schedule = try Compiler.compile(try Zoo.graph("deit-tiny"), for: .zcu102)
    let weights = schedule.tensors.filter { $0.name.hasSuffix("qkv.weight") }
    #expect(weights.count == 12)
    for case .load(let transfer) in schedule.instructions.map(\.operation) {
      guard
        weights.contains(where: { $0.address <= transfer.dram.address && transfer.dram.end <= $0.address + $0.bytes })
      else { continue }
      #expect(transfer.dram.rows == 1 && transfer.region.rows == 1)
    }
    #expect(schedule.tensors.allSatisfy { $0.address % 4096 == 0 })
  }

  // MARK: How work is shared

  @Test func everyEngineWorks() throws {
    let schedule = try Compiler.compile(try Zoo.graph("deit-tiny"), for: .three)
    var macs = [0, 0, 0]
    var engines: [Int: Set<Int>] = [:]
    for instruction in schedule.instructions {
      guard case .matmul(let matmul) = instruction.operation else { continue }
      macs[instruction.queue] += matmul.macs
      engines[matmul.op, default: []].insert(instruction.queue)
    }
    // 16×16, twice that, and half of it: shares follow speed.
    #expect(macs[1] > macs[0] && macs[0] > macs[2] && macs[2] > 0)
    #expect(engines.values.contains { $0.count == 3 })
  }

  /// The array has its next scores to compute while the vector unit does softmax.
  @Test func scoresRunAheadOfValues() throws {
    let schedule = try Compiler.compile(try Zoo.graph("deit-tiny"), for: .zcu102)
    let scores = try #require(schedule.operators.firstIndex { $0.name == "blocks.0.attn.scores" })
    let values = try #require(schedule.operators.firstIndex { $0.name == "blocks.0.attn.values" })
    let order = schedule.instructions.compactMap { instruction -> Int? in
      guard case .matmul(let matmul) = instruction.operation, [scores, values].contains(matmul.op) else { return nil }
      return matmul.op
    }
    #expect(order.prefix(3) == [scores, scores, values])
    #expect(order.last == values)
  }

  /// A load on a channel that also stores doesn't stand behind stores of results that it doesn't need.
  @Test func loadsPassStores() throws {
    let graph = try Zoo.graph(VisionTransformer("small", width: 64, depth: 1, heads: 2, patch: 8), image: 64)
    var small = Accelerator.edge
    small.buffers[0].bytes = 16 * 1024
    let schedule = try Compiler.compile(graph, for: small)
    check(schedule, graph)
    let dma = schedule.instructions.filter { $0.queue == 2 }
    let firstStore = try #require(dma.firstIndex { if case .store = $0.operation { true } else { false } })
    // Two blocks of weights, or more, are on their way before the first result leaves.
    let weights = dma[..<firstStore].filter { if case .load(let t) = $0.operation { t.op == 0 } else { false } }
    #expect(weights.count >= 3)
  }

  @Test func productsLeadWhileNormalisationRuns() throws {
    let schedule = try Compiler.compile(try Zoo.graph("deit-base"), for: .zcu102)
    let norm = try #require(schedule.layers.firstIndex { $0.name == "blocks.0.norm1" })
    let last = try #require(
      schedule.instructions.lastIndex { if case .vector = $0.operation { $0.layer == norm } else { false } })
    let first = try #require(
      schedule.instructions.firstIndex { if case .matmul = $0.operation { $0.layer == norm + 1 } else { false } })
    #expect(first < last)
  }

  // MARK: Layers

  @Test func layersAreGroups() throws {
    let schedule = try Compiler.compile(try Zoo.graph("deit-tiny"), for: .zcu102)
    func operators(_ name: String) -> [String]? {
      schedule.layers.first { $0.name == name }?.operators.map { schedule.operators[$0].name }
    }
    #expect(operators("patch_embed.proj") == ["patch_embed.proj", "cls_token", "pos_embed"])
    #expect(
      operators("blocks.3.attn") == ["scores", "scale", "softmax", "values"].map { "blocks.3.attn.\($0)" })
    #expect(operators("blocks.0.mlp.fc1") == ["blocks.0.mlp.fc1", "blocks.0.mlp.gelu"])
    #expect(operators("blocks.0.attn.proj") == ["blocks.0.attn.proj", "blocks.0.add1"])
    #expect(operators("select") == nil)
    #expect(schedule.layers.count == 1 + 12 * 7 + 2)
  }
}
