//! Writes below real folders.
