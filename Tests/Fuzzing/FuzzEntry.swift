#if FUZZES_SERVER
private let server: ServerFuzzTarget = {
    do { return try ServerFuzzTarget() } catch { fatalError("\(error)") }
}()
#endif

/// What libFuzzer calls with each input; compiled by `make fuzz` only, together with a target and what it is about.
@_cdecl("LLVMFuzzerTestOneInput") public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: start, count: count)
    #if FUZZES_SERVER
    server.run(bytes)
    #elseif FUZZES_JSON
    JSONFuzzTarget.run(bytes)
    #elseif FUZZES_SCHEMA
    SchemaFuzzTarget.run(bytes)
    #elseif FUZZES_NEGOTIATION
    NegotiationFuzzTarget.run(bytes)
    #elseif FUZZES_TAGS
    TagsFuzzTarget.run(bytes)
    #else
    FuzzTargets.run(bytes)
    #endif
    return 0
}
