@testable import FuzzTargets

/// The function of the target that `--target=NAME` names; libFuzzer ignores flags that start with two dashes.
private let target: @Sendable (UnsafeBufferPointer<UInt8>) -> Void = {
    let flag = "--target="
    let name = CommandLine.arguments.first { $0.hasPrefix(flag) }?.dropFirst(flag.count)
    switch name {
    case "readers": return { ReadersFuzzTarget.run($0) }
    case "server":
        let server = makeServer()
        return { server.run($0) }
    case "json": return { JSONFuzzTarget.run($0) }
    case "schema": return { SchemaFuzzTarget.run($0) }
    case "tags": return { TagsFuzzTarget.run($0) }
    case "negotiation": return { NegotiationFuzzTarget.run($0) }
    default: fatalError("Expected --target= with a target that `.ci/fuzz --help` lists; got \(name ?? "none").")
    }
}()

private func makeServer() -> ServerFuzzTarget {
    do { return try ServerFuzzTarget() } catch { fatalError("\(error)") }
}

/// The function that libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput") public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    target(UnsafeBufferPointer(start: start, count: count))
    return 0
}
