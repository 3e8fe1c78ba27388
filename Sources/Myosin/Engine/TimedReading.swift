internal import Exposition

/// A checkout under way of what a model has published, which is timed.
@usableFromInline struct TimedReading {
    private let stopwatch = Stopwatch()
    private let cell: ModelCell
    @usableFromInline let version: AnyVersion

    init(of cell: ModelCell) { (self.cell, version) = (cell, cell.published) }

    /// Notes that the copy is made.
    @usableFromInline func end() { cell.metrics.checkout.observe(stopwatch) }
}
