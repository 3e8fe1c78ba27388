package import MicroHTTP

extension ServerLimits {
    /// Limits whose deadlines no client of a test can miss, however slow the machine is.
    ///
    /// A test of one deadline makes that one short, and keeps the others.
    package static var patient: ServerLimits {
        var limits = ServerLimits()
        limits.headerTimeout = .beyondPatience
        limits.bodyTimeout = .beyondPatience
        limits.idleTimeout = .beyondPatience
        limits.writeTimeout = .beyondPatience
        return limits
    }
}
