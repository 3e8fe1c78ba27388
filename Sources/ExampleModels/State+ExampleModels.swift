package import Myosin

extension State {
    /// Loads `User`, `Telemetry` and `System` with their defaults.
    ///
    /// - Throws: `StateError`, as `load` does.
    package func loadExampleModels() throws(StateError) {
        try load(User(name: "chris", email: "chris@email.com"))
        try load(Telemetry())
        try load(System())
    }
}
