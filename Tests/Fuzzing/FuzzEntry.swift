#if FUZZES_SERVER
private let target: ServerFuzzTarget = {
    do { return try ServerFuzzTarget() } catch { fatalError("\(error)") }
}()
#endif

/// What libFuzzer calls with each input; compiled by `make fuzz` only, together with the server and its fuzz targets.
@_cdecl("LLVMFuzzerTestOneInput") public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: start, count: count)
    #if FUZZES_SERVER
    target.run(bytes)
    #else
    FuzzTargets.run(bytes)
    #endif
    return 0
}
