/// What stands for the strings and numbers of a document that isn't there.
///
/// The first choice is the empty one. Types that refuse it are offered the others, which many checks accept.
struct Placeholder {
    static let choices = [
        Placeholder(text: "", number: 0),
        Placeholder(text: "0", number: 1),
        Placeholder(text: "00000000-0000-0000-0000-000000000000", number: 2),
        Placeholder(text: "1970-01-01T00:00:00Z", number: 100),
        Placeholder(text: "https://name@localhost/", number: -1),
    ]

    let text: String
    private let number: Int

    /// The number, or the type's nearest to it.
    func integer<Integer: FixedWidthInteger>(_ type: Integer.Type) -> Integer { Integer(clamping: number) }

    /// The number.
    func floatingPoint<Number: BinaryFloatingPoint>(_ type: Number.Type) -> Number { Number(number) }
}
