//! Prints the JSON Schema of a manifest; `cargo xtask schema` puts it where it is checked in.
#![expect(clippy::print_stdout, reason = "its output is its purpose")]

fn main() {
    print!("{}", codex_ledger::manifest::manifest_schema_text());
}
