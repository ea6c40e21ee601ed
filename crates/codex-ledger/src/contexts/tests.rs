//! Contexts as people write them.
