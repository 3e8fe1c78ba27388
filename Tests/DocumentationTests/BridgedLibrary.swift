import CoreMetrics

/// A library that knows swift-metrics alone, in the article "Bridging swift-metrics".
enum BridgedLibrary {
    static func attempt() {
        // DOC begins
        let attempts = Counter(label: "uplink.attempts", dimensions: [("result", "sent")])
        attempts.increment()
        // DOC ends
    }
}
