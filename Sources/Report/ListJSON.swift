import Hardware
import Model

/// Lists of what there is, as JSON (docs/output.md).
public enum ListJSON {
  /// Sizes, multiply-accumulates and parameters of each model; null where it takes no image of that side.
  public static func models(_ models: [(model: any ZooModel, graph: Graph?)], image: Int) -> String {
    func sizes(_ sizes: [Int]) -> JSON { .array(sizes.map(JSON.integer)) }
    return JSON.object([
      ("format", .string("vitsim-models")), ("version", .integer(1)), ("image", .integer(image)),
      (
        "models",
        .array(
          models.map { model, graph in
            .object([
              ("name", .string(model.name)), ("image_step", .integer(model.imageStep)),
              ("widths", sizes(model.stageWidths)), ("depths", sizes(model.stageDepths)),
              ("heads", sizes(model.stageHeads)), ("macs", graph.map { .integer($0.macs) } ?? .null),
              ("parameters", graph.map { .integer($0.parameters) } ?? .null),
            ])
          })
      ),
    ]).text
  }

  /// Path, model and accelerator of each configuration; null for an accelerator of a file with mistakes.
  public static func configurations(_ entries: [ConfigurationEntry]) -> String {
    JSON.object([
      ("format", .string("vitsim-configurations")), ("version", .integer(1)),
      (
        "configurations",
        .array(
          entries.map { entry in
            .object([
              ("path", .string(entry.path)), ("model", entry.model.map(JSON.string) ?? .null),
              ("accelerator", entry.accelerator.map(accelerator) ?? .null),
            ])
          })
      ),
    ]).text
  }

  private static func accelerator(_ accelerator: Accelerator) -> JSON {
    .object([
      ("name", .string(accelerator.name)), ("clock_hz", .integer(accelerator.clock)),
      ("peak_macs_per_cycle", .integer(accelerator.peakMACsPerCycle)),
      ("device", accelerator.device.map { .string($0.name) } ?? .null),
    ])
  }
}
