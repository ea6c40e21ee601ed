//! The commands that the documents and the workflows show are commands of this program.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use clap::Parser as _;
use clap::error::ErrorKind;

use super::Arguments;

const PROGRAM: &str = "codex-turns";

/// The words of every start of the program in the text's code, as a shell would give them.
fn commands(text: &str) -> Vec<Vec<String>> {
    let joined = text.replace("\\\n", " ");
    let starts = joined.lines().filter_map(|line| {
        let line = line.trim_start().trim_start_matches("$ ").trim_start_matches("- run: ");
        line.split("| ").map(str::trim_start).find(|piece| piece.starts_with("codex-turns "))
    });
    starts.map(words).collect()
}

/// The code of a page, a line for each that stands within a sentence.
fn code(page: &str) -> String {
    let mut code = String::new();
    for (number, part) in page.split("```").enumerate() {
        if number % 2 == 1 {
            code.push_str(part);
            continue;
        }
        for span in part.split('`').skip(1).step_by(2) {
            let _ = writeln!(code, "{}", span.replace('\n', " "));
        }
    }
    code
}

/// As far as the documents need it: quotes, and an end at whatever ends a simple command.
fn words(line: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let (mut word, mut quote) = (String::new(), None);
    for letter in line.chars() {
        match (quote, letter) {
            (Some(end), letter) if letter == end => quote = None,
            (None, '"' | '\'') => quote = Some(letter),
            (None, ';' | '|' | '>' | '<' | '#' | '&') => break,
            (None, ' ') if word.is_empty() => {}
            (None, ' ') => words.push(std::mem::take(&mut word)),
            (Some(_) | None, letter) => word.push(letter),
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

fn shown(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    if file.extension().is_some_and(|extension| extension == "md") { code(&text) } else { text }
}

#[test]
fn every_command_that_a_document_shows_is_understood() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = vec![root.join("README.md")];
    for folder in ["docs", "docs/workflows"] {
        files.extend(root.join(folder).read_dir().unwrap().map(|entry| entry.unwrap().path()));
    }
    let (mut seen, mut refused) = (0, String::new());
    for file in files.iter().filter(|file| file.is_file()) {
        for words in commands(&shown(file)) {
            seen += 1;
            let Err(error) = Arguments::try_parse_from(&words) else { continue };
            // A sentence names a command without all that it needs, and asking for help is an error to clap.
            let is_unfinished = error.kind() == ErrorKind::MissingRequiredArgument;
            if error.use_stderr() && !is_unfinished {
                let _ = writeln!(refused, "{}: {words:?}\n{error}", file.display());
            }
        }
    }
    assert_eq!(refused, "", "a document shows what the program does not understand");
    assert!(seen > 20, "the documents show commands: {seen}");
}

#[test]
fn a_command_line_is_taken_apart() {
    let text = "- run: codex-turns run -s read-only \\\n  \"a b\" > x.jsonl\n$ git diff | codex-turns run --stdin 'review'; echo $?\n";
    assert_eq!(
        commands(text),
        [vec![PROGRAM, "run", "-s", "read-only", "a b"], vec![PROGRAM, "run", "--stdin", "review"]]
    );
}
