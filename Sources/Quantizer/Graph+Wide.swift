import Model

extension Graph {
  /// Results of head products that only divisions read: they stay INT32.
  ///
  /// Numerator and denominator of linear attention lie far apart; cut to 8 bits, small denominators would become 0 and
  /// quotients 0/0. Divided wide, only the quotient is cut.
  var wideTensors: Set<TensorID> {
    var wide = Set(
      operators.compactMap { op in
        if case .headProduct = op.operation, tensors[op.output].role == .activation { op.output } else { nil }
      })
    var read: Set<TensorID> = []
    for op in operators {
      if case .divide = op.operation { read.formUnion(op.inputs) } else { wide.subtract(op.inputs) }
    }
    return wide.intersection(read)
  }
}
