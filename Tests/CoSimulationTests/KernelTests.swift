import CoSimulation
import SystemCBridge
import Testing

/// SystemC's kernel behind C functions.
@Suite(.enabled(if: SystemCKernel.isAvailable, "built without SystemC: apt install libsystemc-dev, then a clean build"))
struct KernelTests {
  @Test(arguments: [0, 1, 2]) func errorsWithinAProcessComeBackAsStatusAndText(kind: CInt) throws {
    let texts = ["an error within a process", "a fatal error within a process", "an exception within a process"]
    try SystemCKernel.exclusive {
      let status = vitsim_kernel_selftest(kind)
      let text = String(cString: vitsim_last_error())
      #expect(status == VITSIM_REPORT)
      #expect(text.contains(texts[Int(kind)]) && text.contains("failing"), "\(text)")
      // Until it is reset the kernel refuses to go on.
      #expect(vitsim_kernel_selftest(3) != VITSIM_OK)
      #expect(vitsim_kernel_reset() == VITSIM_OK)
      #expect(vitsim_kernel_selftest(3) == VITSIM_OK)
    }
  }
}
