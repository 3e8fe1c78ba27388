/// Which of some states something is in: one sample a state, 1 for that and 0 for the others.
///
/// It may be used from any thread. In the text formats it is a gauge with a label named as itself.
public final class StateSet: Sendable {
    /// The states, in the order in which they were given.
    public let states: [String]
    private let family: Family<Gauge>

    init(_ states: [String], _ family: Family<Gauge>) { (self.states, self.family) = (states, family) }

    /// Shows a state.
    ///
    /// - Parameter state: one of the states; nil takes all samples off the page, any other text shows that it is in none.
    public func set(_ state: String?) {
        if let state {
            // A page that is made meanwhile may show both or none.
            for other in states { family.child(other).set(other == state ? 1 : 0) }
        } else {
            for other in states { family.remove(other) }
        }
    }
}
