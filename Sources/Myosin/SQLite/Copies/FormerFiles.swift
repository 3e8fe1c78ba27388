#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif
internal import Primitives

/// The files of a store that a copy replaces, kept in a new directory beside them.
struct FormerFiles {
    private let place: StoreDirectory
    private let kept: StoreDirectory
    private let entry: String
    /// The files that are no longer at their place, because the file system cannot give them second names.
    private var moved: [StoreFile] = []

    /// The path of the directory as a user would write it.
    var name: String { kept.name }

    /// Gives the present files second names in a directory that is named after the time; nil if there are no files.
    ///
    /// - Parameters:
    ///   - place: the directory of the store.
    ///   - owner: to whom the directory is given; nil for the user of this process.
    /// - Throws: ``StateError`` with a `store…` code; the files are as they were then.
    init?(of place: StoreDirectory, owner: FileOwner?) throws(StateError) {
        var files: [StoreFile] = []
        for file in [StoreFile.database, .log, .journal] where try place.mark(of: file) != nil { files.append(file) }
        if files.isEmpty { return nil }
        self.place = place
        (kept, entry) = try Self.makeDirectory(in: place)
        do throws(StateError) {
            try place.sharing.apply(toDirectory: kept.path)
            try owner?.take(kept.descriptor, kept.name)
            for file in files { try keep(file) }
            try kept.sync()
        } catch {
            putBack()
            throw error
        }
    }

    private static func makeDirectory(in place: StoreDirectory) throws(StateError) -> (StoreDirectory, String) {
        let time = CalendarTime(secondsSince1970: Int(WallClock.seconds))
        let name = "replaced-\(time.dateText)T\(time.clockText.replacing(":", with: "-"))Z"
        for number in 1...1_000 {
            let entry = number == 1 ? name : "\(name)-\(number)"
            if let made = try place.makeDirectory(entry) { return (made, entry) }
        }
        throw .system(EEXIST, "A directory \(place.name)/\(name) cannot be made")
    }

    private mutating func keep(_ file: StoreFile) throws(StateError) {
        let name = file.rawValue
        if linkat(place.descriptor, name, kept.descriptor, name, 0) == 0 { return }
        // File systems without second names get the file itself.
        if [EPERM, EOPNOTSUPP, EMLINK, ENOSYS].contains(errno),
            renameat(place.descriptor, name, kept.descriptor, name) == 0
        {
            moved.append(file)
            return
        }
        throw .system(errno, "\(place.name(of: file)) cannot be kept in \(kept.name)")
    }

    /// Returns the files to their place and removes the directory, because the copy could not be put there.
    func putBack() {
        // A file that cannot be moved back stays in the directory, which is not removed then.
        let stayed = moved.filter { file in
            renameat(kept.descriptor, file.rawValue, place.descriptor, file.rawValue) != 0
        }
        if stayed.isEmpty { kept.remove(entry, from: place) }
    }
}
