import Exploration
import Testing

/// FIPS 180-4's examples, and every length around the edges of a block.
@Suite struct SHA256Tests {
  private func hex(_ text: String) -> String { DesignKey(bytes: SHA256.digest(text.utf8)).description }

  @Test func published() {
    #expect(hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
        == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    #expect(
      hex(String(repeating: "a", count: 100_000))
        == "6d1cf22d7cc09b085dfc25ee1a1f3ae0265804c607bc2074ad253bcc82fd81ee")
  }

  /// Each length up to two blocks, all digests hashed together; the number is Python's hashlib's.
  @Test func everyLength() {
    let all = (0...130).map { hex(String(repeating: "x", count: $0)) }.joined()
    #expect(hex(all) == "87aca1c44bc7ba8897768170211f0a02063de70801131ff86c7edb9ce32c6a50")
  }
}
