#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif
internal import Primitives

/// Who may read and write what a store makes: its owner, and a group where one is named.
struct FileSharing: Sendable {
    /// The group's number; nil for the owner only.
    let group: gid_t?
    /// Whether files get the rights; not where they are only looked at.
    private let isApplied: Bool

    /// Looks a group up.
    ///
    /// - Parameters:
    ///   - group: its name or number; nil for none.
    ///   - isApplied: whether files get the rights; otherwise only a file that could not get them is an error.
    /// - Throws: ``StateError`` with the code `storePermission` when there is no such group.
    init(group: String?, isApplied: Bool = true) throws(StateError) {
        self.isApplied = isApplied
        guard let group else {
            self.group = nil
            return
        }
        guard let number = SystemGroup.number(of: group) else {
            throw StateError(
                .storePermission,
                "There is no group \(group.quoted). Name one of /etc/group, or its number."
            )
        }
        self.group = number
    }

    /// Gives a directory the rights.
    ///
    /// - Throws: ``StateError`` with a `store…` code.
    func apply(toDirectory path: String) throws(StateError) {
        if let group, chown(path, uid_t.max, group) != 0 { throw refused(path) }
        // Whatever the mask of the process: what is made in it belongs to the group, too.
        guard chmod(path, group == nil ? 0o700 : 0o2770) == 0 else {
            throw .system(errno, "The rights of the directory \(path) cannot be set")
        }
    }

    /// Gives an open file the rights.
    ///
    /// - Parameters:
    ///   - descriptor: the file.
    ///   - present: what it has now.
    ///   - isNew: whether this process has just made it.
    ///   - name: its path for messages.
    /// - Throws: ``StateError`` with a `store…` code.
    func apply(to descriptor: Int32, _ present: stat, isNew: Bool, _ name: String) throws(StateError) {
        guard isApplied else {
            if let group, present.st_gid != group, !Self.mayGive(to: group) {
                errno = EPERM
                throw refused(name)
            }
            return
        }
        if let group, present.st_gid != group, fchown(descriptor, uid_t.max, group) != 0 { throw refused(name) }
        let mode: mode_t = group == nil ? 0o600 : 0o660
        // A read-only file keeps its rights; opening it for writing reports it. A new one may be that by the mask of the process.
        if present.st_mode & 0o7777 == mode || !isNew && present.st_mode & 0o200 == 0 { return }
        // Of another user's file the rights cannot be changed, nor need they: it was made available on purpose.
        guard fchmod(descriptor, mode) == 0 || errno == EPERM else {
            throw .system(errno, "The rights of \(name) cannot be set")
        }
    }

    /// Whether this process may give its files to a group.
    private static func mayGive(to group: gid_t) -> Bool {
        if geteuid() == 0 || getegid() == group { return true }
        var groups = [gid_t](repeating: 0, count: Int(max(0, getgroups(0, nil))))
        let count = getgroups(Int32(groups.count), &groups)
        return groups.prefix(Int(max(0, count))).contains(group)
    }

    private func refused(_ name: String) -> StateError {
        .system(errno, "\(name) cannot be given to the group \(group.map { "\($0)" } ?? ""); this user must be in it")
    }
}
