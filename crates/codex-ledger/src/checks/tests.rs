//! Reads reports.
