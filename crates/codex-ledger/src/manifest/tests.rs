//! Reads and writes manifests.
