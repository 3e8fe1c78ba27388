/// Facts that do not change while the process runs, as labels of a sample whose value is always 1.
///
/// On a page in the text format it is a gauge whose name ends in `_info`.
public struct Info: Sendable {
    /// The facts, in the order in which they were given.
    public let labels: KeyValuePairs<String, String>
}
