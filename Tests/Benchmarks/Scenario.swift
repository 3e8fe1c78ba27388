/// Something that this package and a peer do, one after the other.
protocol Scenario {
    /// What is done.
    var name: String { get }

    /// Measures both sides.
    func compare(_ measuring: Measuring) throws -> Comparison
}

/// How to measure.
struct Measuring {
    let rounds: Int
    let seconds: Int
    /// A directory for what servers write.
    let directory: String

    /// Measures in turns, so that both sides meet the same noise.
    ///
    /// - Parameters:
    ///   - ours: measures this package once.
    ///   - peer: measures the peer once.
    /// - Returns: a pair a round.
    func pairs(_ ours: () throws -> Double, _ peer: () throws -> Double) rethrows -> [(ours: Double, peer: Double)] {
        try (0..<rounds).map { _ in (try ours(), try peer()) }
    }
}

/// What a measurement has found wrong with itself.
struct VoidRun: Error, CustomStringConvertible {
    let description: String
}
