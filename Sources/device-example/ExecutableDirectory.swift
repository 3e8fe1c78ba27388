#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The directory of the running executable, so that what it keeps lies with the build and goes with it.
enum ExecutableDirectory {
    /// The path, or nil where the system does not tell it.
    static var path: String? {
        guard let resolved = realpath("/proc/self/exe", nil) else { return nil }
        defer { free(resolved) }
        let file = String(cString: resolved)
        return file.lastIndex(of: "/").map { String(file[..<$0]) }
    }
}
