/// Shows a test when what holds it is gone, such as a closure that has captured it.
package final class Lifetime: Sendable {
    private let onEnd: @Sendable () -> Void

    /// Makes one.
    ///
    /// - Parameter onEnd: called when the last reference goes.
    package init(_ onEnd: @escaping @Sendable () -> Void) { self.onEnd = onEnd }

    deinit { onEnd() }
}
