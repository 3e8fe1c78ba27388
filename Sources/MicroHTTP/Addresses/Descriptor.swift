#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// A file descriptor that is closed when its last owner lets go of it, so that nobody can use a number that was reused.
final class Descriptor: Sendable {
    let number: Int32

    /// Takes over a descriptor that nobody else closes.
    init(_ number: Int32) { self.number = number }

    deinit { close(number) }
}
