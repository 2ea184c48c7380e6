import Analysis
import Machine

/// Stacks of cycles as they are drawn everywhere on a page: the same order, the same colours.
enum StackMarkup {
  /// Work, overhead, waiting, idle, as in `Part`.
  static let order: [Part] = [Part.Kind.work, .overhead, .wait, .idle].flatMap { kind in
    Part.allCases.filter { $0.kind == kind || (kind == .work && $0 == .narrow) }.filter {
      kind != .overhead || $0 != .narrow
    }
  }

  /// A bar of which `whole` cycles would fill the width.
  static func bar(_ stack: CycleStack, of whole: Int, named name: String) -> Markup {
    StackBar(
      segments: order.map { part in
        StackBar.Segment(
          paint: ChartPalette.paint(part), amount: stack[part], label: "\(name)\n\(text(part, in: stack))")
      },
      whole: whole, description: "\(name): \(words(stack, limit: 4))"
    ).svg
  }

  /// `busy 93.4%, 1,248,000 cycles`.
  static func text(_ part: Part, in stack: CycleStack) -> String {
    let share = stack.total == 0 ? 0 : Double(stack[part]) / Double(stack.total)
    return "\(part.name) \(NumberText.percent(share)), \(NumberText.grouped(stack[part])) cycles"
  }

  /// The largest parts in words.
  static func words(_ stack: CycleStack, limit: Int) -> String {
    guard stack.total > 0 else { return "-" }
    let visible = largest(stack).filter { Double(stack[$0]) / Double(stack.total) >= 0.0005 }
    return visible.prefix(limit).map {
      "\($0.name) \(NumberText.percent(Double(stack[$0]) / Double(stack.total)))"
    }.joined(separator: ", ")
  }

  /// What the colours mean, with the shares of a stack: the largest first.
  static func keys(_ stack: CycleStack) -> Markup {
    let items = largest(stack).map { part -> Markup in
      let share = Double(stack[part]) / Double(stack.total)
      return """
        <li title="\(NumberText.grouped(stack[part])) cycles"><i class="key \(ChartPalette.paint(part))"></i>\(part.name) \
        \(NumberText.percent(share))</li>
        """
    }
    return "<ul class=\"keys\">\(items)</ul>"
  }

  /// What the colours of several stacks mean.
  static func keys(of stacks: [CycleStack]) -> Markup {
    let present = order.filter { part in stacks.contains { $0[part] > 0 } }
    return
      "<ul class=\"keys\">\(present.map { "<li><i class=\"key \(ChartPalette.paint($0))\"></i>\($0.name)</li>" })</ul>"
  }

  static func largest(_ stack: CycleStack) -> [Part] {
    Part.allCases.filter { stack[$0] > 0 }.sorted { (-stack[$0], $0.rawValue) < (-stack[$1], $1.rawValue) }
  }
}
