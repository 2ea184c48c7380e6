/// Names of layers in repeated blocks.
public enum LayerName {
  /// `blocks.*.attn.qkv` for `blocks.7.attn.qkv`: the last number within a name, with something but numbers behind it, is that of a
  /// block.
  public static func pattern(_ name: String) -> String {
    var words: [Substring] = []
    var start = name.startIndex
    for index in name.indices where name[index] == "." || name[index] == "/" {
      words.append(name[start..<index])
      words.append(name[index...index])
      start = name.index(after: index)
    }
    words.append(name[start...])
    func isNumber(_ word: Substring) -> Bool { !word.isEmpty && word.allSatisfy { $0.isASCII && $0.isNumber } }
    guard let end = words.lastIndex(where: { !isNumber($0) && $0 != "." && $0 != "/" }),
      let block = words[..<end].lastIndex(where: isNumber)
    else { return name }
    words[block] = "*"
    return words.joined()
  }
}
