internal import Primitives

/// One of several states: a sample per state, 1 for the present one and 0 for the others.
///
/// You can use it from any thread. In the text formats it is a gauge, with its own name as the label.
public final class StateSet: Sendable {
    /// The states, in the order in which they were given.
    public let states: [String]
    private let family: Family<Gauge>

    init(_ states: [String], _ family: Family<Gauge>) { (self.states, self.family) = (states, family) }

    /// Shows a state.
    ///
    /// - Parameter state: one of the states; nil removes all samples from the page, any other text sets all of them to 0.
    public func set(_ state: String?) {
        if let state {
            // A page that is made meanwhile may show both or none.
            for other in states { family.child(other).set(other.isSpelled(as: state) ? 1 : 0) }
        } else {
            for other in states { family.remove(other) }
        }
    }
}
