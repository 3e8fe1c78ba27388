#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// How much memory the stack of a thread may have: the C library gives each thread what the limit of the process allows the first.
enum StackLimit {
    /// What the deepest JSON document that is allowed takes, with ample room for the rest.
    private static let minKibibytes: UInt = 512

    /// Makes sure that threads have enough of it: an overflow ends the process by SIGSEGV.
    ///
    /// - Throws: ``ProgramError`` with the command that raises the limit.
    static func check() throws {
        var limit = rlimit()
        let resource = __rlimit_resource_t(UInt32(RLIMIT_STACK.rawValue))
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < rlim_t(minKibibytes << 10) else { return }
        throw ProgramError(
            description:
                "The limit of the stack is \(limit.rlim_cur >> 10) KiB, and the program needs \(minKibibytes). "
                + "Raise it before the start (ulimit -s 8192), or in the systemd unit (LimitSTACK=8M)."
        )
    }
}
