internal import Primitives
internal import Synchronization

extension Registry {
    /// One of several states: a sample per state, 1 for the present one and 0 for the others.
    ///
    /// You can use it from any thread, without locks, and a page never shows two states. In the text formats it is a gauge, with
    /// its own name as the label of the states.
    public final class StateSet: Sendable {
        /// The states in the order of a page, each once.
        struct Order: Sendable {
            let sorted: [String]

            init(_ states: [String]) {
                // As the values of labels, which are compared and sorted by their bytes.
                sorted = Set(states.map { LabelValues([$0]) }).sorted().flatMap(\.values)
            }
        }

        private let order: Order
        /// The place of the present state; `hidden` while there are no samples, and `unknown` while all of them are 0.
        private let present = Atomic(hidden)
        private static let hidden = -2
        private static let unknown = -1

        init(_ order: Order) { self.order = order }

        /// The states, sorted.
        public var states: [String] { order.sorted }

        /// Shows a state.
        ///
        /// - Parameter state: one of the states; nil removes all samples from the page, and any other text sets them to 0.
        public func set(_ state: String?) {
            let place = state.map { state in
                order.sorted.firstIndex { $0.isSpelled(as: state) } ?? Self.unknown
            }
            // Relaxed: the place guards no other memory.
            present.store(place ?? Self.hidden, ordering: .relaxed)
        }

        /// The value of each state's sample, in the order of the states, or nil if there are no samples.
        var values: (some Sequence<UInt64>)? {
            let place = present.load(ordering: .relaxed)
            return place == Self.hidden ? nil : order.sorted.indices.lazy.map { $0 == place ? 1 : 0 }
        }
    }
}
