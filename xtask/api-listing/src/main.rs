//! Writes what a library shows to its users, one line for each item: `cargo xtask api` runs it.
//!
//! It is a program of its own so that no other chore has to wait until its dependencies are built.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result, bail};

fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let [json, listing] = arguments.as_slice() else { bail!("usage: api-listing RUSTDOC.json LISTING") };
    let text = list(Path::new(json))?;
    std::fs::write(listing, text).with_context(|| format!("cannot write {}", Path::new(listing).display()))
}

/// Lists items with their signatures, without what the compiler or a derive adds to a type.
fn list(json: &Path) -> Result<String> {
    let api = public_api::Builder::from_rustdoc_json(json)
        .sorted(true)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .omit_auto_derived_impls(true)
        .build()
        .with_context(|| format!("{} is not what rustdoc of this toolchain writes", json.display()))?;
    let mut text = String::new();
    for line in api.items().map(ToString::to_string).filter(|line| !is_made_by_mockall(line)) {
        writeln!(text, "{line}")?;
    }
    Ok(text)
}

/// A mock is listed by its name; what it can do follows from the trait and from mockall.
fn is_made_by_mockall(line: &str) -> bool {
    line.contains("::Mock") && !line.starts_with("pub struct ")
}
