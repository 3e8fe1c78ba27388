#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The files that Python myosin has left in a directory, `<Model>.json` each, which are only read.
struct PythonCache {
    let directory: StoreDirectory

    /// The documents of the files whose names are those of models.
    ///
    /// - Parameter known: models whose files are not wanted.
    /// - Returns: the documents, with version and revision 0.
    /// - Throws: ``StateError`` when the directory or a file cannot be read.
    func documents(except known: Set<String>) throws(StateError) -> [StoredDocument] {
        var documents: [StoredDocument] = []
        for name in try directory.entries where name.hasSuffix(".json") {
            let model = String(name.dropLast(".json".count))
            if ModelName.isGood(model) && !known.contains(model) {
                if let document = try document(of: model, in: name) { documents.append(document) }
            }
        }
        return documents
    }

    /// Reads a file; nil where it is none, or has gone meanwhile.
    private func document(of model: String, in file: String) throws(StateError) -> StoredDocument? {
        func error() -> StateError {
            .system(errno, "\(directory.name)/\(file), which may be Python myosin's, cannot be read")
        }
        let descriptor = SystemCall.retry {
            openat(directory.descriptor, file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
        }
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw error()
        }
        defer { close(descriptor) }
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { throw error() }
        guard information.st_mode & S_IFMT == S_IFREG else { return nil }
        var text: [UInt8] = []
        guard SystemCall.readPieces(of: descriptor, { text += $0 }) else { throw error() }
        let changed = Duration(information.st_mtim).components
        let time = Double(changed.seconds) + Double(changed.attoseconds) / 1e18
        return StoredDocument(model: model, schemaVersion: 0, revision: 0, time: time, text: text)
    }
}
