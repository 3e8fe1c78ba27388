#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

extension UnsafeBufferPointer<UInt8> {
    /// Compares text byte for byte.
    func equals(_ other: StaticString) -> Bool {
        equals(Self(start: other.utf8Start, count: other.utf8CodeUnitCount))
    }

    /// Compares text byte for byte.
    func equals(_ other: Self) -> Bool {
        guard count == other.count else { return false }
        guard let start = baseAddress, let otherStart = other.baseAddress else { return count == 0 }
        return memcmp(start, otherStart, count) == 0
    }

    /// Compares ASCII text without its case; the other side must be in lower case.
    func equalsLowercase(_ other: StaticString) -> Bool {
        count == other.utf8CodeUnitCount && equalsLowercase(Self(start: other.utf8Start, count: count))
    }

    /// Compares ASCII text without its case; the other side must be in lower case.
    func equalsLowercase(_ other: some Collection<UInt8>) -> Bool {
        count == other.count && zip(self, other).allSatisfy { Self.lowercase($0) == $1 }
    }

    /// Compares ASCII text without its case.
    func equalsIgnoringCase(_ other: Self) -> Bool {
        count == other.count && zip(self, other).allSatisfy { Self.lowercase($0) == Self.lowercase($1) }
    }

    private static func lowercase(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }
}
