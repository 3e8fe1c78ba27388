extension StateModel {
    /// Migrates a document as ``State/load(_:onCorrupt:)`` does, for a test of ``migrate(_:from:)``.
    ///
    /// It runs `migrate`, gives missing fields their defaults, drops unknown ones, decodes the result and validates it.
    ///
    /// - Parameters:
    ///   - text: the stored document as JSON.
    ///   - version: the version of its fields.
    ///   - defaults: the defaults that the program loads, or nil if `migrate` adds all new fields itself.
    /// - Returns: the model.
    /// - Throws: ``StateError``, as `load`: `corruptDocument`, `newerDocument`, or `invalid` for a result that does not read
    ///   back.
    public static func migrated(
        from text: String,
        version: Int,
        defaults: Self? = nil
    ) throws(StateError) -> Self {
        let stored = StoredDocument(
            model: modelName,
            schemaVersion: version,
            revision: 1,
            time: 0,
            text: Array(text.utf8)
        )
        return try StoredReading(definition: TypeMigration(knownDefaults: defaults)).value(of: stored).model
    }
}

/// Reads documents of a type, with or without defaults.
private struct TypeMigration<Model: StateModel>: TypeReading {
    let knownDefaults: Model?
}
