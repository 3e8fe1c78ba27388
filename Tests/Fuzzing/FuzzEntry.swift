/// What libFuzzer calls with each input; compiled by `make fuzz` only, together with the server and its fuzz targets.
@_cdecl("LLVMFuzzerTestOneInput") public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    FuzzTargets.run(UnsafeBufferPointer(start: start, count: count))
    return 0
}
