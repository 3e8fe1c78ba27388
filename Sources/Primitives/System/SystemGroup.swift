#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The groups of the system's users.
package enum SystemGroup {
    /// Looks a group up.
    ///
    /// - Parameter text: its name, or else its number.
    /// - Returns: its number; nil if there is no such group.
    package static func number(of text: String) -> UInt32? {
        // The highest number stands for "as it is" where the system takes a group.
        (number(named: text) ?? UInt32(text)).flatMap { $0 == gid_t.max ? nil : $0 }
    }

    private static func number(named name: String) -> UInt32? {
        // C would read a NUL byte as the end of a shorter name.
        if name.utf8.contains(0) { return nil }
        var (record, found): (group, UnsafeMutablePointer<group>?) = (group(), nil)
        // The largest entries are those of groups with many members.
        var buffer = [CChar](repeating: 0, count: 65_536)
        guard getgrnam_r(name, &record, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return record.gr_gid
    }
}
