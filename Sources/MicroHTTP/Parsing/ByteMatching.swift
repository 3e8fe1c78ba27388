internal import Primitives

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// A set of ASCII characters, looked up without a branch.
struct ByteSet {
    private let low: UInt64
    private let high: UInt64

    private init(low: UInt64, high: UInt64) { (self.low, self.high) = (low, high) }

    /// Whether the byte is in the set; bytes above ASCII never are.
    @inline(__always) func contains(_ byte: UInt8) -> Bool {
        let half = byte & 0x40 == 0 ? low : high
        return byte & 0x80 == 0 && (half &>> UInt64(byte & 0x3f)) & 1 == 1
    }

    /// Whether all of the bytes are in the set.
    @inline(__always) func containsAll(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        for byte in bytes where !contains(byte) { return false }
        return true
    }

    /// Digits; `A` to `Z` and `a` to `z`.
    private static let digits: UInt64 = 0x03ff_0000_0000_0000
    private static let letters: UInt64 = 0x07ff_fffe_07ff_fffe

    /// The characters of a token: letters, digits and ``!#$%&'*+-.^_`|~`` (RFC 9110, section 5.6.2).
    static let token = ByteSet(low: digits | 0x6cfa_0000_0000, high: letters | 0x5000_0001_c000_0000)
    /// What a name in a Host field consists of: letters, digits, `-`, `.` and `_`.
    static let hostName = ByteSet(low: digits | 0x6000_0000_0000, high: letters | 0x8000_0000)
    /// What may stand in a path anywhere and means itself: letters, digits, `-`, `/` and `_`.
    static let plainPath = ByteSet(low: digits | 0xa000_0000_0000, high: letters | 0x8000_0000)
}

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
    func equalsLowercase(_ other: Self) -> Bool {
        guard count == other.count else { return false }
        for index in 0..<count where self[index].lowercased != other[index] { return false }
        return true
    }

    /// Compares ASCII text without its case; the other side must be in lower case.
    func equalsLowercase(_ other: some Collection<UInt8>) -> Bool {
        count == other.count && zip(self, other).allSatisfy { $0.lowercased == $1 }
    }

    /// Compares ASCII text without its case.
    func equalsIgnoringCase(_ other: Self) -> Bool {
        count == other.count && zip(self, other).allSatisfy { $0.lowercased == $1.lowercased }
    }
}
