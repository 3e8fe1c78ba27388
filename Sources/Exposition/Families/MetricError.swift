/// Why a registry refused a metric.
///
/// A refusal leaves the registry as it was.
public struct MetricError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong, as a value to compare with.
    ///
    /// Later versions may add codes, so a `switch` over them needs a `default`.
    public struct Code: Hashable, Sendable {
        private let name: String

        /// The name is no classic Prometheus metric name.
        public static let invalidName = Code(name: "invalidName")
        /// A label's name is malformed, reserved or given twice.
        public static let invalidLabel = Code(name: "invalidLabel")
        /// The unit is not what the name ends in.
        public static let invalidUnit = Code(name: "invalidUnit")
        /// A histogram's buckets are not ascending finite numbers, or are too many.
        public static let invalidBuckets = Code(name: "invalidBuckets")
        /// A state set has more states than a family may have children.
        public static let tooManyStates = Code(name: "tooManyStates")
        /// The registry has a family of this name that differs in type, help text, unit, labels or buckets.
        public static let duplicateName = Code(name: "duplicateName")
        /// The family or a sample of it would have the name of another family or of a sample of that, in some format.
        public static let nameCollision = Code(name: "nameCollision")
    }

    /// What went wrong.
    public let code: Code
    /// The name of the family that was refused.
    public let family: String
    /// What went wrong and what to do about it, for people.
    public let message: String

    /// The message.
    public var description: String { message }
}
