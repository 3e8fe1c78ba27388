#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

extension State.Cache {
    /// The variable that names the cache directory, as in Python myosin.
    public static let environmentVariable = "MYOSIN_CACHE_BASE_PATH"

    /// The directory that `MYOSIN_CACHE_BASE_PATH` names; none when it is unset or empty.
    public static var fromEnvironment: State.Cache {
        guard let value = getenv(environmentVariable), value.pointee != 0 else { return .none }
        return .directory(String(cString: value))
    }
}
