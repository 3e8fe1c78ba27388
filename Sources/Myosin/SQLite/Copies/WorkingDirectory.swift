#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif
internal import Primitives

/// A directory in which a copy is made, so that no other program finds the copy in part.
///
/// It is always a new one with an unpredictable name: a file that has the name already is neither used nor removed.
struct WorkingDirectory {
    /// Its files.
    let files: StoreDirectory
    private let parent: StoreDirectory
    private let entry: String

    /// Makes one.
    ///
    /// - Parameters:
    ///   - parent: the directory that it is made in.
    ///   - prefix: what its name begins with.
    ///   - copyName: the file that its database is a copy of, or becomes, for messages.
    /// - Throws: ``StateError`` with a `store…` code.
    init(in parent: StoreDirectory, prefix: String, copyName: String) throws(StateError) {
        for _ in 1...100 {
            let entry = prefix + UInt32.random(in: .min ... .max).padded(to: 8, radix: 16)
            guard let files = try parent.makeDirectory(entry, copyName: copyName) else { continue }
            (self.files, self.parent, self.entry) = (files, parent, entry)
            return
        }
        throw .system(EEXIST, "A directory \(parent.name)/\(prefix)… cannot be made")
    }

    /// Removes it with its files.
    func remove() { files.remove(entry, from: parent) }

    /// Removes those of processes that were killed.
    ///
    /// Call it only while no other process can have one under this prefix. Directories of other users stay.
    ///
    /// - Parameter prefix: what their names begin with.
    /// - Throws: ``StateError`` when the directory that they are in cannot be listed.
    func removeOthers(prefix: String) throws(StateError) {
        for other in try parent.entries where other.hasPrefix(prefix) && other != entry {
            guard other.dropFirst(prefix.count).allSatisfy(\.isHexDigit) else { continue }
            var information = stat()
            guard fstatat(parent.descriptor, other, &information, AT_SYMLINK_NOFOLLOW) == 0,
                information.st_mode & S_IFMT == S_IFDIR, information.st_uid == geteuid()
            else { continue }
            // One that cannot be opened only takes room, and stays.
            let path = "\(parent.path)/\(other)"
            let left = try? StoreDirectory(path, at: path, kind: "directory", sharing: parent.sharing)
            left?.remove(other, from: parent)
        }
    }
}
