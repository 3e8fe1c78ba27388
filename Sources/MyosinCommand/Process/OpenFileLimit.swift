#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// How many descriptors the process may have.
enum OpenFileLimit {
    /// Takes all that the system grants: the usual soft limit of 1,024 is for programs that use `select`.
    static func raise() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue))
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        // Without it connections beyond the old limit are answered 503.
        _ = setrlimit(resource, &limit)
    }
}
