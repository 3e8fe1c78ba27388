extension Program {
    /// Why sqlite3 has said nothing.
    package struct SQLiteFailure: Error {
        /// What it has said on standard error.
        package let errors: String
    }

    /// Runs a command of sqlite3 on the database of a cache directory.
    ///
    /// - Returns: what it prints.
    /// - Throws: ``SQLiteFailure`` when it fails.
    @discardableResult
    package static func sqlite(_ command: String, in directory: String) throws -> String {
        let ending = try run("/usr/bin/sqlite3", [directory + "/state.sqlite", command])
        guard ending.status == 0 else { throw SQLiteFailure(errors: ending.errors) }
        return ending.output
    }
}
