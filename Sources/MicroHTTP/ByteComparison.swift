#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

extension UnsafeBufferPointer<UInt8> {
    /// Compares text byte for byte.
    func equals(_ other: StaticString) -> Bool {
        // An empty buffer may have no address.
        count == other.utf8CodeUnitCount
            && (count == 0 || baseAddress.map { memcmp($0, other.utf8Start, count) == 0 } ?? false)
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
