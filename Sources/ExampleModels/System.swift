package import Myosin

/// How the device is doing.
package struct System: StateModel {
    /// The identity of the record.
    package var id = ModelID()
    /// Whether the last report reached the uplink.
    package var online = false

    /// Makes a system that has reported nothing yet.
    package init() {}
}
