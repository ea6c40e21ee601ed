//! Claims numbers.
