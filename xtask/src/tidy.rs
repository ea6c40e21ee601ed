//! `cargo xtask tidy`: the rules of this workspace that a program can check and no compiler does.

mod api_rules;
mod dependency_rules;
mod document_rules;
mod error_rules;
mod file_rules;
mod finding;
mod imports;
mod lexer;
mod licence;
mod link_rules;
mod manifest_rules;
mod source_file;
mod text_rules;
mod variant_rules;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use self::dependency_rules::Deny;
use self::source_file::WorkspaceFile;
use crate::process::{command, workspace_root};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Prints the rules about what may stand where, each with an example, and checks nothing.
    #[arg(long)]
    rules: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    if arguments.rules {
        print!("{}", text_rules::explanation());
        return Ok(());
    }
    check()
}

/// Prints what it finds, one line each, and fails if there is anything.
pub(crate) fn check() -> Result<()> {
    let root = workspace_root();
    let files = tracked_files(&root)?;
    let mut found =
        file_rules::findings(&files, &file_rules::machine_folders(&root, std::env::home_dir().as_deref()));
    found.extend(text_rules::findings(&files));
    found.extend(error_rules::findings(&files));
    found.extend(variant_rules::findings(&files));
    found.extend(api_rules::findings(&files));
    found.extend(manifest_rules::findings(&files)?);
    found.extend(document_rules::findings(&files));
    found.extend(link_rules::findings(&files));
    let deny = fs::read_to_string(root.join("deny.toml")).context("cannot read deny.toml")?;
    found.extend(dependency_rules::findings(&Deny::read(&deny)?)?);
    found.sort();
    for finding in &found {
        println!("{finding}");
    }
    ensure!(found.is_empty(), "tidy found {} places to mend", found.len());
    println!("tidy: {} files are as the rules say", files.len());
    Ok(())
}

/// What git tracks, and what is new and not ignored.
fn tracked_files(root: &Path) -> Result<Vec<WorkspaceFile>> {
    let output = command("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .context("cannot start git")?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "git ls-files failed: {}", complaint.trim());
    let listed = String::from_utf8_lossy(&output.stdout);
    let paths: BTreeSet<&str> = listed.split('\0').filter(|path| !path.is_empty()).collect();
    let mut files: Vec<WorkspaceFile> = paths.into_iter().filter_map(|path| read(root, path)).collect();
    let for_tests: BTreeSet<String> = files.iter().flat_map(WorkspaceFile::test_modules).collect();
    for file in files.iter_mut().filter(|file| for_tests.contains(&file.path)) {
        file.mark_as_test();
    }
    Ok(files)
}

/// A file that is deleted but still tracked is no file.
fn read(root: &Path, path: &str) -> Option<WorkspaceFile> {
    let bytes = fs::read(root.join(path)).ok()?;
    Some(WorkspaceFile::new(path, String::from_utf8_lossy(&bytes).into_owned()))
}
