internal import Exposition

/// The sizes of the store, as its upkeep finds them: no page of metrics waits for a disk.
struct StoreMetrics: Sendable {
    private let logBytes: Registry.Gauge
    private let databaseBytes: Registry.Gauge
    private let quarantineBytes: Registry.Gauge
    private let quarantineDocuments: Registry.Gauge

    /// Registers the gauges, each 0 at first.
    ///
    /// - Throws: `MetricError` when the registry has families of these names already.
    init(registry: Registry) throws(MetricError) {
        func bytes(_ name: String, _ help: String) throws(MetricError) -> Registry.Gauge {
            try registry.gauge(named: "myosin_store_\(name)_bytes", help: help, unit: "bytes")
        }
        logBytes = try bytes(
            "log",
            "Size of the log of the store, which grows while another program reads the database."
        )
        databaseBytes = try bytes("database", "Size of the database of the store, without its log.")
        quarantineBytes = try bytes("quarantine", "Size of the former documents in the store's quarantine.")
        quarantineDocuments = try registry.gauge(
            named: "myosin_store_quarantine_documents",
            help: "Former documents in the store's quarantine."
        )
    }

    /// Shows what an upkeep has found; what it does not know stays.
    func show(_ upkeep: StoreUpkeep) {
        if let bytes = upkeep.logBytes { logBytes.set(Double(bytes)) }
        if let bytes = upkeep.databaseBytes { databaseBytes.set(Double(bytes)) }
        if let bytes = upkeep.quarantineBytes { quarantineBytes.set(Double(bytes)) }
        if let documents = upkeep.quarantineDocuments { quarantineDocuments.set(Double(documents)) }
    }
}
