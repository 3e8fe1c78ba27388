#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The groups of the system's users.
package enum SystemGroup {
    /// Looks a group up by its name; nil if there is none of the name.
    package static func number(named name: String) -> UInt32? {
        var (record, found): (group, UnsafeMutablePointer<group>?) = (group(), nil)
        // The largest entries are those of groups with many members.
        var buffer = [CChar](repeating: 0, count: 65_536)
        guard getgrnam_r(name, &record, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return record.gr_gid
    }
}
