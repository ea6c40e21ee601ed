//! [`WorkspaceFile`]: one tracked file, with what the rules ask of it.

use super::lexer::{CodeLine, split};

/// One file of the workspace.
#[derive(Debug, Clone)]
pub(super) struct WorkspaceFile {
    /// From the root of the workspace on, with `/`.
    pub(super) path: String,
    pub(super) text: String,
    /// The lines of a Rust file; none for another.
    pub(super) lines: Vec<CodeLine>,
    /// Which of the lines are only compiled for tests.
    in_tests: Vec<bool>,
}

impl WorkspaceFile {
    pub(super) fn new(path: &str, text: String) -> Self {
        let lines = if is_rust(path) { split(&text) } else { Vec::new() };
        let in_tests = if is_test_file(path) { vec![true; lines.len()] } else { test_regions(&lines) };
        Self { path: path.to_owned(), text, lines, in_tests }
    }

    pub(super) fn is_rust(&self) -> bool {
        is_rust(&self.path)
    }

    /// Whether the line, counted from 0, is only compiled for tests, benchmarks or examples.
    pub(super) fn is_test(&self, line: usize) -> bool {
        self.in_tests.get(line).copied().unwrap_or_default()
    }

    /// The modules that are declared for tests only, as the paths their files may have.
    pub(super) fn test_modules(&self) -> Vec<String> {
        let folder = module_folder(&self.path);
        let declares = |line: &CodeLine| {
            let (_, name) = line.code.trim().trim_end_matches(';').rsplit_once("mod ")?;
            line.code.trim().ends_with(';').then(|| format!("{folder}/{name}.rs"))
        };
        let behind_cfg = |at: usize| {
            let above = self.lines[..at].iter().rev().find(|line| !line.code.trim().is_empty());
            above.is_some_and(|line| line.code.contains("#[cfg(test)]"))
        };
        let lines = self.lines.iter().enumerate().filter(|(at, _)| behind_cfg(*at));
        lines.filter_map(|(_, line)| declares(line)).collect()
    }

    pub(super) fn mark_as_test(&mut self) {
        self.in_tests = vec![true; self.lines.len()];
    }
}

fn is_rust(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, extension)| extension == "rs")
}

fn is_test_file(path: &str) -> bool {
    path.ends_with("/tests.rs")
        || ["/tests/", "/benches/", "/examples/"].iter().any(|part| path.contains(part))
}

fn module_folder(path: &str) -> String {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    match file {
        "lib.rs" | "main.rs" => folder.to_owned(),
        _ => path.trim_end_matches(".rs").to_owned(),
    }
}

/// Marks from `#[cfg(test)]` to the end of the item that follows: its last brace, or a semicolon before any.
fn test_regions(lines: &[CodeLine]) -> Vec<bool> {
    let mut marks = vec![false; lines.len()];
    let mut at = 0;
    while at < lines.len() {
        if !lines[at].code.contains("#[cfg(test)]") {
            at += 1;
            continue;
        }
        let mut depth = 0usize;
        'item: while at < lines.len() {
            marks[at] = true;
            for letter in lines[at].code.chars() {
                match letter {
                    '{' | '(' | '[' => depth += 1,
                    '}' if depth <= 1 => break 'item,
                    '}' | ')' | ']' => depth = depth.saturating_sub(1),
                    ';' if depth == 0 => break 'item,
                    _ => {}
                }
            }
            at += 1;
        }
        at += 1;
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tests_of(text: &str) -> Vec<usize> {
        let file = WorkspaceFile::new("crates/a/src/b.rs", text.to_owned());
        (0..file.lines.len()).filter(|line| file.is_test(*line)).collect()
    }

    #[test]
    fn a_test_module_ends_at_its_own_brace() {
        assert_eq!(
            tests_of("fn a() {}\n#[cfg(test)]\nmod tests {\n fn b() { 1 }\n}\nfn c() {}"),
            [1, 2, 3, 4]
        );
        assert_eq!(tests_of("#[cfg(test)]\nuse a::b;\nuse c;"), [0, 1]);
        assert_eq!(tests_of("#[cfg(test)]\nfn a() -> [u8; 2] {\n}\nfn c() {}"), [0, 1, 2]);
        assert_eq!(tests_of("#[cfg(test)]\nmod tests;\nfn c() {}"), [0, 1]);
    }

    #[test]
    fn tests_and_benchmarks_are_told_by_their_place() {
        for path in ["crates/a/tests/b.rs", "crates/a/src/b/tests.rs", "crates/a/benches/b.rs"] {
            assert!(WorkspaceFile::new(path, "fn a() {}".to_owned()).is_test(0), "{path}");
        }
        assert!(!WorkspaceFile::new("crates/a/src/latests.rs", "fn a() {}".to_owned()).is_test(0));
    }

    #[test]
    fn a_module_declared_for_tests_names_its_file() {
        let text = "mod a;\n#[cfg(test)]\nmod b;\n#[cfg(test)]\npub(crate) mod c;\n";
        for (path, folder) in
            [("crates/a/src/lib.rs", "crates/a/src"), ("crates/a/src/x.rs", "crates/a/src/x")]
        {
            let modules = WorkspaceFile::new(path, text.to_owned()).test_modules();
            assert_eq!(modules, [format!("{folder}/b.rs"), format!("{folder}/c.rs")]);
        }
    }
}
