#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// A thread-local pointer, initially nil.
package struct ThreadPointer: Sendable {
    private let key: pthread_key_t

    /// Makes one, for the life of the process.
    package init() {
        var key = pthread_key_t()
        let code = pthread_key_create(&key, nil)
        precondition(code == 0, "pthread_key_create failed with \(code)")
        self.key = key
    }

    /// The pointer of this thread.
    package var value: UnsafeMutableRawPointer? {
        get { pthread_getspecific(key) }
        nonmutating set { pthread_setspecific(key, newValue) }
    }
}
