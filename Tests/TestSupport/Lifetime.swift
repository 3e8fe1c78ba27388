/// Notifies a test when its last owner has released it, such as a closure that captured it.
package final class Lifetime: Sendable {
    private let onEnd: @Sendable () -> Void

    /// Makes one.
    ///
    /// - Parameter onEnd: called when the last reference goes.
    package init(_ onEnd: @escaping @Sendable () -> Void) { self.onEnd = onEnd }

    deinit { onEnd() }
}
