/// The version of this library, as `myosin_meta_info` and `--version` tell it.
public let myosinVersion = "0.1.0"
